//! What the tests of cold files share: a disk in memory, columns made from seeds, segments made from columns.
#![allow(dead_code, reason = "each test file uses its part")]

use remanent_storage::segment::{ColdSegment, ColdSummary, ColdWriter, PageCache};
use remanent_storage::value::{
    Array, Column, ColumnBuilder, Decimal, Element, Interval, Numeric, Type, Value,
};
use remanent_storage::world::sync::Mutex;
use remanent_storage::world::{Disk, Entry, File, FileLock, OpenMode};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in memory.
#[derive(Default, Clone)]
pub struct MemDisk(Arc<Mutex<BTreeMap<PathBuf, Arc<MemFile>>>>);

#[derive(Default)]
pub struct MemFile {
    pub bytes: Mutex<Vec<u8>>,
    /// The length of each write since the last sync, and of each sync's sum.
    pub synced: Mutex<Vec<usize>>,
}

impl MemDisk {
    pub fn bytes(&self, path: &Path) -> Vec<u8> {
        self.0.lock()[path].bytes.lock().clone()
    }

    pub fn put(&self, path: &Path, bytes: Vec<u8>) {
        self.0
            .lock()
            .insert(path.into(), Arc::new(MemFile { bytes: Mutex::new(bytes), ..Default::default() }));
    }

    pub fn synced(&self, path: &Path) -> Vec<usize> {
        self.0.lock()[path].synced.lock().clone()
    }

    pub fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }
}

impl Disk for MemDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, _: &Path) -> io::Result<Vec<Entry>> {
        Ok(Vec::new())
    }
    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.0.lock().contains_key(path))
    }
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let mut files = self.0.lock();
        match (files.get(path), mode) {
            (Some(_), OpenMode::CreateNew) => Err(io::ErrorKind::AlreadyExists.into()),
            (Some(file), _) => Ok(file.clone()),
            (None, OpenMode::CreateNew) => {
                let file = Arc::new(MemFile::default());
                files.insert(path.into(), file.clone());
                Ok(file)
            }
            (None, _) => Err(io::ErrorKind::NotFound.into()),
        }
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.lock().remove(path).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }
    fn hard_link(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn lock(&self, _: &Path, _: &str) -> io::Result<Box<dyn FileLock>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn holder(&self, _: &Path) -> io::Result<Option<String>> {
        Ok(None)
    }
    fn free_space(&self, _: &Path) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

impl File for MemFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = self.bytes.lock();
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = self.bytes.lock();
        let end = offset as usize + buf.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset as usize..end].copy_from_slice(buf);
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        let len = self.bytes.lock().len();
        self.synced.lock().push(len);
        Ok(())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().len() as u64)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.bytes.lock().resize(len as usize, 0);
        Ok(())
    }
}

/// A small, good random number generator (splitmix64), so that a seed says everything.
#[derive(Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    pub fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

/// Every type, so that every layout is stored.
pub const TYPES: [Type; 27] = [
    Type::Bool,
    Type::Int2,
    Type::Int4,
    Type::Int8,
    Type::Float4,
    Type::Float8,
    Type::Numeric(None),
    Type::Numeric(Some((10, 2))),
    Type::Numeric(Some((30, 4))),
    Type::Text,
    Type::Bytea,
    Type::Date,
    Type::Timestamp,
    Type::Timestamptz,
    Type::Interval,
    Type::Vector(None),
    Type::Vector(Some(3)),
    Type::Varchar(Some(60)),
    Type::Char(None),
    Type::Uuid,
    Type::Time,
    Type::Json,
    Type::Jsonb,
    Type::Oid,
    Type::Regclass,
    Type::Name,
    Type::Array(Element::of(Type::Int4)),
];

/// How the numbers behind a column run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    Constant,
    Runs,
    Few,
    Regular,
    Jitter,
    Small,
    Wild,
}

pub const PATTERNS: [Pattern; 7] = [
    Pattern::Constant,
    Pattern::Runs,
    Pattern::Few,
    Pattern::Regular,
    Pattern::Jitter,
    Pattern::Small,
    Pattern::Wild,
];

/// The numbers of a pattern.
pub fn numbers(pattern: Pattern, rows: usize, rng: &mut Rng) -> Vec<i64> {
    let few: Vec<i64> = (0..7).map(|_| rng.next() as i64).collect();
    let (mut now, mut run) = (rng.next() as i64 >> 12, 0);
    (0..rows as i64)
        .map(|i| match pattern {
            Pattern::Constant => few[0],
            Pattern::Runs => {
                if run == 0 {
                    run = 1 + rng.below(400);
                    now = rng.next() as i64;
                }
                run -= 1;
                now
            }
            Pattern::Few => few[rng.below(7) as usize],
            Pattern::Regular => now + i * 5000 + rng.below(3) as i64,
            Pattern::Jitter => {
                now += 1 + rng.below(2) as i64 * 977 + rng.below(100) as i64;
                now
            }
            Pattern::Small => rng.below(1000) as i64 - 500,
            Pattern::Wild => rng.next() as i64 >> rng.below(64),
        })
        .collect()
}

/// A value of a type, made from a number; awkward ones for special numbers.
pub fn value_of(ty: Type, n: i64) -> Value {
    let text = |n: i64| match n.rem_euclid(9) {
        0 => String::new(),
        1 => format!("sensor {n} ran dry; retry in {} ms", n % 1000),
        2 => "ø".repeat((n & 15) as usize),
        _ => format!("s{}", n % 1_000_000),
    };
    match ty {
        Type::Precise(precise) => value_of(precise.plain(), n),
        Type::Bool => Value::Bool(n & 1 == 1),
        Type::Int2 => Value::Int2(n as i16),
        Type::Int4 => Value::Int4(n as i32),
        Type::Int8 => Value::Int8(n),
        Type::Float4 => Value::Float4(match n & 7 {
            0 => (n % 10_000) as f32 / 100.0,
            1 if n & 0xf00 == 0 => f32::NAN,
            1 if n & 0xf00 == 0x100 => -0.0,
            1 if n & 0xf00 == 0x200 => f32::NEG_INFINITY,
            _ => f32::from_bits(n as u32 & 0x7f7f_ffff),
        }),
        Type::Float8 => Value::Float8(match n & 7 {
            0..5 => (n % 1_000_000) as f64 / 1000.0,
            5 if n & 0xf00 == 0 => -f64::NAN,
            5 if n & 0xf00 == 0x100 => -0.0,
            5 if n & 0xf00 == 0x200 => f64::INFINITY,
            _ => f64::from_bits(n as u64 & !(1 << 62)),
        }),
        Type::Numeric(Some(_)) if n & 0xf000 == 0 => Value::Numeric(Numeric::NaN),
        Type::Numeric(None) if n & 0xf000 == 0 => Value::Numeric(match n & 0x700 {
            0 => Numeric::Infinity,
            0x100 => Numeric::NegativeInfinity,
            _ => format!("{n}e{}", n & 0x3f).parse().unwrap(),
        }),
        Type::Numeric(None) => Decimal { mantissa: i128::from(n) << (n & 31), scale: (n & 7) as u8 }.into(),
        Type::Numeric(Some((10, scale))) => {
            Decimal { mantissa: (n % 10_000_000_000).into(), scale: scale as u8 }.into()
        }
        Type::Numeric(Some((_, scale))) => {
            Decimal { mantissa: i128::from(n) * (n & 0xffff) as i128, scale: scale as u8 }.into()
        }
        Type::Text => Value::Text(text(n)),
        Type::Bytea => Value::Bytea(text(n).into_bytes()),
        Type::Date => Value::Date(n as i32),
        Type::Timestamp => Value::Timestamp(n),
        Type::Timestamptz => Value::Timestamptz(n),
        Type::Interval => Value::Interval(match n & 1 {
            0 => Interval { months: 0, days: 0, micros: n >> 8 },
            _ => Interval { months: n as i32 >> 12, days: (n >> 40) as i32 >> 10, micros: n >> 13 },
        }),
        Type::Vector(Some(len)) => Value::Vector((0..len).map(|i| (n >> i) as f32).collect()),
        Type::Vector(None) => Value::Vector((0..n & 3).map(|i| (n >> i) as f32).collect()),
        Type::Varchar(_) | Type::Name => Value::Text(text(n)),
        Type::Oid | Type::Regclass | Type::Regtype | Type::Regnamespace | Type::Regproc | Type::Regrole => {
            Value::Int8(n & 0xffff_ffff)
        }
        Type::Char(_) => Value::Char(text(n)),
        Type::Uuid => Value::Uuid([n as u8; 16]),
        // As halfvec and tsvector read it.
        Type::Other(kind, modifier) => kind.parse(&format!("[{}]", n % 100), modifier).unwrap(),
        Type::Enum(of) => Value::Enum(of, Box::new([n as u8 | 1])),
        Type::Time => Value::Time(n.rem_euclid(86_400_000_000)),
        Type::Json => Value::Json(format!("{{\"a\" : {n}}}")),
        Type::Jsonb => {
            Value::parse(&format!("{{\"a\": {n}, \"b\": [{}, \"{}\"]}}", n & 7, n & 63), ty).unwrap()
        }
        Type::Array(_) => {
            let items = (0..n & 3).map(|i| if i == 2 { Value::Null } else { Value::Int4(n as i32 >> i) });
            Array::list(Type::Int4, items.collect()).unwrap().into()
        }
    }
}

/// A column of a type with a pattern; one in `nulls` rows is NULL (0: none), in stretches too.
pub fn column(ty: Type, pattern: Pattern, rows: usize, nulls: u64, rng: &mut Rng) -> Column {
    let mut builder = ColumnBuilder::new(ty);
    let mut gap = 0u64;
    for n in numbers(pattern, rows, rng) {
        if nulls > 0 && gap == 0 && rng.chance(nulls) {
            gap = 1 + if rng.chance(4) { rng.below(1500) } else { 0 };
        }
        match gap {
            0 => builder.push(&value_of(ty, n)).unwrap(),
            _ => {
                gap -= 1;
                builder.push_null();
            }
        }
    }
    builder.finish()
}

/// A value's identity: equal exactly where every bit is.
pub fn exact(value: &Value) -> String {
    match value {
        Value::Float4(v) => format!("real {:08x}", v.to_bits()),
        Value::Float8(v) => format!("double {:016x}", v.to_bits()),
        other => format!("{other:?}"),
    }
}

pub fn path() -> PathBuf {
    PathBuf::from("seg/0000000001.seg")
}

/// Writes a segment in pieces of `step` rows.
pub fn write(disk: &MemDisk, columns: &[Column], created: &[u64], step: usize) -> ColdSummary {
    write_with(disk, columns, created, step, |writer| writer)
}

/// As [`write`], by a writer that was told more.
pub fn write_with(
    disk: &MemDisk,
    columns: &[Column],
    created: &[u64],
    step: usize,
    tell: impl Fn(ColdWriter) -> ColdWriter,
) -> ColdSummary {
    let types: Vec<Type> = columns.iter().map(Column::ty).collect();
    let mut writer = tell(ColdWriter::create(disk, &path(), &types).unwrap());
    let mut start = 0;
    while start < created.len() {
        let n = step.min(created.len() - start);
        let slices: Vec<Column> = columns.iter().map(|c| c.slice(start, n)).collect();
        writer.append(&slices, &created[start..start + n]).unwrap();
        start += n;
    }
    writer.finish().unwrap()
}

/// Opens what [`write`] wrote.
pub fn open(disk: &MemDisk, types: Vec<Type>, made: &ColdSummary, cache: &Arc<PageCache>) -> ColdSegment {
    let created = (made.created_min, made.created_max);
    ColdSegment::open(disk.shared(), path(), 1, types, made.rows, created, Arc::clone(cache))
}

pub fn segment(columns: &[Column], created: &[u64]) -> (MemDisk, ColdSegment) {
    segment_with(columns, created, |writer| writer)
}

/// As [`segment`], by a writer that was told more.
pub fn segment_with(
    columns: &[Column],
    created: &[u64],
    tell: impl Fn(ColdWriter) -> ColdWriter,
) -> (MemDisk, ColdSegment) {
    let disk = MemDisk::default();
    let made = write_with(&disk, columns, created, 777, tell);
    let types = columns.iter().map(Column::ty).collect();
    let segment = open(&disk, types, &made, &Arc::new(PageCache::new(8 << 20)));
    (disk, segment)
}

/// Everything a segment reports as damaged.
pub fn damage(segment: &ColdSegment) -> Vec<String> {
    let mut found = Vec::new();
    segment.verify(&mut |e| found.push(e.to_string()));
    found
}
