//! Which tables a log becomes, and a record as a row.
//!
//! | ULog | SQL |
//! |---|---|
//! | int8_t, uint8_t, int16_t | smallint |
//! | uint16_t, int32_t | integer |
//! | uint32_t, int64_t | bigint |
//! | uint64_t | bigint; numeric where a value of the column needs it |
//! | float, double | real, double precision |
//! | bool | boolean |
//! | char, char\[n\] | text |
//!
//! Names are folded to lower case, what is no letter, digit or underscore becomes an underscore, and a name that is
//! taken gets a number: `ts` (a field that is called so) becomes `ts_2`.

use super::super::names::{Names, quoted, sql_name};
use super::survey::{StreamFacts, Survey};
use crate::ulog::{Datum, Scalar};
use remanent::Value;

/// One table to be made: its key is its first columns.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
    key: usize,
}

#[derive(Debug)]
struct Column {
    name: String,
    ty: &'static str,
}

/// All tables of one import.
pub struct Tables {
    tables: Vec<Table>,
    by_stream: Vec<Option<usize>>,
    tagged: bool,
}

impl Tables {
    // Positions of the tables that every log has.
    pub const STREAMS: usize = 0;
    pub const LOG_MESSAGES: usize = 1;
    pub const PARAMETERS: usize = 2;
    pub const PARAMETER_CHANGES: usize = 3;
    pub const DROPOUTS: usize = 4;
    pub const INFO: usize = 5;

    /// The tables for a surveyed log.
    pub fn of(survey: &Survey, prefix: &str) -> Tables {
        const TS: (&str, &str) = ("ts", "timestamptz");
        const SEQ: (&str, &str) = ("seq", "integer");
        let mut names = Names::default();
        let prefix = if prefix.is_empty() { String::new() } else { sql_name(prefix) };
        let mut fixed = |name: &str, columns: &[(&str, &'static str)], key| Table {
            name: names.unique(&format!("{prefix}{name}")),
            columns: columns.iter().map(|(name, ty)| Column { name: (*name).into(), ty }).collect(),
            key,
        };
        let mut texts = vec![TS, SEQ, ("level", "text"), ("tag", "integer"), ("message", "text")];
        texts.retain(|c| (survey.tagged || c.0 != "tag") && (!survey.texts.strictly() || *c != SEQ));
        let mut tables = vec![
            fixed(
                "streams",
                &[
                    ("stream", "text"),
                    ("topic", "text"),
                    ("instance", "smallint"),
                    ("points", "bigint"),
                    ("first_ts", "timestamptz"),
                    ("last_ts", "timestamptz"),
                ],
                1,
            ),
            fixed("log_messages", &texts, if survey.texts.strictly() { 1 } else { 2 }),
            fixed(
                "parameters",
                &[
                    ("name", "text"),
                    ("type", "text"),
                    ("value", "double precision"),
                    ("system_default", "double precision"),
                    ("configuration_default", "double precision"),
                ],
                1,
            ),
            fixed("parameter_changes", &[TS, SEQ, ("name", "text"), ("value", "double precision")], 2),
            fixed("dropouts", &[TS, SEQ, ("duration_ms", "integer")], 2),
            fixed("info", &[("name", "text"), SEQ, ("value", "text")], 2),
        ];
        let mut by_stream = vec![None; survey.streams.len()];
        for (facts, slot) in survey.streams.iter().zip(&mut by_stream).filter(|(s, _)| s.points > 0) {
            *slot = Some(tables.len());
            tables.push(stream_table(facts, &prefix, &mut names));
        }
        Tables { tables, by_stream, tagged: survey.tagged }
    }

    /// The table at a position.
    pub fn get(&self, id: usize) -> Option<&Table> {
        self.tables.get(id)
    }

    /// The table of a stream and its position.
    pub fn stream(&self, stream: usize) -> Option<(usize, &Table)> {
        let id = self.by_stream.get(stream).copied().flatten()?;
        Some((id, self.tables.get(id)?))
    }

    /// Tables of streams whose key has `seq` beside `ts`.
    pub fn sequenced(&self) -> Vec<String> {
        let streams = self.by_stream.iter().filter_map(|id| self.tables.get((*id)?));
        streams.filter(|t| t.key == 2).map(|t| t.name.clone()).collect()
    }

    /// The statements that make them.
    pub fn create(&self) -> impl Iterator<Item = String> {
        self.tables.iter().map(Table::create)
    }

    /// A logged line as a row of `log_messages`.
    pub fn text(&self, ts: i64, seq: i32, level: u8, tag: Option<u16>, message: &str) -> Vec<Value> {
        let mut row = vec![Value::Timestamptz(ts)];
        if self.get(Tables::LOG_MESSAGES).is_some_and(|t| t.key == 2) {
            row.push(Value::Int4(seq));
        }
        row.push(Value::Text(level_name(level)));
        if self.tagged {
            row.push(tag.map_or(Value::Null, |tag| Value::Int4(tag.into())));
        }
        row.push(Value::Text(message.to_owned()));
        row
    }
}

fn stream_table(facts: &StreamFacts, prefix: &str, names: &mut Names) -> Table {
    let topic = sql_name(&facts.topic);
    let name = match facts.multi_id {
        0 => format!("{prefix}{topic}"),
        n => format!("{prefix}{topic}_{n}"),
    };
    let key = if facts.times.strictly() { 1 } else { 2 };
    let mut columns = vec![Column { name: "ts".into(), ty: "timestamptz" }];
    if key == 2 {
        columns.push(Column { name: "seq".into(), ty: "integer" });
    }
    let mut taken = Names::taken(columns.iter().map(|c| c.name.as_str()));
    for (field, wide) in facts.layout.fields.iter().zip(&facts.wide) {
        columns
            .push(Column { name: taken.unique(&sql_name(&field.name)), ty: sql_type(field.scalar, *wide) });
    }
    Table { name: names.unique(&name), columns, key }
}

impl Table {
    /// The statement that makes it.
    pub fn create(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|c| format!("{} {}", quoted(&c.name), c.ty)).collect();
        let key: Vec<_> = self.columns.iter().take(self.key).map(|c| quoted(&c.name)).collect();
        let (name, columns, key) = (quoted(&self.name), columns.join(", "), key.join(", "));
        format!("CREATE TABLE {name} ({columns}, PRIMARY KEY ({key}))")
    }

    /// A record as a row. None: the record is not of this layout.
    pub fn record(&self, ts: i64, seq: i32, facts: &StreamFacts, record: &[u8]) -> Option<Vec<Value>> {
        let mut row = Vec::with_capacity(self.columns.len());
        row.push(Value::Timestamptz(ts));
        if self.key == 2 {
            row.push(Value::Int4(seq));
        }
        for (field, wide) in facts.layout.fields.iter().zip(&facts.wide) {
            row.push(sql_value(field.scalar, *wide, field.read(record)?)?);
        }
        Some(row)
    }
}

fn sql_type(scalar: Scalar, wide: bool) -> &'static str {
    match scalar {
        Scalar::Int8 | Scalar::UInt8 | Scalar::Int16 => "smallint",
        Scalar::UInt16 | Scalar::Int32 => "integer",
        Scalar::UInt64 if wide => "numeric",
        Scalar::UInt32 | Scalar::Int64 | Scalar::UInt64 => "bigint",
        Scalar::Float => "real",
        Scalar::Double => "double precision",
        Scalar::Bool => "boolean",
        Scalar::Char => "text",
    }
}

fn sql_value(scalar: Scalar, wide: bool, datum: Datum<'_>) -> Option<Value> {
    Some(match (scalar, datum) {
        (Scalar::Int8 | Scalar::UInt8 | Scalar::Int16, Datum::Int(v)) => Value::Int2(v.try_into().ok()?),
        (Scalar::UInt16 | Scalar::Int32, Datum::Int(v)) => Value::Int4(v.try_into().ok()?),
        (_, Datum::Int(v)) => Value::Int8(v),
        (_, Datum::UInt(v)) if wide => Value::Numeric(v.to_string().parse().ok()?),
        (_, Datum::UInt(v)) => Value::Int8(v.try_into().ok()?),
        (_, Datum::Float(v)) => Value::Float4(v),
        (_, Datum::Double(v)) => Value::Float8(v),
        (_, Datum::Bool(v)) => Value::Bool(v),
        (_, Datum::Text(v)) => Value::Text(v.into_owned()),
    })
}

/// The names syslog gives its levels.
fn level_name(level: u8) -> String {
    const NAMES: [&str; 8] =
        ["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"];
    NAMES.get(usize::from(level)).map_or_else(|| level.to_string(), |name| (*name).to_owned())
}
