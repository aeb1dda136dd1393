//! What SET, SHOW and RESET speak of.
//!
//! Of PostgreSQL's settings those are here that transactions know, and those that clients set or read when they connect.
//! Most of the latter can only be what they are: setting them to that is fine, to anything else 0A000.
//!
//! | setting | means |
//! |---|---|
//! | `statement_timeout` | how long a statement may run, the reading of its rows included (57014) |
//! | `lock_timeout` | how long it may wait for one lock (55P03) |
//! | `idle_in_transaction_session_timeout` | how long a transaction may wait for its next statement; then it is rolled back (25P03) |
//! | `enable_indexscan`, `enable_seqscan` | whether plans may read tables by their indexes, and without |
//! | `enable_summaries` | whether groupings may take of whole pages what is stored of them, rather than read their rows |
//! | `max_parallel_workers_per_gather` | how many threads may help a statement to read a table; 0: none |
//! | `min_parallel_table_scan_rows` | how many rows a table has for that |
//! | `vector.recall` | the share of the true neighbours that vector indexes find; 1: all, without them |
//! | `default_text_search_config` | how texts are searched, where a function is not told |
//! | `default_transaction_isolation`, `…_read_only`, `…_deferrable` | the modes of transactions that do not say |
//!
//! A session begins with what the program said when it opened the database (`synchronous_commit`), else with what ALTER
//! DATABASE has stored, else ALTER SYSTEM. The limits of the database (`memory_limit`, `wal_writer_delay`, …;
//! module `txn::tuning` of the engine) are not the session's: ALTER SYSTEM changes them, for everybody at once.
//!
//! A name with a point (`app.user`) is the application's: it may be set to anything, and means nothing here.
//!
//! Times are milliseconds, or a number with a unit: us, ms, s, min, h, d. 0 is no limit.

mod foreign;

use crate::sql::ast::{Isolation, TransactionModes};
use crate::sql::expr::Planner;
use crate::{Error, Result};
use remanent_storage::catalog::{Catalog, EntryKind};
use remanent_storage::error::{SqlState, state};
use remanent_storage::store::{Options, Store};
use remanent_storage::txn::Interrupt;
use remanent_storage::txn::tuning::Limits;
use remanent_storage::value::Zone;
use remanent_storage::value::units::{TIMES, quantity, with_unit};
use remanent_storage::world::zones;
use std::sync::Arc;
use std::time::Duration;

/// PostgreSQL's cant_change_runtime_param.
const CANT_CHANGE: SqlState = SqlState("55P02");

/// One setting.
struct Setting {
    /// As SHOW prints it; case does not matter.
    name: &'static str,
    /// Its value at first.
    value: &'static str,
    may: May,
}

/// What a setting may be set to.
enum May {
    /// Anything.
    Any,
    /// on or off, by any of PostgreSQL's words for them.
    Switch,
    /// How far a commit travels.
    Commit,
    /// A time in whole milliseconds.
    Time,
    /// An isolation level.
    Level,
    /// A time zone.
    Zone,
    /// A number from 0.5 to 1, or nothing.
    Share,
    /// A whole number from 0 to this one.
    Count(u32),
    /// A configuration of text search.
    #[cfg(feature = "text")]
    Configuration,
    /// What it is, or one of these other words for it.
    Stay(&'static [&'static str]),
    /// Nothing at all.
    Never,
    /// Nothing: it is a limit of the database, for ALTER SYSTEM.
    Limit,
}

/// How texts are searched, where a function is not told.
#[cfg(feature = "text")]
const TEXT_SEARCH: &str = if cfg!(feature = "snowball") { "pg_catalog.english" } else { "pg_catalog.simple" };

/// Sorted by name.
static SETTINGS: &[Setting] = &[
    Setting { name: "application_name", value: "", may: May::Any },
    Setting { name: "background_bandwidth", value: "", may: May::Limit },
    Setting { name: "background_cpu", value: "", may: May::Limit },
    Setting { name: "bytea_output", value: "hex", may: May::Stay(&[]) },
    Setting { name: "check_function_bodies", value: "on", may: May::Switch },
    Setting { name: "client_encoding", value: "UTF8", may: May::Stay(&["utf-8", "unicode"]) },
    Setting { name: "client_min_messages", value: "notice", may: May::Any },
    Setting { name: "DateStyle", value: "ISO, MDY", may: May::Stay(&["iso", "iso, dmy", "iso, ymd"]) },
    #[cfg(feature = "text")]
    Setting { name: "default_text_search_config", value: TEXT_SEARCH, may: May::Configuration },
    Setting { name: "default_table_access_method", value: "heap", may: May::Stay(&[]) },
    Setting { name: "default_tablespace", value: "", may: May::Stay(&[]) },
    Setting { name: "default_transaction_deferrable", value: "off", may: May::Switch },
    Setting { name: "default_transaction_isolation", value: "read committed", may: May::Level },
    Setting { name: "default_transaction_read_only", value: "off", may: May::Switch },
    // Old dumps say it.
    Setting { name: "default_with_oids", value: "off", may: May::Stay(&["false", "no", "0"]) },
    Setting { name: "enable_indexscan", value: "on", may: May::Switch },
    Setting { name: "enable_seqscan", value: "on", may: May::Switch },
    Setting { name: "enable_summaries", value: "on", may: May::Switch },
    Setting { name: "extra_float_digits", value: "1", may: May::Stay(&["2", "3"]) },
    Setting { name: "follower_budget", value: "", may: May::Limit },
    Setting { name: "idle_in_transaction_session_timeout", value: "0", may: May::Time },
    Setting { name: "integer_datetimes", value: "on", may: May::Never },
    Setting { name: "IntervalStyle", value: "postgres", may: May::Stay(&[]) },
    Setting { name: "is_superuser", value: "on", may: May::Never },
    Setting { name: "jit", value: "off", may: May::Any },
    Setting { name: "lc_collate", value: "C", may: May::Never },
    Setting { name: "lc_ctype", value: "C.UTF-8", may: May::Never },
    Setting { name: "lc_messages", value: "C", may: May::Stay(&[]) },
    Setting { name: "lock_timeout", value: "0", may: May::Time },
    Setting { name: "max_identifier_length", value: "63", may: May::Never },
    Setting { name: "max_parallel_workers_per_gather", value: "1", may: May::Count(1024) },
    Setting { name: "memory_limit", value: "", may: May::Limit },
    Setting { name: "min_free_space", value: "", may: May::Limit },
    Setting { name: "min_parallel_table_scan_rows", value: "131072", may: May::Count(u32::MAX) },
    Setting { name: "role", value: "none", may: May::Stay(&[]) },
    Setting { name: "row_security", value: "on", may: May::Switch },
    Setting { name: "search_path", value: "public", may: May::Any },
    Setting { name: "server_encoding", value: "UTF8", may: May::Never },
    Setting { name: "server_version", value: "15.0", may: May::Never },
    Setting { name: "server_version_num", value: "150000", may: May::Never },
    Setting { name: "session_authorization", value: "remanent", may: May::Stay(&[]) },
    Setting { name: "standard_conforming_strings", value: "on", may: May::Stay(&["true", "1"]) },
    Setting { name: "statement_timeout", value: "0", may: May::Time },
    Setting { name: "synchronous_commit", value: "on", may: May::Commit },
    Setting { name: "TimeZone", value: "UTC", may: May::Zone },
    Setting { name: "vector.recall", value: "", may: May::Share },
    Setting { name: "wal_writer_delay", value: "", may: May::Limit },
    Setting { name: "xmloption", value: "content", may: May::Any },
];

/// The settings of a session.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Those that were set in the session.
    changed: Vec<(&'static str, String)>,
    /// Those of the application, whose names have a point: what they are to it.
    own: Vec<(String, String)>,
    /// Those that it began with otherwise than is usual.
    first: Arc<[(&'static str, String)]>,
    /// Those that every statement asks for.
    quick: Quick,
    /// `search_path`, the session's temporary schema in its place.
    path: Arc<[String]>,
    /// That schema; none of a session that only reads along.
    temporary: Option<Arc<str>>,
    /// `TimeZone`.
    zone: Zone,
}

#[derive(Debug, Clone, Copy, Default)]
struct Quick {
    statement: Duration,
    lock: Duration,
    idle: Duration,
    synchronous_commit: bool,
    isolation: Option<Isolation>,
    read_only: bool,
    deferrable: bool,
    planner: Planner,
}

impl Settings {
    /// Those of a new session: what the program said when it opened the database, then what is stored for the database,
    /// then what is stored for the system, then what is usual.
    pub(crate) fn of(store: &Store, catalog: &Catalog) -> Self {
        let options = store.options();
        let synchronous = Some(if options.synchronous_commit { "on" } else { "off" });
        let mut first = Vec::new();
        for setting in SETTINGS.iter().filter(|setting| !matches!(setting.may, May::Limit | May::Never)) {
            let said = synchronous.filter(|_| setting.name == "synchronous_commit");
            let fixed = said.filter(|_| options.fixed.contains(&setting.name));
            let stored = |scope| catalog.entry(scope, setting.name);
            let found =
                fixed.or_else(|| stored(EntryKind::Database)).or_else(|| stored(EntryKind::System)).or(said);
            // What a newer version has stored may mean nothing here.
            let value = found.and_then(|value| accepted(setting, value).ok());
            first.extend(value.filter(|value| value != setting.value).map(|value| (setting.name, value)));
        }
        let mut settings = Settings { first: first.into(), ..Settings::default() };
        settings.note();
        settings
    }

    /// The value of a setting and its name as SHOW prints it; 42704 where there is none.
    pub(crate) fn show(&self, name: &str, limits: &Limits) -> Result<(String, String)> {
        if let Some(own) = self.own.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)) {
            return Ok(own.clone());
        }
        let setting = find(name)?;
        Ok((setting.name.to_string(), self.text(setting, limits)))
    }

    /// The same in the unit of `pg_settings`, without it.
    pub(crate) fn bare(&self, name: &str, limits: &Limits) -> Result<String> {
        let (setting, (_, text)) = (find(name)?, self.show(name, limits)?);
        Ok(match setting.may {
            May::Time => milliseconds(&text).map_or(text, |time| time.as_millis().to_string()),
            _ => text,
        })
    }

    /// Where its value comes from, in the words of `pg_settings`; None: it is a limit of the database.
    pub(crate) fn source(&self, name: &str) -> Result<Option<&'static str>> {
        let setting = find(name)?;
        let held = |values: &[(&'static str, String)]| values.iter().any(|(held, _)| *held == setting.name);
        Ok(match setting.may {
            May::Limit => None,
            _ if held(&self.changed) => Some("session"),
            _ if held(&self.first) => Some("database"),
            _ => Some("default"),
        })
    }

    /// What RESET ALL makes of them.
    pub(crate) fn before(&self) -> Settings {
        Settings { first: Arc::clone(&self.first), ..Settings::default() }
    }

    /// All of them, but for the application's.
    pub(crate) fn all<'a>(&'a self, limits: &'a Limits) -> impl Iterator<Item = (String, String)> + 'a {
        SETTINGS.iter().map(|setting| (setting.name.to_string(), self.text(setting, limits)))
    }

    fn text(&self, setting: &Setting, limits: &Limits) -> String {
        limits.show(setting.name).unwrap_or_else(|| self.get(setting).to_string())
    }

    /// Sets one; None: to its first value.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        if is_own(name) {
            self.own.retain(|(held, _)| !held.eq_ignore_ascii_case(name));
            self.own.push((name.to_string(), value.unwrap_or_default().to_string()));
            return Ok(());
        }
        let setting = find(name)?;
        let value = match (value, &setting.may) {
            (None, May::Limit | May::Never) => return Err(unchangeable(setting)),
            (None, _) => None,
            (Some(value), _) => Some(accepted(setting, value)?),
        };
        self.changed.retain(|(name, _)| *name != setting.name);
        self.changed.extend(value.map(|value| (setting.name, value)));
        self.note();
        Ok(())
    }

    /// The name of the configuration by which texts are searched.
    #[cfg(feature = "text")]
    pub(crate) fn text_search_config(&self) -> String {
        value_of(self, "default_text_search_config")
    }

    /// All to their first values.
    pub(crate) fn reset(&mut self) {
        self.changed.clear();
        self.own.iter_mut().for_each(|(_, value)| value.clear());
        self.note();
    }

    /// Notes what every statement asks for.
    fn note(&mut self) {
        let value = |name: &str| find(name).map(|setting| self.get(setting)).unwrap_or_default();
        let time = |name: &str| milliseconds(value(name)).unwrap_or_default();
        let path = self.with_temporary(schemas_of(value("search_path")));
        self.quick = Quick {
            statement: time("statement_timeout"),
            lock: time("lock_timeout"),
            idle: time("idle_in_transaction_session_timeout"),
            synchronous_commit: value("synchronous_commit") == "on",
            isolation: isolation(value("default_transaction_isolation")),
            read_only: value("default_transaction_read_only") == "on",
            deferrable: value("default_transaction_deferrable") == "on",
            planner: Planner {
                index_scans: value("enable_indexscan") == "on",
                seq_scans: value("enable_seqscan") == "on",
                summaries: value("enable_summaries") == "on",
                recall: value("vector.recall").parse().ok(),
                workers: value("max_parallel_workers_per_gather").parse().unwrap_or(0),
                parallel_rows: value("min_parallel_table_scan_rows").parse().unwrap_or(u64::MAX),
            },
        };
        if *self.path != *path {
            self.path = path.into();
        }
        let zone = value_of(self, "TimeZone");
        if self.zone.name() != zone {
            self.zone = zone_of(&zone).unwrap_or_default();
        }
    }

    /// Gives it a schema for temporary relations, which comes first where the path does not name it.
    pub(crate) fn set_temporary(&mut self, schema: &str) {
        self.temporary = Some(schema.into());
        self.note();
    }

    fn with_temporary(&self, mut path: Vec<String>) -> Vec<String> {
        let Some(own) = self.temporary.as_deref() else { return path };
        match path.iter_mut().find(|schema| *schema == "pg_temp") {
            Some(named) => *named = own.to_string(),
            None => path.insert(0, own.to_string()),
        }
        path
    }

    /// The schemas for names without one.
    pub(crate) fn path(&self) -> Arc<[String]> {
        Arc::clone(&self.path)
    }

    /// As [`path`](Self::path), to look at.
    pub(crate) fn schemas(&self) -> &[String] {
        &self.path
    }

    /// `TimeZone`
    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What plans may do: `enable_indexscan` and its like.
    pub(crate) fn planner(&self) -> Planner {
        self.quick.planner
    }

    /// Sets the clocks of a statement that begins now.
    pub(crate) fn begin_statement(&self, interrupt: &Interrupt) {
        interrupt.begin(self.quick.statement, self.quick.lock);
    }

    /// How long a transaction may be idle; zero: for ever.
    pub(crate) fn idle_timeout(&self) -> Duration {
        self.quick.idle
    }

    /// The modes of transactions that do not say, all of them.
    pub(crate) fn defaults(&self) -> TransactionModes {
        TransactionModes {
            isolation: Some(self.quick.isolation.unwrap_or(Isolation::ReadCommitted)),
            read_only: Some(self.quick.read_only),
            deferrable: Some(self.quick.deferrable),
        }
    }

    /// `default_transaction_read_only`
    pub(crate) fn read_only(&self) -> bool {
        self.quick.read_only
    }

    /// `synchronous_commit`
    pub(crate) fn synchronous_commit(&self) -> bool {
        self.quick.synchronous_commit
    }

    fn get(&self, setting: &Setting) -> &str {
        let of =
            |values: &'_ [(&'static str, String)]| values.iter().position(|(name, _)| *name == setting.name);
        match (of(&self.changed), of(&self.first)) {
            (Some(i), _) => self.changed.get(i),
            (None, Some(i)) => self.first.get(i),
            (None, None) => None,
        }
        .map_or(setting.value, |(_, value)| value.as_str())
    }
}

fn value_of(settings: &Settings, name: &str) -> String {
    find(name).map(|setting| settings.get(setting).to_string()).unwrap_or_default()
}

const NO_ZONES: &str = "This machine has no database of time zones (/usr/share/zoneinfo): install it, or use an offset in hours.";

/// A zone as SET TIME ZONE names it: a name, or hours east of UTC.
fn zone_of(value: &str) -> Option<Zone> {
    match value.trim().parse::<f64>() {
        Ok(hours) if hours.abs() <= 168.0 => match (hours * 3600.0) as i32 {
            0 => Some(Zone::UTC),
            east => Some(Zone::fixed(east)),
        },
        Ok(_) => None,
        Err(_) => Zone::named(value).ok(),
    }
}

/// The schemas that `search_path` names. `$user` names none: there are no users.
fn schemas_of(path: &str) -> Vec<String> {
    let unquoted = |name: &str| match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_string(),
    };
    path.split(',')
        .map(|name| unquoted(name.trim()))
        .filter(|name| !name.is_empty() && name != "$user")
        .collect()
}

/// The name of a setting as it is stored; 42704 where there is none.
pub(crate) fn known(name: &str) -> Result<&'static str> {
    find(name).map(|setting| setting.name)
}

/// What is stored where a setting is to have a value from the next session on, its name first.
pub(crate) fn storable(scope: EntryKind, name: &str, value: &str) -> Result<(&'static str, String)> {
    let setting = find(name)?;
    if scope == EntryKind::System && Limits::knows(setting.name) {
        let mut limits = Options::default().limits();
        limits.set(setting.name, value)?;
        return Ok((setting.name, limits.show(setting.name).unwrap_or_default()));
    }
    accepted(setting, value).map(|value| (setting.name, value))
}

/// True for the name of a setting of the application's: `app.user`.
fn is_own(name: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    };
    let space = name.split('.').next().unwrap_or_default();
    // What begins as one of the database's own is misspelt.
    let taken = |setting: &Setting| {
        setting.name.split_once('.').is_some_and(|(held, _)| held.eq_ignore_ascii_case(space))
    };
    name.contains('.') && name.split('.').all(word) && !SETTINGS.iter().any(taken)
}

/// What `pg_settings` says of each and of its first value: name, unit, who changes it, type, value; empty for NULL.
pub(crate) fn described() -> impl Iterator<Item = [&'static str; 5]> {
    SETTINGS.iter().map(|setting| {
        let (unit, context, ty) = match setting.may {
            May::Time => ("ms", "user", "integer"),
            May::Switch => ("", "user", "bool"),
            May::Commit | May::Level => ("", "user", "enum"),
            May::Share => ("", "user", "real"),
            May::Count(_) => ("", "user", "integer"),
            May::Never => ("", "internal", "string"),
            May::Limit => ("", "sighup", "string"),
            _ => ("", "user", "string"),
        };
        [setting.name, unit, context, ty, setting.value]
    })
}

fn find(name: &str) -> Result<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        match foreign::is_foreign(name) {
            true => Error::new(state::FEATURE_NOT_SUPPORTED, format!("setting \"{name}\" is not supported")),
            false => {
                let message = format!("unrecognized configuration parameter \"{name}\"");
                Error::new(state::UNDEFINED_OBJECT, message)
            }
        }
    })
}

fn accepted(setting: &Setting, value: &str) -> Result<String> {
    let name = setting.name;
    let is = |word: &&str| word.eq_ignore_ascii_case(value);
    match setting.may {
        May::Any => Ok(value.to_string()),
        // The words for how far a commit travels all mean: to the disk.
        May::Commit if ["local", "remote_write", "remote_apply"].iter().any(is) => Ok("on".to_string()),
        May::Switch | May::Commit => match switch(value) {
            Some(on) => Ok((if on { "on" } else { "off" }).to_string()),
            None => Err(invalid(name, value).with_hint("Available values: on, off.")),
        },
        May::Level => match isolation(value) {
            Some(level) => Ok(isolation_words(Some(level)).to_string()),
            None => Err(invalid(name, value).with_hint(
                "Available values: serializable, repeatable read, read committed, read uncommitted.",
            )),
        },
        May::Time => time(name, value),
        May::Share if value.is_empty() => Ok(String::new()),
        May::Share => match value.trim().parse::<f64>() {
            Ok(share) if (0.5..=1.0).contains(&share) => Ok(share.to_string()),
            _ => Err(invalid(name, value).with_hint("It is a number from 0.5 to 1.")),
        },
        May::Count(most) => match value.trim().parse::<u32>() {
            Ok(count) if count <= most => Ok(count.to_string()),
            _ => Err(invalid(name, value).with_hint(format!("It is a whole number from 0 to {most}."))),
        },
        May::Zone => match zone_of(value) {
            Some(zone) => Ok(zone.name().to_string()),
            None => {
                let error = invalid(name, value);
                Err(match zones::directory() {
                    Some(_) => error,
                    None => error.with_hint(NO_ZONES),
                })
            }
        },
        #[cfg(feature = "text")]
        May::Configuration => match remanent_storage::value::text_search::configuration(value) {
            Ok(config) => Ok(format!("pg_catalog.{}", config.name())),
            Err(error) if error.code() == "0A000" => Err(error),
            Err(_) => Err(invalid(name, value)),
        },
        May::Stay(words) if is(&setting.value) || words.iter().any(is) => Ok(setting.value.to_string()),
        May::Stay(_) => {
            let message = format!("setting \"{name}\" to \"{value}\" is not supported");
            Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint(format!("It is always \"{}\".", setting.value)))
        }
        May::Limit | May::Never => Err(unchangeable(setting)),
    }
}

/// 55P02 for what no session changes.
fn unchangeable(setting: &Setting) -> Error {
    let name = setting.name;
    match setting.may {
        May::Limit => Error::new(CANT_CHANGE, format!("parameter \"{name}\" cannot be changed now"))
            .with_hint("Use ALTER SYSTEM SET, or open the database with another value of this option."),
        _ => Error::new(CANT_CHANGE, format!("parameter \"{name}\" cannot be changed")),
    }
}

fn invalid(name: &str, value: &str) -> Error {
    let message = format!("invalid value for parameter \"{name}\": \"{value}\"");
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// PostgreSQL's words for on and off.
pub(crate) fn switch(value: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    match (is(["on", "true", "yes", "1"]), is(["off", "false", "no", "0"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The isolation level of that name.
pub(crate) fn isolation(value: &str) -> Option<Isolation> {
    use Isolation::{ReadCommitted, ReadUncommitted, RepeatableRead, Serializable};
    let levels = [ReadUncommitted, ReadCommitted, RepeatableRead, Serializable];
    levels.into_iter().find(|&level| isolation_words(Some(level)).eq_ignore_ascii_case(value))
}

/// The name of an isolation level.
pub(crate) fn isolation_words(isolation: Option<Isolation>) -> &'static str {
    match isolation {
        Some(Isolation::Serializable) => "serializable",
        Some(Isolation::RepeatableRead) => "repeatable read",
        Some(Isolation::ReadUncommitted) => "read uncommitted",
        Some(Isolation::ReadCommitted) | None => "read committed",
    }
}

/// A time as SHOW prints it: a whole number of the largest unit that it is one of.
fn time(name: &str, value: &str) -> Result<String> {
    let Some(number) = quantity(value, TIMES) else {
        return Err(invalid(name, value).with_hint(
            "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".",
        ));
    };
    let time = number.round_ties_even();
    if !(0.0..=f64::from(i32::MAX)).contains(&time) {
        let message = format!(
            "{time} ms is outside the valid range for parameter \"{name}\" (0 ms .. {} ms)",
            i32::MAX
        );
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    Ok(with_unit(time, TIMES))
}

/// A time that [`time`] wrote.
fn milliseconds(text: &str) -> Option<Duration> {
    quantity(text, TIMES).map(|time| Duration::from_millis(time as u64))
}
