//! The forms of geometries, in and out, as PostGIS 3.3 gave them; bytes and texts that are none.

use remanent_shapes::{binary, json, parse, wkt};

#[test]
fn as_postgis() {
    let mut wrong = Vec::new();
    for line in include_str!("forms.txt").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('|').collect();
        let parsed = parse(columns[0]);
        let right = match (&parsed, &columns[1..]) {
            (Err(error), ["error", message]) => error.message == *message,
            (Ok(geometry), [text, hex, geojson]) => {
                let found = [
                    wkt::print_extended(geometry, 15),
                    binary::to_hex(&binary::encode(geometry)),
                    json::print(geometry, 9, 0),
                ];
                let again = binary::parse(&binary::encode(geometry)).unwrap();
                assert_eq!(binary::encode(&again), binary::encode(geometry));
                found == [*text, *hex, *geojson]
            }
            _ => false,
        };
        if !right {
            let found = parsed.map(|g| {
                format!(
                    "{}|{}|{}",
                    wkt::print_extended(&g, 15),
                    binary::to_hex(&binary::encode(&g)),
                    json::print(&g, 9, 0)
                )
            });
            wrong.push(format!("{line}\n      found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whatever is cut off or changed, nothing but a geometry or an error comes of it.
#[test]
fn damaged() {
    let bytes = binary::encode(
        &parse("GEOMETRYCOLLECTION(POINT(1 2),POLYGON((0 0,1 0,1 1,0 0)),MULTIPOINT(1 1,2 2))").unwrap(),
    );
    for cut in 0..bytes.len() {
        assert!(binary::parse(&bytes[..cut]).is_err(), "{cut}");
        for value in [0, 1, 2, 7, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[cut] = value;
            let _ = binary::parse(&changed);
            let _ = remanent_shapes::bounds::Bounds::of_bytes(&changed);
            let _ = binary::as_point(&changed);
        }
    }
}

#[test]
fn nested() {
    let deep = |open: &str, close: &str, inner: &str| {
        format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000))
    };
    for text in [
        deep("GEOMETRYCOLLECTION(", ")", "POINT(1 2)"),
        deep("{\"type\":\"GeometryCollection\",\"geometries\":[", "]}", ""),
        deep("{\"type\":[", "]}", ""),
        "0107000000010000".repeat(100_000),
        "010700000001000000".repeat(100_000),
    ] {
        assert!(parse(&text).is_err());
    }
}

/// What begins as a box does, or nearly, in whatever characters.
#[test]
fn boxes() {
    let printed = |text: &str| remanent_shapes::make::parse_box(text).map(|bounds| bounds.high);
    assert_eq!(printed("box(0 0,1 2)"), Some([1.0, 2.0, 0.0]));
    assert_eq!(printed(" BOX3D(3 0 0,1 2 3) "), Some([3.0, 2.0, 3.0]));
    for text in ["POI\u{fffd}", "BOX\u{fffd}(0 0,1 1)", "BOX3D\u{e9}0,1)", "BOX(", "BOX(0 0)", "é"] {
        assert_eq!(printed(text), None, "{text}");
        assert!(parse(text).is_err(), "{text}");
    }
}
