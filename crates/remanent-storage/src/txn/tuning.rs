//! What can be set while a store is open: the limits that ALTER SYSTEM changes.
//!
//! They are rows of the catalog (`rem_entry`, scope `system`), so they travel through the log like everything else and
//! hold from the moment their record is applied, at the next opening, and in processes that follow. What the opener said
//! ([`Tuning::fixed`]) wins over them.
//!
//! ```text
//!   options of the opener  >  rows of the catalog  >  defaults
//! ```
//!
//! The canonical text of a limit, as it is stored and shown, is what PostgreSQL prints: `256MB`, `200ms`, `0.25`.
//!
//! Limits: a limit that shrinks takes nothing away at once. Caches shrink as they are used, and writers are slowed until
//! a flush has made room.

use crate::error::{Error, Result, state};
use crate::value::units::{BYTES, TIMES, quantity, with_unit};
use crate::world::sync::Mutex;
use std::time::Duration;

/// The limits of a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes that hot segments, caches, operators and background work may hold together.
    pub memory_limit: usize,
    /// How long a commit may stay unsynced that did not wait for its sync.
    pub wal_writer_delay: Duration,
    /// Bytes of the device that are left to other programs.
    pub min_free_space: u64,
    /// Bytes on disk that are kept for followers at most.
    pub follower_budget: u64,
    /// The share of a processor that background work may take.
    pub background_cpu: f64,
    /// Bytes per second that background work may write.
    pub background_bandwidth: u64,
}

/// The smallest memory limit: below it not even a chunk of hot rows and the pages of one segment fit.
pub const MEMORY_MIN: usize = 64 << 10;

impl Limits {
    /// True if there is a limit of that name.
    pub fn knows(name: &str) -> bool {
        Limits::NAMES.contains(&name)
    }

    /// Their names, sorted.
    pub const NAMES: [&'static str; 6] = [
        "background_bandwidth",
        "background_cpu",
        "follower_budget",
        "memory_limit",
        "min_free_space",
        "wal_writer_delay",
    ];

    /// Sets one from a text; 22023 where it is none or out of range, 42704 for another name.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let most = (1u64 << 52) as f64;
        match name {
            "memory_limit" => self.memory_limit = whole(name, text, BYTES, MEMORY_MIN as f64, most)? as usize,
            "min_free_space" => self.min_free_space = whole(name, text, BYTES, 0.0, most)? as u64,
            "follower_budget" => self.follower_budget = whole(name, text, BYTES, 0.0, most)? as u64,
            "background_bandwidth" => {
                let bytes = whole(name, text, BYTES, 0.0, most)? as u64;
                self.background_bandwidth = if bytes == 0 { u64::MAX } else { bytes };
            }
            "background_cpu" => {
                let share = text.trim().parse::<f64>().ok().filter(|share| share.is_finite());
                let share = share.ok_or_else(|| invalid(name, text))?;
                if !(0.01..=1.0).contains(&share) {
                    return Err(outside(name, &share.to_string(), "0.01", "1"));
                }
                self.background_cpu = share;
            }
            // The range is PostgreSQL's.
            "wal_writer_delay" => {
                let time = whole(name, text, TIMES, 1.0, 10_000.0)?;
                self.wal_writer_delay = Duration::from_millis(time as u64);
            }
            _ => {
                let message = format!("unrecognized configuration parameter \"{name}\"");
                return Err(Error::new(state::UNDEFINED_OBJECT, message));
            }
        }
        Ok(())
    }

    /// One as a text that [`set`](Limits::set) reads; None for another name.
    pub fn show(&self, name: &str) -> Option<String> {
        Some(match name {
            "memory_limit" => with_unit(self.memory_limit as f64, BYTES),
            "min_free_space" => with_unit(self.min_free_space as f64, BYTES),
            "follower_budget" => with_unit(self.follower_budget as f64, BYTES),
            "background_bandwidth" if self.background_bandwidth == u64::MAX => "0".to_string(),
            "background_bandwidth" => with_unit(self.background_bandwidth as f64, BYTES),
            "background_cpu" => self.background_cpu.to_string(),
            "wal_writer_delay" => {
                let micros = self.wal_writer_delay.as_micros();
                match micros % 1000 {
                    0 => with_unit((micros / 1000) as f64, TIMES),
                    _ => format!("{micros}us"),
                }
            }
            _ => return None,
        })
    }
}

/// A whole number of the smallest unit, within a range.
fn whole(name: &str, text: &str, units: &[(&str, f64)], least: f64, most: f64) -> Result<f64> {
    let number = quantity(text, units).filter(|number| number.is_finite());
    let number = number.ok_or_else(|| {
        let names: Vec<String> = units.iter().rev().map(|(unit, _)| format!("\"{unit}\"")).collect();
        invalid(name, text).with_hint(format!("Valid units for this parameter are {}.", names.join(", ")))
    })?;
    let number = number.round_ties_even();
    let range = least..=most;
    if range.contains(&number) {
        return Ok(number);
    }
    Err(outside(name, &with_unit(number, units), &with_unit(least, units), &with_unit(most, units)))
}

fn invalid(name: &str, text: &str) -> Error {
    let message = format!("invalid value for parameter \"{name}\": \"{text}\"");
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

fn outside(name: &str, value: &str, least: &str, most: &str) -> Error {
    let message = format!("{value} is outside the valid range for parameter \"{name}\" ({least} .. {most})");
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// The limits of an open store, and where they come from.
pub struct Tuning {
    opened: Limits,
    /// What the opener said; the catalog does not change these.
    fixed: Vec<&'static str>,
    now: Mutex<Limits>,
}

impl Tuning {
    /// Those that a store is opened with.
    pub fn new(opened: Limits, fixed: Vec<&'static str>) -> Self {
        Tuning { now: Mutex::new(opened.clone()), opened, fixed }
    }

    /// The limits now.
    pub fn limits(&self) -> Limits {
        self.now.lock().clone()
    }

    /// What the opener said.
    pub fn is_fixed(&self, name: &str) -> bool {
        self.fixed.contains(&name)
    }

    /// Takes over what is stored; the new limits where they are others. What is stored but means nothing (a newer
    /// version wrote it) is passed over.
    pub fn take_over<'a>(&self, stored: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Limits> {
        let mut limits = self.opened.clone();
        for (name, text) in stored.filter(|(name, _)| !self.is_fixed(name)) {
            let _ = limits.set(name, text);
        }
        let mut now = self.now.lock();
        if *now == limits {
            return None;
        }
        *now = limits.clone();
        Some(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            memory_limit: 256 << 20,
            wal_writer_delay: Duration::from_millis(200),
            min_free_space: 16 << 20,
            follower_budget: 256 << 20,
            background_cpu: 1.0,
            background_bandwidth: u64::MAX,
        }
    }

    #[test]
    fn a_limit_is_shown_with_its_largest_unit_and_read_back() {
        for (name, text, shown) in [
            ("memory_limit", "65536", "64kB"),
            ("memory_limit", " 1.5 GB", "1536MB"),
            ("min_free_space", "0", "0"),
            ("min_free_space", "1000", "1000B"),
            ("wal_writer_delay", "50", "50ms"),
            ("wal_writer_delay", "2s", "2s"),
            ("background_cpu", ".25", "0.25"),
            ("background_bandwidth", "4MB", "4MB"),
            ("background_bandwidth", "0", "0"),
            ("follower_budget", "1TB", "1TB"),
        ] {
            let mut set = limits();
            set.set(name, text).unwrap();
            assert_eq!(set.show(name).as_deref(), Some(shown), "{name} {text}");
            let mut again = limits();
            again.set(name, shown).unwrap();
            assert_eq!(again, set, "{name} {text}");
        }
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for (name, text) in [
            ("memory_limit", "64KB"),
            ("memory_limit", "1kB"),
            ("memory_limit", "nan"),
            ("memory_limit", "inf"),
            ("memory_limit", ""),
            ("min_free_space", "-1"),
            ("wal_writer_delay", "0"),
            ("wal_writer_delay", "1min"),
            ("background_cpu", "0"),
            ("background_cpu", "2"),
            ("background_cpu", "NaN"),
            ("background_bandwidth", "4 parsecs"),
        ] {
            let mut set = limits();
            let error = set.set(name, text).unwrap_err();
            assert_eq!(error.state(), state::INVALID_PARAMETER_VALUE, "{name} {text}");
            assert_eq!(set, limits());
        }
        assert_eq!(limits().set("nonsense", "1").unwrap_err().state(), state::UNDEFINED_OBJECT);
    }

    #[test]
    fn what_the_opener_said_stays() {
        let tuning = Tuning::new(limits(), vec!["memory_limit"]);
        let stored = [("memory_limit", "1MB"), ("background_cpu", "0.5"), ("later", "x")];
        let now = tuning.take_over(stored.into_iter()).unwrap();
        assert_eq!((now.memory_limit, now.background_cpu), (256 << 20, 0.5));
        assert!(tuning.take_over(stored.into_iter()).is_none(), "nothing new");
        assert_eq!(tuning.take_over([].into_iter()), Some(limits()));
    }
}
