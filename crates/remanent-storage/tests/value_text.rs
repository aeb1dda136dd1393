//! Text forms: what `Value::parse` reads and `Display` prints, beside what PostgreSQL 15 does.

use remanent_storage::value::{Type, Value};

fn type_named(name: &str) -> Type {
    match name {
        "boolean" => Type::Bool,
        "smallint" => Type::Int2,
        "integer" => Type::Int4,
        "bigint" => Type::Int8,
        "real" => Type::Float4,
        "double precision" => Type::Float8,
        "numeric" => Type::Numeric(None),
        "text" => Type::Text,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::Timestamptz,
        "interval" => Type::Interval,
        "vector" => Type::Vector(None),
        other => {
            let inside = other.strip_prefix("numeric(").and_then(|s| s.strip_suffix(')')).expect(other);
            let (precision, scale) = inside.split_once(',').expect(other);
            Type::Numeric(Some((precision.parse().expect(other), scale.parse().expect(other))))
        }
    }
}

/// What a golden line says after its input: `ok|text` or `SQLSTATE|message`.
fn parse_and_print(ty: &str, input: &str) -> String {
    match Value::parse(input, type_named(ty)) {
        // A cast to text prints booleans in full; the output function does not.
        Ok(Value::Bool(v)) => format!("ok|{v}"),
        Ok(v) => format!("ok|{v}"),
        Err(e) => format!("{}|{}", e.code(), e.message()),
    }
}

/// Each line of the file is `type|input|` and what PostgreSQL 15 answered to `select 'input'::type::text`.
#[test]
fn text_forms_are_those_of_postgresql() {
    let mut wrong = Vec::new();
    for line in include_str!("value_golden/text_forms.txt").lines() {
        let mut parts = line.splitn(3, '|');
        let (ty, input, expected) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let found = parse_and_print(ty, input);
        if found != expected {
            wrong.push(format!("{ty} {input:?}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
