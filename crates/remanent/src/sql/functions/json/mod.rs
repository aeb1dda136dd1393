//! json and jsonb: looking into them, making them, changing them.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the entries |
//! | `assign` | `SET j['a'] = …` |
//! | `doc` | [`doc::Doc`]: a value of either type, to look into |
//! | `get` | `->` `#>` and what asks about a value |
//! | `build` | from SQL's values: to_json, json_build_object, … |
//! | `change` | `\|\|` `-` `#-`, jsonb_set, jsonb_insert, strip_nulls, pretty |
//! | `contain` | `@>` `?` and their kin |
//! | `sets` | functions that return rows |

mod assign;
mod build;
mod change;
mod contain;
pub mod doc;
mod get;
pub mod record;
pub mod sets;

pub use build::{Form, array_of, convert, object_of};

use super::{ANY, Arg, BOOL, Function, INT4, JSON, JSONB, Signature, TEXT, TEXTS, f};
use remanent_storage::value::Type;

const J: Type = Type::Json;
const B: Type = Type::Jsonb;

static FIELD: &[Signature] =
    &[(&[JSON, TEXT], J), (&[JSON, INT4], J), (&[JSONB, TEXT], B), (&[JSONB, INT4], B)];
static FIELD_TEXT: &[Signature] = &[
    (&[JSON, TEXT], Type::Text),
    (&[JSON, INT4], Type::Text),
    (&[JSONB, TEXT], Type::Text),
    (&[JSONB, INT4], Type::Text),
];
static PATH: &[Signature] = &[(&[JSON, TEXTS], J), (&[JSONB, TEXTS], B)];
static PATH_TEXT: &[Signature] = &[(&[JSON, TEXTS], Type::Text), (&[JSONB, TEXTS], Type::Text)];
static TWO: &[Signature] = &[(&[JSONB, JSONB], Type::Bool)];
static KEYS: &[Signature] = &[(&[JSONB, TEXTS], Type::Bool)];
static SET: &[Signature] = &[(&[JSONB, TEXTS, JSONB], B), (&[JSONB, TEXTS, JSONB, BOOL], B)];
static SET_LAX: &[Signature] = &[
    (&[JSONB, TEXTS, JSONB], B),
    (&[JSONB, TEXTS, JSONB, BOOL], B),
    (&[JSONB, TEXTS, JSONB, BOOL, TEXT], B),
];
static MINUS: &[Signature] = &[(&[JSONB, TEXT], B), (&[JSONB, INT4], B), (&[JSONB, TEXTS], B)];
static OF_TEXTS: &[Arg] = &[TEXTS];
static OF_PAIRS: &[Arg] = &[TEXTS, TEXTS];

pub(super) static FUNCTIONS: &[Function] = &[
    f("->", FIELD, |a| get::member(a, false)),
    f("->>", FIELD_TEXT, |a| get::member(a, true)),
    f("json_object_field", &[(&[JSON, TEXT], J)], |a| get::member(a, false)),
    f("json_object_field_text", &[(&[JSON, TEXT], Type::Text)], |a| get::member(a, true)),
    f("jsonb_object_field", &[(&[JSONB, TEXT], B)], |a| get::member(a, false)),
    f("jsonb_object_field_text", &[(&[JSONB, TEXT], Type::Text)], |a| get::member(a, true)),
    f("json_array_element", &[(&[JSON, INT4], J)], |a| get::member(a, false)),
    f("json_array_element_text", &[(&[JSON, INT4], Type::Text)], |a| get::member(a, true)),
    f("jsonb_array_element", &[(&[JSONB, INT4], B)], |a| get::member(a, false)),
    f("jsonb_array_element_text", &[(&[JSONB, INT4], Type::Text)], |a| get::member(a, true)),
    f("#>", PATH, |a| get::path(a, false)),
    f("#>>", PATH_TEXT, |a| get::path(a, true)),
    f("json_extract_path", &[(&[JSON, TEXT], J)], |a| get::path(a, false)).variadic(),
    f("json_extract_path_text", &[(&[JSON, TEXT], Type::Text)], |a| get::path(a, true)).variadic(),
    f("jsonb_extract_path", &[(&[JSONB, TEXT], B)], |a| get::path(a, false)).variadic(),
    f("jsonb_extract_path_text", &[(&[JSONB, TEXT], Type::Text)], |a| get::path(a, true)).variadic(),
    f("json_typeof", &[(&[JSON], Type::Text)], get::type_of),
    f("jsonb_typeof", &[(&[JSONB], Type::Text)], get::type_of),
    f("json_array_length", &[(&[JSON], Type::Int4)], get::array_length),
    f("jsonb_array_length", &[(&[JSONB], Type::Int4)], get::array_length),
    f("to_json", &[(&[ANY], J)], |a| convert(a, Form::Text)).stable(),
    f("to_jsonb", &[(&[ANY], B)], |a| convert(a, Form::Binary)).stable(),
    f("array_to_json", &[(&[Arg::Array], J), (&[Arg::Array, BOOL], J)], |a| convert(a, Form::Text)).stable(),
    f("json_build_array", &[(&[], J)], |a| build::array(a, Form::Text)).sees_null(),
    f("jsonb_build_array", &[(&[], B)], |a| build::array(a, Form::Binary)).sees_null(),
    f("json_build_array", &[(&[ANY], J)], |a| build::array(a, Form::Text)).variadic().sees_null().stable(),
    f("jsonb_build_array", &[(&[ANY], B)], |a| build::array(a, Form::Binary)).variadic().sees_null().stable(),
    f("json_build_object", &[(&[], J)], |a| build::object(a, Form::Text)).sees_null(),
    f("jsonb_build_object", &[(&[], B)], |a| build::object(a, Form::Binary)).sees_null(),
    f("json_build_object", &[(&[ANY], J)], |a| build::object(a, Form::Text)).variadic().sees_null().stable(),
    f("jsonb_build_object", &[(&[ANY], B)], |a| build::object(a, Form::Binary))
        .variadic()
        .sees_null()
        .stable(),
    f("@iso", &[(&[ANY], Type::Text)], build::shown).stable(),
    f("json_object", &[(OF_TEXTS, J), (OF_PAIRS, J)], |a| build::of_texts(a, Form::Text)),
    f("jsonb_object", &[(OF_TEXTS, B), (OF_PAIRS, B)], |a| build::of_texts(a, Form::Binary)),
    f("json_strip_nulls", &[(&[JSON], J)], change::strip_nulls),
    f("jsonb_strip_nulls", &[(&[JSONB], B)], change::strip_nulls),
    f("jsonb_pretty", &[(&[JSONB], Type::Text)], change::pretty),
    f("jsonb_set", SET, |a| change::put(a, change::Put::Set)),
    f("jsonb_set_lax", SET_LAX, change::set_lax).sees_null(),
    f("@assign_json", &[(&[JSONB, JSONB, TEXT], B)], assign::assign).variadic().sees_null(),
    f("jsonb_insert", SET, |a| change::put(a, change::Put::Insert)),
    f("||", &[(&[JSONB, JSONB], B)], change::concatenate),
    f("jsonb_concat", &[(&[JSONB, JSONB], B)], change::concatenate),
    f("-", MINUS, change::minus),
    f("jsonb_delete", MINUS, change::minus),
    f("#-", &[(&[JSONB, TEXTS], B)], change::delete_path),
    f("jsonb_delete_path", &[(&[JSONB, TEXTS], B)], change::delete_path),
    f("@>", TWO, |a| contain::compare(a, false)),
    f("<@", TWO, |a| contain::compare(a, true)),
    f("jsonb_contains", TWO, |a| contain::compare(a, false)),
    f("jsonb_contained", TWO, |a| contain::compare(a, true)),
    f("?", &[(&[JSONB, TEXT], Type::Bool)], contain::exists),
    f("jsonb_exists", &[(&[JSONB, TEXT], Type::Bool)], contain::exists),
    f("?|", KEYS, |a| contain::exist(a, false)),
    f("jsonb_exists_any", KEYS, |a| contain::exist(a, false)),
    f("?&", KEYS, |a| contain::exist(a, true)),
    f("jsonb_exists_all", KEYS, |a| contain::exist(a, true)),
];
