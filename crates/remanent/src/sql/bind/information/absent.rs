//! What pg_catalog says of things that there are not, or that are the same everywhere: the tables that programs join to, and
//! columns with one value.
//!
//! All of it is written as words: a letter for the type, the name, and `=` with the value; without one it is NULL.
//!
//! | letter | type | letter | type |
//! |---|---|---|---|
//! | b | boolean | n | name |
//! | f | real | o | oid |
//! | i | integer | s | smallint |
//! | t | text | z | timestamptz |
//! | O, S, T | arrays of oid, smallint, text | | |
//!
//! Limits: functions, operators and casts are there, but not listed.

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
        "pg_proc",
        "ooid nproname opronamespace oproowner oprolang fprocost fprorows oprovariadic oprosupport \
         tprokind bprosecdef bproleakproof bproisstrict bproretset tprovolatile tproparallel spronargs \
         spronargdefaults oprorettype Oproargtypes Oproallargtypes Tproargmodes Tproargnames \
         tproargdefaults Oprotrftypes tprosrc tprobin tprosqlbody Tproconfig Tproacl",
    ),
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
    ("pg_user_mappings", "oumid osrvid nsrvname oumuser nusename Tumoptions"),
];

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

/// Columns of other tables that have one value.
static FIXED: &[(&str, &str)] = &[
    (
        "pg_class",
        "oreltype=0 oreloftype=0 orelowner=10 orelfilenode=0 oreltablespace=0 irelpages=0 freltuples=-1 \
         irelallvisible=0 oreltoastrelid=0 brelisshared=f brelhasrules=f brelhastriggers=f \
         brelhassubclass=f brelrowsecurity=f brelforcerowsecurity=f brelispopulated=t orelrewrite=0 \
         Trelacl trelpartbound",
    ),
    (
        "pg_attribute",
        "iattstattarget=-1 iattndims=0 batthasmissing=f tattstorage=p tattcompression= battislocal=t \
         iattinhcount=0 oattcollation=0 Tattacl Tattoptions Tattfdwoptions",
    ),
    (
        "pg_type",
        "otypowner=10 btypispreferred=f ityptypmod=-1 itypndims=0 otypcollation=0 ttypdefault Ttypacl",
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
            "n" => Type::Name,
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

/// A table of pg_catalog that is written here: its columns and rows.
pub(super) fn table(name: &str) -> Option<Table> {
    let of = |(held, _): &&(&str, &str)| *held == name;
    let rows: Vec<Vec<Cell>> = ROWS.iter().filter(of).map(|(_, words)| cells(words).collect()).collect();
    let empty = EMPTY.iter().find(of).map(|(_, words)| cells(words).collect::<Vec<_>>());
    let columns = rows.first().or(empty.as_ref())?.iter().map(|(column, _)| *column).collect();
    let values = |row: Vec<Cell>| row.into_iter().map(|(_, value)| value).collect();
    Some((columns, rows.into_iter().map(values).collect()))
}
