//! The names of functions' parameters, where arguments may be given by them: `make_interval(days => 3)`.

use super::bucket::{GAPFILL, INTERPOLATE, LOCF};

/// What stands for a parameter that is not given while a later one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: the call is none.
    Refused,
    /// NULL
    Null,
    /// A literal, in quotes.
    Is(&'static str),
}

use Missing::{Is, Null, Refused};

/// The parts of an interval that are not given.
const ZERO: Missing = Is("0");
/// Variables of a path.
const EMPTY: Missing = Is("{}");
/// The world of web maps.
const WORLD: Missing =
    Is("SRID=3857;LINESTRING(-20037508.342789244 -20037508.342789244,20037508.342789244 20037508.342789244)");

/// The functions, their parameters (`""`: it has no name) and what stands for missing ones.
static PARAMETERS: &[(&str, &[&str], Missing)] = &[
    ("time_bucket", &["bucket_width", "ts", "timezone", "origin", "offset"], Null),
    (GAPFILL, &["bucket_width", "ts", "timezone", "start", "finish"], Null),
    (LOCF, &["value", "prev", "treat_null_as_missing"], Null),
    (INTERPOLATE, &["value", "prev", "next"], Null),
    ("st_clusterdbscan", &["", "eps", "minpoints"], Null),
    ("make_interval", &["years", "months", "weeks", "days", "hours", "mins", "secs"], ZERO),
    ("make_date", &["year", "month", "day"], Refused),
    ("make_time", &["hour", "min", "sec"], Refused),
    ("make_timestamp", MOMENT, Refused),
    ("make_timestamptz", MOMENT, Refused),
    ("jsonb_set", &["jsonb_in", "path", "replacement", "create_if_missing"], Refused),
    (
        "jsonb_set_lax",
        &["jsonb_in", "path", "replacement", "create_if_missing", "null_value_treatment"],
        Is("true"),
    ),
    ("jsonb_insert", &["jsonb_in", "path", "replacement", "insert_after"], Refused),
    ("jsonb_path_exists", PATH, EMPTY),
    ("jsonb_path_exists_tz", PATH, EMPTY),
    ("jsonb_path_match", PATH, EMPTY),
    ("jsonb_path_match_tz", PATH, EMPTY),
    ("jsonb_path_query", PATH, EMPTY),
    ("jsonb_path_query_tz", PATH, EMPTY),
    ("jsonb_path_query_array", PATH, EMPTY),
    ("jsonb_path_query_array_tz", PATH, EMPTY),
    ("jsonb_path_query_first", PATH, EMPTY),
    ("jsonb_path_query_first_tz", PATH, EMPTY),
    ("parse_ident", &["str", "strict"], Refused),
    ("st_asmvtgeom", &["geom", "bounds", "extent", "buffer", "clip_geom"], Null),
    ("st_tileenvelope", &["zoom", "x", "y", "bounds", "margin"], WORLD),
];

const MOMENT: &[&str] = &["year", "month", "mday", "hour", "min", "sec", "timezone"];
const PATH: &[&str] = &["target", "path", "vars", "silent"];

/// The parameters of a function and what stands for missing ones; none: its arguments have no names.
pub fn parameters(function: &str) -> (&'static [&'static str], Missing) {
    let known = PARAMETERS.iter().find(|(name, ..)| *name == function);
    known.map_or((&[], Refused), |(_, names, missing)| (*names, *missing))
}
