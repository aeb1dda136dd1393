//! The SQL types and how their values lie in memory.

use super::decimal::{MAX_DIGITS, MAX_SCALE};
use super::kinds::{Described, KINDS, Kind};
use super::precise::Precise;
use super::text::VECTOR_MAX;
use crate::error::{Error, Result, state};
use std::fmt;

/// A SQL type. Small and `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric(precision, scale)`, or `numeric` where every value has its own scale.
    Numeric(Option<(u16, i16)>),
    /// `text`
    Text,
    /// `bytea`
    Bytea,
    /// `date`: days since 2000-01-01
    Date,
    /// `timestamp without time zone`: microseconds since 2000-01-01
    Timestamp,
    /// `timestamp with time zone`: microseconds since 2000-01-01 UTC
    Timestamptz,
    /// `interval`
    Interval,
    /// `vector(n)` of 32-bit floats, or `vector` where every value has its own length
    Vector(Option<u16>),
    /// `character varying(n)`, at most n characters
    Varchar(Option<u32>),
    /// `character(n)`, filled with blanks, which do not count when values are compared; or `bpchar` of any length
    Char(Option<u32>),
    /// `uuid`
    Uuid,
    /// `time without time zone`: microseconds since midnight
    Time,
    /// `json`: as it was written
    Json,
    /// `jsonb`
    Jsonb,
    /// `oid`: the number of an object of the catalog, from 0 to 2^32 - 1
    Oid,
    /// `regclass`: the number of a relation, which reads and prints as its name
    Regclass,
    /// `regtype`: the number of a type, which reads and prints as its name
    Regtype,
    /// `regnamespace`: the number of a schema, which reads and prints as its name
    Regnamespace,
    /// `regproc`: the number of a function, which reads and prints as its name
    Regproc,
    /// `regrole`: the number of a role, which reads and prints as its name
    Regrole,
    /// `name`: text of at most [`NAME_BYTES`] bytes
    Name,
    /// An array of that
    Array(Element),
    /// The enum type with that number in the database's catalog, which knows its name and its values
    /// (`catalog::enums`). Below [`Type::ENUMS`].
    Enum(u32),
    /// A type of moments or spans with a precision or fields of its own: [`precise`](super::precise). Values and columns are of
    /// the [plain](Type::plain) type.
    Precise(Precise),
    /// A type of its own layout, with what was declared between parentheses: [`kinds`](super::kinds).
    Other(Kind, u32),
}

/// The type of an array's elements: any type but an array. Small, so that [`Type`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element([u8; 4]);

impl Element {
    /// Of whatever type: in signatures of functions.
    pub const ANY: Element = Element([0, 0, 0, 0]);
    /// Not an array but its element: in signatures, of what a function returns.
    pub const ITSELF: Element = Element([0, 1, 0, 0]);

    /// Of that type; of an array: of its elements, for its arrays are arrays of more dimensions.
    pub const fn of(ty: Type) -> Self {
        match ty {
            Type::Array(element) => element,
            _ => Element(ty.tag()),
        }
    }

    /// The type.
    pub fn ty(self) -> Type {
        Type::of_tag(self.0).unwrap_or(Type::Text)
    }
}

/// How a column's values lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Physical {
    /// One bit each.
    Bool,
    /// 16-bit integers.
    I16,
    /// 32-bit integers: integer, date.
    I32,
    /// 64-bit integers: bigint, time, timestamps, numeric of precision ≤ 18 (scaled by the type's scale).
    I64,
    /// 128-bit integers: numeric of precision ≤ 36 (scaled by the type's scale), and numeric without
    /// precision or of a greater one, which packs each value's own scale beside it ([`super::Decimal::pack`]).
    I128,
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
    /// Months, days, microseconds.
    Interval,
    /// Views of bytes: text, bytea, uuid, json; a `vector` is the little-endian bytes of its floats. Arrays and jsonb are bytes
    /// that their modules describe.
    Bytes,
}

impl Type {
    /// How values of this type lie in a [`super::Column`].
    pub fn physical(self) -> Physical {
        match self {
            Type::Precise(precise) => precise.plain().physical(),
            Type::Bool => Physical::Bool,
            Type::Int2 => Physical::I16,
            Type::Int4 | Type::Date => Physical::I32,
            Type::Int8 | Type::Timestamp | Type::Timestamptz | Type::Time => Physical::I64,
            Type::Oid
            | Type::Regclass
            | Type::Regtype
            | Type::Regnamespace
            | Type::Regproc
            | Type::Regrole => Physical::I64,
            Type::Numeric(Some((precision, _))) if precision <= 18 && self.fixed_scale().is_some() => {
                Physical::I64
            }
            Type::Numeric(_) => Physical::I128,
            Type::Float4 => Physical::F32,
            Type::Float8 => Physical::F64,
            Type::Interval => Physical::Interval,
            Type::Text
            | Type::Name
            | Type::Bytea
            | Type::Vector(_)
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::Uuid
            | Type::Json
            | Type::Jsonb
            | Type::Enum(_)
            | Type::Other(..)
            | Type::Array(_) => Physical::Bytes,
        }
    }
}

impl Type {
    /// The type of its values: without the precision or fields of moments and spans.
    pub fn plain(self) -> Type {
        match self {
            Type::Precise(precise) => precise.plain(),
            Type::Array(element) => match element.ty() {
                Type::Precise(precise) => Type::Array(Element::of(precise.plain())),
                _ => self,
            },
            ty => ty,
        }
    }

    /// The scale by which numbers of this type are stored as integers; None: each has its own.
    pub fn fixed_scale(self) -> Option<u8> {
        match self {
            Type::Numeric(Some((precision, scale))) if precision <= MAX_DIGITS.into() => {
                u8::try_from(scale).ok().filter(|&scale| scale <= MAX_SCALE)
            }
            _ => None,
        }
    }
}

impl Type {
    /// True where two values are equal, and ordered, as their bytes are.
    pub fn is_bytewise(self) -> bool {
        self.is_text()
            || matches!(self, Type::Bytea | Type::Uuid | Type::Json | Type::Enum(_))
            || matches!(self, Type::Other(kind, _) if kind != Kind::Record)
    }

    /// False where PostgreSQL has no order of its values.
    pub fn is_ordered(self) -> bool {
        match self {
            Type::Array(element) => element.ty().is_ordered(),
            _ => !matches!(self, Type::Json | Type::Other(Kind::JsonPath, _)),
        }
    }

    /// True for text under any of its names: values are [`super::Value::Text`].
    pub fn is_text(self) -> bool {
        matches!(self, Type::Text | Type::Varchar(_) | Type::Name)
    }

    /// True for numbers of objects of the catalog: values are [`super::Value::Int8`].
    pub fn is_oid(self) -> bool {
        matches!(self, Type::Oid) || self.is_reference()
    }

    /// True for numbers of objects that read and print as names, which only the catalog knows.
    pub fn is_reference(self) -> bool {
        use Type::*;
        matches!(self, Regclass | Regtype | Regnamespace | Regproc | Regrole)
    }

    /// True where large values lie in files of their own.
    pub fn may_be_large(self) -> bool {
        self.is_text() || self == Type::Bytea
    }

    /// True where values of both are the same kind of value: they differ in precision or length at most.
    pub fn same_values(self, other: Type) -> bool {
        let kind = |ty: Type| match ty.plain() {
            Type::Enum(_) => ty.tag(),
            ty if ty.is_text() => [Type::Text.tag()[0], 0, 0, 0],
            ty if ty.is_oid() => Type::Int8.tag(),
            ty => [ty.tag()[0], 0, 0, 0],
        };
        kind(self) == kind(other)
    }

    /// Enum types have numbers below this.
    pub const ENUMS: u32 = 1 << 24;

    /// The enum type that this is, or that its elements are.
    pub fn enumeration(self) -> Option<u32> {
        match self {
            Type::Enum(id) => Some(id),
            Type::Array(element) => element.ty().enumeration(),
            _ => None,
        }
    }

    /// With that type in the place of its enum type, if it has one.
    pub fn with_enum_as(self, other: Type) -> Type {
        match self {
            Type::Enum(_) => other,
            Type::Array(element) => Type::Array(Element::of(element.ty().with_enum_as(other))),
            ty => ty,
        }
    }

    /// Four bytes that say what it is. Persisted, do not renumber.
    pub const fn tag(self) -> [u8; 4] {
        const fn with(tag: u8, modifier: u32) -> [u8; 4] {
            let [a, b, c, _] = modifier.to_le_bytes();
            [tag, a, b, c]
        }
        const fn length(tag: u8, length: Option<u32>) -> [u8; 4] {
            match length {
                Some(n) => with(tag, n + 1),
                None => with(tag, 0),
            }
        }
        match self {
            Type::Bool => with(1, 0),
            Type::Int2 => with(2, 0),
            Type::Int4 => with(3, 0),
            Type::Int8 => with(4, 0),
            Type::Float4 => with(5, 0),
            Type::Float8 => with(6, 0),
            Type::Numeric(None) => with(7, 0),
            // Ten bits of precision, fourteen of scale.
            Type::Numeric(Some((precision, scale))) => {
                with(7, ((precision as u32) << 14 | (scale as u32 & 0x3fff)) + 1)
            }
            Type::Text => with(8, 0),
            Type::Bytea => with(9, 0),
            Type::Date => with(10, 0),
            Type::Timestamp => with(11, 0),
            Type::Timestamptz => with(12, 0),
            Type::Interval => with(13, 0),
            Type::Vector(None) => with(14, 0),
            Type::Vector(Some(n)) => with(14, (n as u32) << 8 | 1),
            Type::Varchar(n) => length(15, n),
            Type::Char(n) => length(16, n),
            Type::Uuid => with(17, 0),
            Type::Time => with(18, 0),
            Type::Json => with(19, 0),
            Type::Jsonb => with(20, 0),
            Type::Enum(id) => with(21, id),
            Type::Oid => with(50, 0),
            Type::Regclass => with(51, 0),
            Type::Regtype => with(52, 0),
            Type::Name => with(53, 0),
            Type::Regnamespace => with(54, 0),
            Type::Regproc => with(56, 0),
            Type::Regrole => with(57, 0),
            Type::Precise(precise) => with(55, precise.code()),
            Type::Other(kind, modifier) => with(kind as u8, modifier),
            Type::Array(Element([tag, a, b, c])) => [tag | ARRAY_TAG, a, b, c],
        }
    }

    /// The type of a tag; None: there is none of it.
    pub fn of_tag(tag: [u8; 4]) -> Option<Type> {
        let [kind, a, b, c] = tag;
        if kind & ARRAY_TAG != 0 {
            let element = [kind & !ARRAY_TAG, a, b, c];
            return Type::of_tag(element).map(|_| Type::Array(Element(element)));
        }
        let modifier = u32::from_le_bytes([a, b, c, 0]);
        let length = modifier.checked_sub(1);
        match (kind, length) {
            (7, Some(packed)) => {
                // The sign of the scale is the highest of its fourteen bits.
                let scale = ((packed << 18) as i32 >> 18) as i16;
                return Type::numeric((packed >> 14).into(), scale.into()).ok();
            }
            (14, Some(_)) if a == 1 => return Some(Type::Vector(Some(u16::from_le_bytes([b, c])))),
            (15, _) => return Some(Type::Varchar(length)),
            (16, _) => return Some(Type::Char(length)),
            (21, _) => return Some(Type::Enum(modifier)),
            (55, _) => return Precise::of_code(modifier).map(Type::Precise),
            _ => {
                if let Some(kind) = Kind::of_number(kind) {
                    return Some(Type::Other(kind, modifier));
                }
            }
        }
        PLAIN.into_iter().find(|ty| ty.tag() == tag)
    }
}

/// Set in the tag of an array, which is its element's otherwise. The highest bit is the footer's of a segment.
const ARRAY_TAG: u8 = 0x40;

/// The types without precision, length or element.
const PLAIN: [Type; 25] = [
    Type::Bool,
    Type::Int2,
    Type::Int4,
    Type::Int8,
    Type::Float4,
    Type::Float8,
    Type::Numeric(None),
    Type::Text,
    Type::Bytea,
    Type::Date,
    Type::Timestamp,
    Type::Timestamptz,
    Type::Interval,
    Type::Vector(None),
    Type::Uuid,
    Type::Time,
    Type::Json,
    Type::Jsonb,
    Type::Oid,
    Type::Regclass,
    Type::Regtype,
    Type::Regnamespace,
    Type::Regproc,
    Type::Regrole,
    Type::Name,
];

/// Around what stands for the name of an enum type, or for a value of one, until a catalog spells it
/// (`Catalog::spelled`). No key types it, so hardly any text has it.
pub const MARK: char = '\u{1}';

/// A name has at most so many bytes.
pub const NAME_BYTES: usize = 63;

/// A character type has at most so many characters (PostgreSQL's limit).
pub const MAX_LENGTH: i64 = 10_485_760;

impl fmt::Display for Type {
    /// The name as PostgreSQL's `format_type` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "boolean",
            Type::Int2 => "smallint",
            Type::Int4 => "integer",
            Type::Int8 => "bigint",
            Type::Float4 => "real",
            Type::Float8 => "double precision",
            Type::Numeric(None) => "numeric",
            Type::Numeric(Some((p, s))) => return write!(f, "numeric({p},{s})"),
            Type::Text => "text",
            Type::Bytea => "bytea",
            Type::Date => "date",
            Type::Timestamp => "timestamp without time zone",
            Type::Timestamptz => "timestamp with time zone",
            Type::Interval => "interval",
            Type::Vector(None) => "vector",
            Type::Vector(Some(n)) => return write!(f, "vector({n})"),
            Type::Varchar(None) => "character varying",
            Type::Varchar(Some(n)) => return write!(f, "character varying({n})"),
            Type::Char(None) => "bpchar",
            Type::Char(Some(n)) => return write!(f, "character({n})"),
            Type::Uuid => "uuid",
            Type::Time => "time without time zone",
            Type::Json => "json",
            Type::Jsonb => "jsonb",
            Type::Oid => "oid",
            Type::Regclass => "regclass",
            Type::Regtype => "regtype",
            Type::Regnamespace => "regnamespace",
            Type::Regproc => "regproc",
            Type::Regrole => "regrole",
            Type::Name => "name",
            Type::Enum(id) => return write!(f, "{MARK}enum {id}{MARK}"),
            Type::Array(Element::ANY) => "anyarray",
            Type::Array(Element::ITSELF) => "anyelement",
            Type::Precise(precise) => return precise.fmt(f),
            Type::Other(kind, modifier) => {
                let Described { title: (title, behind), shown, .. } = kind.described();
                return match modifier {
                    0 => write!(f, "{title}{behind}"),
                    _ => write!(f, "{title}({}){behind}", shown(*modifier)),
                };
            }
            Type::Array(element) => return write!(f, "{}[]", element.ty()),
        })
    }
}

impl Type {
    /// `numeric(precision, scale)` as declared; 22023 where PostgreSQL refuses it.
    pub fn numeric(precision: i64, scale: i64) -> Result<Type> {
        let refuse = |state, message: String| Err(Error::new(state, message));
        if !(1..=1000).contains(&precision) {
            let message = format!("NUMERIC precision {precision} must be between 1 and 1000");
            return refuse(state::INVALID_PARAMETER_VALUE, message);
        }
        if !(-1000..=1000).contains(&scale) {
            let message = format!("NUMERIC scale {scale} must be between -1000 and 1000");
            return refuse(state::INVALID_PARAMETER_VALUE, message);
        }
        Ok(Type::Numeric(Some((precision as u16, scale as i16))))
    }

    /// `character varying(length)` or, `fixed`, `character(length)` as declared; 22023 where PostgreSQL refuses it.
    pub fn characters(fixed: bool, length: i64) -> Result<Type> {
        let name = if fixed { "char" } else { "varchar" };
        let message = match length {
            ..1 => format!("length for type {name} must be at least 1"),
            _ if length > MAX_LENGTH => format!("length for type {name} cannot exceed {MAX_LENGTH}"),
            _ if fixed => return Ok(Type::Char(Some(length as u32))),
            _ => return Ok(Type::Varchar(Some(length as u32))),
        };
        Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
    }

    /// `vector(dimensions)` as declared; pgvector's errors where it refuses it.
    pub fn vector(dimensions: i64) -> Result<Type> {
        let message = match dimensions {
            ..1 => "dimensions for type vector must be at least 1".to_string(),
            _ if dimensions > VECTOR_MAX as i64 => {
                format!("dimensions for type vector cannot exceed {VECTOR_MAX}")
            }
            _ => return Ok(Type::Vector(Some(dimensions as u16))),
        };
        Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
    }

    /// The type of that name, as `Display` writes it; None for another text.
    pub fn from_name(name: &str) -> Option<Type> {
        if let Some(element) = name.strip_suffix("[]") {
            return Type::from_name(element).map(|ty| Type::Array(Element::of(ty)));
        }
        let unlimited = [Type::Varchar(None), Type::Char(None)];
        if let Some(ty) = PLAIN.into_iter().chain(unlimited).find(|ty| ty.to_string() == name) {
            return Some(ty);
        }
        if let Some(id) = name.trim_matches(MARK).strip_prefix("enum ") {
            return id.parse().ok().filter(|id| *id < Type::ENUMS).map(Type::Enum);
        }
        if (name.starts_with("time") || name.starts_with("interval"))
            && let Some(precise) = Precise::from_name(name)
        {
            return Some(Type::Precise(precise));
        }
        let (base, rest) = name.split_once('(').unwrap_or((name, ""));
        let (arguments, behind) = rest.split_once(')').unwrap_or_default();
        let bare = [base, behind].concat();
        if let Some(described) = KINDS.iter().find(|kind| [kind.title.0, kind.title.1].concat() == bare) {
            let modifiers: Vec<&str> = arguments.split(',').filter(|given| !given.is_empty()).collect();
            return described.kind.declared(&modifiers).ok();
        }
        match base {
            "numeric" => {
                let (precision, scale) = arguments.split_once(',')?;
                Some(Type::Numeric(Some((precision.parse().ok()?, scale.parse().ok()?))))
            }
            "vector" => Some(Type::Vector(Some(arguments.parse().ok()?))),
            "character varying" => Some(Type::Varchar(Some(arguments.parse().ok()?))),
            "character" => Some(Type::Char(Some(arguments.parse().ok()?))),
            _ => None,
        }
    }
}
