//! What SET, SHOW and RESET speak of.
//!
//! Of PostgreSQL's settings those are here that clients set or read when they connect. Most can only be what they are:
//! setting them to that is fine, to anything else 0A000. `synchronous_commit` and `application_name` can be changed.

use crate::{Error, Result};
use remanent_storage::error::{SqlState, state};
use remanent_storage::store::Options;
use std::sync::Arc;

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
    Setting { name: "extra_float_digits", value: "1", may: May::Stay(&["2", "3"]) },
    Setting { name: "idle_in_transaction_session_timeout", value: "0", may: May::Stay(&[]) },
    Setting { name: "integer_datetimes", value: "on", may: May::Never },
    Setting { name: "IntervalStyle", value: "postgres", may: May::Stay(&[]) },
    Setting { name: "lock_timeout", value: "0", may: May::Stay(&[]) },
    Setting { name: "max_identifier_length", value: "63", may: May::Never },
    Setting { name: "memory_limit", value: "", may: May::Open },
    Setting { name: "min_free_space", value: "", may: May::Open },
    Setting { name: "search_path", value: "public", may: May::Stay(&["\"$user\", public", "$user, public"]) },
    Setting { name: "server_encoding", value: "UTF8", may: May::Never },
    Setting { name: "server_version", value: "15.0", may: May::Never },
    Setting { name: "server_version_num", value: "150000", may: May::Never },
    Setting { name: "standard_conforming_strings", value: "on", may: May::Stay(&["true", "1"]) },
    Setting { name: "statement_timeout", value: "0", may: May::Stay(&[]) },
    Setting { name: "synchronous_commit", value: "on", may: May::Switch },
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
        Settings { changed: Vec::new(), opened: Arc::new(opened) }
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
        Ok(())
    }

    /// Makes one what it is in `other`.
    pub(crate) fn restore(&mut self, name: &str, other: &Settings) {
        let same = |(changed, _): &&(&'static str, String)| changed.eq_ignore_ascii_case(name);
        let before = other.changed.iter().find(same).cloned();
        self.changed.retain(|changed| !same(&changed));
        self.changed.extend(before);
    }

    /// All to their first values.
    pub(crate) fn reset(&mut self) {
        self.changed.clear();
    }

    /// `synchronous_commit`, where it was set.
    pub(crate) fn synchronous_commit(&self) -> Option<bool> {
        let set = self.changed.iter().find(|(name, _)| *name == "synchronous_commit");
        set.map(|(_, value)| value == "on")
    }

    fn get(&self, setting: &Setting) -> &str {
        let mut known = self.changed.iter().chain(self.opened.iter());
        known.find(|(name, _)| *name == setting.name).map_or(setting.value, |(_, value)| value)
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
        May::Switch if ["on", "true", "yes", "1", "local", "remote_write", "remote_apply"].iter().any(is) => {
            Ok("on".to_string())
        }
        May::Switch if ["off", "false", "no", "0"].iter().any(is) => Ok("off".to_string()),
        May::Switch => {
            let message = format!("invalid value for parameter \"{name}\": \"{value}\"");
            Err(Error::new(state::INVALID_PARAMETER_VALUE, message).with_hint("Available values: on, off."))
        }
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
