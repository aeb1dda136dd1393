//! Random values of every type for the tests of `value`, with the extremes drawn often.

#![allow(dead_code, reason = "each test file uses its part")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use remanent_storage::value::array::{Array, Dimension};
use remanent_storage::value::characters::{Excess, limit, name};
use remanent_storage::value::json::Json;
use remanent_storage::value::{Decimal, Element, Interval, Numeric, Type, Value};

/// Every type, numerics in their three layouts.
pub const TYPES: [Type; 33] = [
    Type::Bool,
    Type::Int2,
    Type::Int4,
    Type::Int8,
    Type::Float4,
    Type::Float8,
    Type::Numeric(None),
    Type::Numeric(Some((10, 2))),
    Type::Numeric(Some((18, 0))),
    Type::Numeric(Some((36, 12))),
    Type::Text,
    Type::Bytea,
    Type::Date,
    Type::Timestamp,
    Type::Timestamptz,
    Type::Interval,
    Type::Vector(None),
    Type::Vector(Some(3)),
    Type::Numeric(Some((60, 20))),
    Type::Numeric(Some((20, -3))),
    Type::Varchar(None),
    Type::Char(None),
    Type::Char(Some(400)),
    Type::Uuid,
    Type::Time,
    Type::Json,
    Type::Jsonb,
    Type::Oid,
    Type::Regtype,
    Type::Name,
    Type::Array(Element::of(Type::Int4)),
    Type::Array(Element::of(Type::Text)),
    Type::Array(Element::of(Type::Numeric(None))),
];

/// A type.
pub fn types() -> impl Strategy<Value = Type> {
    prop::sample::select(TYPES.to_vec())
}

fn i64s() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -300i64..300,
        prop::sample::select(vec![
            0,
            1,
            -1,
            i64::MIN,
            i64::MIN + 1,
            i64::MAX,
            i64::MAX - 1,
            1 << 32,
            -(1 << 32)
        ]),
    ]
}

fn i32s() -> impl Strategy<Value = i32> {
    prop_oneof![any::<i32>(), -300i32..300, prop::sample::select(vec![0, i32::MIN, i32::MAX])]
}

fn f64s() -> impl Strategy<Value = f64> {
    let extremes = vec![
        0.0,
        -0.0,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        f64::MAX,
        f64::MIN,
        1.5,
    ];
    prop_oneof![any::<u64>().prop_map(f64::from_bits), -3.0..3.0, prop::sample::select(extremes)]
}

fn f32s() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        prop::sample::select(vec![
            0.0,
            -0.0,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            1e-45,
            f32::MAX,
            1.0
        ]),
    ]
}

/// Digits below 10^precision of any length, so that small and round numbers are as likely as large ones.
fn decimals(precision: u32, scales: impl Strategy<Value = u8>) -> impl Strategy<Value = Decimal> {
    (any::<u128>(), 0..=precision, 0..4u32, any::<bool>(), scales).prop_map(
        move |(digits, length, zeros, negative, scale)| {
            let m = (digits % 10u128.pow(length)) as i128;
            let m = m / 10i128.pow(zeros) * 10i128.pow(zeros);
            Decimal::new(if negative { -m } else { m }, scale).expect("digits are limited")
        },
    )
}

/// Decimals, longer numbers, and those that are none, as far as the type has them.
fn numerics(limits: Option<(u16, i16)>, fixed: Option<u8>) -> BoxedStrategy<Numeric> {
    if let (Some((precision, _)), Some(scale)) = (limits, fixed) {
        let nan = Just(Numeric::NaN);
        return prop_oneof![9 => decimals(precision.into(), Just(scale)).prop_map(Numeric::from), 1 => nan]
            .boxed();
    }
    let long =
        ("-?[0-9]{1,60}(\\.[0-9]{0,60})?", prop::sample::select(vec!["", "e40", "e-70", "e400", "e-400"]))
            .prop_map(|(digits, exponent)| {
                format!("{digits}{exponent}").parse::<Numeric>().expect("it is a number")
            });
    let none = prop::sample::select(vec![Numeric::NaN, Numeric::Infinity, Numeric::NegativeInfinity]);
    let fit = move |n: Numeric| match limits {
        None => n,
        Some((precision, scale)) => n.fit(precision, scale).unwrap_or(Numeric::NaN),
    };
    prop_oneof![6 => decimals(36, 0..=36u8).prop_map(Numeric::from), 3 => long, 1 => none]
        .prop_map(fit)
        .boxed()
}

/// Short strings of few distinct bytes, so that prefixes, zeros and equal strings are frequent; some long.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let few = prop::sample::select(vec![0u8, 1, 2, 254, 255, b'a', b'b']);
    prop_oneof![
        4 => prop::collection::vec(few, 0..6),
        2 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(any::<u8>(), 100..300),
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(vec!['a', 'b', '\u{1}', 'é', '\u{7f}']), 0..6)
            .prop_map(|chars| chars.into_iter().collect()),
        2 => "\\PC{0,40}",
    ]
}

/// Trees of a few members; equal keys and empty ones occur.
fn json() -> impl Strategy<Value = Json> {
    let number =
        numerics(None, None).prop_map(|n| Json::Number(if n.scale().is_some() { n } else { Numeric::ZERO }));
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number,
        texts().prop_map(Json::String),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop::sample::select(vec!["", "a", "b", "ab", "ø"]).prop_map(String::from);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((key, inner), 0..4).prop_map(Json::Object),
        ]
    })
}

/// Arrays of up to two dimensions, with NULLs, from any subscript on.
fn arrays(element: Type) -> impl Strategy<Value = Array> {
    let extent = (1i32..3, prop::sample::select(vec![0i32, 1, 1, -5]));
    let extents = prop::collection::vec(extent, 0..3);
    (extents, prop::collection::vec(nullable(element), 4)).prop_map(move |(extents, values)| {
        let count: i32 =
            if extents.is_empty() { 0 } else { extents.iter().map(|(length, _)| length).product() };
        let dimensions = extents.iter().map(|&(length, lower)| Dimension { length, lower }).collect();
        Array::new(element, dimensions, values[..count as usize].to_vec()).expect("it has its extent")
    })
}

/// A value of a type, never NULL.
pub fn values(ty: Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Precise(precise) => values(precise.plain()),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int2 => i32s().prop_map(|v| Value::Int2(v as i16)).boxed(),
        Type::Int4 => i32s().prop_map(Value::Int4).boxed(),
        Type::Int8 => i64s().prop_map(Value::Int8).boxed(),
        Type::Float4 => f32s().prop_map(Value::Float4).boxed(),
        Type::Float8 => f64s().prop_map(Value::Float8).boxed(),
        Type::Numeric(limits) => numerics(limits, ty.fixed_scale()).prop_map(Value::Numeric).boxed(),
        Type::Text => texts().prop_map(Value::Text).boxed(),
        Type::Bytea => bytes().prop_map(Value::Bytea).boxed(),
        Type::Date => i32s().prop_map(Value::Date).boxed(),
        Type::Timestamp => i64s().prop_map(Value::Timestamp).boxed(),
        Type::Timestamptz => i64s().prop_map(Value::Timestamptz).boxed(),
        Type::Interval => {
            // Small parts, so that intervals of equal length and different parts occur.
            let small = (-3i32..4, -61i32..62, -3i64..4).prop_map(|(months, days, days_of_micros)| {
                Interval { months, days, micros: days_of_micros * 86_400_000_000 }
            });
            let any =
                (i32s(), i32s(), i64s()).prop_map(|(months, days, micros)| Interval { months, days, micros });
            prop_oneof![small, any].prop_map(Value::Interval).boxed()
        }
        Type::Vector(n) => {
            let len = n.map_or(1..5, |n| usize::from(n)..usize::from(n) + 1);
            prop::collection::vec(f32s(), len).prop_map(Value::Vector).boxed()
        }
        Type::Varchar(_) => texts().prop_map(Value::Text).boxed(),
        Type::Name => texts().prop_map(|text| Value::Text(name(&text).to_string())).boxed(),
        Type::Oid | Type::Regclass | Type::Regtype | Type::Regnamespace | Type::Regproc | Type::Regrole => {
            any::<u32>().prop_map(|oid| Value::Int8(oid.into())).boxed()
        }
        Type::Char(n) => texts()
            .prop_map(move |text| Value::Char(limit(&text, n, true, Excess::Cut).expect("cut to its length")))
            .boxed(),
        // Its text says nothing without a catalog, so it is not among [`TYPES`].
        Type::Enum(of) => any::<u8>().prop_map(move |b| Value::Enum(of, Box::new([b | 1]))).boxed(),
        // As halfvec and tsvector read it.
        Type::Other(kind, modifier) => (0u8..100)
            .prop_map(move |n| kind.parse(&format!("[{n}]"), modifier).expect("a number in brackets"))
            .boxed(),
        Type::Uuid => any::<[u8; 16]>().prop_map(Value::Uuid).boxed(),
        Type::Time => (0i64..=86_400_000_000).prop_map(Value::Time).boxed(),
        Type::Json => json().prop_map(|json| Value::Json(json.encode().to_string())).boxed(),
        Type::Jsonb => json().prop_map(|json| Value::Jsonb(json.encode())).boxed(),
        Type::Array(element) => arrays(element.ty()).prop_map(Value::from).boxed(),
    }
}

/// A value of a type or NULL.
pub fn nullable(ty: Type) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 5 => values(ty)].boxed()
}

/// What tells values apart beyond SQL's equality: scales, the sign of zero, the parts of intervals.
pub fn exact<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    values.into_iter().map(|v| format!("{v:?}")).collect()
}

/// Flips, cuts or lengthens bytes in one place.
pub fn damage(bytes: &mut Vec<u8>, at: usize, how: u8) {
    let at = at % (bytes.len() + 1);
    match how % 4 {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, how),
        2 => bytes.resize(bytes.len() + 3, how),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= how | 1;
            }
        }
    }
}

/// The same cases in every run; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others and for more.
pub fn config(cases: u32) -> ProptestConfig {
    let set = |name| std::env::var_os(name).is_some();
    let given = ProptestConfig::default();
    ProptestConfig {
        cases: if set("PROPTEST_CASES") { given.cases } else { cases },
        rng_seed: if set("PROPTEST_RNG_SEED") { given.rng_seed } else { RngSeed::Fixed(2000) },
        failure_persistence: None,
        ..given
    }
}
