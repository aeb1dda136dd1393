//! What pg_catalog says of things that there are not, or that are the same everywhere: the tables that programs join to, and
//! columns with one value.
//!
//! All of it is written as words: a letter for the type, the name, and `=` with the value; without one it is NULL.
//!
//! | letter | type | letter | type |
//! |---|---|---|---|
//! | b | boolean | n | name |
//! | f | real | o | oid |
//! | l | bigint | r | regproc |
//! | i | integer | s | smallint |
//! | t | text | z | timestamptz |
//! | O, S, T | arrays of oid, smallint, text | | |
//!
//! Limits: operators and casts are there, but not listed, and of functions few are. What other sessions do, and what is locked, is not shown.

use super::View;
use remanent_storage::value::{Element, Type, Value};

/// Tables without rows.
static EMPTY: &[(&str, &str)] = &[
    (
        "pg_aggregate",
        "oaggfnoid taggkind saggnumdirectargs oaggtransfn oaggfinalfn oaggcombinefn oaggserialfn \
         oaggdeserialfn oaggmtransfn oaggminvtransfn oaggmfinalfn baggfinalextra baggmfinalextra \
         taggfinalmodify taggmfinalmodify oaggsortop oaggtranstype iaggtransspace oaggmtranstype \
         iaggmtransspace tagginitval taggminitval",
    ),
    (
        "pg_amop",
        "ooid oamopfamily oamoplefttype oamoprighttype samopstrategy tamoppurpose oamopopr oamopmethod \
         oamopsortfamily",
    ),
    ("pg_amproc", "ooid oamprocfamily oamproclefttype oamprocrighttype samprocnum oamproc"),
    ("pg_auth_members", "oroleid omember ograntor badmin_option"),
    ("pg_cast", "ooid ocastsource ocasttarget ocastfunc tcastcontext tcastmethod"),
    (
        "pg_conversion",
        "ooid nconname oconnamespace oconowner iconforencoding icontoencoding oconproc bcondefault",
    ),
    ("pg_db_role_setting", "osetdatabase osetrole Tsetconfig"),
    ("pg_default_acl", "ooid odefaclrole odefaclnamespace tdefaclobjtype Tdefaclacl"),
    ("pg_depend", "oclassid oobjid iobjsubid orefclassid orefobjid irefobjsubid tdeptype"),
    ("pg_event_trigger", "ooid nevtname nevtevent oevtowner oevtfoid tevtenabled Tevttags"),
    (
        "pg_extension",
        "ooid nextname oextowner oextnamespace bextrelocatable textversion Oextconfig Textcondition",
    ),
    ("pg_foreign_data_wrapper", "ooid nfdwname ofdwowner ofdwhandler ofdwvalidator Tfdwacl Tfdwoptions"),
    ("pg_foreign_server", "ooid nsrvname osrvowner osrvfdw tsrvtype tsrvversion Tsrvacl Tsrvoptions"),
    ("pg_foreign_table", "oftrelid oftserver Tftoptions"),
    ("pg_inherits", "oinhrelid oinhparent iinhseqno binhdetachpending"),
    ("pg_largeobject_metadata", "ooid olomowner Tlomacl"),
    (
        "pg_matviews",
        "nschemaname nmatviewname nmatviewowner ntablespace bhasindexes bispopulated tdefinition",
    ),
    (
        "pg_opclass",
        "ooid oopcmethod nopcname oopcnamespace oopcowner oopcfamily oopcintype bopcdefault oopckeytype",
    ),
    (
        "pg_operator",
        "ooid noprname ooprnamespace ooprowner toprkind boprcanmerge boprcanhash ooprleft ooprright \
         ooprresult ooprcom ooprnegate ooprcode ooprrest ooprjoin",
    ),
    ("pg_opfamily", "ooid oopfmethod nopfname oopfnamespace oopfowner"),
    (
        "pg_partitioned_table",
        "opartrelid tpartstrat spartnatts opartdefid Spartattrs Opartclass Opartcollation tpartexprs",
    ),
    ("pg_policy", "ooid npolname opolrelid tpolcmd bpolpermissive Opolroles tpolqual tpolwithcheck"),
    (
        "pg_publication",
        "ooid npubname opubowner bpuballtables bpubinsert bpubupdate bpubdelete bpubtruncate bpubviaroot",
    ),
    ("pg_publication_namespace", "ooid opnpubid opnnspid"),
    ("pg_publication_rel", "ooid oprpubid oprrelid tprqual Sprattrs"),
    ("pg_range", "orngtypid orngsubtype orngmultitypid orngcollation orngsubopc orngcanonical orngsubdiff"),
    ("pg_rewrite", "ooid nrulename oev_class tev_type tev_enabled bis_instead tev_qual tev_action"),
    ("pg_rules", "nschemaname ntablename nrulename tdefinition"),
    ("pg_shdepend", "odbid oclassid oobjid iobjsubid orefclassid orefobjid tdeptype"),
    (
        "pg_statistic_ext",
        "ooid ostxrelid nstxname ostxnamespace ostxowner istxstattarget Sstxkeys Tstxkind tstxexprs",
    ),
    (
        "pg_subscription",
        "ooid osubdbid tsubskiplsn nsubname osubowner bsubenabled bsubbinary bsubstream \
         tsubtwophasestate bsubdisableonerr tsubconninfo nsubslotname tsubsynccommit Tsubpublications",
    ),
    (
        "pg_trigger",
        "ooid otgrelid otgparentid ntgname otgfoid stgtype ttgenabled btgisinternal otgconstrrelid \
         otgconstrindid otgconstraint btgdeferrable btginitdeferred stgnargs Stgattr ttgargs ttgqual \
         ntgoldtable ntgnewtable",
    ),
    ("pg_ts_config", "ooid ncfgname ocfgnamespace ocfgowner ocfgparser"),
    ("pg_ts_dict", "ooid ndictname odictnamespace odictowner odicttemplate tdictinitoption"),
    ("pg_ts_parser", "ooid nprsname oprsnamespace oprsstart oprstoken oprsend oprsheadline oprslextype"),
    ("pg_ts_template", "ooid ntmplname otmplnamespace otmplinit otmpllexize"),
    (
        "pg_stat_activity",
        "odatid ndatname ipid ileader_pid ousesysid nusename tapplication_name tclient_addr tclient_hostname iclient_port \
         zbackend_start zxact_start zquery_start zstate_change twait_event_type twait_event tstate tbackend_xid tbackend_xmin \
         lquery_id tquery tbackend_type",
    ),
    (
        "pg_locks",
        "tlocktype odatabase orelation ipage stuple tvirtualxid ttransactionid oclassid oobjid sobjsubid \
         tvirtualtransaction ipid tmode bgranted bfastpath zwaitstart",
    ),
    (
        "pg_stats",
        "nschemaname ntablename nattname binherited fnull_frac iavg_width fn_distinct tmost_common_vals \
         tmost_common_freqs thistogram_bounds fcorrelation tmost_common_elems tmost_common_elem_freqs \
         telem_count_histogram",
    ),
    ("pg_parameter_acl", "ooid tparname Tparacl"),
    ("pg_user_mappings", "oumid osrvid nsrvname oumuser nusename Tumoptions"),
];

/// Views of information_schema without rows.
static EMPTY_INFORMATION: &[(&str, &str)] = &[
    (
        "domains",
        "tdomain_catalog tdomain_schema tdomain_name tdata_type icharacter_maximum_length icharacter_octet_length \
         inumeric_precision inumeric_precision_radix inumeric_scale idatetime_precision tinterval_type tdomain_default \
         tudt_catalog tudt_schema tudt_name",
    ),
    (
        "parameters",
        "tspecific_catalog tspecific_schema tspecific_name iordinal_position tparameter_mode tis_result tas_locator \
         tparameter_name tdata_type icharacter_maximum_length tudt_catalog tudt_schema tudt_name tparameter_default",
    ),
    (
        "routines",
        "tspecific_catalog tspecific_schema tspecific_name troutine_catalog troutine_schema troutine_name troutine_type \
         tdata_type ttype_udt_catalog ttype_udt_schema ttype_udt_name troutine_body troutine_definition texternal_name \
         texternal_language tis_deterministic tsql_data_access tis_null_call tsecurity_type",
    ),
    (
        "triggers",
        "ttrigger_catalog ttrigger_schema ttrigger_name tevent_manipulation tevent_object_catalog tevent_object_schema \
         tevent_object_table iaction_order taction_condition taction_statement taction_orientation taction_timing \
         taction_reference_old_table taction_reference_new_table zcreated",
    ),
];

/// The tables and views that PostgreSQL has and Remanent has not; `*` stands for anything, at an end.
const MISSING: &str = "pg_authid pg_available_extension* pg_backend_memory_contexts pg_config pg_cursors pg_file_settings \
    pg_group pg_hba_file_rules pg_ident_file_mappings pg_largeobject pg_policies pg_prepared_* pg_publication_tables \
    pg_replication_* pg_seclabel* pg_shadow pg_shmem_allocations pg_shseclabel pg_stat* pg_subscription_rel pg_timezone_* \
    pg_transform pg_ts_config_map _pg_* administrable_role_authorizations applicable_roles attributes character_sets \
    check_constraint_routine_usage collation* column_* constraint_table_usage data_type_privileges domain_* element_types \
    enabled_roles foreign_* information_schema_catalog_name role_* routine_* sql_* table_privileges transforms \
    triggered_update_columns udt_privileges usage_privileges user_defined_types user_mapping* view_*";

/// True for the name of one of these.
pub(in crate::sql::bind) fn is_missing(schema: Option<&str>, name: &str) -> bool {
    let found = MISSING.split(' ').any(|known| match known.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => known == name,
    });
    found
        && matches!(
            (schema, name.starts_with("pg_")),
            (Some(super::INFORMATION), false) | (None | Some("pg_catalog"), true)
        )
}

/// Rows of tables that have few, and always these.
static ROWS: &[(&str, &str)] = &[
    ("pg_am", "ooid=2 namname=heap oamhandler=0 tamtype=t"),
    ("pg_am", "ooid=403 namname=btree oamhandler=0 tamtype=i"),
    ("pg_am", "ooid=3580 namname=brin oamhandler=0 tamtype=i"),
    (
        "pg_collation",
        "ooid=100 ncollname=default ocollnamespace=11 ocollowner=10 tcollprovider=d \
         bcollisdeterministic=t icollencoding=-1 tcollcollate tcollctype tcolliculocale tcollversion",
    ),
    (
        "pg_collation",
        "ooid=950 ncollname=C ocollnamespace=11 ocollowner=10 tcollprovider=c bcollisdeterministic=t \
         icollencoding=-1 tcollcollate=C tcollctype=C tcolliculocale tcollversion",
    ),
    (
        "pg_collation",
        "ooid=951 ncollname=POSIX ocollnamespace=11 ocollowner=10 tcollprovider=c bcollisdeterministic=t \
         icollencoding=-1 tcollcollate=POSIX tcollctype=POSIX tcolliculocale tcollversion",
    ),
    (
        "pg_language",
        "ooid=14 nlanname=sql olanowner=10 blanispl=f blanpltrusted=t olanplcallfoid=0 olaninline=0 \
         olanvalidator=0 Tlanacl",
    ),
    ("pg_tablespace", "ooid=1663 nspcname=pg_default ospcowner=10 Tspcacl Tspcoptions"),
    (
        "pg_roles",
        "nrolname=remanent brolsuper=t brolinherit=t brolcreaterole=t brolcreatedb=t brolcanlogin=t \
         brolreplication=t irolconnlimit=-1 trolpassword zrolvaliduntil brolbypassrls=t Trolconfig \
         ooid=10",
    ),
    (
        "pg_user",
        "nusename=remanent ousesysid=10 busecreatedb=t busesuper=t buserepl=t busebypassrls=t tpasswd \
         zvaluntil Tuseconfig",
    ),
];

/// What is not counted of tables.
const COUNTS: &str = "lseq_scan lseq_tup_read lidx_scan lidx_tup_fetch ln_tup_ins ln_tup_upd ln_tup_del ln_tup_hot_upd ln_live_tup \
    ln_dead_tup ln_mod_since_analyze ln_ins_since_vacuum zlast_vacuum zlast_autovacuum zlast_analyze zlast_autoanalyze \
    lvacuum_count=0 lautovacuum_count=0 lanalyze_count=0 lautoanalyze_count=0";
const BLOCKS: &str = "lheap_blks_read lheap_blks_hit lidx_blks_read lidx_blks_hit ltoast_blks_read ltoast_blks_hit ltidx_blks_read \
    ltidx_blks_hit";

/// Columns of other tables that have one value.
static FIXED: &[(&str, &str)] = &[
    (
        "pg_class",
        "oreltype=0 oreloftype=0 orelowner=10 orelfilenode=0 oreltablespace=0 irelpages=0 freltuples=-1 \
         irelallvisible=0 oreltoastrelid=0 brelisshared=f brelhassubclass=f brelrowsecurity=f brelforcerowsecurity=f brelispopulated=t orelrewrite=0 \
         Trelacl trelpartbound",
    ),
    (
        "pg_attribute",
        "iattstattarget=-1 iattndims=0 batthasmissing=f tattcompression= battislocal=t \
         iattinhcount=0 oattcollation=0 Tattacl Tattoptions Tattfdwoptions",
    ),
    (
        "pg_type",
        "otypowner=10 btypispreferred=f ityptypmod=-1 itypndims=0 otypcollation=0 ttypdefault Ttypacl \
         rtypmodin=0 rtypmodout=0 rtypanalyze=0 rtypsubscript=0",
    ),
    (
        "pg_index",
        "bindisexclusion=f bindimmediate=t bindisclustered=f bindcheckxmin=f bindisready=t bindislive=t \
         bindisreplident=f Oindcollation Oindclass",
    ),
    (
        "pg_constraint",
        "ocontypid=0 oconparentid=0 bconislocal=t iconinhcount=0 bconnoinherit=f Oconexclop tconbin",
    ),
    (
        "pg_proc",
        "opronamespace=11 oproowner=10 oprolang=12 fprocost=1 fprorows=0 oprovariadic=0 rprosupport=0 tprokind=f \
         bprosecdef=f bproleakproof=f bproisstrict=t bproretset=f tprovolatile=i tproparallel=s spronargs=1 \
         spronargdefaults=0 oprorettype=0 Oproargtypes Oproallargtypes Tproargmodes Tproargnames \
         tproargdefaults Oprotrftypes tprosrc tprobin tprosqlbody Tproconfig Tproacl",
    ),
    ("pg_stat_all_tables", COUNTS),
    ("pg_stat_user_tables", COUNTS),
    ("pg_statio_all_tables", BLOCKS),
    ("pg_statio_user_tables", BLOCKS),
    ("tables", "tis_typed=NO tcommit_action"),
    (
        "columns",
        "tcharacter_set_name tcollation_schema tcollation_name tdomain_schema tdomain_name imaximum_cardinality \
         tis_self_referencing=NO",
    ),
    ("views", "tis_trigger_updatable=NO tis_trigger_deletable=NO tis_trigger_insertable_into=NO"),
    ("pg_namespace", "onspowner=10 Tnspacl"),
    (
        "pg_database",
        "odatdba=10 iencoding=6 tdatlocprovider=c bdatistemplate=f bdatallowconn=t idatconnlimit=-1 \
         odattablespace=1663 tdatcollate=C tdatctype=C tdaticulocale tdatcollversion Tdatacl",
    ),
    ("pg_tables", "ntableowner=remanent ntablespace bhasrules=f bhastriggers=f browsecurity=f"),
    ("pg_views", "nviewowner=remanent"),
    ("pg_sequences", "nsequenceowner=remanent"),
];

/// A column and its value.
type Cell = ((&'static str, Type), Value);

fn cells(words: &'static str) -> impl Iterator<Item = Cell> {
    words.split(' ').filter_map(|word| {
        let (column, text) = match word.split_once('=') {
            Some((column, text)) => (column, Some(text)),
            None => (word, None),
        };
        let (letter, name) = column.split_at_checked(1)?;
        let ty = match letter {
            "b" => Type::Bool,
            "f" => Type::Float4,
            "i" => Type::Int4,
            "s" => Type::Int2,
            "l" => Type::Int8,
            "n" => Type::Name,
            "r" => Type::Regproc,
            "o" => Type::Oid,
            "z" => Type::Timestamptz,
            "O" => Type::Array(Element::of(Type::Oid)),
            "S" => Type::Array(Element::of(Type::Int2)),
            "T" => Type::Array(Element::of(Type::Text)),
            _ => Type::Text,
        };
        let value = text.and_then(|text| Value::parse(text, ty).ok());
        Some(((name, ty), value.unwrap_or(Value::Null)))
    })
}

/// The columns that a view has besides, each with its value.
pub(super) fn fixed(view: &View) -> Vec<Cell> {
    let of = FIXED.iter().filter(|(name, _)| *name == view.name);
    of.flat_map(|(_, words)| cells(words)).collect()
}

/// Columns and rows.
type Table = (Vec<(&'static str, Type)>, Vec<Vec<Value>>);

/// A table of pg_catalog, or a view of information_schema, that is written here: its columns and rows.
pub(super) fn table(information: bool, name: &str) -> Option<Table> {
    let of = |(held, _): &&(&str, &str)| *held == name;
    let known: (&[_], &[_]) = if information { (&[], EMPTY_INFORMATION) } else { (ROWS, EMPTY) };
    let rows: Vec<Vec<Cell>> = known.0.iter().filter(of).map(|(_, words)| cells(words).collect()).collect();
    let empty = known.1.iter().find(of).map(|(_, words)| cells(words).collect::<Vec<_>>());
    let columns = rows.first().or(empty.as_ref())?.iter().map(|(column, _)| *column).collect();
    let values = |row: Vec<Cell>| row.into_iter().map(|(_, value)| value).collect();
    Some((columns, rows.into_iter().map(values).collect()))
}
