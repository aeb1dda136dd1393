//! Time zones: UTC, fixed offsets, and places by their names in the system's database.
//!
//! ```
//! use remanent_storage::value::Zone;
//! let zone = Zone::named("+05:30").unwrap(); // as POSIX has it: west of Greenwich
//! assert_eq!(zone.east(0), -19_800);
//! ```
//!
//! A name is looked up in the system's database ([`zones`]), which `jiff` reads; without one only UTC, offsets and
//! the abbreviations below have a meaning, and the error says so. What was read is kept, by name, for the process.
//!
//! A local time that does not exist, for clocks were set forward, is taken for what it would have been before; of one that was
//! there twice the second is meant. Both are PostgreSQL's choices.
//!
//! Limits: beyond the years -9000 and 9000 the rules are those of the year some cycles of 400 years nearer.

use super::datetime::{TIMESTAMP_MAX, TIMESTAMP_MIN, is_infinite, split};
use super::interval::MICROS_PER_DAY;
use crate::error::{Error, Result, state};
use crate::world::sync::Mutex;
use crate::world::zones;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::sync::Arc;

/// A time zone.
#[derive(Debug, Clone, Default)]
pub struct Zone(Rule);

#[derive(Debug, Clone, Default)]
enum Rule {
    #[default]
    Utc,
    /// Seconds east of UTC, and what SHOW prints.
    Fixed(i32, Arc<str>),
    /// As its database or a POSIX text says.
    Place(Arc<Place>),
}

#[derive(Debug)]
struct Place {
    name: String,
    rules: TimeZone,
}

/// By name.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// What PostgreSQL's default list says: minutes east of UTC, or the place whose clocks show it.
const ABBREVIATIONS: &str = "\
    acdt+630 acsst+630 acst+570 act-300 acwst+525 adt-180 aedt+660 aesst+660 aest+600 aft+270 akdt-480 \
    akst-540 almst+420 almt+360 amst=Asia/Yerevan amt-240 anast=Asia/Anadyr anat=Asia/Anadyr \
    arst=America/Argentina/Buenos_Aires art=America/Argentina/Buenos_Aires ast-240 awsst+540 awst+480 \
    azost+0 azot-60 azst=Asia/Baku azt=Asia/Baku bdst+120 bdt+360 bnt+480 bort+480 bot-240 bra-180 \
    brst-120 brt-180 bst+60 btt+360 cadt+630 cast+570 cct+480 cdt-300 cest+120 cet+60 cetdst+120 \
    chadt+825 chast+765 chut+600 ckt=Pacific/Rarotonga clst-180 clt=America/Santiago cot-300 cst-360 \
    cxt+420 davt=Antarctica/Davis ddut+600 easst=Pacific/Easter east=Pacific/Easter eat+180 edt-240 \
    eest+180 eet+120 eetdst+180 egst+0 egt-60 est-300 fet+180 fjst+780 fjt+720 fkst=Atlantic/Stanley \
    fkt=Atlantic/Stanley fnst-60 fnt-120 galt-360 gamt-540 gest=Asia/Tbilisi get=Asia/Tbilisi gft-180 \
    gilt+720 gmt+0 gyt=America/Guyana hkt+480 hst-600 ict+420 idt+180 iot=Indian/Chagos \
    irkst=Asia/Irkutsk irkt=Asia/Irkutsk irt+210 ist+120 jayt+540 jst+540 kdt+600 kgst+360 \
    kgt=Asia/Bishkek kost=Pacific/Kosrae krast=Asia/Krasnoyarsk krat=Asia/Krasnoyarsk kst+540 \
    lhdt=Australia/Lord_Howe lhst+630 ligt+600 lint=Pacific/Kiritimati lkt=Asia/Colombo \
    magst=Asia/Magadan magt=Asia/Magadan mart-570 mawt=Antarctica/Mawson mdt-360 mest+120 mesz+120 \
    met+60 metdst+120 mez+60 mht+720 mmt+390 mpt+600 msd+240 msk=Europe/Moscow mst-420 must+300 mut+240 \
    mvt+300 myt+480 ndt-150 nft-210 novst=Asia/Novosibirsk novt=Asia/Novosibirsk npt+345 nst-210 \
    nut=Pacific/Niue nzdt+780 nzst+720 nzt+720 omsst=Asia/Omsk omst=Asia/Omsk pdt-420 pet-300 \
    petst=Asia/Kamchatka pett=Asia/Kamchatka pgt+600 pht+480 pkst+360 pkt+300 pmdt-120 pmst-180 pont+660 \
    pst-480 pwt+540 pyst-180 pyt=America/Asuncion ret+240 sadt+630 sast+120 sct+240 sgt=Asia/Singapore \
    taht-600 tft+300 tjt+300 tkt=Pacific/Fakaofo tmt=Asia/Ashgabat tot+780 trut+600 tvt+720 uct+0 \
    ulast+540 ulat=Asia/Ulaanbaatar ut+0 utc+0 uyst-120 uyt-180 uzst+360 uzt+300 vet=America/Caracas \
    vlast=Asia/Vladivostok vlat=Asia/Vladivostok volt=Europe/Volgograd vut+660 wadt+480 wakt+720 \
    wast+420 wat+60 wdt+540 wet+0 wetdst+60 wft+720 wgst-120 wgt-180 xjt+360 yakst=Asia/Yakutsk \
    yakt=Asia/Yakutsk yapt+600 yekst+360 yekt=Asia/Yekaterinburg z+0 zulu+0";

/// 400 years of the Gregorian calendar, in microseconds: it begins anew then, weekdays too.
const CYCLE: i64 = 146_097 * MICROS_PER_DAY;
/// 1970-01-01 as days from 2000-01-01.
const UNIX_DAYS: i64 = -10_957;
/// The rules are asked for times this near to 2000 only.
const NEAR: i64 = 17 * CYCLE;
const SECOND: i64 = 1_000_000;

/// So many names are kept.
const KEPT: usize = 1000;

/// Those that were looked up.
static KNOWN: Mutex<Vec<(String, Option<Zone>)>> = Mutex::new(Vec::new());

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone(Rule::Utc);

    /// True for UTC itself.
    pub fn is_utc(&self) -> bool {
        matches!(self.0, Rule::Utc)
    }

    /// What SHOW prints.
    pub fn name(&self) -> &str {
        match &self.0 {
            Rule::Utc => "UTC",
            Rule::Fixed(_, name) => name,
            Rule::Place(place) => &place.name,
        }
    }

    /// So many seconds east of UTC; `SET TIME ZONE 2` prints as `<+02>-02`.
    pub fn fixed(east: i32) -> Zone {
        let sign = |east: i32| if east < 0 { '-' } else { '+' };
        let text = |east: i32| {
            let (hours, minutes, seconds) = (east.abs() / 3600, east.abs() / 60 % 60, east.abs() % 60);
            let mut text = format!("{}{hours:02}", sign(east));
            if minutes != 0 || seconds != 0 {
                text.push_str(&format!(":{minutes:02}"));
            }
            if seconds != 0 {
                text.push_str(&format!(":{seconds:02}"));
            }
            text
        };
        Zone(Rule::Fixed(east, format!("<{}>{}", text(east), text(-east)).into()))
    }

    /// The zone of a name, a POSIX text, or an offset (which is one: `+02` is west); 22023 where there is none.
    pub fn named(name: &str) -> Result<Zone> {
        Zone::find(name).ok_or_else(|| unknown(name))
    }

    /// The zone of an abbreviation, else as [`named`](Zone::named): what stands in AT TIME ZONE and behind a time.
    pub fn meant(word: &str) -> Result<Zone> {
        match abbreviation(word) {
            Some(zone) => Ok(zone),
            None => Zone::named(word),
        }
    }

    fn find(name: &str) -> Option<Zone> {
        let key = name.to_ascii_lowercase();
        if matches!(
            key.as_str(),
            "utc" | "z" | "zulu" | "universal" | "etc/utc" | "uct" | "etc/zulu" | "etc/uct" | "etc/universal"
        ) {
            return Some(Zone::UTC);
        }
        let held = KNOWN.lock().iter().find(|(held, _)| *held == key).map(|(_, zone)| zone.clone());
        if let Some(held) = held {
            return held;
        }
        let place = |(name, rules): (String, TimeZone)| Zone(Rule::Place(Arc::new(Place { name, rules })));
        let read = |(name, bytes): (String, Vec<u8>)| {
            let rules = TimeZone::tzif(&name, &bytes).ok()?;
            Some(place((name, rules)))
        };
        let zone = zones::read(name).and_then(read);
        let zone = zone.or_else(|| posix_offset(name)).or_else(|| {
            // With summer time: by the rules given, else those of the United States.
            let rules = TimeZone::posix(name).or_else(|_| TimeZone::posix(&format!("{name},M3.2.0,M11.1.0")));
            Some(place((name.to_string(), rules.ok()?)))
        });
        let mut known = KNOWN.lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.push((key, zone.clone()));
        zone
    }

    /// By how many seconds local time is ahead of UTC at a moment (microseconds since 2000 in UTC).
    pub fn east(&self, utc: i64) -> i32 {
        match &self.0 {
            Rule::Utc => 0,
            Rule::Fixed(east, _) => *east,
            Rule::Place(place) => {
                place.moment(utc).map_or(0, |moment| place.rules.to_offset(moment).seconds())
            }
        }
    }

    /// The same at any moment; None: that depends on the moment.
    pub fn offset(&self) -> Option<i32> {
        match &self.0 {
            Rule::Utc => Some(0),
            Rule::Fixed(east, _) => Some(*east),
            Rule::Place(_) => None,
        }
    }

    /// What clocks call the zone at a moment.
    pub fn abbreviation(&self, utc: i64) -> String {
        match &self.0 {
            Rule::Utc => "UTC".to_string(),
            Rule::Fixed(_, name) => match name.strip_prefix('<') {
                Some(quoted) => quoted.split('>').next().unwrap_or_default().to_string(),
                None => name.split(['+', '-']).next().unwrap_or_default().to_string(),
            },
            Rule::Place(place) => place.moment(utc).map_or(String::new(), |moment| {
                place.rules.to_offset_info(moment).abbreviation().to_string()
            }),
        }
    }

    /// What clocks there show at a moment; infinities stay.
    pub fn local(&self, utc: i64) -> i64 {
        match self.is_utc() || is_infinite(utc) {
            true => utc,
            false => utc.saturating_add(i64::from(self.east(utc)) * SECOND),
        }
    }

    /// The moment at which clocks there show that; infinities stay. None: it is beyond all that there are.
    pub fn moment(&self, local: i64) -> Option<i64> {
        if self.is_utc() || is_infinite(local) {
            return Some(local);
        }
        let moment = local.checked_sub(i64::from(self.east_of_local(local)) * SECOND)?;
        (TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(&moment).then_some(moment)
    }

    fn east_of_local(&self, local: i64) -> i32 {
        let place = match &self.0 {
            Rule::Utc => return 0,
            Rule::Fixed(east, _) => return *east,
            Rule::Place(place) => place,
        };
        let near = near(local);
        let (days, time) = split(near);
        let (year, month, day) = super::datetime::civil_from_days(days);
        let civil = i16::try_from(year).ok().and_then(|year| {
            let date = jiff::civil::Date::new(year, month as i8, day as i8).ok()?;
            let (seconds, part) = (time / SECOND, (time % SECOND) as i32 * 1000);
            let time = jiff::civil::Time::new(
                (seconds / 3600) as i8,
                (seconds / 60 % 60) as i8,
                (seconds % 60) as i8,
                part,
            );
            Some(date.to_datetime(time.ok()?))
        });
        let Some(civil) = civil else { return 0 };
        match place.rules.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
            AmbiguousOffset::Gap { before, .. } => before.seconds(),
            AmbiguousOffset::Fold { after, .. } => after.seconds(),
        }
    }
}

impl Place {
    fn moment(&self, utc: i64) -> Option<jiff::Timestamp> {
        let unix = near(utc) - UNIX_DAYS * MICROS_PER_DAY;
        jiff::Timestamp::from_microsecond(unix).ok()
    }
}

/// The same time some cycles nearer to now.
fn near(t: i64) -> i64 {
    match t {
        t if t > NEAR => NEAR - CYCLE + (t - NEAR) % CYCLE,
        t if t < -NEAR => -NEAR + CYCLE + (t + NEAR) % CYCLE,
        t => t,
    }
}

fn abbreviation(word: &str) -> Option<Zone> {
    let word = word.to_ascii_lowercase();
    let entry = ABBREVIATIONS.split(' ').find_map(|entry| {
        let rest = entry.strip_prefix(word.as_str())?;
        rest.starts_with(['+', '-', '=']).then_some(rest)
    })?;
    match entry.strip_prefix('=') {
        Some(place) => Zone::find(place),
        None => entry.parse::<i32>().ok().map(|minutes| match minutes {
            0 => Zone::UTC,
            minutes => Zone::fixed(minutes * 60),
        }),
    }
}

/// `+05:30`, `FOO-2`, `<+02>-02`: POSIX counts westwards.
fn posix_offset(name: &str) -> Option<Zone> {
    let rest = match name.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>')?.1,
        None => name.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    };
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (1, rest),
        None => (-1, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let mut parts = rest.split(':').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i32>().ok().filter(|_| digits)
    });
    let hours = parts.next()??;
    let minutes = parts.next().unwrap_or(Some(0))?;
    let seconds = parts.next().unwrap_or(Some(0))?;
    let sound = hours <= 167 && minutes < 60 && seconds < 60 && parts.next().is_none();
    sound.then(|| Zone(Rule::Fixed(sign * (hours * 3600 + minutes * 60 + seconds), name.into())))
}

/// 22023 for what is no zone.
pub(super) fn unknown(name: &str) -> Error {
    let error = Error::new(state::INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"));
    match zones::directory() {
        Some(_) => error,
        None => error.with_hint(
            "This machine has no database of time zones (/usr/share/zoneinfo): install it, or use an offset such as UTC+2.",
        ),
    }
}
