//! The functions that read and print the values of types, under PostgreSQL's numbers: all that is in `pg_proc`. Drivers look there for
//! what a type is (`typreceive` of an array is `array_recv`).
//!
//! ```text
//! SELECT typinput, typsend::oid FROM pg_type WHERE typname = 'int4'     int4in   2407
//! ```

use super::text;
use crate::sql::parse::parse_name;
use remanent_storage::catalog::{Catalog, SYSTEM_SCHEMA};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Value;

/// What their names begin with, and the numbers of those that end with in, out, recv and send.
const PROCEDURES: &str = "array_ 750 751 2400 2401,enum_ 3506 3507 3532 3533,record_ 2290 2291 2402 2403,\
    bool 1242 1243 2436 2437,bytea 1244 31 2412 2413,name 34 35 2422 2423,int8 460 461 2408 2409,int2 38 39 2404 2405,\
    int4 42 43 2406 2407,text 46 47 2414 2415,oid 1798 1799 2418 2419,json_ 321 322 323 324,float4 200 201 2424 2425,\
    float8 214 215 2426 2427,bpchar 1044 1045 2430 2431,varchar 1046 1047 2432 2433,date_ 1084 1085 2468 2469,\
    time_ 1143 1144 2470 2471,timestamp_ 1312 1313 2474 2475,timestamptz_ 1150 1151 2476 2477,\
    interval_ 1160 1161 2478 2479,timetz_ 1350 1351 2472 2473,bit_ 1564 1565 2456 2457,varbit_ 1579 1580 2458 2459,\
    numeric_ 1701 1702 2460 2461,regclass 2218 2219 2452 2453,regtype 2220 2221 2454 2455,regproc 44 45 2444 2445,\
    regrole 4098 4092 4094 4095,regnamespace 4084 4085 4087 4088,uuid_ 2952 2953 2961 2962,tsvector 3610 3611 3639 3638,\
    tsquery 3612 3613 3641 3640,regconfig 3736 3737 3738 3739,jsonb_ 3806 3804 3805 3803,jsonpath_ 4001 4003 4002 4004";

fn families() -> impl Iterator<Item = (&'static str, impl Iterator<Item = i64>)> {
    PROCEDURES.split(',').filter_map(|family| {
        let (begin, numbers) = family.split_once(' ')?;
        Some((begin, numbers.split(' ').filter_map(|number| number.parse().ok())))
    })
}

/// Their names and numbers.
pub(crate) fn procedures() -> impl Iterator<Item = (String, i64)> {
    families().flat_map(|(begin, numbers)| {
        ["in", "out", "recv", "send"].into_iter().map(move |end| format!("{begin}{end}")).zip(numbers)
    })
}

/// The number of a function by its name, whatever arguments stand behind it; 42883 where there is none.
pub(crate) fn procedure_named(text: &str) -> Result<i64> {
    let bare = text.split('(').next().unwrap_or_default().trim();
    let name = parse_name(bare).map_err(|_| Error::new(state::INVALID_NAME, "invalid name syntax"))?;
    let own = name.qualifier().is_none_or(|schema| schema.name == SYSTEM_SCHEMA);
    let found = procedures().find(|(known, _)| own && known == name.last());
    found
        .map(|(_, number)| number)
        .ok_or_else(|| Error::new(state::UNDEFINED_FUNCTION, format!("function \"{text}\" does not exist")))
}

/// The numbers of those of a type by its name and category; 0 where there is none.
pub(super) fn of_type(name: &str, category: &str) -> [Value; 4] {
    let meant = |begin: &str| match category {
        "A" => begin == "array_",
        "E" => begin == "enum_",
        _ => begin.trim_end_matches('_') == name,
    };
    let mut numbers = families().find(|(begin, _)| meant(begin)).map(|(_, numbers)| numbers);
    [(); 4].map(|()| Value::Int8(numbers.as_mut().and_then(Iterator::next).unwrap_or(0)))
}

pub(super) fn pg_proc(_: &Catalog) -> Vec<Vec<Value>> {
    procedures().map(|(name, number)| vec![Value::Int8(number), text(&name)]).collect()
}
