//! Hand-made logs, the real one, and every way to break them.

use super::reader::Header;
use super::*;
use std::path::Path;
use std::sync::Arc;

/// Writes a log byte by byte.
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn new() -> Self {
        let mut bytes = vec![0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35, 1];
        bytes.extend(1_000_000u64.to_le_bytes());
        Writer(bytes)
    }

    pub fn message(mut self, kind: u8, body: &[u8]) -> Self {
        self.0.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        self.0.push(kind);
        self.0.extend(body);
        self
    }

    pub fn format(self, text: &str) -> Self {
        self.message(b'F', text.as_bytes())
    }

    pub fn subscribe(self, multi_id: u8, id: u16, topic: &str) -> Self {
        let mut body = vec![multi_id];
        body.extend(id.to_le_bytes());
        body.extend(topic.as_bytes());
        self.message(b'A', &body)
    }

    pub fn data(self, id: u16, record: &[u8]) -> Self {
        self.message(b'D', &[&id.to_le_bytes(), record].concat())
    }

    pub fn keyed(self, kind: u8, first: &[u8], key: &str, value: &[u8]) -> Self {
        self.message(kind, &[first, &[key.len() as u8], key.as_bytes(), value].concat())
    }

    pub fn text(self, level: u8, at: u64, line: &str) -> Self {
        self.message(b'L', &[&[level], at.to_le_bytes().as_slice(), line.as_bytes()].concat())
    }

    fn flags(self, incompat: [u8; 8], offsets: [u64; 3]) -> Self {
        let offsets = offsets.map(u64::to_le_bytes).concat();
        self.message(b'B', &[[0u8; 8].as_slice(), &incompat, &offsets].concat())
    }
}

/// What a log says, a line for each message that says something; the error as the last line.
fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut reader = match Reader::new(bytes, Path::new("a.ulg")) {
        Ok(reader) => reader,
        Err(e) => return vec![e.to_string()],
    };
    loop {
        let layouts: Vec<_> = reader.streams().iter().map(|s| Arc::clone(&s.layout)).collect();
        let line = match reader.next() {
            Ok(None) => return lines,
            Ok(Some(Message::Other)) => continue,
            Ok(Some(Message::Data { stream, record })) => {
                let values: Vec<_> = layouts[stream]
                    .fields
                    .iter()
                    .map(|f| format!("{}={:?}", f.name, f.read(record).expect("a whole record")))
                    .collect();
                format!("{stream}: {}", values.join(" "))
            }
            Ok(Some(message)) => format!("{message:?}"),
            Err(e) => {
                lines.push(e.to_string());
                return lines;
            }
        };
        lines.push(line);
    }
}

fn check(log: Writer, expected: &[&str]) {
    assert_eq!(read(&log.0), expected);
}

fn flight() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/flight.ulg"))
        .expect("the log is there")
}

const IMU: &str = "imu:uint64_t timestamp;float x;";

fn imu(at: u64, x: f32) -> Vec<u8> {
    [at.to_le_bytes().as_slice(), &x.to_le_bytes()].concat()
}

#[test]
fn a_log_without_messages_is_empty() {
    check(Writer::new(), &[]);
}

#[test]
fn a_stream_is_its_format_its_subscription_and_its_records() {
    check(
        Writer::new().format(IMU).subscribe(0, 7, "imu").data(7, &imu(10, 1.0)).data(7, &imu(11, -0.5)),
        &["Subscribed(0)", "0: timestamp=UInt(10) x=Float(1.0)", "0: timestamp=UInt(11) x=Float(-0.5)"],
    );
}

#[test]
fn every_basic_type_is_read() {
    let mut record = 5u64.to_le_bytes().to_vec();
    record.extend([0x80, 0xff]);
    record.extend((-2i16).to_le_bytes());
    record.extend(65_535u16.to_le_bytes());
    record.extend((-3i32).to_le_bytes());
    record.extend(u32::MAX.to_le_bytes());
    record.extend(i64::MIN.to_le_bytes());
    record.extend(u64::MAX.to_le_bytes());
    record.extend(0.1f64.to_le_bytes());
    record.extend([2, b'Z']);
    record.extend(b"h\xc3\xa6r\0gone");
    check(
        Writer::new()
            .format(
                "all:uint64_t timestamp;int8_t a;uint8_t b;int16_t c;uint16_t d;int32_t e;uint32_t f;\
                 int64_t g;uint64_t h;double i;bool j;char k;char[9] l;",
            )
            .subscribe(0, 0, "all")
            .data(0, &record),
        &[
            "Subscribed(0)",
            "0: timestamp=UInt(5) a=Int(-128) b=Int(255) c=Int(-2) d=Int(65535) e=Int(-3) f=Int(4294967295) \
             g=Int(-9223372036854775808) h=UInt(18446744073709551615) i=Double(0.1) j=Bool(true) k=Text(\"Z\") \
             l=Text(\"hær\")",
        ],
    );
}

#[test]
fn arrays_and_nested_formats_are_flattened_and_padding_is_left_out() {
    let mut record = 5u64.to_le_bytes().to_vec();
    record.extend([1, 0, 0, 0, 2, 0]); // p_0: x, padding inside, y
    record.extend([3, 0, 0, 0, 4, 0]); // p_1
    record.extend([9, 8]); // q
    let log = || {
        Writer::new()
            .format("at:uint64_t timestamp;point[2] p;uint8_t[2] q;uint8_t[3] _padding0;")
            .format("point:uint8_t x;uint8_t[3] _padding0;uint16_t y;")
            .subscribe(2, 1, "at")
    };
    let expected = [
        "Subscribed(0)",
        "0: timestamp=UInt(5) p_0_x=Int(1) p_0_y=Int(2) p_1_x=Int(3) p_1_y=Int(4) q_0=Int(9) q_1=Int(8)",
    ];
    check(log().data(1, &record), &expected);
    // The padding at the end of a record may be written too.
    record.extend([0, 0, 0]);
    check(log().data(1, &record), &expected);
    record.push(0);
    check(
        log().data(1, &record),
        &["Subscribed(0)", "\"a.ulg\" is damaged at byte 145: a record of \"at\" has 26 bytes instead of 22"],
    );
}

#[test]
fn facts_parameters_texts_and_dropouts_are_read() {
    check(
        Writer::new()
            .keyed(b'I', &[], "char[3] sys_name", b"PX4")
            .keyed(b'I', &[], "uint32_t ver", &7u32.to_le_bytes())
            .keyed(b'M', &[0], "char[2] boot", b"ab")
            .keyed(b'M', &[1], "char[1] boot", b"c")
            .keyed(b'P', &[], "int32_t SYS_AUTOSTART", &4001i32.to_le_bytes())
            .keyed(b'P', &[], "float MC_ROLL_P", &0.1f32.to_le_bytes())
            .keyed(b'Q', &[3], "float MC_ROLL_P", &6.5f32.to_le_bytes())
            .text(b'6', 12, "Takeoff detected")
            .message(b'C', &[&[b'4', 3, 0], 13u64.to_le_bytes().as_slice(), b"low battery"].concat())
            .message(b'O', &30u16.to_le_bytes())
            .message(b'S', &[0x2f, 0x73, 0x13, 0x20, 0x25, 0x0c, 0xbb, 0x12])
            .message(b'Z', b"from the future"),
        &[
            "Info { name: \"sys_name\", scalar: Char, value: [80, 88, 52] }",
            "Info { name: \"ver\", scalar: UInt32, value: [7, 0, 0, 0] }",
            "MultiInfo { name: \"boot\", scalar: Char, value: [97, 98], continued: false }",
            "MultiInfo { name: \"boot\", scalar: Char, value: [99], continued: true }",
            "Parameter { name: \"SYS_AUTOSTART\", scalar: Int32, value: 4001.0 }",
            "Parameter { name: \"MC_ROLL_P\", scalar: Float, value: 0.1 }",
            "DefaultParameter { name: \"MC_ROLL_P\", value: 6.5, system: true, configuration: true }",
            "Text { at: 12, level: 6, tag: None, message: \"Takeoff detected\" }",
            "Text { at: 13, level: 4, tag: Some(3), message: \"low battery\" }",
            "Dropout { ms: 30 }",
            "Unknown(90)",
        ],
    );
}

#[test]
fn values_of_facts_as_text() {
    assert_eq!(typed_text(Scalar::Char, b"PX4\0\0"), "PX4");
    assert_eq!(typed_text(Scalar::UInt8, &[1, 2, 255]), "1 2 255");
    assert_eq!(typed_text(Scalar::Float, &0.1f32.to_le_bytes()), "0.1");
}

#[test]
fn a_log_goes_on_at_its_appended_parts() {
    // 43 bytes of flags after the header; then a message torn by a crash; the appended part begins at byte 70.
    let mut log = Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [70, 0, 0]);
    log.0.extend([200, 0, b'L', b'6', 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(log.0.len(), 70);
    check(log.text(b'3', 9, "hard fault"), &["Text { at: 9, level: 3, tag: None, message: \"hard fault\" }"]);
    // Torn inside the three bytes before a body, and at a message's very end.
    let mut log = Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [61, 0, 0]);
    log.0.extend([200, 0]);
    check(log.text(b'3', 9, "x"), &["Text { at: 9, level: 3, tag: None, message: \"x\" }"]);
    let log = Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [64, 0, 0]).message(b'O', &[1, 0]);
    check(
        log.text(b'3', 9, "x"),
        &["Dropout { ms: 1 }", "Text { at: 9, level: 3, tag: None, message: \"x\" }"],
    );
}

#[test]
fn appended_parts_that_are_not_there_are_named() {
    let mut log = Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [70_000, 0, 0]);
    log.0.extend([0xff, 0xff, b'L', 0]);
    check(
        log,
        &[
            "\"a.ulg\" is truncated at byte 59: the file ends inside a message of kind 'L': 1 of its 65535 bytes are there",
        ],
    );
    check(
        Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [90, 80, 0]),
        &["\"a.ulg\" is damaged at byte 16: the offsets of its appended parts are not in order"],
    );
    check(
        Writer::new().flags([1, 0, 0, 0, 0, 0, 0, 0], [17, 0, 0]),
        &["\"a.ulg\" is damaged at byte 16: the offsets of its appended parts are not in order"],
    );
}

#[test]
fn what_is_not_a_log_is_said() {
    let not = "\"a.ulg\" cannot be imported (byte 0): it is not a ULog file: it does not begin with ULog's magic number";
    assert_eq!(read(b""), [not]);
    assert_eq!(read(b"PK\x03\x04 a zip file, perhaps"), [not]);
    assert_eq!(
        read(&Writer::new().0[..9]),
        ["\"a.ulg\" is truncated at byte 9: the file ends inside its header of 16 bytes"]
    );
    let mut newer = Writer::new();
    newer.0[7] = 2;
    check(
        newer,
        &["\"a.ulg\" cannot be imported (byte 7): it is ULog version 2; versions up to 1 are known"],
    );
    check(
        Writer::new().flags([1, 4, 0, 0, 0, 0, 0, 0], [0; 3]),
        &[
            "\"a.ulg\" cannot be imported (byte 16): it needs a newer reader (incompatible flag 0x04 in byte 1)",
        ],
    );
}

#[test]
fn damage_is_named_with_its_byte() {
    let log = || Writer::new().format(IMU).subscribe(0, 7, "imu"); // formats 34 bytes, subscription 9: ends at 59
    let damaged = |what: &str| format!("\"a.ulg\" is damaged at byte 59: {what}");
    for (log, what) in [
        (log().data(8, &imu(1, 1.0)), "a record has message id 8, which no stream has"),
        (log().data(7, &[1, 2, 3]), "a record of \"imu\" has 3 bytes instead of 12"),
        (log().message(b'D', &[1]), "a record is too short"),
        (log().message(0, &[]), "there is no kind of message 0x00"),
        (log().message(b'S', &[0; 8]), "a sync mark has other bytes than it should"),
        (log().message(b'L', b"6"), "a logged line is too short"),
        (log().subscribe(0, 7, "other"), "message id 7 is given to \"other\" too"),
        (log().subscribe(0, 8, "other"), "\"other\" has no format definition"),
        (log().format("imu:uint64_t timestamp;"), "format \"imu\" is defined twice, differently"),
        (log().format("no colon"), "\"no colon\" is not a format definition"),
        (log().format("f:float[x] a;"), "in format \"f\": \"float[x] a\" is not a field definition"),
        (log().keyed(b'P', &[], "double P", &[0; 8]), "parameter \"P\" is neither int32_t nor float"),
        (log().keyed(b'I', &[], "uint32_t v", &[0; 3]), "\"uint32_t v\" has 3 bytes instead of 4"),
        (log().keyed(b'I', &[], "imu v", &[0; 3]), "\"imu v\" is not of a basic type"),
        (log().message(b'I', &[9, b'x']), "an information or parameter is shorter than its key"),
        (log().flags([0; 8], [0; 3]), "flag bits that are not the first message"),
    ] {
        let lines = read(&log.0);
        assert_eq!(lines.last(), Some(&damaged(what)));
    }
}

#[test]
fn hostile_formats_end_in_an_error_without_work() {
    let mut deep = Writer::new();
    for i in 0..5 {
        deep = deep.format(&format!("n{i}:n{}[65535] a;", i + 1));
    }
    for (formats, what) in [
        (Writer::new().format("f:f a;"), "\"f\" nests without end"),
        (deep.format("n5:").format("f:n0 a;"), "it nests too widely"),
        (Writer::new().format("f:uint8_t[4000000000] a;"), "a record would have more than 1598 values"),
        (Writer::new().format("f:char[4000000000] a;"), "a record would have more than 65533 bytes"),
        (
            Writer::new().format("f:uint64_t timestamp;double[4294967295] _padding0;"),
            "a record would have more than 65533 bytes",
        ),
        (Writer::new().format("f:gone a;"), "\"gone\" is neither a basic type nor a format defined before"),
    ] {
        let lines = read(&formats.subscribe(0, 0, "f").0);
        let last = lines.last().expect("a line");
        assert!(last.ends_with(&format!("in format \"f\": {what}")), "{last}");
    }
    let lines = read(&Writer::new().format("f:float x;").subscribe(0, 0, "f").0);
    assert!(lines[0].ends_with("format \"f\" has no field \"uint64_t timestamp\""), "{}", lines[0]);
}

#[test]
fn many_wide_formats_end_in_an_error_before_memory_does() {
    let mut log = Writer::new();
    for id in 0..300 {
        log = log.format(&format!("f{id}:uint64_t timestamp;uint8_t[1500] x;"));
        log = log.subscribe(0, id, &format!("f{id}")).subscribe(1, 1000 + id, &format!("f{id}"));
    }
    let lines = read(&log.0);
    // 174 formats of 1,501 values fit; each has two streams.
    assert_eq!(lines.len(), 2 * 174 + 1);
    assert!(lines[348].ends_with("its formats have more than 262144 values together"), "{}", lines[348]);
}

#[test]
fn the_real_flight_is_read_in_full() {
    let bytes = flight();
    let mut reader = Reader::new(bytes.as_slice(), Path::new("flight.ulg")).expect("a log");
    assert_eq!(reader.header(), Header { version: 1, start: 20_309_082 });
    let (mut points, mut texts, mut dropouts) = (vec![0u32; 80], Vec::new(), Vec::new());
    let (mut parameters, mut facts) = (0, 0);
    while let Some(message) = reader.next().expect("no damage") {
        match message {
            Message::Data { stream, .. } => points[stream] += 1,
            Message::Text { at, level, message, .. } => texts.push((at, level, message.into_owned())),
            Message::Parameter { .. } => parameters += 1,
            Message::Info { .. } => facts += 1,
            Message::Dropout { ms } => dropouts.push(ms),
            Message::Unknown(kind) => panic!("unknown kind {kind}"),
            _ => {}
        }
    }
    assert_eq!(reader.offset(), bytes.len() as u64);
    let streams: Vec<_> = reader
        .streams()
        .iter()
        .zip(&points)
        .filter(|(_, points)| **points > 0)
        .map(|(s, points)| (s.topic.as_str(), s.multi_id, *points, s.layout.fields.len()))
        .collect();
    assert_eq!(streams.len(), 70);
    assert_eq!(points.iter().sum::<u32>(), 14_604);
    for known in [
        ("sensor_combined", 0, 1298, 11),
        ("vehicle_attitude", 0, 1298, 10),
        ("vehicle_local_position", 0, 636, 44),
        ("vehicle_gps_position", 0, 32, 25),
        ("battery_status", 1, 21, 35),
        ("position_setpoint_triplet", 0, 1, 100),
        ("vehicle_imu_status", 1, 7, 13),
        ("test_motor", 0, 1, 6),
    ] {
        assert!(streams.contains(&known), "{known:?}");
    }
    assert_eq!((parameters, facts, dropouts), (980, 14, vec![30]));
    assert_eq!(
        texts,
        [
            (22_683_736, 6, "[commander] Takeoff detected".to_owned()),
            (23_827_776, 6, "[commander] Landing detected".to_owned()),
            (25_829_685, 6, "[commander] Disarmed by landing".to_owned()),
        ]
    );
}

/// Reads a log to its end or error, decoding every value; where it ended.
fn exhaust(bytes: &[u8]) -> std::result::Result<u64, Error> {
    let mut reader = Reader::new(bytes, Path::new("a.ulg"))?;
    let mut layouts: Vec<Arc<Layout>> = Vec::new();
    loop {
        while let Some(stream) = reader.streams().get(layouts.len()) {
            layouts.push(Arc::clone(&stream.layout));
        }
        match reader.next()? {
            None => return Ok(reader.offset()),
            Some(Message::Data { stream, record }) => {
                let layout = &layouts[stream];
                assert!(layout.timestamp(record).is_some());
                assert!(layout.fields.iter().all(|f| f.read(record).is_some()));
            }
            Some(Message::Info { scalar, value, .. }) => drop(typed_text(scalar, value)),
            Some(_) => {}
        }
    }
}

#[test]
fn every_prefix_ends_at_a_message_or_says_that_it_is_truncated() {
    let bytes = flight();
    // All of the definitions and the first records by the byte; the rest in strides that share no factor with
    // the sizes of records.
    let lens = (0..4_000).chain((4_000..bytes.len()).step_by(9_973));
    for len in lens {
        match exhaust(&bytes[..len]) {
            Ok(offset) => assert_eq!(offset, len as u64),
            Err(e) => {
                let expected = if len == 0 { Kind::Unsupported } else { Kind::Truncated };
                assert_eq!((e.kind(), e.offset() <= len as u64), (expected, true), "{e}");
            }
        }
    }
}

#[test]
fn no_damage_panics() {
    let whole = flight();
    // A log that holds every kind of message, small enough to be broken thousands of times.
    let small = Writer::new()
        .flags([1, 0, 0, 0, 0, 0, 0, 0], [0; 3])
        .format("point:float x;uint8_t[3] _padding0;")
        .format("at:uint64_t timestamp;point[2] p;char[4] tag;uint8_t[3] _padding0;")
        .keyed(b'I', &[], "char[3] sys_name", b"PX4")
        .keyed(b'M', &[1], "char[2] boot", b"ab")
        .keyed(b'Q', &[3], "float MC_ROLL_P", &6.5f32.to_le_bytes())
        .subscribe(0, 1, "at")
        .data(1, &[0; 26])
        .text(b'6', 12, "Takeoff detected")
        .message(b'O', &[1, 0])
        .0;
    assert_eq!(exhaust(&small).ok(), Some(small.len() as u64));
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        // xorshift64*, Vigna 2016
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        (seed.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    };
    for (bytes, rounds) in [(&small, 20_000), (&whole[..60_000].to_vec(), 200)] {
        for _ in 0..rounds {
            let mut broken = bytes.clone();
            for _ in 0..=random(4) {
                let at = random(broken.len());
                match random(4) {
                    0 => broken[at] = random(256) as u8,
                    1 => broken[at] ^= 1 << random(8),
                    2 => drop(broken.drain(at..(at + random(8)).min(broken.len()))),
                    _ => broken.insert(at, random(256) as u8),
                }
            }
            match exhaust(&broken) {
                Ok(offset) => assert_eq!(offset, broken.len() as u64),
                Err(e) => {
                    assert!(e.to_string().contains("a.ulg") && e.offset() <= broken.len() as u64, "{e}")
                }
            }
        }
    }
}
