//! The streaming reader: one message at a time, from any `Read`.

use super::format::{FieldDef, FieldType, Formats, shorten};
use super::layout::{Layout, MAX_COLUMNS_TOTAL};
use super::scalar::text;
use super::{Error, Kind, Result, Scalar};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: [u8; 7] = [0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35];
const SYNC_MAGIC: [u8; 8] = [0x2f, 0x73, 0x13, 0x20, 0x25, 0x0c, 0xbb, 0x12];
const VERSION_MAX: u8 = 1;
const HEADER_LEN: usize = 16;
/// Size and kind, before each message's body.
const FRAME_LEN: u64 = 3;
/// Bit 0 of the first incompat byte: the file goes on at the appended offsets.
const INCOMPAT_DATA_APPENDED: u8 = 1;

/// The first 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Format version, 0 or 1.
    pub version: u8,
    /// When the log began, µs since boot.
    pub start: u64,
}

/// A series of records of one format.
#[derive(Debug, Clone)]
pub struct Stream {
    /// The name of its format, which is the topic.
    pub topic: String,
    /// Which instance of the topic, from 0.
    pub multi_id: u8,
    /// Where a record's values lie; shared by all streams of the topic.
    pub layout: Arc<Layout>,
}

/// What one message says.
#[derive(Debug, PartialEq)]
pub enum Message<'a> {
    /// A fact about the log: name, type, value (whole values of that type).
    Info { name: &'a str, scalar: Scalar, value: &'a [u8] },
    /// As Info, of a name that comes more than once; `continued`: it goes on where the one before ended.
    MultiInfo { name: &'a str, scalar: Scalar, value: &'a [u8], continued: bool },
    /// The value of a parameter, at the start or changed in flight.
    Parameter { name: &'a str, scalar: Scalar, value: f64 },
    /// The default of a parameter: of the system, of the current configuration, or both.
    DefaultParameter { name: &'a str, value: f64, system: bool, configuration: bool },
    /// A new stream: its position in [`Reader::streams`].
    Subscribed(usize),
    /// One record of the stream at that position, exactly as long as its layout allows.
    Data { stream: usize, record: &'a [u8] },
    /// A line that the autopilot logged. Level as syslog counts, 0 (emergency) to 7 (debug).
    Text { at: u64, level: u8, tag: Option<u16>, message: Cow<'a, str> },
    /// Records were lost for that many milliseconds.
    Dropout { ms: u16 },
    /// Nothing to act on: definitions that the reader keeps, sync marks, unsubscriptions.
    Other,
    /// A kind of message that this reader does not know.
    Unknown(u8),
}

/// Reads a log message by message. Holds the formats and streams it has met, and one message.
pub struct Reader<R> {
    input: R,
    path: PathBuf,
    header: Header,
    /// Where the next message begins.
    offset: u64,
    body: Vec<u8>,
    messages: u64,
    formats: Formats,
    /// By format, for those that have a stream.
    layouts: BTreeMap<String, Arc<Layout>>,
    columns: usize,
    streams: Vec<Stream>,
    /// Stream by message id.
    by_id: Vec<Option<usize>>,
    /// Where appended parts begin, ascending; what lies torn before them is passed over.
    appended: Vec<u64>,
}

impl<R: Read> Reader<R> {
    /// Begins to read a log; `path` is what errors call it.
    pub fn new(mut input: R, path: &Path) -> Result<Self> {
        let mut head = [0; HEADER_LEN];
        let got = fill(&mut input, &mut head).map_err(|e| Error::new(Kind::Io, path, 0, e.to_string()))?;
        let [m0, m1, m2, m3, m4, m5, m6, version, start @ ..] = head;
        let magic = [m0, m1, m2, m3, m4, m5, m6];
        if magic.iter().zip(&MAGIC).take(got).any(|(a, b)| a != b) || got == 0 {
            let what = "it is not a ULog file: it does not begin with ULog's magic number";
            return Err(Error::new(Kind::Unsupported, path, 0, what));
        }
        if got < HEADER_LEN {
            let what = format!("the file ends inside its header of {HEADER_LEN} bytes");
            return Err(Error::new(Kind::Truncated, path, got as u64, what));
        }
        if version > VERSION_MAX {
            let what = format!("it is ULog version {version}; versions up to {VERSION_MAX} are known");
            return Err(Error::new(Kind::Unsupported, path, 7, what));
        }
        Ok(Reader {
            input,
            path: path.to_owned(),
            header: Header { version, start: u64::from_le_bytes(start) },
            offset: HEADER_LEN as u64,
            body: Vec::new(),
            messages: 0,
            formats: Formats::default(),
            layouts: BTreeMap::new(),
            columns: 0,
            streams: Vec::new(),
            by_id: Vec::new(),
            appended: Vec::new(),
        })
    }

    /// The file's header.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The streams met so far; a stream's position never changes.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Bytes read so far; the next message begins here.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next message, or None at the end of the file.
    pub fn next(&mut self) -> Result<Option<Message<'_>>> {
        let Some(kind) = self.frame()? else { return Ok(None) };
        let at = self.offset;
        self.offset = at + FRAME_LEN + self.body.len() as u64;
        self.messages += 1;
        let first = self.messages == 1;
        let damaged = |path: &Path, what: String| Error::new(Kind::Damaged, path, at, what);
        // What changes the reader is done first; what only reads the body follows.
        let change = match kind {
            b'B' if !first => Err("flag bits that are not the first message".to_owned()),
            b'B' => match self.flags(at)? {
                Some(what) => Err(what),
                None => Ok(Some(Message::Other)),
            },
            b'F' => self.formats.define(&self.body).map(|()| Some(Message::Other)),
            b'A' => self.subscribe().map(|stream| Some(Message::Subscribed(stream))),
            _ => Ok(None),
        };
        if let Some(message) = change.map_err(|what| damaged(&self.path, what))? {
            return Ok(Some(message));
        }
        decode(kind, &self.body, &self.streams, &self.by_id)
            .map(Some)
            .map_err(|what| damaged(&self.path, what))
    }

    /// Reads the next message's kind and body; None at the end of the file. Steps over a torn end before an
    /// appended part, and leaves `offset` at the message's first byte.
    fn frame(&mut self) -> Result<Option<u8>> {
        loop {
            let limit = self.next_appended();
            let mut head = [0; FRAME_LEN as usize];
            if limit.is_some_and(|limit| limit - self.offset < FRAME_LEN) {
                self.skip_to(limit)?;
                continue;
            }
            match self.fill(0, &mut head)? {
                0 => return Ok(None),
                n if n < head.len() => return Err(self.torn("the file ends inside a message's header")),
                _ => {}
            }
            let [low, high, kind] = head;
            let size = u16::from_le_bytes([low, high]);
            if limit.is_some_and(|limit| limit - self.offset < FRAME_LEN + u64::from(size)) {
                self.offset += FRAME_LEN;
                self.skip_to(limit)?;
                continue;
            }
            if !kind.is_ascii_uppercase() {
                let what = format!("there is no kind of message {kind:#04x}");
                return Err(Error::new(Kind::Damaged, &self.path, self.offset, what));
            }
            let mut body = std::mem::take(&mut self.body);
            body.resize(size.into(), 0);
            let got = self.fill(FRAME_LEN, &mut body)?;
            self.body = body;
            if got < usize::from(size) {
                let what = format!(
                    "the file ends inside a message of kind '{}': {} of its {size} bytes are there",
                    char::from(kind),
                    got
                );
                return Err(self.torn(&what));
            }
            return Ok(Some(kind));
        }
    }

    fn fill(&mut self, ahead: u64, buffer: &mut [u8]) -> Result<usize> {
        fill(&mut self.input, buffer)
            .map_err(|e| Error::new(Kind::Io, &self.path, self.offset + ahead, e.to_string()))
    }

    fn torn(&self, what: &str) -> Error {
        Error::new(Kind::Truncated, &self.path, self.offset, what)
    }

    /// The first appended part that begins after the next message's first byte.
    fn next_appended(&mut self) -> Option<u64> {
        let offset = self.offset;
        self.appended.retain(|at| *at > offset);
        self.appended.first().copied()
    }

    /// Reads on to `limit`.
    fn skip_to(&mut self, limit: Option<u64>) -> Result<()> {
        let Some(limit) = limit else { return Ok(()) };
        let mut hole = [0; 4096];
        while self.offset < limit {
            let want = usize::try_from(limit - self.offset).unwrap_or(usize::MAX).min(hole.len());
            let Some(part) = hole.get_mut(..want) else { break };
            let got = self.fill(0, part)?;
            self.offset += got as u64;
            if got < want {
                return Err(self.torn(&format!("it says that it goes on at byte {limit}")));
            }
        }
        Ok(())
    }

    /// Takes the flag bits. The string: what is wrong with them.
    fn flags(&mut self, at: u64) -> Result<Option<String>> {
        let Some((flags, offsets)) = self.body.split_at_checked(16) else {
            return Ok(Some(format!("flag bits need 40 bytes, not {}", self.body.len())));
        };
        let Some(offsets) = offsets.get(..24) else {
            return Ok(Some(format!("flag bits need 40 bytes, not {}", self.body.len())));
        };
        let incompat = flags.get(8..).unwrap_or_default();
        let known = |i: usize| if i == 0 { INCOMPAT_DATA_APPENDED } else { 0 };
        if let Some((i, byte)) = incompat.iter().enumerate().find(|(i, byte)| **byte & !known(*i) != 0) {
            let what = format!("it needs a newer reader (incompatible flag {byte:#04x} in byte {i})");
            return Err(Error::new(Kind::Unsupported, &self.path, at, what));
        }
        if incompat.first().is_some_and(|byte| byte & INCOMPAT_DATA_APPENDED != 0) {
            self.appended = offsets
                .chunks_exact(8)
                .filter_map(|b| b.try_into().ok().map(u64::from_le_bytes))
                .filter(|offset| *offset != 0)
                .collect();
            let ordered = self.appended.windows(2).all(|w| w.first() < w.last());
            if !ordered || self.appended.first().is_some_and(|first| *first < self.offset) {
                return Ok(Some("the offsets of its appended parts are not in order".to_owned()));
            }
        }
        Ok(None)
    }

    fn subscribe(&mut self) -> std::result::Result<usize, String> {
        let [multi_id, low, high, name @ ..] = self.body.as_slice() else {
            return Err("a subscription is too short".to_owned());
        };
        let id = usize::from(u16::from_le_bytes([*low, *high]));
        let topic = std::str::from_utf8(name)
            .map_err(|_| "the name in a subscription is not text")?
            .trim_end_matches('\0');
        if let Some(known) = self.by_id.get(id).copied().flatten() {
            return match self.streams.get(known) {
                Some(s) if s.topic == topic && s.multi_id == *multi_id => Ok(known),
                _ => Err(format!("message id {id} is given to \"{}\" too", shorten(topic))),
            };
        }
        let layout = match self.layouts.get(topic) {
            Some(known) => Arc::clone(known),
            None => {
                let layout = Arc::new(Layout::of(&self.formats, topic)?);
                self.columns += layout.fields.len();
                if self.columns > MAX_COLUMNS_TOTAL {
                    return Err(format!("its formats have more than {MAX_COLUMNS_TOTAL} values together"));
                }
                self.layouts.insert(topic.to_owned(), Arc::clone(&layout));
                layout
            }
        };
        let stream = self.streams.len();
        self.streams.push(Stream { topic: topic.to_owned(), multi_id: *multi_id, layout });
        if self.by_id.len() <= id {
            self.by_id.resize(id + 1, None);
        }
        if let Some(slot) = self.by_id.get_mut(id) {
            *slot = Some(stream);
        }
        Ok(stream)
    }
}

/// Reads until the buffer is full or the input ends; how much it read.
fn fill(input: &mut impl Read, mut buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while !buffer.is_empty() {
        match input.read(buffer) {
            Ok(0) => break,
            Ok(n) => {
                got += n;
                buffer = buffer.get_mut(n..).unwrap_or_default();
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

/// A message that changes nothing in the reader. The error: what is wrong with it.
fn decode<'a>(
    kind: u8,
    body: &'a [u8],
    streams: &[Stream],
    by_id: &[Option<usize>],
) -> std::result::Result<Message<'a>, String> {
    Ok(match kind {
        b'D' => {
            let (id, record) = split_u16(body).ok_or("a record is too short")?;
            let stream = by_id.get(usize::from(id)).copied().flatten();
            let (stream, layout) = stream
                .and_then(|i| Some((i, &streams.get(i)?.layout)))
                .ok_or_else(|| format!("a record has message id {id}, which no stream has"))?;
            if !(layout.size_min..=layout.size).contains(&record.len()) {
                let topic = streams.get(stream).map_or("", |s| s.topic.as_str());
                return Err(format!(
                    "a record of \"{}\" has {} bytes instead of {}",
                    shorten(topic),
                    record.len(),
                    layout.size_min
                ));
            }
            Message::Data { stream, record }
        }
        b'I' => {
            let (name, scalar, value) = keyed(body)?;
            Message::Info { name, scalar, value }
        }
        b'M' => {
            let (continued, rest) = body.split_first().ok_or("a multi-information is empty")?;
            let (name, scalar, value) = keyed(rest)?;
            Message::MultiInfo { name, scalar, value, continued: *continued != 0 }
        }
        b'P' => {
            let (name, scalar, value) = parameter(body)?;
            Message::Parameter { name, scalar, value }
        }
        b'Q' => {
            let (which, rest) = body.split_first().ok_or("a default parameter is empty")?;
            let (name, _, value) = parameter(rest)?;
            let (system, configuration) = (which & 1 != 0, which & 2 != 0);
            Message::DefaultParameter { name, value, system, configuration }
        }
        b'L' | b'C' => logged(kind == b'C', body).ok_or("a logged line is too short")?,
        b'O' => {
            let (ms, _) = split_u16(body).ok_or("a dropout is too short")?;
            Message::Dropout { ms }
        }
        b'S' if body != SYNC_MAGIC => return Err("a sync mark has other bytes than it should".to_owned()),
        b'R' if body.len() < 2 => return Err("an unsubscription is too short".to_owned()),
        b'S' | b'R' => Message::Other,
        other => Message::Unknown(other),
    })
}

fn split_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*head), rest))
}

fn logged(tagged: bool, body: &[u8]) -> Option<Message<'_>> {
    let (level, rest) = body.split_first()?;
    let (tag, rest) = match tagged {
        true => split_u16(rest).map(|(tag, rest)| (Some(tag), rest))?,
        false => (None, rest),
    };
    let (at, line) = rest.split_first_chunk::<8>()?;
    // The level is written as a digit; a few writers write the number itself.
    let level = if level.is_ascii_digit() { level - b'0' } else { *level };
    Some(Message::Text { at: u64::from_le_bytes(*at), level, tag, message: text(line) })
}

/// `key length, "type name", value`: the name, the type and whole values of it.
fn keyed(body: &[u8]) -> std::result::Result<(&str, Scalar, &[u8]), String> {
    let short = "an information or parameter is shorter than its key";
    let (len, rest) = body.split_first().ok_or(short)?;
    let (key, value) = rest.split_at_checked(usize::from(*len)).ok_or(short)?;
    let key = std::str::from_utf8(key).map_err(|_| "the key of an information or parameter is not text")?;
    let def = FieldDef::parse(key)?;
    let FieldType::Scalar(scalar) = def.ty else {
        return Err(format!("\"{}\" is not of a basic type", shorten(key)));
    };
    let want = scalar.size().saturating_mul(def.count.unwrap_or(1) as usize);
    if scalar != Scalar::Char && want != value.len() {
        return Err(format!("\"{}\" has {} bytes instead of {want}", shorten(key), value.len()));
    }
    // The name is the end of the key: FieldDef::parse has found it there.
    let name = key.trim_end().rsplit(char::is_whitespace).next().unwrap_or(key);
    Ok((name, scalar, value))
}

fn parameter(body: &[u8]) -> std::result::Result<(&str, Scalar, f64), String> {
    let (name, scalar, value) = keyed(body)?;
    let value = match (scalar, scalar.read(value)) {
        (Scalar::Int32, Some(super::Datum::Int(v))) => v as f64,
        (Scalar::Float, Some(super::Datum::Float(v))) => widen(v),
        _ => return Err(format!("parameter \"{}\" is neither int32_t nor float", shorten(name))),
    };
    Ok((name, scalar, value))
}

/// The double that reads as the float does: 0.1f becomes 0.1, not 0.10000000149011612. Cast back to a float it
/// is the same number.
fn widen(v: f32) -> f64 {
    v.to_string().parse().unwrap_or(f64::from(v))
}
