//! Targets that are one parser each.

use super::ulog::{Layout, Message, Reader as LogReader};
use remanent_kernels::{bins, fsst};
use remanent_storage::segment::encoding::bytes::{Bytes, Packer, Strings};
use remanent_storage::segment::encoding::floats::{self, Floats};
use remanent_storage::segment::encoding::ints::{self, Ints};
use remanent_storage::segment::encoding::{Cursor, Effort, SECTION_MAX, bytes};
use remanent_storage::table::sweep::Sweep;
use remanent_storage::txn::change::{Change, ChangeReader, KeyRange, Origin, RowsOf, TableChange};
use remanent_storage::value::bytes::Reader;
use remanent_storage::value::codec::{decode_batch, decode_value, encode_batch, encode_value};
use remanent_storage::value::{Array, Column, Decimal, Element, Interval, Key, Numeric, Type, Value, key};
use std::path::Path;

/// The types of the columns that bytes are taken for.
const TYPES: [Type; 30] = [
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
    Type::Numeric(Some((60, -3))),
    Type::Varchar(Some(9)),
    Type::Char(Some(5)),
    Type::Uuid,
    Type::Time,
    Type::Json,
    Type::Jsonb,
    Type::Oid,
    Type::Name,
    Type::Array(Element::of(Type::Int4)),
    Type::Array(Element::of(Type::Text)),
    Type::Enum(3),
    Type::Array(Element::of(Type::Enum(3))),
];

/// A value of each type.
fn values_of_all_types() -> Vec<Value> {
    vec![
        Value::Bool(true),
        Value::Int2(-7),
        Value::Int4(70_000),
        Value::Int8(-1 << 40),
        Value::Float4(0.25),
        Value::Float8(-1e300),
        Value::from(Decimal { mantissa: -1_234_567, scale: 3 }),
        Value::from(Decimal { mantissa: 1234, scale: 2 }),
        Value::from(Decimal { mantissa: 1 << 80, scale: 4 }),
        Value::Text("gripper ø".into()),
        Value::Bytea(vec![0, 1, 0, 255]),
        Value::Date(8000),
        Value::Timestamp(1 << 50),
        Value::Timestamptz(-(1 << 50)),
        Value::Interval(Interval { months: 1, days: -2, micros: 3_000_000 }),
        Value::Vector(vec![1.0, -0.5]),
        Value::Vector(vec![1.0, 2.0, 3.0]),
        Value::Numeric(Numeric::NaN),
        Value::Text("ø1".into()),
        Value::Char("ab   ".into()),
        Value::Uuid([7; 16]),
        Value::Time(86_400_000_000),
        Value::Json("{\"a\" : [1.50, null]}".into()),
        read("{\"a\": [1e40, \"x\", {\"b\": true}], \"c\": {}}", Type::Jsonb),
        Value::Int8(23),
        Value::Text("pg_class".into()),
        read("[0:1][1:2]={{1,NULL},{3,4}}", Type::Array(Element::of(Type::Int4))),
        read("{a,\"b c\",NULL}", Type::Array(Element::of(Type::Text))),
        place(0x80),
        Array::list(Type::Enum(3), vec![place(0x40), Value::Null]).expect("two").into(),
    ]
}

/// A value of an enum type.
fn place(byte: u8) -> Value {
    Value::Enum(3, Box::new([byte, 1]))
}

fn read(text: &str, ty: Type) -> Value {
    Value::parse(text, ty).expect("it is one")
}

/// Three rows of all types: whole, NULL, whole.
fn columns() -> Vec<Column> {
    TYPES
        .iter()
        .zip(values_of_all_types())
        .map(|(&ty, value)| {
            Column::from_values(ty, [value.clone(), Value::Null, value]).expect("a value of that type")
        })
        .collect()
}

/// The body of a record. What decodes is encoded again to the same change.
pub fn change(data: &[u8]) {
    let types = |_| Ok(Some(RowsOf { types: TYPES.to_vec(), def: None }));
    if let Ok(mut reader) = ChangeReader::new(data) {
        while let Ok(Some(found)) = reader.next(types) {
            for column in found.iter().flat_map(|table| table.rows.iter().flatten()) {
                (0..column.len()).for_each(|row| drop(column.value(row).to_string()));
            }
        }
    }
    if let Ok(mut reader) = ChangeReader::new(data) {
        while let Ok(Some(_)) = reader.next_attached() {}
    }
    let mut reader = Reader::new(data);
    let types = &TYPES[..data.first().map_or(0, |&n| usize::from(n) % (TYPES.len() + 1))];
    if let Ok(batch) = decode_batch(&mut reader, types) {
        let mut again = Vec::new();
        encode_batch(&mut again, &batch);
        let back = decode_batch(&mut Reader::new(&again), types).expect("what was just encoded");
        assert_eq!(back.len(), batch.len());
    }
}

pub fn change_seeds() -> Vec<Vec<u8>> {
    let table = |table, rows: Vec<Vec<Column>>| TableChange {
        table,
        schema_version: 1,
        deletes: vec![Key(vec![1, 2, 3].into()), Key(vec![9].into())],
        origins: vec![
            Origin { rows: 2, updated: None },
            Origin { rows: 1, updated: Some(vec![5, 0, 1].into()) },
        ],
        rows,
        ..TableChange::default()
    };
    let constant =
        |column: &Column| Column::constant(column.ty(), &column.value(0), 40).expect("its own value");
    let constant: Vec<Column> = columns().iter().map(constant).collect();
    let attached = remanent_storage::txn::change::Attached {
        file: 7,
        rows: 5000,
        bytes: 1 << 20,
        min_key: vec![1],
        max_key: vec![2, 3],
        marks: vec![1, 5, 4000],
        blobs: vec![(3, 70_000)],
        parts: Vec::new(),
    };
    let (min_key, max_key) = (vec![1], vec![9]);
    let key_files = vec![KeyRange { file: 8, keys: 70_000, bytes: 1 << 20, min_key, max_key }];
    let sweeps = vec![Sweep { column: 1, low: i64::MIN, high: 1_000_000, upto: 40 }];
    let bodies = [
        Change { tables: vec![table(1, vec![columns()]), table(17, vec![columns(), constant])] },
        Change {
            tables: vec![TableChange { attached: vec![attached], key_files, sweeps, ..table(3, vec![]) }],
        },
    ];
    let mut seeds: Vec<Vec<u8>> = bodies.iter().filter_map(|change| change.encode().ok()).collect();
    let mut batch = Vec::new();
    encode_batch(&mut batch, &columns());
    seeds.push(batch);
    seeds
}

/// Keys, single values, texts of every type.
pub fn values(data: &[u8]) {
    let mut reader = Reader::new(data);
    while let Ok(value) = decode_value(&mut reader) {
        let mut again = Vec::new();
        encode_value(&mut again, &value);
        let text = value.to_string();
        TYPES.iter().for_each(|&ty| drop(Value::parse(&text, ty)));
    }
    for ty in TYPES {
        if let Ok(values) = key::decode(data, &[ty]) {
            // A key's values make the key again.
            let mut again = Vec::new();
            values.iter().for_each(|value| key::encode_value(&mut again, value));
            let back = key::decode(&again, &[ty]).expect("the key of a value");
            let same = values.iter().zip(&back).all(|(value, back)| value.compare(back).is_eq());
            assert!(same, "{values:?} came back as {back:?}");
        }
        if let Ok(text) = std::str::from_utf8(data)
            && let Ok(value) = Value::parse(text, ty)
        {
            drop(value.to_string());
        }
    }
    let _ = key::decode(data, &TYPES);
}

pub fn values_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let (mut all, mut long) = (Vec::new(), Vec::new());
    for value in values_of_all_types() {
        encode_value(&mut all, &value);
        key::encode_value(&mut long, &value);
        let mut one = Vec::new();
        key::encode_value(&mut one, &value);
        seeds.push(one);
        seeds.push(value.to_string().into_bytes());
    }
    for text in
        ["2024-02-29 12:34:56.789+02", "1 year 2 mons -3 days 04:05:06.7", "P1Y2M3DT4H5M6S", "[1,2.5,-3e7]"]
    {
        seeds.push(text.as_bytes().to_vec());
    }
    seeds.extend([all, long]);
    seeds
}

/// A section of a page: the first byte says of which kind, the next two how many values.
pub fn encodings(data: &[u8]) {
    let [kind, low, high, rest @ ..] = data else { return };
    let len = usize::from(u16::from_le_bytes([*low, *high])) % (SECTION_MAX + 1);
    let mut cursor = Cursor { rest };
    match kind % 4 {
        0 => {
            let Ok(section) = Ints::parse(&mut cursor, len) else { return };
            let mut all = Vec::new();
            if section.decode(&mut all).is_ok() {
                assert_eq!(all.len(), len);
                for (i, &value) in all.iter().enumerate() {
                    assert_eq!(section.get(i), Ok(value), "value {i}");
                }
                let _ = section.equal(0..len, all.first().copied().unwrap_or(0));
            }
        }
        1 | 2 => {
            let Ok(section) = Floats::parse(&mut cursor, len) else { return };
            let (mut wide, mut narrow) = (Vec::new(), Vec::new());
            let _ = (section.decode_f64(&mut wide), section.decode_f32(&mut narrow));
            for i in 0..len {
                let _ = (section.get(i, true), section.get(i, false));
            }
        }
        _ => {
            let Ok(section) = Bytes::parse(&mut cursor, len) else { return };
            if let Ok((all, ranges)) = section.all() {
                for (i, range) in ranges.into_iter().enumerate() {
                    let alone = section.get(i).map(|one| one.into_owned());
                    assert_eq!(alone.as_deref().ok(), all.get(range), "string {i}");
                }
            }
        }
    }
}

pub fn encodings_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut put = |kind: u8, len: usize, section: Vec<u8>| {
        seeds.push([&[kind], &(len as u16).to_le_bytes()[..], &section].concat());
    };
    let series: [fn(i64) -> i64; 6] =
        [|_| 5, |i| i * 5000 + i % 3, |i| i / 60, |i| i * i, |i| (i * 7919) % 251, |i| (i * i * 37) << 20];
    for numbers in series {
        let values: Vec<i64> = (0..300).map(numbers).collect();
        for effort in [Effort::Fast, Effort::Thorough, Effort::Keyed] {
            let mut section = Vec::new();
            ints::plan(&values, effort).write(&values, &mut section);
            put(0, values.len(), section);
            let mut section = Vec::new();
            let tenths: Vec<i64> = values
                .iter()
                .map(|&v| remanent_kernels::carrier::flip_f64((v as f64 / 10.0).to_bits() as i64))
                .collect();
            if floats::write(&tenths, false, usize::MAX, effort, &mut section) {
                put(1, values.len(), section);
            }
        }
    }
    let mut strings = Strings::default();
    (0..200).for_each(|i| strings.push(format!("sensor {} ran dry; retry in {} ms", i % 7, i).as_bytes()));
    for (lz4, codes) in [(false, false), (true, false), (false, true)] {
        let mut section = Vec::new();
        bytes::write(&strings, 0, strings.len(), &mut Packer::new(lz4, codes), &mut section);
        put(3, strings.len(), section);
    }
    seeds
}

/// Entropy-coded numbers and tables of symbols.
pub fn kernels(data: &[u8]) {
    let [low, high, rest @ ..] = data else { return };
    let len = usize::from(u16::from_le_bytes([*low, *high])) % 1100;
    let mut out = vec![0; len];
    let _ = bins::decode(rest, &mut out);
    if let Some(table) = fsst::table_len(rest)
        && let Some((table, codes)) = rest.split_at_checked(table)
        && let Some(decoder) = fsst::Decoder::new(table)
    {
        let mut out = Vec::new();
        let _ = decoder.decode(codes, &mut out);
    }
}

pub fn kernels_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (len, step) in [(1u64, 1u64), (7, 3), (256, 77), (1024, 1 << 33)] {
        let values: Vec<u64> = (0..len).map(|i| (i * i * step) % (step * 9 + 1)).collect();
        let mut body = (len as u16).to_le_bytes().to_vec();
        bins::encode(&values, &mut body);
        seeds.push(body);
    }
    let text = b"the gripper slipped; the gripper held; the gripper slipped again";
    let symbols = fsst::Symbols::train(text, &[text.len() as i64]);
    let mut body = vec![0, 0];
    symbols.write(&mut body);
    symbols.encode(text, &mut body);
    seeds.push(body);
    seeds
}

/// A flight log, read to its end or its first error.
pub fn ulog(data: &[u8]) {
    let Ok(mut log) = LogReader::new(data, Path::new("a.ulg")) else { return };
    let mut layouts: Vec<std::sync::Arc<Layout>> = Vec::new();
    loop {
        let subscribed = match log.next() {
            Ok(Some(Message::Subscribed(_))) => true,
            Ok(Some(Message::Data { stream, record })) => {
                let layout = layouts.get(stream).expect("the layout of a stream that has data");
                assert!(layout.timestamp(record).is_some(), "every record has a time");
                layout.fields.iter().for_each(|field| drop(field.read(record)));
                false
            }
            Ok(Some(_)) => false,
            Ok(None) | Err(_) => break,
        };
        if subscribed {
            let known = layouts.len();
            layouts.extend(log.streams().iter().skip(known).map(|stream| stream.layout.clone()));
        }
    }
}

pub fn ulog_seeds() -> Vec<Vec<u8>> {
    fn message(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
        out.extend((body.len() as u16).to_le_bytes());
        out.push(kind);
        out.extend(body);
    }
    let mut log = vec![0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35, 1];
    log.extend(1_000_000u64.to_le_bytes());
    message(&mut log, b'B', &[0; 40]);
    message(&mut log, b'F', b"vec3:float[3] v;uint8_t[4] _padding0;");
    message(&mut log, b'F', b"imu:uint64_t timestamp;vec3 accel;vec3[2] gyro;char[5] name;bool ok;");
    message(&mut log, b'I', &[b"\x0fchar[5] sys_name".as_slice(), b"robot"].concat());
    message(&mut log, b'M', &[b"\x00\x0cchar[2] note".as_slice(), b"hi"].concat());
    message(&mut log, b'P', &[b"\x09float P_A".as_slice(), &1.5f32.to_le_bytes()].concat());
    message(&mut log, b'Q', &[b"\x01\x0bint32_t P_B".as_slice(), &7i32.to_le_bytes()].concat());
    message(&mut log, b'A', b"\x00\x07\x00imu");
    for i in 0..4u64 {
        let mut record = vec![7, 0];
        record.extend((1_000_000 + i * 5000).to_le_bytes());
        record.extend([0; 12 + 4 + 2 * 16 + 5 + 1]);
        message(&mut log, b'D', &record);
    }
    message(&mut log, b'L', &[b"\x06".as_slice(), &2_000_000u64.to_le_bytes(), b"armed"].concat());
    message(&mut log, b'C', &[b"\x06\x01\x00".as_slice(), &2_000_000u64.to_le_bytes(), b"armed"].concat());
    message(&mut log, b'S', &[0x2f, 0x73, 0x13, 0x20, 0x25, 0x0c, 0xbb, 0x12]);
    message(&mut log, b'O', &[5, 0]);
    vec![log]
}
