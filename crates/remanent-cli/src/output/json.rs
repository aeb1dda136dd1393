//! JSON (RFC 8259): an array of objects, one a row, one a line.
//!
//! Numbers are JSON numbers with all their digits (a reader that keeps doubles only will round large ones);
//! NaN and infinities, for which JSON has no number, are strings. NULL is null, booleans are booleans, a
//! vector is an array; everything else is a string with the text that SQL shows.

use super::{Cells, Head};
use crate::failure::{Failure, Result};
use remanent::Type;
use std::io::Write;

/// Prints the array.
pub fn print(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    out: &mut dyn Write,
) -> Result<u64> {
    out.write_all(b"[")?;
    let count = objects(heads, rows, ["\n", ",\n"], out)?;
    out.write_all(if count == 0 { b"]\n" } else { b"\n]\n" })?;
    Ok(count)
}

/// Prints the objects without the array: JSON lines.
pub fn print_lines(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    out: &mut dyn Write,
) -> Result<u64> {
    let count = objects(heads, rows, ["", "\n"], out)?;
    if count > 0 {
        out.write_all(b"\n")?;
    }
    Ok(count)
}

/// Objects with something before the first and before each of the others.
fn objects(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    [first, other]: [&str; 2],
    out: &mut dyn Write,
) -> Result<u64> {
    let names: Vec<_> = heads.iter().map(|h| quoted(&h.name)).collect();
    let mut count = 0;
    for row in rows {
        let row = row.map_err(Failure::from)?;
        write!(out, "{}{{", if count == 0 { first } else { other })?;
        for (i, ((head, name), cell)) in heads.iter().zip(&names).zip(&row).enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(out, "{comma}{name}:{}", value(head.ty, cell.as_deref()))?;
        }
        out.write_all(b"}")?;
        count += 1;
    }
    Ok(count)
}

fn value(ty: Type, cell: Option<&str>) -> String {
    let Some(text) = cell else { return "null".into() };
    match ty {
        Type::Bool => if text == "t" { "true" } else { "false" }.into(),
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_)
            if text.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            text.into()
        }
        // A document stands in the answer as what it is.
        Type::Json | Type::Jsonb => text.into(),
        // "[1,2.5]" is JSON as it is, unless a float in it is none.
        Type::Vector(_) if !text.contains(['N', 'I', 'n', 'i']) => text.into(),
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: Type, text: &str, expected: &str) {
        assert_eq!(value(ty, Some(text)), expected);
    }

    #[test]
    fn values() {
        assert_eq!(value(Type::Int4, None), "null");
        check(Type::Bool, "t", "true");
        check(Type::Bool, "f", "false");
        check(Type::Int8, "-9223372036854775808", "-9223372036854775808");
        check(Type::Float8, "1e-05", "1e-05");
        check(Type::Float8, "-Infinity", "\"-Infinity\"");
        check(Type::Float4, "NaN", "\"NaN\"");
        check(Type::Numeric(None), "0.10", "0.10");
        check(Type::Numeric(None), "NaN", "\"NaN\"");
        check(Type::Vector(Some(2)), "[1,2.5]", "[1,2.5]");
        check(Type::Text, "7", "\"7\"");
        check(Type::Jsonb, "{\"a\": 1}", "{\"a\": 1}");
        check(Type::Text, "\"\\\n\r\t\u{1}æ", r#""\"\\\n\r\t\u0001æ""#);
    }

    #[test]
    fn an_array_of_objects() {
        let heads = ["a", "\"b\""].map(|name| Head { name: name.into(), ty: Type::Int4 });
        let printed = |rows: Vec<Vec<Option<String>>>| {
            let mut out = Vec::new();
            print(&heads, &mut rows.into_iter().map(Ok), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(printed(vec![]), "[]\n");
        let rows = vec![vec![Some("1".into()), None], vec![Some("2".into()), Some("3".into())]];
        assert_eq!(printed(rows), "[\n{\"a\":1,\"\\\"b\\\"\":null},\n{\"a\":2,\"\\\"b\\\"\":3}\n]\n");
    }
}
