//! MCAP: one table a channel, and `channels` beside them.
//!
//! | column | holds |
//! |---|---|
//! | `log_time`, `publish_time` | when the message was recorded and sent: timestamptz, nanoseconds cut to microseconds |
//! | `sequence` | its number, as the publisher counts |
//! | the keys of the message | where it is encoded as JSON: types from all messages, and from the JSON Schema where there is one |
//! | `data` | the message as it is, bytea, where it is encoded otherwise (protobuf, CDR, ROS, …); `channels` says how |
//!
//! The file is read twice, chunk by chunk; chunks may be compressed with LZ4 or Zstandard. A file that was cut off, as by a
//! crash, is refused; `--partial` imports what is whole of it.
//!
//! Limits: a record or chunk has at most 256 MB; attachments and metadata records are passed over.

use super::json::{self, Keys};
use super::load::{Chunk, Load};
use super::names::{Names, sql_name};
use super::target::{Found, Target};
use super::{Source, open};
use crate::failure::{Failure, Result};
use ::mcap::McapError;
use ::mcap::records::{Channel, ChunkHeader, MessageHeader, Record};
use ::mcap::sans_io::{LinearReadEvent, LinearReader, LinearReaderOptions};
use remanent::json::{Item, Node, parse, write_string};
use remanent::{Rejected, Value};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;

/// The largest record, and what a chunk may become.
const RECORD_MAX: usize = 256 << 20;
/// Rows that wait for their tables, all together.
const WAITING: usize = 64 << 20;
/// Microseconds from 1970-01-01 to 2000-01-01.
const UNIX_TO_SQL_US: i64 = 946_684_800_000_000;
/// What every message has.
const FIXED: [(&str, &str); 3] =
    [("log_time", "timestamptz"), ("publish_time", "timestamptz"), ("sequence", "bigint")];
/// The columns of `channels`.
const CHANNELS: [(&str, &str); 8] = [
    ("channel", "text"),
    ("topic", "text"),
    ("message_encoding", "text"),
    ("schema_name", "text"),
    ("schema_encoding", "text"),
    ("schema_data", "bytea"),
    ("metadata", "jsonb"),
    ("messages", "bigint"),
];

/// What a file says.
enum Said<'a> {
    Schema(u16, Schema),
    Channel(Channel),
    Message(MessageHeader, &'a [u8]),
}

#[derive(Clone, Default)]
struct Schema {
    name: String,
    encoding: String,
    data: Vec<u8>,
}

/// A channel and what its messages are.
struct Topic {
    channel: Channel,
    schema: Option<Schema>,
    messages: u64,
    keys: Option<Keys>,
}

#[derive(Default)]
struct Topics {
    schemas: BTreeMap<u16, Schema>,
    /// By number.
    topics: BTreeMap<u16, Topic>,
    /// Why a partial import ends early.
    torn: Option<String>,
}

impl Topics {
    fn of(source: &Source) -> Result<Topics> {
        let mut topics = Topics::default();
        let torn = visit(source, &mut |said| {
            match said {
                Said::Schema(id, schema) => drop(topics.schemas.insert(id, schema)),
                Said::Channel(channel) => topics.channel(channel),
                Said::Message(header, data) => {
                    let Some(topic) = topics.topics.get_mut(&header.channel_id) else {
                        return Err(damaged(source, "a message is of a channel that is not there"));
                    };
                    topic.messages += 1;
                    if let (Some(keys), Ok((text, pairs))) = (&mut topic.keys, json::object(data)) {
                        keys.add(pairs, text, source)?;
                    }
                    source.count(1);
                }
            }
            Ok(())
        })?;
        topics.torn = torn;
        Ok(topics)
    }

    fn channel(&mut self, channel: Channel) {
        let schema = self.schemas.get(&channel.schema_id).cloned();
        self.topics.entry(channel.id).or_insert_with(|| {
            let keys = (channel.message_encoding == "json").then(|| {
                let mut keys = Keys::default();
                if let Some(schema) = schema.as_ref().filter(|schema| schema.encoding == "jsonschema") {
                    seed(&mut keys, &schema.data);
                }
                keys
            });
            Topic { channel, schema, messages: 0, keys }
        });
    }

    /// Channels with messages, which are those with tables.
    fn with_rows(&self) -> impl Iterator<Item = (u16, &Topic)> {
        self.topics.iter().filter(|(_, topic)| topic.messages > 0).map(|(id, topic)| (*id, topic))
    }
}

/// The types that a JSON Schema gives its properties.
fn seed(keys: &mut Keys, schema: &[u8]) {
    let Some(Node { item: Item::Object(members), .. }) =
        std::str::from_utf8(schema).ok().and_then(|text| parse(text, true).ok())
    else {
        return;
    };
    let get = |members: &[(String, Node)], key: &str| {
        members.iter().find(|(name, _)| name == key).map(|(_, node)| node.item.clone())
    };
    let Some(Item::Object(properties)) = get(&members, "properties") else { return };
    for (name, node) in properties {
        let Item::Object(property) = node.item else { continue };
        if let Some(Item::String(ty)) = get(&property, "type") {
            keys.expect(&name, &ty);
        }
    }
}

/// The tables.
pub fn survey(source: &Source) -> Result<Vec<Found>> {
    let topics = Topics::of(source)?;
    let mut names = Names::taken(["channels"]);
    let mut found = Vec::new();
    for (_, topic) in topics.with_rows() {
        let owned = |(name, ty): &(&str, &str)| ((*name).to_owned(), (*ty).to_owned());
        let mut columns: Vec<_> = FIXED.iter().map(owned).collect();
        let mut note = None;
        match &topic.keys {
            Some(keys) => {
                // A key that is called as one of these is another column.
                columns.extend(keys.columns());
            }
            None => {
                columns.push(("data".into(), "bytea".into()));
                note = Some(format!("messages in \"{}\" are kept as bytes", topic.channel.message_encoding));
            }
        }
        let name = names.unique(&sql_name(topic.channel.topic.trim_start_matches('/')));
        found.push(Found { name, columns, nameless: false, note });
    }
    let columns = CHANNELS.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned())).collect();
    let note = topics.torn.map(|torn| format!("partial: what follows was left out: {torn}"));
    found.push(Found { name: "channels".into(), columns, nameless: false, note });
    Ok(found)
}

/// The messages.
pub fn load(source: &Source, found: &[Found], targets: &[Target], load: &mut Load<'_>) -> Result<()> {
    for (found, target) in found.iter().zip(targets) {
        target.all_columns(found, &source.path)?;
    }
    // The file says again what it said in the survey.
    let topics = Topics::of(source)?;
    let places: BTreeMap<u16, usize> = topics.with_rows().enumerate().map(|(i, (id, _))| (id, i)).collect();
    let mut chunks: Vec<Chunk> = targets.iter().map(|target| Chunk::new(target.copy(""))).collect();
    let mut number = 0;
    source.seen.store(0, std::sync::atomic::Ordering::Relaxed);
    visit(source, &mut |said| {
        let Said::Message(header, data) = said else { return Ok(()) };
        number += 1;
        source.count(1);
        let place = places.get(&header.channel_id).copied().ok_or_else(|| changed(source))?;
        let (Some(chunk), Some(found), Some(target)) =
            (chunks.get_mut(place), found.get(place), targets.get(place))
        else {
            return Err(changed(source));
        };
        chunk.field(Some(&time(header.log_time)));
        chunk.field(Some(&time(header.publish_time)));
        chunk.field(Some(&header.sequence.to_string()));
        let json = topics.topics.get(&header.channel_id).is_some_and(|topic| topic.keys.is_some());
        if !json {
            chunk.field(Some(&hex(data)));
        } else {
            match json::object(data) {
                Ok((text, pairs)) => {
                    let skipped = FIXED.len();
                    json::fields(found, target, skipped, &pairs, text, chunk);
                }
                Err((error, column)) => {
                    chunk.drop_row();
                    chunk.flush(load)?;
                    let text = String::from_utf8_lossy(data).into_owned();
                    return load.reject(number, Rejected { line: number, column, text, error });
                }
            }
        }
        chunk.end_row(number, load)?;
        match chunks.iter().map(Chunk::held).sum::<usize>() > WAITING {
            true => chunks.iter_mut().try_for_each(|chunk| chunk.flush(load)),
            false => Ok(()),
        }
    })?;
    if let Some(chunk) = chunks.last_mut() {
        let mut named = targets.iter().map(|target| target.called.as_str());
        for topic in topics.topics.values() {
            let name = if topic.messages > 0 { named.next() } else { None };
            describe(topic, name, chunk);
            chunk.end_row(number, load)?;
        }
    }
    chunks.iter_mut().try_for_each(|chunk| chunk.flush(load))?;
    // What was counted are messages.
    load.added = load.added.saturating_sub(topics.topics.len() as u64);
    Ok(())
}

/// A row of `channels`.
fn describe(topic: &Topic, table: Option<&str>, chunk: &mut Chunk) {
    let schema = topic.schema.as_ref();
    let mut metadata = String::from("{");
    for (i, (key, value)) in topic.channel.metadata.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write_string(&mut metadata, key);
        metadata.push(':');
        let _ = write_string(&mut metadata, value);
        if i + 1 < topic.channel.metadata.len() {
            metadata.push(',');
        }
    }
    metadata.push('}');
    chunk.field(table);
    chunk.field(Some(&topic.channel.topic));
    chunk.field(Some(&topic.channel.message_encoding));
    chunk.field(schema.map(|schema| schema.name.as_str()));
    chunk.field(schema.map(|schema| schema.encoding.as_str()));
    chunk.field(schema.map(|schema| hex(&schema.data)).as_deref());
    chunk.field(Some(&metadata));
    chunk.field(Some(&topic.messages.to_string()));
}

/// Nanoseconds since 1970 as SQL reads them.
fn time(ns: u64) -> String {
    let us = i64::try_from(ns / 1_000).unwrap_or(i64::MAX - 1);
    Value::Timestamptz(us.saturating_sub(UNIX_TO_SQL_US)).to_string()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 + 2 * bytes.len());
    out.push_str("\\x");
    bytes.iter().for_each(|byte| {
        let _ = write!(out, "{byte:02x}");
    });
    out
}

fn changed(source: &Source) -> Failure {
    Failure::other(format!(
        "\"{}\" changed while it was imported; nothing was imported",
        source.path.display()
    ))
}

fn damaged(source: &Source, what: &str) -> Failure {
    let partly = "Nothing was imported. To import what comes before that, add --partial.";
    Failure::Other(format!("\"{}\" is damaged: {what}", source.path.display()), Some(partly.into()))
}

/// Calls `each` for what a file says, in order. Where it ends early and that was asked for: why.
fn visit(source: &Source, each: &mut dyn FnMut(Said<'_>) -> Result<()>) -> Result<Option<String>> {
    let mut input = open(&source.path)?;
    let options = LinearReaderOptions::default().with_emit_chunks(true).with_record_length_limit(RECORD_MAX);
    let mut reader = LinearReader::new_with_options(options);
    loop {
        let torn = match reader.next_event() {
            None => return Ok(None),
            Some(Ok(LinearReadEvent::ReadRequest(wanted))) => {
                let read = input.read(reader.insert(wanted.clamp(1, RECORD_MAX)));
                reader.notify_read(read.map_err(|e| Failure::file("read", &source.path, &e))?);
                continue;
            }
            Some(Ok(LinearReadEvent::Record { data, opcode })) => match record(opcode, data, each)? {
                Ok(()) => continue,
                Err(what) => what,
            },
            Some(Err(McapError::UnexpectedEof)) => "it ends early".to_owned(),
            Some(Err(error)) => error.to_string(),
        };
        return match source.options.partial {
            true => Ok(Some(torn)),
            false => Err(damaged(source, &torn)),
        };
    }
}

/// One record, or those of a chunk; what is wrong with it, if anything.
fn record(
    opcode: u8,
    data: &[u8],
    each: &mut dyn FnMut(Said<'_>) -> Result<()>,
) -> Result<std::result::Result<(), String>> {
    let parsed = match ::mcap::parse_record(opcode, data) {
        Ok(parsed) => parsed,
        Err(error) => return Ok(Err(error.to_string())),
    };
    match parsed {
        Record::Schema { header, data } => {
            let schema = Schema { name: header.name, encoding: header.encoding, data: data.into_owned() };
            each(Said::Schema(header.id, schema))?;
        }
        Record::Channel(channel) => each(Said::Channel(channel))?,
        Record::Message { header, data } => each(Said::Message(header, &data))?,
        Record::Chunk { header, data } => {
            let plain = match unpacked(&header, &data) {
                Ok(plain) => plain,
                Err(what) => return Ok(Err(what)),
            };
            let mut rest = plain.as_slice();
            while !rest.is_empty() {
                let Some((opcode, body, behind)) = cut(rest) else {
                    return Ok(Err("a chunk ends within a record".to_owned()));
                };
                // Chunks do not nest.
                if opcode != ::mcap::records::op::CHUNK
                    && let Err(what) = record(opcode, body, each)?
                {
                    return Ok(Err(what));
                }
                rest = behind;
            }
        }
        _ => {}
    }
    Ok(Ok(()))
}

/// The first record of some bytes: what it is, its body, and what is behind it.
fn cut(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&opcode, rest) = bytes.split_first()?;
    let (len, rest) = rest.split_first_chunk::<8>()?;
    let (body, behind) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
    Some((opcode, body, behind))
}

/// A chunk's records, checked.
fn unpacked(header: &ChunkHeader, data: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let size = usize::try_from(header.uncompressed_size).ok().filter(|size| *size <= RECORD_MAX);
    let Some(size) = size else { return Err(format!("a chunk has more than {} MB", RECORD_MAX >> 20)) };
    let mut plain = Vec::new();
    let mut read = |input: &mut dyn Read| {
        let done = input.take(size as u64 + 1).read_to_end(&mut plain);
        done.map(drop).map_err(|e| format!("a chunk cannot be unpacked: {e}"))
    };
    match header.compression.as_str() {
        "" => plain.extend_from_slice(data),
        "lz4" => read(&mut lz4_flex::frame::FrameDecoder::new(data))?,
        "zstd" => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(data);
            read(&mut decoder.map_err(|e| format!("a chunk cannot be unpacked: {e}"))?)?;
        }
        other => return Err(format!("chunks in \"{other}\" are not read")),
    }
    match plain.len() == size && [0, crc32fast::hash(&plain)].contains(&header.uncompressed_crc) {
        true => Ok(plain),
        false => Err("a chunk is not what its checksum says".to_owned()),
    }
}
