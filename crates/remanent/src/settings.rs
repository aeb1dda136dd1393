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
//! | `default_transaction_isolation`, `…_read_only`, `…_deferrable` | the modes of transactions that do not say |
//!
//! Times are milliseconds, or a number with a unit: us, ms, s, min, h, d. 0 is no limit.

use crate::sql::ast::{Isolation, TransactionModes};
use crate::{Error, Result};
use remanent_storage::error::{SqlState, state};
use remanent_storage::store::Options;
use remanent_storage::txn::Interrupt;
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
    /// What it is, or one of these other words for it.
    Stay(&'static [&'static str]),
    /// Nothing at all.
    Never,
    /// Nothing: it is an option of opening the database.
    Open,
}

/// Sorted by name.
static SETTINGS: &[Setting] = &[
    Setting { name: "application_name", value: "", may: May::Any },
    Setting { name: "bytea_output", value: "hex", may: May::Stay(&[]) },
    Setting { name: "client_encoding", value: "UTF8", may: May::Stay(&["utf-8", "unicode"]) },
    Setting { name: "client_min_messages", value: "notice", may: May::Any },
    Setting { name: "DateStyle", value: "ISO, MDY", may: May::Stay(&["iso", "iso, dmy", "iso, ymd"]) },
    Setting { name: "default_transaction_deferrable", value: "off", may: May::Switch },
    Setting { name: "default_transaction_isolation", value: "read committed", may: May::Level },
    Setting { name: "default_transaction_read_only", value: "off", may: May::Switch },
    Setting { name: "extra_float_digits", value: "1", may: May::Stay(&["2", "3"]) },
    Setting { name: "idle_in_transaction_session_timeout", value: "0", may: May::Time },
    Setting { name: "integer_datetimes", value: "on", may: May::Never },
    Setting { name: "IntervalStyle", value: "postgres", may: May::Stay(&[]) },
    Setting { name: "lock_timeout", value: "0", may: May::Time },
    Setting { name: "max_identifier_length", value: "63", may: May::Never },
    Setting { name: "memory_limit", value: "", may: May::Open },
    Setting { name: "min_free_space", value: "", may: May::Open },
    Setting { name: "search_path", value: "public", may: May::Stay(&["\"$user\", public", "$user, public"]) },
    Setting { name: "server_encoding", value: "UTF8", may: May::Never },
    Setting { name: "server_version", value: "15.0", may: May::Never },
    Setting { name: "server_version_num", value: "150000", may: May::Never },
    Setting { name: "standard_conforming_strings", value: "on", may: May::Stay(&["true", "1"]) },
    Setting { name: "statement_timeout", value: "0", may: May::Time },
    Setting { name: "synchronous_commit", value: "on", may: May::Commit },
    Setting { name: "TimeZone", value: "UTC", may: May::Stay(&["gmt", "etc/utc", "etc/gmt", "0", "z"]) },
    Setting { name: "wal_writer_delay", value: "", may: May::Open },
];

/// The settings of a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Those that differ from their first value.
    changed: Vec<(&'static str, String)>,
    /// What the database was opened with.
    opened: Arc<[(&'static str, String)]>,
    /// Those that every statement asks for.
    timeouts: Timeouts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Timeouts {
    statement: Duration,
    lock: Duration,
    idle: Duration,
}

impl Settings {
    /// Those of a new session with a database.
    pub(crate) fn of(options: &Options) -> Self {
        let switch = if options.synchronous_commit { "on" } else { "off" };
        let opened = [
            ("memory_limit", options.memory_limit.to_string()),
            ("min_free_space", options.min_free_space.to_string()),
            ("synchronous_commit", switch.to_string()),
            ("wal_writer_delay", format!("{}ms", options.wal_writer_delay.as_millis())),
        ];
        Settings { opened: Arc::new(opened), ..Settings::default() }
    }

    /// The value of a setting and its name as SHOW prints it; 42704 where there is none.
    pub(crate) fn show(&self, name: &str) -> Result<(&'static str, String)> {
        let setting = find(name)?;
        Ok((setting.name, self.get(setting).to_string()))
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        SETTINGS.iter().map(|setting| (setting.name, self.get(setting)))
    }

    /// Sets one; None: to its first value.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        let setting = find(name)?;
        let value = match value {
            None => None,
            Some(value) => Some(accepted(setting, value)?),
        };
        self.changed.retain(|(name, _)| *name != setting.name);
        self.changed.extend(value.map(|value| (setting.name, value)));
        let time = |name: &str| self.changed(name).and_then(milliseconds).unwrap_or_default();
        self.timeouts = Timeouts {
            statement: time("statement_timeout"),
            lock: time("lock_timeout"),
            idle: time("idle_in_transaction_session_timeout"),
        };
        Ok(())
    }

    /// All to their first values.
    pub(crate) fn reset(&mut self) {
        *self = Settings { opened: Arc::clone(&self.opened), ..Settings::default() };
    }

    /// Sets the clocks of a statement that begins now.
    pub(crate) fn begin_statement(&self, interrupt: &Interrupt) {
        interrupt.begin(self.timeouts.statement, self.timeouts.lock);
    }

    /// How long a transaction may be idle; zero: for ever.
    pub(crate) fn idle_timeout(&self) -> Duration {
        self.timeouts.idle
    }

    /// The modes of transactions that do not say, all of them.
    pub(crate) fn defaults(&self) -> TransactionModes {
        let level = self.changed("default_transaction_isolation").and_then(isolation);
        TransactionModes {
            isolation: Some(level.unwrap_or(Isolation::ReadCommitted)),
            read_only: Some(self.read_only()),
            deferrable: Some(self.changed("default_transaction_deferrable") == Some("on")),
        }
    }

    /// `default_transaction_read_only`
    pub(crate) fn read_only(&self) -> bool {
        self.changed("default_transaction_read_only") == Some("on")
    }

    fn changed(&self, name: &str) -> Option<&str> {
        self.changed.iter().find(|(changed, _)| *changed == name).map(|(_, value)| value.as_str())
    }

    /// `synchronous_commit`, where it was set.
    pub(crate) fn synchronous_commit(&self) -> Option<bool> {
        self.changed("synchronous_commit").map(|value| value == "on")
    }

    fn get(&self, setting: &Setting) -> &str {
        let opened =
            || self.opened.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| value.as_str());
        self.changed(setting.name).or_else(opened).unwrap_or(setting.value)
    }
}

fn find(name: &str) -> Result<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        Error::new(state::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
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
        May::Stay(words) if is(&setting.value) || words.iter().any(is) => Ok(setting.value.to_string()),
        May::Stay(_) => {
            let message = format!("setting \"{name}\" to \"{value}\" is not supported");
            Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint(format!("It is always \"{}\".", setting.value)))
        }
        May::Open => {
            let message = format!("parameter \"{name}\" cannot be changed now");
            Err(Error::new(CANT_CHANGE, message)
                .with_hint("Open the database with another value of this option."))
        }
        May::Never => Err(Error::new(CANT_CHANGE, format!("parameter \"{name}\" cannot be changed"))),
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

/// The units of times, largest first, in milliseconds.
const UNITS: &[(&str, f64)] =
    &[("d", 86_400_000.0), ("h", 3_600_000.0), ("min", 60_000.0), ("s", 1000.0), ("ms", 1.0), ("us", 0.001)];

/// A time as SHOW prints it: a whole number of the largest unit that it is one of.
fn time(name: &str, value: &str) -> Result<String> {
    let text = value.trim();
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = UNITS.iter().find(|(known, _)| *known == unit || unit.is_empty() && *known == "ms");
    let (Ok(number), Some((_, factor))) = (number.trim().parse::<f64>(), unit) else {
        return Err(invalid(name, value).with_hint(
            "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".",
        ));
    };
    let time = (number * factor).round_ties_even();
    if !(0.0..=f64::from(i32::MAX)).contains(&time) {
        let message = format!(
            "{time} ms is outside the valid range for parameter \"{name}\" (0 ms .. {} ms)",
            i32::MAX
        );
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    if time == 0.0 {
        return Ok("0".to_string());
    }
    let largest = UNITS.iter().find(|(_, factor)| time % factor == 0.0);
    Ok(largest.map_or_else(|| format!("{time}ms"), |(unit, factor)| format!("{}{unit}", time / factor)))
}

/// A time that [`time`] wrote.
fn milliseconds(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = UNITS.iter().find(|(known, _)| *known == unit).map_or(1.0, |(_, factor)| *factor);
    number.parse::<f64>().ok().map(|number| Duration::from_millis((number * factor) as u64))
}
