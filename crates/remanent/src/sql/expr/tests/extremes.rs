//! Every function, operator, cast and aggregate with the most awkward values of its arguments' types: each ends in a
//! result or an error with a state of its own, never in a panic or an internal error.

use super::with_context;
use crate::sql::functions::aggregate::{self, Accumulator};
use crate::sql::functions::cast::cast_column;
use crate::sql::functions::{Arg, Function, all_functions, invoke};
use remanent_storage::error::Result;
use remanent_storage::value::jsonpath;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::record::{self, RECORD};
use remanent_storage::value::{Column, Decimal, Element, Interval, Type, Value};

const TYPES: &[Type] = &[
    Type::Bool,
    Type::Int2,
    Type::Int4,
    Type::Int8,
    Type::Float4,
    Type::Float8,
    Type::Numeric(None),
    Type::Numeric(Some((12, 3))),
    Type::Numeric(Some((36, 0))),
    Type::Text,
    Type::Bytea,
    Type::Date,
    Type::Timestamp,
    Type::Timestamptz,
    Type::Interval,
    Type::Vector(None),
    Type::Varchar(Some(3)),
    Type::Char(Some(3)),
    Type::Uuid,
    Type::Time,
    Type::Json,
    Type::Jsonb,
    INTS,
    TEXTS,
];

const INTS: Type = Type::Array(Element::of(Type::Int4));
const TEXTS: Type = Type::Array(Element::of(Type::Text));

fn decimal(mantissa: i128, scale: u8) -> Value {
    Value::from(Decimal::new(mantissa, scale).unwrap())
}

fn interval(months: i32, days: i32, micros: i64) -> Value {
    Value::Interval(Interval { months, days, micros })
}

/// The awkward values of a type.
fn extremes(ty: Type) -> Vec<Value> {
    let most = 10i128.pow(36) - 1;
    let texts = ["", "a", "øæ\u{1f980}", "%_\\", "year", "2024-02-29 12:00:00", "12345678901234567890", "-1"];
    match ty {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Int2 => [0, 1, -1, i16::MAX, i16::MIN].map(Value::Int2).into(),
        Type::Int4 => [0, 1, -1, 3, 100_000, i32::MAX, i32::MIN].map(Value::Int4).into(),
        Type::Int8 => [0, 1, -1, 1 << 40, i64::MAX, i64::MIN].map(Value::Int8).into(),
        Type::Float4 => [0.0, -0.0, 1.5, f32::MAX, f32::MIN_POSITIVE, f32::NAN, f32::NEG_INFINITY]
            .map(Value::Float4)
            .into(),
        Type::Float8 => [
            0.0,
            -1.5,
            1e300,
            f64::MIN,
            f64::MIN_POSITIVE,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
        ]
        .map(Value::Float8)
        .into(),
        Type::Numeric(None) => vec![
            decimal(0, 0),
            decimal(0, 36),
            decimal(-1, 36),
            decimal(15, 1),
            decimal(most, 0),
            decimal(-most, 36),
            decimal(most, 18),
        ],
        Type::Numeric(Some((precision, scale))) => {
            let most = 10i128.pow(precision.into()) - 1;
            [0, 1, -most, most].map(|m| decimal(m, scale as u8)).into()
        }
        Type::Text => texts.map(|t| Value::Text(t.into())).into(),
        Type::Bytea => vec![Value::Bytea(Vec::new()), Value::Bytea(vec![0, 255]), Value::Bytea(vec![65; 40])],
        Type::Date => [0, -2_451_545, 2_145_031_948, i32::MAX, i32::MIN].map(Value::Date).into(),
        Type::Timestamp => [0, -211_813_488_000_000_000, 9_223_371_331_199_999_999, i64::MAX, i64::MIN]
            .map(Value::Timestamp)
            .into(),
        Type::Timestamptz => {
            [0, 9_223_371_331_199_999_999, i64::MAX, i64::MIN].map(Value::Timestamptz).into()
        }
        Type::Interval => vec![
            interval(0, 0, 0),
            interval(1, -1, 1),
            interval(i32::MAX, i32::MAX, i64::MAX),
            interval(i32::MIN, i32::MIN, i64::MIN),
        ],
        Type::Vector(_) => vec![
            Value::Vector(vec![0.0]),
            Value::Vector(vec![f32::MAX, -1.0]),
            Value::Vector(vec![f32::NAN, f32::INFINITY]),
            Value::Vector((0..40).map(|i| i as f32).collect()),
        ],
        Type::Time => [0, 1, 86_400_000_000].map(Value::Time).into(),
        ty if ty.is_oid() => [0, 23, 1259, 16_384, 0xffff_ffff].map(Value::Int8).into(),
        Type::Uuid => vec![Value::Uuid([0; 16]), Value::Uuid([255; 16])],
        RECORD => {
            let mut bytes = Vec::new();
            record::put(&mut bytes, "a\"b", Type::Int4, &Value::Null);
            record::put(&mut bytes, "", Type::Text, &Value::from("x, y"));
            vec![record::value(Vec::new()), record::value(bytes)]
        }
        _ => {
            let texts: &[&str] = match ty {
                Type::Other(Kind::Geometry | Kind::Geography, _) => {
                    &["POINT(1 2)", "LINESTRING EMPTY", "POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 1))"]
                }
                Type::Other(kind, _) if kind.described().name == "regconfig" => &["english", "simple"],
                Type::Other(Kind::Bit | Kind::VarBit, _) => &["", "1", "0110", "xffffffffffffffffff"],
                Type::Other(Kind::TimeTz, _) => &["00:00+15:59:59", "24:00:00-15:59:59", "10:00:00.5+02"],
                Type::Other(Kind::SparseVec, _) => {
                    &["{}/1", "{1:3.4e38,1000000000:-1}/1000000000", "{1:-1}/2"]
                }
                Type::Other(Kind::JsonPath, _) => {
                    jsonpath::read_with(crate::sql::functions::jsonpath::canonical);
                    &["$", "strict $.a[1 to last] ? (@ > $x)", "$.**{2}.datetime(\"HH24\")", "-$.keyvalue()"]
                }
                Type::Other(..) => &["[1]", "[65504,-1]"],
                Type::Varchar(_) | Type::Name | Type::Char(_) => &["", "abc", "ø\u{1f980}"],
                Type::Array(element)
                    if matches!(element.ty(), Type::Other(Kind::Geometry | Kind::Geography, _)) =>
                {
                    &["{}", "{NULL}", "{\"POINT(1 2)\"}"]
                }
                Type::Array(element) if element.ty() == Type::Text => {
                    &["{}", "{a,NULL,ø}", "{{a,b},{c,d}}", "[0:1]={1,2}"]
                }
                Type::Array(_) => &["{}", "{1,NULL}", "{{1,2},{3,4}}", "[-2147483648:-2147483647]={1,2}"],
                _ => &[
                    "null",
                    "1e400",
                    "\"a\"",
                    "[]",
                    "[1,[null],{\"a\":{}}]",
                    "{\"a\":{\"b\":[1]},\"b\":null}",
                ],
            };
            texts.iter().map(|text| Value::parse(text, ty).unwrap()).collect()
        }
    }
}

/// All choices of one value for each argument, as columns; at most `limit` rows, spread evenly.
fn combinations(args: &[Type], limit: usize) -> (Vec<Column>, usize) {
    let choices: Vec<Vec<Value>> = args.iter().map(|&ty| extremes(ty)).collect();
    let all: usize = choices.iter().map(Vec::len).product();
    let rows: Vec<usize> = (0..all).step_by(all.div_ceil(limit)).collect();
    let mut columns = Vec::new();
    let mut stride = 1;
    for (values, &ty) in choices.iter().zip(args) {
        let cells = rows.iter().map(|row| values[row / stride % values.len()].clone());
        columns.push(Column::from_values(ty, cells).unwrap());
        stride *= values.len();
    }
    (columns, rows.len())
}

fn sound(result: Result<Column>, rows: usize, what: &str) {
    match result {
        Ok(column) => {
            assert_eq!(column.len(), rows, "{what}");
            // Printing must not panic either.
            (0..rows).for_each(|i| assert!(column.value(i).to_string().len() < 1 << 24, "{what}"));
        }
        Err(error) => assert!(!error.code().starts_with("XX"), "{what}: {error:?}"),
    }
}

/// The types that a signature takes, with each type of our own where it takes any.
fn argument_types(args: &[Arg]) -> Vec<Vec<Type>> {
    let mut all = vec![Vec::new()];
    for arg in args {
        let types = match arg {
            Arg::Is(Type::Numeric(_)) => vec![Type::Numeric(None), Type::Numeric(Some((12, 3)))],
            Arg::Is(ty) => vec![*ty],
            Arg::Any => TYPES.to_vec(),
            Arg::Array => vec![INTS, TEXTS],
            Arg::Element => vec![Type::Int4, Type::Text],
            // There are none without a catalog.
            Arg::Enum => Vec::new(),
        };
        let longer = |head: &Vec<Type>| {
            let head = head.clone();
            types.clone().into_iter().map(move |ty| head.iter().copied().chain([ty]).collect())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// What a signature returns for these types; None where its arrays and elements do not fit one another.
fn returned(signature: &[Arg], types: &[Type], returns: Type) -> Option<Type> {
    let concerned = signature.iter().zip(types).filter(|(arg, _)| matches!(arg, Arg::Array | Arg::Element));
    let mut elements = concerned.map(|(_, ty)| Element::of(*ty));
    let Some(first) = elements.next() else { return Some(returns) };
    elements.all(|element| element == first).then_some(match returns {
        Type::Array(Element::ANY) => Type::Array(first),
        Type::Array(Element::ITSELF) => first.ty(),
        other => other,
    })
}

fn call(function: &'static Function, args: &[Type], returns: Type) {
    // These would do as they are told.
    if function.name.starts_with("pg_sleep") {
        return;
    }
    // What the binder makes of syntax, with arguments that only it gives.
    if function.name.starts_with('@') && function.name.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic)
    {
        return;
    }
    let what = format!("{}{args:?}", function.name);
    // These take one type and return it; the resolver sees to that.
    let same = matches!(function.name, "greatest" | "least" | "nullif");
    if same && args.iter().any(|ty| *ty != args[0] || *ty == Type::Vector(None)) {
        return;
    }
    let returns = if same { args[0] } else { returns };
    let (columns, rows) = combinations(args, 300);
    with_context(&[], |ctx| {
        sound(invoke(function, returns, columns.clone(), rows, ctx), rows, &what);
        // Row by row, constants: no error of one row hides another row.
        for row in 0..rows {
            let one = columns.iter().map(|c| Column::constant(c.ty(), &c.value(row), 2).unwrap()).collect();
            let shown: Vec<Value> = columns.iter().map(|c| c.value(row)).collect();
            sound(invoke(function, returns, one, 2, ctx), 2, &format!("{what} {shown:?}"));
        }
        // NULLs anywhere.
        for i in 0..columns.len() {
            let mut columns = columns.clone();
            columns[i] = Column::null(args[i], rows);
            sound(invoke(function, returns, columns, rows, ctx), rows, &what);
        }
    });
}

#[test]
fn functions_end_in_a_result_or_an_error() {
    for function in all_functions() {
        for (args, returns) in function.signatures {
            for types in argument_types(args) {
                if let Some(returns) = returned(args, &types, *returns) {
                    call(function, &types, returns);
                }
            }
        }
    }
}

#[test]
fn casts_end_in_a_result_or_an_error() {
    for &from in TYPES {
        let values = extremes(from);
        for &to in TYPES {
            let what = format!("{from} to {to}");
            let all = Column::from_values(from, values.clone()).unwrap();
            sound(cast_column(&all, to), values.len(), &what);
            for value in &values {
                let one = Column::constant(from, value, 3).unwrap();
                sound(cast_column(&one, to), 3, &format!("{what}: {value:?}"));
            }
        }
    }
}

#[test]
fn aggregates_end_in_a_result_or_an_error() {
    for function in aggregate::all_aggregates() {
        for (signature, returns) in function.signatures {
            for args in argument_types(signature) {
                let Some(returns) = returned(signature, &args, *returns) else { continue };
                let (columns, rows) = combinations(&args, 300);
                let run = |columns: &[Column], rows: usize, groups: usize| {
                    let mut state: Box<dyn Accumulator> = (function.make)(&args, returns);
                    state.resize(groups);
                    let group: Vec<u32> = (0..rows).map(|i| (i % groups) as u32).collect();
                    let updated = state.update((groups > 1).then_some(&group[..]), columns, rows);
                    updated.and_then(|()| state.finish())
                };
                let what = format!("{}{args:?}", function.name);
                sound(run(&columns, rows, 1), 1, &what);
                sound(run(&columns, rows, 7), 7, &what);
                for row in 0..rows {
                    let one: Vec<Column> =
                        columns.iter().map(|c| Column::constant(c.ty(), &c.value(row), 3).unwrap()).collect();
                    sound(run(&one, 3, 1), 1, &what);
                }
            }
        }
    }
}
