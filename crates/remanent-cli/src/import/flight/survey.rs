//! The first pass: checks the whole file and learns what tables need to know before their first row.

use crate::failure::{Failure, Result};
use crate::ulog::{Datum, Kind, Layout, Message, Reader, Scalar, typed_text};
use remanent::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

/// Microseconds from 1970-01-01 to 2000-01-01, where `timestamptz` counts from.
const UNIX_TO_SQL_US: i128 = 946_684_800_000_000;
/// GPS receivers without a fix report times near 0; nothing before 2000 or after 2200 is believed.
const GPS_TIME_US: std::ops::Range<u64> = 946_684_800_000_000..7_258_118_400_000_000;
/// Topics with the GPS's own time, in order of preference.
const GPS_TOPICS: [&str; 2] = ["vehicle_gps_position", "sensor_gps"];
/// GPS records that the median is taken of: an hour of them.
const GPS_SAMPLES: usize = 72_000;

/// A log of more streams, or of streams of more columns together, is no flight: each stream becomes a table, which takes memory
/// whatever is in it.
const MAX_TABLES: usize = 4096;
const MAX_COLUMNS: usize = 1 << 17;

/// What the first pass learnt.
#[derive(Debug)]
pub struct Survey {
    /// Streams by their position in the reader.
    pub streams: Vec<StreamFacts>,
    /// Logged lines.
    pub texts: Rising,
    /// True if any logged line has a tag.
    pub tagged: bool,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Parameters changed in flight: when, which, to what.
    pub changes: Vec<(u64, String, f64)>,
    /// What the logger lost: when, for how many milliseconds.
    pub dropouts: Vec<(u64, u16)>,
    /// Facts of the log by name and number.
    pub info: BTreeMap<(String, i32), String>,
    /// How times become `ts`.
    pub time: TimeBase,
    /// Messages of kinds that are not known.
    pub unknown: u64,
    /// Where reading ends: the end of the file or the first byte of the damage.
    pub end: u64,
    /// The damage that a partial import stops at.
    pub torn: Option<crate::ulog::Error>,
}

impl Survey {
    /// Records in all streams.
    pub fn points(&self) -> u64 {
        self.streams.iter().map(|s| s.points).sum()
    }
}

/// One stream.
#[derive(Debug)]
pub struct StreamFacts {
    /// Its topic.
    pub topic: String,
    /// Which instance of the topic.
    pub multi_id: u8,
    /// Where a record's values lie.
    pub layout: Arc<Layout>,
    /// How many records.
    pub points: u64,
    /// The earliest time, µs since boot.
    pub first: u64,
    /// The latest.
    pub last: u64,
    /// Whether times rise strictly.
    pub times: Rising,
    /// By field, once there is a record: a value that bigint cannot hold occurs.
    pub wide: Vec<bool>,
}

/// Whether times rise strictly, seen one by one.
#[derive(Debug, Default)]
pub struct Rising {
    /// How many were seen.
    pub points: u64,
    latest: u64,
    broken: bool,
}

impl Rising {
    fn see(&mut self, at: u64) {
        self.broken |= self.points > 0 && at <= self.latest;
        self.latest = at;
        self.points += 1;
    }

    /// True if every time was later than the one before.
    pub fn strictly(&self) -> bool {
        !self.broken
    }
}

/// One parameter.
#[derive(Debug)]
pub struct Parameter {
    /// `int32_t` or `float`; empty where only a default is known.
    pub ty: &'static str,
    /// Its value when the log began.
    pub value: Option<f64>,
    /// The default of the system.
    pub system_default: Option<f64>,
    /// The default of the current configuration (the airframe).
    pub configuration_default: Option<f64>,
}

/// How a count of microseconds since boot becomes a `timestamptz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeBase {
    /// UTC: add this to get microseconds since 1970.
    Gps {
        /// GPS time − time since boot.
        offset: i64,
        /// The topic that has it.
        topic: String,
    },
    /// The log's start, this many microseconds since boot, is taken as 1970-01-01 00:00:00 UTC.
    Start(u64),
}

impl TimeBase {
    /// What to add to a `timestamp` to get microseconds since 1970.
    pub fn offset(&self) -> i128 {
        match self {
            TimeBase::Gps { offset, .. } => (*offset).into(),
            TimeBase::Start(start) => -i128::from(*start),
        }
    }

    /// Microseconds since 2000, as `timestamptz` holds them. None: out of its range.
    pub fn ts(&self, at: u64) -> Option<i64> {
        let ts = i64::try_from(i128::from(at) + self.offset() - UNIX_TO_SQL_US).ok()?;
        // PostgreSQL's range: 4713 BC to 294276 AD.
        (-211_813_488_000_000_000..9_223_371_331_200_000_000).contains(&ts).then_some(ts)
    }

    /// As a value.
    pub fn value(&self, at: u64) -> Result<Value> {
        self.ts(at).map(Value::Timestamptz).ok_or_else(|| {
            Failure::other(format!("the log has a time that no timestamptz can hold: {at} µs since boot"))
        })
    }

    /// A sentence for the user.
    pub fn describe(&self) -> String {
        match self {
            TimeBase::Gps { topic, .. } => format!("times are UTC, from the GPS ({topic})"),
            TimeBase::Start(_) => {
                "no GPS time: times count from the log's start, shown as 1970-01-01 00:00:00+00".to_owned()
            }
        }
    }
}

/// Reads the whole log. `partial`: damage ends the log instead of failing.
pub fn survey<R: Read>(mut log: Reader<R>, partial: bool, progress: &mut dyn FnMut(u64)) -> Result<Survey> {
    let start = log.header().start;
    let mut pass = Pass {
        now: start,
        tables: 0,
        columns: 0,
        gps: Default::default(),
        continued: None,
        survey: empty(start),
    };
    let mut next_step = 0;
    loop {
        if log.offset() >= next_step {
            progress(log.offset());
            next_step = log.offset().saturating_add(super::STEP);
        }
        let subscribed = match log.next() {
            Ok(Some(Message::Subscribed(_))) => true,
            Ok(Some(message)) => {
                pass.message(message)?;
                false
            }
            Ok(None) => {
                pass.survey.end = log.offset();
                break;
            }
            Err(e) if partial && matches!(e.kind(), Kind::Truncated | Kind::Damaged) => {
                pass.survey.end = e.offset();
                pass.survey.torn = Some(e);
                break;
            }
            Err(e) => return Err(e.into()),
        };
        let known = pass.survey.streams.len();
        if subscribed && let Some(new) = log.streams().get(known) {
            pass.survey.streams.push(StreamFacts {
                topic: new.topic.clone(),
                multi_id: new.multi_id,
                wide: Vec::new(),
                layout: Arc::clone(&new.layout),
                points: 0,
                first: u64::MAX,
                last: 0,
                times: Rising::default(),
            });
        }
    }
    pass.finish()
}

fn empty(start: u64) -> Survey {
    Survey {
        streams: Vec::new(),
        texts: Rising::default(),
        tagged: false,
        parameters: BTreeMap::new(),
        changes: Vec::new(),
        dropouts: Vec::new(),
        info: BTreeMap::new(),
        time: TimeBase::Start(start),
        unknown: 0,
        end: 0,
        torn: None,
    }
}

struct Pass {
    survey: Survey,
    /// The time of the latest record, for what has none of its own.
    now: u64,
    /// Streams that have records, and how many columns they have together.
    tables: usize,
    columns: usize,
    /// By topic of `GPS_TOPICS`: GPS time − time since boot.
    gps: [Vec<i64>; GPS_TOPICS.len()],
    /// The multi-information that may go on.
    continued: Option<(String, i32)>,
}

impl Pass {
    fn message(&mut self, message: Message<'_>) -> Result<()> {
        match message {
            Message::Data { stream, record } => self.record(stream, record)?,
            Message::Text { at, tag, .. } => {
                self.survey.texts.see(at);
                self.survey.tagged |= tag.is_some();
            }
            Message::Info { name, scalar, value } => {
                self.survey.info.insert((name.to_owned(), 0), typed_text(scalar, value));
            }
            Message::MultiInfo { name, scalar, value, continued } => {
                self.multi_info(name, typed_text(scalar, value), continued);
            }
            Message::Parameter { name, scalar, value } => self.parameter(name, scalar, value),
            Message::DefaultParameter { name, value, system, configuration } => {
                let parameter = self.known_parameter(name);
                if system {
                    parameter.system_default = Some(value);
                }
                if configuration {
                    parameter.configuration_default = Some(value);
                }
            }
            Message::Dropout { ms } => self.survey.dropouts.push((self.now, ms)),
            Message::Unknown(_) => self.survey.unknown += 1,
            Message::Subscribed(_) | Message::Other => {}
        }
        Ok(())
    }

    fn record(&mut self, stream: usize, record: &[u8]) -> Result<()> {
        let Some(facts) = self.survey.streams.get_mut(stream) else { return Ok(()) };
        let at = facts.layout.timestamp(record).unwrap_or_default();
        self.now = at;
        facts.points += 1;
        if facts.points == 1 {
            self.tables += 1;
            self.columns += facts.layout.fields.len();
            if self.tables > MAX_TABLES || self.columns > MAX_COLUMNS {
                let what =
                    format!("the log has more than {MAX_TABLES} streams, or more than {MAX_COLUMNS} columns");
                return Err(Failure::other(what));
            }
        }
        facts.wide.resize(facts.layout.fields.len(), false);
        facts.first = facts.first.min(at);
        facts.last = facts.last.max(at);
        facts.times.see(at);
        if facts.points > i32::MAX as u64 {
            let what = format!("stream \"{}\" has more than {} records", facts.topic, i32::MAX);
            return Err(Failure::other(what));
        }
        let gps = GPS_TOPICS.iter().position(|t| *t == facts.topic);
        for (field, wide) in facts.layout.fields.iter().zip(&mut facts.wide) {
            if field.scalar != Scalar::UInt64 {
                continue;
            }
            let Some(Datum::UInt(value)) = field.read(record) else { continue };
            *wide |= i64::try_from(value).is_err();
            if let Some(samples) = gps.and_then(|i| self.gps.get_mut(i))
                && field.name == "time_utc_usec"
                && GPS_TIME_US.contains(&value)
                && samples.len() < GPS_SAMPLES
                && let Some(offset) = i64::try_from(at).ok().and_then(|at| (value as i64).checked_sub(at))
            {
                samples.push(offset);
            }
        }
        Ok(())
    }

    fn multi_info(&mut self, name: &str, value: String, continued: bool) {
        let info = &mut self.survey.info;
        if continued
            && let Some(key) = self.continued.as_ref().filter(|(known, _)| known == name)
            && let Some(text) = info.get_mut(key)
        {
            text.push_str(&value);
            return;
        }
        let last = info.range((name.to_owned(), 0)..=(name.to_owned(), i32::MAX)).next_back();
        let seq = last.map_or(0, |((_, seq), _)| seq.saturating_add(1));
        info.insert((name.to_owned(), seq), value);
        self.continued = Some((name.to_owned(), seq));
    }

    fn parameter(&mut self, name: &str, scalar: Scalar, value: f64) {
        let in_flight = self.tables > 0;
        if in_flight {
            self.survey.changes.push((self.now, name.to_owned(), value));
        }
        let parameter = self.known_parameter(name);
        parameter.ty = if scalar == Scalar::Float { "float" } else { "int32_t" };
        if !in_flight {
            parameter.value = Some(value);
        }
    }

    fn known_parameter(&mut self, name: &str) -> &mut Parameter {
        self.survey.parameters.entry(name.to_owned()).or_insert(Parameter {
            ty: "",
            value: None,
            system_default: None,
            configuration_default: None,
        })
    }

    fn finish(mut self) -> Result<Survey> {
        for (topic, offsets) in GPS_TOPICS.iter().zip(&mut self.gps).rev() {
            if offsets.is_empty() {
                continue;
            }
            let middle = offsets.len() / 2;
            let (_, offset, _) = offsets.select_nth_unstable(middle);
            self.survey.time = TimeBase::Gps { offset: *offset, topic: (*topic).to_owned() };
        }
        // Every time must fit before the first is written.
        let Survey { streams, time, .. } = &self.survey;
        for s in streams.iter().filter(|s| s.points > 0) {
            time.value(s.first).and(time.value(s.last)).map_err(|_| {
                Failure::other(format!("stream \"{}\" has a time that no timestamptz can hold", s.topic))
            })?;
        }
        Ok(self.survey)
    }
}
