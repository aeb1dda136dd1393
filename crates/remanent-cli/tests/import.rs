//! `remanent import`: what a log becomes, and that a bad one leaves nothing behind.

mod common;

use common::{Log, Place, flight};

fn import(place: &Place, args: &[&str]) -> common::Ran {
    place.run(&[&["import", "a.rem"], args].concat())
}

fn flight_path() -> String {
    flight().to_str().expect("a plain path").to_owned()
}

#[test]
fn the_real_flight() {
    let place = Place::new();
    let ran = import(&place, &[&flight_path()]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let said: Vec<_> = ran.out.lines().skip(1).collect();
    assert_eq!(
        said,
        [
            "  70 streams, 14,604 points, 3 log messages, 980 parameters",
            "  times are UTC, from the GPS (vehicle_gps_position)"
        ]
    );
    assert_eq!(place.ask("SELECT count(*), sum(points) FROM streams"), ["70,14604"]);
    assert_eq!(
        place.ask("SELECT ts, level, message FROM log_messages ORDER BY ts"),
        [
            "2021-04-21 06:31:00.825434+00,INFO,[commander] Takeoff detected",
            "2021-04-21 06:31:01.969474+00,INFO,[commander] Landing detected",
            "2021-04-21 06:31:03.971383+00,INFO,[commander] Disarmed by landing",
        ]
    );
    assert_eq!(
        place.ask("SELECT ts, timestamp, q_0, q_1, q_2, q_3 FROM vehicle_attitude ORDER BY ts LIMIT 2"),
        [
            "2021-04-21 06:30:58.468414+00,20326716,0.9926282,0.009468006,0.00018696938,0.1208285",
            "2021-04-21 06:30:58.629717+00,20488019,0.9933621,0.00951428,0.000101051766,0.114635274",
        ]
    );
    assert_eq!(place.ask("SELECT count(*), min(temperature) IS NULL FROM battery_status_1"), ["21,f"]);
    assert_eq!(place.ask("SELECT value FROM info WHERE name = 'ver_hw'"), ["CUBEPILOT_CUBEORANGE"]);
    assert_eq!(place.ask("SELECT type, value FROM parameters WHERE name = 'ASPD_BETA_NOISE'"), ["float,0.3"]);
    assert_eq!(
        place.ask("SELECT ts, seq, duration_ms FROM dropouts"),
        ["2021-04-21 06:30:58.450711+00,0,30"]
    );
}

#[test]
fn every_row_of_every_stream_is_there() {
    let place = Place::new();
    import(&place, &[&flight_path()]);
    for line in place.ask("SELECT stream, points FROM streams") {
        let (stream, points) = line.split_once(',').expect("two values");
        assert_eq!(place.ask(&format!("SELECT count(*) FROM {stream}")), [points], "{stream}");
    }
}

#[test]
fn types_times_and_keys_of_a_log_without_gps() {
    let place = Place::new();
    let log = Log::new(1_000_000)
        .stream(1, 0, "Odd-Name", "uint64_t big;uint64_t ts;int8_t[2] q;bool ok;char[4] tag;")
        .stream(2, 3, "imu", "uint16_t x;")
        .stream(3, 0, "empty", "float x;")
        .float(b'P', &[], "float P", 0.1)
        .float(b'Q', &[1], "float P", 0.5)
        .data(1, 1_000_000, &[&u64::MAX.to_le_bytes(), &7u64.to_le_bytes(), &[0xff, 5], &[1], b"ab\0\0"])
        .data(2, 2_500_000, &[&[1, 0]])
        .data(2, 2_500_000, &[&[2, 0]])
        .data(2, 900_000, &[&[0xff, 0xff]])
        .float(b'P', &[], "float P", 0.2)
        .text(b'4', 2_600_000, "one")
        .text(b'9', 2_600_000, "two");
    place.write("a.ulg", &log.bytes());
    let ran = import(&place, &["a.ulg"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let said: Vec<_> = ran.out.lines().skip(1).collect();
    assert_eq!(
        said,
        [
            "  2 streams, 4 points, 2 log messages, 1 parameter",
            "  no GPS time: times count from the log's start, shown as 1970-01-01 00:00:00+00",
            "  times do not rise strictly, so the key is (ts, seq) in: imu_3",
        ]
    );
    assert_eq!(
        place.ask("SELECT * FROM odd_name"),
        ["1970-01-01 00:00:00+00,1000000,18446744073709551615,7,-1,5,t,ab"]
    );
    assert_eq!(place.ask("SELECT ts_2, q_0, q_1 FROM odd_name"), ["7,-1,5"]);
    assert_eq!(
        place.ask("SELECT ts, seq, x FROM imu_3 ORDER BY ts, seq"),
        ["1969-12-31 23:59:59.9+00,2,65535", "1970-01-01 00:00:01.5+00,0,1", "1970-01-01 00:00:01.5+00,1,2"]
    );
    assert_eq!(
        place.ask("SELECT seq, level, message FROM log_messages ORDER BY seq"),
        ["0,WARNING,one", "1,9,two"]
    );
    assert_eq!(place.ask("SELECT * FROM parameters"), ["P,float,0.1,0.5,"]);
    assert_eq!(place.ask("SELECT name, value FROM parameter_changes"), ["P,0.2"]);
}

#[test]
fn a_truncated_log_leaves_nothing_unless_a_part_is_asked_for() {
    let place = Place::new();
    let whole = std::fs::read(flight()).expect("the log is there");
    place.write("cut.ulg", &whole[..500_000]);
    let ran = import(&place, &["cut.ulg"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(lines[0].starts_with("error: \"cut.ulg\" is truncated at byte 4999"), "{}", lines[0]);
    assert_eq!(
        lines[1..],
        ["hint: Nothing was imported. To import what comes before that byte, add --partial."]
    );
    let ran = place.run(&["a.rem", "-c", "SELECT * FROM streams"]);
    assert!(ran.err.starts_with("error 42P01"), "{}", ran.err);

    let ran = import(&place, &["cut.ulg", "--partial"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(
        ran.out.contains("partial: what follows was left out: \"cut.ulg\" is truncated at byte 4999"),
        "{}",
        ran.out
    );
    let points: u32 = place.ask("SELECT sum(points) FROM streams")[0].parse().expect("a number");
    assert!((5_000..14_604).contains(&points), "{points}");
}

#[test]
fn a_damaged_log_and_other_files_are_refused() {
    let place = Place::new();
    let mut log = Log::new(0).stream(1, 0, "imu", "float x;").data(1, 5, &[&[0; 4]]).bytes();
    log.extend([1, 0, 7, 0]);
    place.write("bad.ulg", &log);
    let ran = import(&place, &["bad.ulg"]);
    let first = ran.err.lines().next().unwrap_or_default();
    assert_eq!(first, "error: \"bad.ulg\" is damaged at byte 76: there is no kind of message 0x07");
    place.write("no.ulg", b"not a log");
    let ran = import(&place, &["no.ulg"]);
    assert_eq!(
        ran.err,
        "error: \"no.ulg\" cannot be imported (byte 0): it is not a ULog file: it does not begin with ULog's magic number\n"
    );
    let ran = import(&place, &["gone.ulg"]);
    assert_eq!(ran.err, "error: could not open \"gone.ulg\": No such file or directory (os error 2)\n");
    std::fs::create_dir(place.path("dir.ulg")).expect("it is made");
    assert_eq!(import(&place, &["dir.ulg"]).err, "error: \"dir.ulg\" is a directory, not a log file\n");
}

#[test]
fn a_second_log_needs_a_prefix() {
    let place = Place::new();
    assert_eq!(import(&place, &[&flight_path()]).status, Some(0));
    let again = import(&place, &[&flight_path()]);
    assert_eq!((again.status, again.out.as_str()), (Some(1), ""));
    assert!(again.err.starts_with("error 42P07: relation \"streams\" already exists"), "{}", again.err);
    assert_eq!(import(&place, &[&flight_path(), "--prefix", "Second-"]).status, Some(0));
    assert_eq!(place.ask("SELECT sum(points) FROM second_streams"), ["14604"]);
    assert_eq!(place.ask("SELECT count(*) FROM second_vehicle_attitude"), ["1298"]);
    assert_eq!(place.ask("SELECT count(*) FROM vehicle_attitude"), ["1298"]);
}

#[test]
fn a_log_of_too_many_streams_is_refused() {
    let place = Place::new();
    let mut log = Log::new(0).message(b'F', b"imu:uint64_t timestamp;");
    for id in 0..5000u16 {
        log = log.message(b'A', &[&[0][..], &id.to_le_bytes(), b"imu"].concat());
    }
    for id in 0..5000u16 {
        log = log.message(b'D', &[&id.to_le_bytes()[..], &7u64.to_le_bytes()].concat());
    }
    place.write("many.ulg", &log.bytes());
    let ran = import(&place, &["many.ulg"]);
    let expected = "error: the log has more than 4096 streams, or more than 131072 columns\n";
    assert_eq!((ran.status, ran.err.as_str()), (Some(1), expected));
}

/// Numbers without order.
fn next(x: &mut u64) -> u64 {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    *x
}

/// `REMANENT_SEEDS=n` for n times as many.
#[test]
fn whatever_is_changed_in_a_log_it_is_imported_or_refused() {
    let place = Place::new();
    let whole = std::fs::read(flight()).expect("the log is there");
    let times = std::env::var("REMANENT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in 1..=12 * times {
        let mut x = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed);
        let mut below = |most: usize| next(&mut x) as usize % most.max(1);
        // Formats and parameters come first, and are worth more.
        let mut log = whole[..20_000 + below(130_000)].to_vec();
        for _ in 0..1 + below(5) {
            let (at, what) = (below(log.len()), below(7));
            match what {
                0 => log[at] ^= 1 << below(8),
                1 => log[at] = below(256) as u8,
                2 => log.truncate(at),
                3 => drop(log.drain(at..(at + 1 + below(40)).min(log.len()))),
                4 => log.extend_from_within(at..),
                5 => log.splice(at..at, whole[..100].iter().copied()).for_each(drop),
                _ => log[at..].iter_mut().take(8).for_each(|byte| *byte = 0xff),
            }
            if log.is_empty() {
                log.push(0x55);
            }
        }
        place.write("changed.ulg", &log);
        let database = format!("{seed}.rem");
        let partial = if below(3) == 0 { None } else { Some("--partial") };
        let ran =
            place.run(&[&["import", database.as_str(), "changed.ulg"][..], partial.as_slice()].concat());
        let refused = ran.status == Some(1) && ran.err.starts_with("error");
        assert!(ran.status == Some(0) || refused, "seed {seed}: {ran:?}");
        let checked = place.run(&["check", &database]);
        assert!(refused || checked.status == Some(0), "seed {seed}: {checked:?}");
        let _ = std::fs::remove_dir_all(place.path(&database));
    }
}
