//! What is stored for sessions to come and for the database: ALTER DATABASE, ALTER SYSTEM; who wins over whom.

use remanent::{Connection, Database, Error, params};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

fn path() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("robot.rem");
    (dir, path)
}

fn run(conn: &Connection, sql: &str) {
    if let Err(error) = conn.execute(sql, params![]) {
        panic!("{sql}: {error}");
    }
}

fn error(conn: &Connection, sql: &str) -> Error {
    conn.execute(sql, params![]).expect_err(sql)
}

fn code(conn: &Connection, sql: &str) -> &'static str {
    error(conn, sql).code()
}

fn show(conn: &Connection, name: &str) -> String {
    conn.query_one(&format!("SHOW {name}"), params![]).unwrap().get(0).unwrap()
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_one(sql, params![]).unwrap().get(0).unwrap()
}

#[test]
fn what_is_set_for_the_database_begins_with_the_next_session_and_stays() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let a = db.connect().unwrap();
    run(&a, "ALTER DATABASE robot SET synchronous_commit = off");
    run(&a, "ALTER DATABASE robot SET statement_timeout TO '90s'");
    run(&a, "ALTER DATABASE CURRENT SET default_transaction_isolation = 'repeatable read'");
    assert_eq!(show(&a, "synchronous_commit"), "on", "not the session that is");
    let b = db.connect().unwrap();
    assert_eq!(show(&b, "synchronous_commit"), "off");
    assert_eq!(show(&b, "statement_timeout"), "90s");
    assert_eq!(show(&b, "transaction_isolation"), "repeatable read");
    run(&b, "SET synchronous_commit = on; SET statement_timeout = 5");
    assert_eq!(show(&b, "synchronous_commit"), "on");
    run(&b, "RESET ALL");
    assert_eq!((show(&b, "synchronous_commit"), show(&b, "statement_timeout")), ("off".into(), "90s".into()));
    drop((a, b));
    db.close().unwrap();

    let db = Database::open(&path).unwrap();
    let c = db.connect().unwrap();
    assert_eq!(show(&c, "synchronous_commit"), "off");
    let syncs = db.stats().log_syncs;
    run(&c, "CREATE TABLE t (a int)");
    assert_eq!(db.stats().log_syncs, syncs, "a commit that does not wait");
    run(&c, "ALTER DATABASE robot RESET synchronous_commit; ALTER DATABASE robot SET lock_timeout = DEFAULT");
    assert_eq!(show(&db.connect().unwrap(), "synchronous_commit"), "on");
    run(&c, "SET lock_timeout = '7s'; ALTER DATABASE robot SET lock_timeout FROM CURRENT");
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "7s");
    assert_eq!(number(&c, "SELECT count(*) FROM rem_entry"), 3);
    run(&c, "ALTER DATABASE robot RESET ALL");
    assert_eq!(number(&c, "SELECT count(*) FROM rem_entry"), 0);
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "0");
}

#[test]
fn it_is_part_of_its_transaction() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let (a, b) = (db.connect().unwrap(), db.connect().unwrap());
    run(&a, "BEGIN; ALTER DATABASE robot SET lock_timeout = '1s'; SAVEPOINT s");
    run(&a, "ALTER DATABASE robot SET lock_timeout = '2s'; ROLLBACK TO s");
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "0");
    run(&a, "COMMIT");
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "1s");
    run(&a, "BEGIN; ALTER DATABASE robot RESET ALL; ROLLBACK");
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "1s");
    // Two who set the same: the second waits, and comes after.
    run(&a, "BEGIN; ALTER DATABASE robot SET lock_timeout = '3s'");
    let second = std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let c = db.connect().unwrap();
            run(&c, "ALTER DATABASE robot SET lock_timeout = '4s'");
        });
        while db.stats().lock_waits == 0 {
            std::thread::yield_now();
        }
        run(&a, "COMMIT");
        second.join()
    });
    second.unwrap();
    assert_eq!(show(&db.connect().unwrap(), "lock_timeout"), "4s");
    // In a snapshot the first one wins.
    run(&a, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert_eq!(number(&a, "SELECT count(*) FROM rem_entry"), 1);
    run(&b, "ALTER DATABASE robot RESET lock_timeout");
    assert_eq!(code(&a, "ALTER DATABASE robot SET lock_timeout = '5s'"), "40001");
    run(&a, "ROLLBACK");
}

#[test]
fn what_cannot_be_stored_is_refused_as_in_postgresql() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    for (sql, code) in [
        ("ALTER DATABASE other SET lock_timeout = 1", "3D000"),
        ("ALTER DATABASE robot SET nonsense = 1", "42704"),
        ("ALTER DATABASE robot RESET nonsense", "42704"),
        ("ALTER DATABASE robot SET lock_timeout = 'soon'", "22023"),
        ("ALTER DATABASE robot SET synchronous_commit = perhaps", "22023"),
        ("ALTER DATABASE robot SET wal_writer_delay = '50ms'", "55P02"),
        ("ALTER DATABASE robot SET server_version = '16'", "55P02"),
        ("ALTER DATABASE robot RENAME TO other", "0A000"),
        ("ALTER TABLE t ADD COLUMN a int", "42P01"),
        ("ALTER SYSTEM lock_timeout", "42601"),
        ("ALTER SYSTEM SET wal_writer_delay = '50 parsecs'", "22023"),
        ("ALTER SYSTEM SET wal_writer_delay = 0", "22023"),
        ("ALTER SYSTEM SET memory_limit = '1kB'", "22023"),
        ("ALTER SYSTEM SET background_cpu = 2", "22023"),
        ("ALTER SYSTEM SET lock_timeout FROM CURRENT", "42601"),
        ("BEGIN; ALTER SYSTEM SET wal_writer_delay = 100; COMMIT", "25001"),
        ("SET wal_writer_delay = 100", "55P02"),
        ("SET background_cpu = 0.5", "55P02"),
        ("SET memory_limit TO DEFAULT", "55P02"),
        ("RESET wal_writer_delay", "55P02"),
    ] {
        assert_eq!(error(&conn, sql).code(), code, "{sql}");
        run(&conn, "ROLLBACK");
    }
    assert_eq!(
        error(&conn, "SET wal_writer_delay = 1").message(),
        "parameter \"wal_writer_delay\" cannot be changed now"
    );
    run(&conn, "SET default_transaction_read_only = on");
    assert_eq!(code(&conn, "ALTER DATABASE robot SET lock_timeout = 1"), "25006");
    assert_eq!(code(&conn, "ALTER SYSTEM SET wal_writer_delay = 100"), "25006");
    assert_eq!(number(&conn, "SELECT count(*) FROM rem_entry"), 0);
}

#[test]
fn limits_are_changed_for_everybody_at_once_and_for_the_next_opening() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let (a, b) = (db.connect().unwrap(), db.connect().unwrap());
    for (name, value, shown) in [
        ("wal_writer_delay", "'50ms'", "50ms"),
        ("min_free_space", "'1MB'", "1MB"),
        ("background_cpu", "0.5", "0.5"),
        ("background_bandwidth", "'4MB'", "4MB"),
        ("follower_budget", "'64MB'", "64MB"),
        ("memory_limit", "'32MB'", "32MB"),
    ] {
        run(&a, &format!("ALTER SYSTEM SET {name} = {value}"));
        assert_eq!(show(&b, name), shown);
    }
    assert_eq!(number(&b, "SELECT value FROM rem_stat WHERE name = 'memory_limit'"), 32 << 20);
    // A statement that needs more than its quarter, all rows of a partition at once.
    let window = "SELECT count(x) + 1 FROM (SELECT nth_value(repeat('x', 1000) || a, 2) OVER (ORDER BY a) AS x FROM t) d";
    run(&a, "CREATE TABLE t (a int PRIMARY KEY)");
    let mut appender = a.appender("t").unwrap();
    (0..20_000).for_each(|i| appender.append(params![i]).unwrap());
    appender.finish().unwrap();
    assert_eq!(code(&b, window), "53200");
    run(&a, "ALTER SYSTEM SET memory_limit = '512MB'");
    assert_eq!(number(&b, window), 20_000);
    drop((a, b));
    db.close().unwrap();

    let db = Database::open(&path).unwrap();
    let a = db.connect().unwrap();
    assert_eq!((show(&a, "wal_writer_delay"), show(&a, "memory_limit")), ("50ms".into(), "512MB".into()));
    run(&a, "ALTER SYSTEM RESET memory_limit");
    assert_eq!((show(&a, "wal_writer_delay"), show(&a, "memory_limit")), ("50ms".into(), "256MB".into()));
    run(&a, "ALTER SYSTEM RESET ALL");
    assert_eq!(
        (show(&a, "wal_writer_delay"), show(&a, "background_bandwidth")),
        ("200ms".into(), "0".into())
    );
}

#[test]
fn the_session_wins_over_the_program_over_the_database_over_the_system() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    run(&conn, "ALTER SYSTEM SET synchronous_commit = off");
    run(&conn, "ALTER SYSTEM SET lock_timeout = '1s'");
    assert_eq!(show(&db.connect().unwrap(), "synchronous_commit"), "off");
    run(&conn, "ALTER DATABASE robot SET synchronous_commit = on");
    let next = db.connect().unwrap();
    assert_eq!((show(&next, "synchronous_commit"), show(&next, "lock_timeout")), ("on".into(), "1s".into()));
    run(&conn, "ALTER SYSTEM SET memory_limit = '64MB'");
    drop((conn, next));
    db.close().unwrap();
    let options = Database::options().synchronous_commit(false).memory_limit(128 << 20);
    let db = options.wal_writer_delay(Duration::from_millis(20)).open(&path).unwrap();
    let conn = db.connect().unwrap();
    assert_eq!(
        (show(&conn, "synchronous_commit"), show(&conn, "memory_limit")),
        ("off".into(), "128MB".into())
    );
    run(&conn, "ALTER SYSTEM SET wal_writer_delay = '1s'");
    assert_eq!(show(&conn, "wal_writer_delay"), "20ms", "the program has said it");
    run(&conn, "SET synchronous_commit = on");
    assert_eq!(show(&conn, "synchronous_commit"), "on");
}

#[test]
fn followers_and_backups_have_what_is_stored() {
    let (dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    let follower = Database::options().read_only(true).open(&path).unwrap();
    let reader = follower.connect().unwrap();
    run(&conn, "ALTER SYSTEM SET memory_limit = '64MB'");
    run(&conn, "ALTER DATABASE robot SET lock_timeout = '1s'");
    // A writer may need a moment to notice its first reader.
    while number(&reader, "SELECT count(*) FROM rem_entry") < 2 {
        std::thread::yield_now();
    }
    assert_eq!(number(&reader, "SELECT count(*) FROM rem_entry"), 2);
    assert_eq!(show(&reader, "memory_limit"), "64MB");
    assert_eq!(show(&follower.connect().unwrap(), "lock_timeout"), "1s");
    assert_eq!(code(&reader, "ALTER DATABASE robot SET lock_timeout = 1"), "25006");
    db.flush().unwrap();
    run(&conn, "ALTER SYSTEM SET memory_limit = '65MB'");
    assert_eq!(number(&reader, "SELECT count(*) FROM rem_entry"), 2);
    assert_eq!(show(&reader, "memory_limit"), "65MB");
    let copy = dir.path().join("copy.rem");
    db.backup(&copy).unwrap();
    let copied = Database::open(&copy).unwrap();
    let there = copied.connect().unwrap();
    assert_eq!((show(&there, "memory_limit"), show(&there, "lock_timeout")), ("65MB".into(), "1s".into()));
    assert_eq!(
        there.query_one("SELECT current_database()", params![]).unwrap().get::<String>(0).unwrap(),
        "copy"
    );
    drop(there);
    copied.close().unwrap();
    // What is saved of a damaged database has them, too.
    let saved = dir.path().join("saved.rem");
    assert!(remanent::salvage(&copy, &saved).unwrap().losses.is_empty());
    let saved = Database::open(&saved).unwrap();
    let there = saved.connect().unwrap();
    assert_eq!((show(&there, "memory_limit"), show(&there, "lock_timeout")), ("65MB".into(), "1s".into()));
}

#[test]
fn a_path_that_was_mistyped_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let error = Database::open(dir.path().join("no/such/robot.rem")).unwrap_err();
    assert_eq!(error.code(), "58P01");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_head_of_a_dump_of_postgresql_is_taken() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    run(
        &conn,
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0",
    );
    run(&conn, "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on");
    run(&conn, "SELECT pg_catalog.set_config('search_path', '', false)");
    run(
        &conn,
        "SET check_function_bodies = false; SET xmloption = content; SET client_min_messages = warning",
    );
    run(&conn, "SET row_security = off; SET default_tablespace = ''; SET default_table_access_method = heap");
    assert_eq!(show(&conn, "row_security"), "off");
}

#[test]
fn a_setting_with_a_point_is_the_applications() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    let unknown = conn.query("SHOW app.user", params![]).map(drop).unwrap_err();
    assert_eq!(unknown.code(), "42704");
    run(&conn, "SET app.user = 'ann'");
    assert_eq!(show(&conn, "APP.User"), "ann");
    run(&conn, "BEGIN; SET LOCAL app.user = 'bob'; SELECT set_config('app.more', '1', false)");
    assert_eq!((show(&conn, "app.user"), show(&conn, "app.more")), ("bob".into(), "1".into()));
    run(&conn, "COMMIT");
    assert_eq!((show(&conn, "app.user"), show(&conn, "app.more")), ("ann".into(), "1".into()));
    run(&conn, "BEGIN; SET app.user = 'eve'; ROLLBACK");
    assert_eq!(show(&conn, "app.user"), "ann");
    run(&conn, "RESET app.user");
    assert_eq!(show(&conn, "app.user"), "");
    // What is misspelt of the database's own is not.
    assert_eq!(conn.execute("SET vector.recal = 1", params![]).unwrap_err().code(), "42704");
}

#[test]
fn pg_settings_shows_what_show_shows() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    run(&conn, "SET lock_timeout = '2s'");
    let sql = "SELECT setting || '|' || unit || '|' || context || '|' || vartype FROM pg_settings WHERE name = 'lock_timeout'";
    let row = conn.query_one(sql, params![]).unwrap();
    assert_eq!(row.get::<String>(0).unwrap(), "2000|ms|user|integer");
    run(&conn, "SET max_parallel_workers_per_gather = 3");
    let of = |name: &str| {
        let sql = format!(
            "SELECT concat_ws('|', setting, vartype, source, boot_val, reset_val) FROM pg_settings WHERE name = '{name}'"
        );
        conn.query_one(&sql, params![]).unwrap().get::<String>(0).unwrap()
    };
    assert_eq!(of("max_parallel_workers_per_gather"), "3|integer|session|1|1");
    assert_eq!(of("lock_timeout"), "2000|integer|session|0|0");
    assert_eq!(of("jit"), "off|string|default|off|off");
    let sql =
        "SELECT count(*) FROM pg_catalog.pg_settings WHERE setting <> current_setting(name) AND unit IS NULL";
    assert_eq!(conn.query_one(sql, params![]).unwrap().get::<i64>(0).unwrap(), 0);
}

mod crashes {
    use super::{Connection, Database, Duration, params};
    use remanent::Result;
    use remanent_storage::store::check;
    use remanent_storage::world::World;
    use remanent_storage::world::sim::{Crashes, Notes, SimWorld};
    use std::path::Path;

    /// Settings of the database and the system, options of tables; each takes effect whole or not at all.
    const STEPS: [&str; 10] = [
        "ALTER DATABASE robot SET lock_timeout = '3s'",
        "ALTER SYSTEM SET wal_writer_delay = '70ms'",
        "ALTER TABLE t SET (retention = '9 days', disk_budget = '8MB')",
        "BEGIN; ALTER DATABASE robot SET lock_timeout = '4s'; ALTER TABLE t RESET (disk_budget);
         ALTER DATABASE robot SET statement_timeout = '2min'; COMMIT",
        "ALTER SYSTEM SET follower_budget = '3MB'",
        "ALTER TABLE t SET (downsample = '1 minute after 3 days')",
        "BEGIN; ALTER DATABASE robot RESET ALL; ALTER TABLE t RESET (retention); ROLLBACK",
        "ALTER SYSTEM RESET ALL",
        "ALTER DATABASE robot RESET ALL",
        "ALTER TABLE t RESET (retention, downsample)",
    ];

    const SHOWN: &str = "SELECT current_setting('lock_timeout'), current_setting('wal_writer_delay'),
        current_setting('follower_budget'), current_setting('statement_timeout'), (SELECT reloptions::text FROM pg_class WHERE relname = 't')";

    fn open(world: &World) -> Result<Database> {
        Database::options().background(false).open_in(world.clone(), "robot.rem")
    }

    fn look(db: &Database) -> Result<String> {
        Ok(format!("{:?}", db.connect()?.query_one(SHOWN, params![])?.values()))
    }

    /// Does all steps, tells how many are done, and hands over what is to be seen after each.
    fn work(world: &World, tell: &dyn Fn(usize), seen: &mut dyn FnMut(String)) -> Result<()> {
        let db = open(world)?;
        let conn: Connection = db.connect()?;
        conn.execute("CREATE TABLE t (at timestamptz PRIMARY KEY, x float8)", params![])?;
        conn.execute(
            "INSERT INTO t SELECT now() - i * interval '1 minute', i FROM generate_series(1, 40) i",
            params![],
        )?;
        seen(look(&db)?);
        tell(1);
        for (step, sql) in STEPS.into_iter().enumerate() {
            conn.execute(sql, params![])?;
            seen(look(&db)?);
            tell(step + 2);
            if step % 3 == 1 {
                world.sleep(Duration::from_millis(20));
                db.flush()?;
            }
        }
        drop(conn);
        db.close()
    }

    #[test]
    fn a_crash_at_any_write_leaves_what_was_set_or_what_was_being_set() {
        let mut states = Vec::new();
        work(&SimWorld::new(1).world(), &|_| {}, &mut |state| states.push(state)).unwrap();
        assert_eq!(states.first(), states.last());
        let changes = states.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, STEPS.len() - 1, "{states:#?}");
        let runs = Crashes::new("a_crash_at_any_write_leaves_what_was_set_or_what_was_being_set")
            .rounds(2)
            .recovery_stride(5)
            .run(
                |world: &World, notes: &Notes<usize>| {
                    work(world, &|done| notes.update(|seen| *seen = done), &mut |_| {})
                },
                move |world: &World, done: &usize| {
                    if *done == 0 {
                        return Ok(());
                    }
                    let damage = check::check(world, Path::new("robot.rem"))?.damage;
                    assert_eq!(format!("{damage:?}"), "[]");
                    let db = open(world)?;
                    let found = look(&db)?;
                    assert!(
                        states[done - 1..(done + 1).min(states.len())].contains(&found),
                        "after {done} steps: {found}, not {}",
                        states[done - 1]
                    );
                    let rows: i64 = db.connect()?.query_one("SELECT count(*) FROM t", params![])?.get(0)?;
                    assert_eq!(rows, 40);
                    db.close()
                },
            );
        println!("{runs} crashes");
    }
}

/// Settings of PostgreSQL 15 that mean nothing here.
const FOREIGN: &str = "
    allow_in_place_tablespaces allow_system_table_mods archive_cleanup_command archive_command
    archive_library archive_mode archive_timeout array_nulls authentication_timeout autovacuum
    autovacuum_analyze_scale_factor autovacuum_analyze_threshold autovacuum_freeze_max_age
    autovacuum_max_workers autovacuum_multixact_freeze_max_age autovacuum_naptime
    autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_scale_factor
    autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor autovacuum_vacuum_threshold
    autovacuum_work_mem backend_flush_after backslash_quote backtrace_functions bgwriter_delay
    bgwriter_flush_after bgwriter_lru_maxpages bgwriter_lru_multiplier block_size bonjour bonjour_name
    checkpoint_completion_target checkpoint_flush_after checkpoint_timeout checkpoint_warning
    client_connection_check_interval cluster_name commit_delay commit_siblings compute_query_id
    config_file constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost
    cursor_tuple_fraction data_checksums data_directory data_directory_mode data_sync_retry
    db_user_namespace deadlock_timeout debug_assertions debug_deadlocks debug_discard_caches
    debug_pretty_print debug_print_parse debug_print_plan debug_print_rewritten
    default_statistics_target default_toast_compression dynamic_library_path dynamic_shared_memory_type
    effective_cache_size effective_io_concurrency enable_async_append enable_bitmapscan
    enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan
    enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append
    enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
    enable_partitionwise_join enable_sort enable_tidscan escape_string_warning event_source
    exit_on_error extension_destdir external_pid_file force_parallel_mode from_collapse_limit fsync
    full_page_writes geqo geqo_effort geqo_generations geqo_pool_size geqo_seed geqo_selection_bias
    geqo_threshold gin_fuzzy_search_limit gin_pending_list_limit hash_mem_multiplier hba_file
    hot_standby hot_standby_feedback huge_page_size huge_pages ident_file idle_session_timeout
    ignore_checksum_failure ignore_invalid_pages ignore_system_indexes in_hot_standby jit_above_cost
    jit_debugging_support jit_dump_bitcode jit_expressions jit_inline_above_cost
    jit_optimize_above_cost jit_profiling_support jit_provider jit_tuple_deforming join_collapse_limit
    krb_caseins_users krb_server_keyfile lc_monetary lc_numeric lc_time listen_addresses
    lo_compat_privileges local_preload_libraries log_autovacuum_min_duration log_checkpoints
    log_connections log_destination log_directory log_disconnections log_duration log_error_verbosity
    log_executor_stats log_file_mode log_filename log_hostname log_line_prefix log_lock_waits
    log_min_duration_sample log_min_duration_statement log_min_error_statement log_min_messages
    log_parameter_max_length log_parameter_max_length_on_error log_parser_stats log_planner_stats
    log_recovery_conflict_waits log_replication_commands log_rotation_age log_rotation_size
    log_startup_progress_interval log_statement log_statement_sample_rate log_statement_stats
    log_temp_files log_timezone log_transaction_sample_rate log_truncate_on_rotation logging_collector
    logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_connections
    max_files_per_process max_function_args max_index_keys max_locks_per_transaction
    max_logical_replication_workers max_parallel_maintenance_workers max_parallel_workers
    max_pred_locks_per_page max_pred_locks_per_relation max_pred_locks_per_transaction
    max_prepared_transactions max_replication_slots max_slot_wal_keep_size max_stack_depth
    max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription
    max_wal_senders max_wal_size max_worker_processes min_dynamic_shared_memory
    min_parallel_index_scan_size min_parallel_table_scan_size min_wal_size old_snapshot_threshold
    optimize_bounded_sort parallel_leader_participation parallel_setup_cost parallel_tuple_cost
    password_encryption plan_cache_mode port post_auth_delay pre_auth_delay primary_conninfo
    primary_slot_name promote_trigger_file quote_all_identifiers random_page_cost recovery_end_command
    recovery_init_sync_method recovery_min_apply_delay recovery_prefetch recovery_target
    recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name
    recovery_target_time recovery_target_timeline recovery_target_xid recursive_worktable_factor
    remove_temp_files_after_crash restart_after_crash restore_command restrict_nonsystem_relation_kind
    seed segment_size seq_page_cost session_preload_libraries session_replication_role shared_buffers
    shared_memory_size shared_memory_size_in_huge_pages shared_memory_type shared_preload_libraries ssl
    ssl_ca_file ssl_cert_file ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve
    ssl_key_file ssl_library ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command
    ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers ssl_renegotiation_limit
    stats_fetch_consistency superuser_reserved_connections synchronize_seqscans
    synchronous_standby_names syslog_facility syslog_ident syslog_sequence_numbers
    syslog_split_messages tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval
    tcp_user_timeout temp_buffers temp_file_limit temp_tablespaces timezone_abbreviations
    trace_lock_oidmin trace_notify trace_recovery_messages trace_sort track_activities
    track_activity_query_size track_commit_timestamp track_counts track_functions track_io_timing
    track_wal_io_timing transform_null_equals unix_socket_directories unix_socket_group
    unix_socket_permissions update_process_title vacuum_cost_delay vacuum_cost_limit
    vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_defer_cleanup_age
    vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age vacuum_multixact_failsafe_age
    vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age wal_block_size wal_buffers
    wal_compression wal_consistency_checking wal_decode_buffer_size wal_init_zero wal_keep_size
    wal_level wal_log_hints wal_receiver_create_temp_slot wal_receiver_status_interval
    wal_receiver_timeout wal_recycle wal_retrieve_retry_interval wal_segment_size wal_sender_timeout
    wal_skip_threshold wal_sync_method wal_writer_flush_after work_mem xmlbinary zero_damaged_pages
";

#[test]
fn settings_of_postgresql_are_told_from_misspelt_ones() {
    let (_dir, path) = path();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    for name in FOREIGN.split_whitespace() {
        assert_eq!(code(&conn, &format!("SET {name} = 1")), "0A000", "{name}");
        assert_eq!(code(&conn, &format!("SHOW {}", name.to_uppercase())), "0A000", "{name}");
        for other in [format!("{name}s"), name[1..].to_string(), name.replace('e', "ee") + "_"] {
            assert_eq!(code(&conn, &format!("SET \"{other}\" = 1")), "42704", "{other}");
        }
    }
    assert_eq!(code(&conn, "SET enable_seqscn = off"), "42704");
}
