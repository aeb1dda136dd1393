//! `time with time zone`: a time of day and by how much its zone is ahead of UTC.
//!
//! Layout: eight bytes of the microseconds since midnight in UTC (below 0 and beyond a day where the zone takes it there), four of
//! how many seconds the zone is west of it; both big-endian with the sign bit turned. So bytes are in PostgreSQL's order: by the
//! moment, then from east to west.
//!
//! ```text
//!   01:00:00+02      80000000 00000000 - 1 h     80000000 - 7200
//! ```
//!
//! Limits: a zone with summer time needs a date; where none is given, it is that of the caller, or 2000-01-01.

use super::datetime_text::{parse_timetz, write_offset, write_time};
use super::kinds::{Described, Kind};
use super::{Zone, datetime};
use crate::error::{Error, Result, state};
use std::fmt;

/// More digits of seconds are not kept.
const PRECISION: u32 = 6;

/// The type. Its modifier is the precision and 1.
pub static TIMETZ: Described = Described {
    kind: Kind::TimeTz,
    name: "timetz",
    title: ("time", " with time zone"),
    category: "D",
    oids: (1266, 1270),
    parse: |text| parse(text, &Zone::UTC, 0),
    print: |bytes, out| match TimeTz::decode(bytes) {
        Some(time) => write!(out, "{time}"),
        None => Ok(()),
    },
    check: |bytes| TimeTz::decode(bytes).is_some_and(TimeTz::is_valid),
    modifier: |given| match given {
        [precision] => match precision.parse::<u32>() {
            Ok(precision) => Ok(precision.min(PRECISION) + 1),
            Err(_) => Err(invalid()),
        },
        _ => Err(invalid()),
    },
    shown: |modifier| (modifier - 1).to_string(),
    fit: |bytes, modifier| {
        let Some(time) = TimeTz::decode(bytes) else { return Ok(None) };
        let rounded = TimeTz { micros: datetime::round_to(time.micros, (modifier - 1) as u8)?, ..time };
        Ok((rounded != time).then(|| rounded.encode()))
    },
};

fn invalid() -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, "invalid type modifier")
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeTz {
    /// Microseconds since midnight, as the clocks show.
    pub micros: i64,
    /// By how many seconds they are ahead of UTC.
    pub east: i32,
}

impl TimeTz {
    /// The bytes.
    pub fn encode(self) -> Vec<u8> {
        let moment = ((self.micros - i64::from(self.east) * 1_000_000) ^ i64::MIN).to_be_bytes();
        [moment.as_slice(), &(self.east.wrapping_neg() ^ i32::MIN).to_be_bytes()].concat()
    }

    /// Of the bytes; None: they are none.
    pub fn decode(bytes: &[u8]) -> Option<TimeTz> {
        let (moment, west) = bytes.split_first_chunk::<8>()?;
        let moment = i64::from_be_bytes(*moment) ^ i64::MIN;
        let east = (i32::from_be_bytes(west.try_into().ok()?) ^ i32::MIN).wrapping_neg();
        Some(TimeTz { micros: moment.wrapping_add(i64::from(east) * 1_000_000), east })
    }

    fn is_valid(self) -> bool {
        (0..=super::interval::MICROS_PER_DAY).contains(&self.micros) && self.east.abs() < 16 * 3600
    }

    /// The time of a moment as a zone shows it.
    pub fn shown(moment: i64, zone: &Zone) -> TimeTz {
        let micros = datetime::split(zone.local(moment)).1;
        TimeTz { micros, east: zone.east(moment) }
    }

    /// The same moment of the day in a zone so many seconds east.
    pub fn at(self, east: i32) -> TimeTz {
        let micros = self.micros + i64::from(east - self.east) * 1_000_000;
        TimeTz { micros: micros.rem_euclid(super::interval::MICROS_PER_DAY), east }
    }
}

impl fmt::Display for TimeTz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_time(f, self.micros)?;
        write_offset(f, self.east)
    }
}

/// The bytes of a text. Where it has neither zone nor date, the zone is this one as it is at a moment.
pub fn parse(text: &str, zone: &Zone, now: i64) -> Result<Vec<u8>> {
    parse_timetz(text, zone, now).map(TimeTz::encode)
}
