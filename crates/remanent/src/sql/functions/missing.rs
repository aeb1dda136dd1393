//! The functions that PostgreSQL has and Remanent has not: who calls one is told so, instead of that there is none.

/// Their names; `*` stands for anything, at an end.
const MISSING: &str = "abbrev acldefault aclexplode area box broadcast center circle convert current_query \
    cursor_to_xml* database_to_xml* datemultirange daterange diagonal diameter enum_* family has_*_privilege height host \
    hostmask inet_* int4multirange int4range int8multirange int8range is_normalized isclosed isempty ishorizontal isopen \
    isparallel isperp isvertical json_populate_record* jsonb_populate_record* like line \
    lo_* loread lower_inc lower_inf lowrite lseg macaddr8_set7bit makeaclitem masklen money multirange mxid_age netmask \
    network normalize notlike npoints nummultirange numrange path pclose pg_available_* pg_backup_* \
    pg_blocking_pids pg_cancel_backend pg_collation_* pg_column_* pg_config pg_control_* pg_create_* \
    pg_current_* pg_database_collation_actual_version pg_describe_object pg_encoding_* pg_export_snapshot \
    pg_filenode_relation pg_get_* pg_identify_object* pg_import_system_collations pg_index_* \
    pg_indexam_has_property pg_is_* pg_jit_available pg_last_* pg_listening_channels pg_log_backend_memory_contexts pg_ls_* \
    pg_notification_queue_usage pg_notify pg_options_to_table pg_partition_* pg_promote pg_read_* \
    pg_relation_file* pg_reload_conf pg_rotate_logfile pg_safe_snapshot_blocking_pids pg_sequence_* pg_settings_get_flags \
    pg_show_* pg_snapshot_* pg_stat_* pg_switch_wal pg_tablespace_* pg_terminate_backend pg_timezone_* \
    pg_trigger_depth pg_ts_* pg_visible_in_snapshot pg_wal_* pg_walfile_* point polygon popen query_to_xml* radius range_agg \
    range_intersect_agg range_merge row_security_active schema_to_xml* set_masklen slope table_to_xml* timeofday \
    to_ascii to_reg* ts_* tsmultirange tsrange tstzmultirange tstzrange txid_* upper_inc upper_inf width xml* xpath*";

/// True for the name of one.
pub fn is_missing(name: &str) -> bool {
    MISSING.split(' ').any(|known| match known.split_once('*') {
        Some((begin, end)) => {
            name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
        }
        None => known == name,
    })
}
