//! What CREATE INDEX may say of an index of a kind: its names, operator classes and storage parameters.
//!
//! ```text
//!   CREATE INDEX … USING gin (doc jsonb_path_ops) WITH (fastupdate = off)
//!                        │        │                     └ Parameter
//!                        │        └ Class: what is taken from a value of the column
//!                        └ Method::names
//! ```
//!
//! An operator class that is the default of its type is stored as an empty name ([`IndexDef::classes`]).

use super::{IndexDef, KINDS};
use crate::error::{Error, Result, state};
use crate::value::Type;
use crate::value::kinds::Kind;

/// A kind of index as statements know it.
#[derive(Debug)]
pub struct Method {
    /// What `USING` may call it; the first is its own, the others say the same.
    pub names: &'static [&'static str],
    /// It takes more than one column.
    pub columns: bool,
    /// UNIQUE
    pub unique: bool,
    /// ASC, DESC, NULLS FIRST, NULLS LAST
    pub ordered: bool,
    /// INCLUDE
    pub include: bool,
    /// Its operator classes.
    pub classes: &'static [Class],
    /// What WITH may set.
    pub parameters: &'static [Parameter],
}

/// An operator class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: &'static str,
    /// The columns that it takes.
    pub takes: Takes,
    /// It is taken where a column names none.
    pub default: bool,
}

/// What columns an operator class takes.
#[derive(Debug)]
pub enum Takes {
    /// Those of a type, whatever its length or precision.
    Type(Type),
    /// Those of a type, where its length is declared.
    Vectors(Type),
    /// All enum types.
    Enums,
    /// All arrays of what has an order.
    Arrays,
}

/// A storage parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub accepts: Accepts,
}

/// The values of a storage parameter.
#[derive(Debug)]
pub enum Accepts {
    /// on and off
    Boolean,
    /// Whole numbers between two.
    Integer(i64, i64),
    /// Numbers between two.
    Number(f64, f64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of a configuration of text search.
    #[cfg(feature = "text")]
    Configuration,
}

impl Class {
    pub(super) const fn of(name: &'static str, ty: Type) -> Self {
        Class { name, takes: Takes::Type(ty), default: true }
    }

    pub(super) const fn also(name: &'static str, ty: Type) -> Self {
        Class { name, takes: Takes::Type(ty), default: false }
    }

    /// 22023 for a column of a type that it takes, but for want of a length.
    pub fn check_length(&self, ty: Type) -> Result<()> {
        match self.takes {
            Takes::Vectors(_) if super::vector::dimensions(ty).is_none() => {
                Err(Error::new(state::INVALID_PARAMETER_VALUE, "column does not have dimensions"))
            }
            _ => Ok(()),
        }
    }

    /// True if it takes columns of a type.
    pub fn takes(&self, ty: Type) -> bool {
        match self.takes {
            Takes::Type(of) | Takes::Vectors(of) => of.same_values(ty),
            Takes::Enums => matches!(ty, Type::Enum(_)),
            Takes::Arrays => matches!(ty, Type::Array(_)) && ty.is_ordered(),
        }
    }
}

/// PostgreSQL's classes that order, as types do here: those of patterns too, for text is ordered by its bytes.
pub const ORDERED: &[Class] = &[
    Class::of("bool_ops", Type::Bool),
    Class::of("bytea_ops", Type::Bytea),
    Class::of("int2_ops", Type::Int2),
    Class::of("int4_ops", Type::Int4),
    Class::of("int8_ops", Type::Int8),
    Class::of("float4_ops", Type::Float4),
    Class::of("float8_ops", Type::Float8),
    Class::of("numeric_ops", Type::Numeric(None)),
    Class::of("text_ops", Type::Text),
    Class::also("varchar_ops", Type::Text),
    Class::also("text_pattern_ops", Type::Text),
    Class::also("varchar_pattern_ops", Type::Text),
    Class::of("bpchar_ops", Type::Char(None)),
    Class::also("bpchar_pattern_ops", Type::Char(None)),
    Class::of("date_ops", Type::Date),
    Class::of("time_ops", Type::Time),
    Class::of("timestamp_ops", Type::Timestamp),
    Class::of("timestamptz_ops", Type::Timestamptz),
    Class::of("interval_ops", Type::Interval),
    Class::of("uuid_ops", Type::Uuid),
    Class::of("oid_ops", Type::Oid),
    Class::of("name_ops", Type::Name),
    Class::of("jsonb_ops", Type::Jsonb),
    Class::of("vector_ops", Type::Vector(None)),
    Class::of("halfvec_ops", Type::Other(Kind::HalfVec, 0)),
    Class::of("bit_ops", Type::Other(Kind::Bit, 0)),
    Class::of("varbit_ops", Type::Other(Kind::VarBit, 0)),
    Class::of("sparsevec_ops", Type::Other(Kind::SparseVec, 0)),
    Class::of("timetz_ops", Type::Other(Kind::TimeTz, 0)),
    Class::of("btree_geometry_ops", Type::Other(Kind::Geometry, 0)),
    Class::of("btree_geography_ops", Type::Other(Kind::Geography, 0)),
    #[cfg(feature = "text")]
    Class::of("tsvector_ops", Type::Other(Kind::TsVector, 0)),
    #[cfg(feature = "text")]
    Class::of("tsquery_ops", Type::Other(Kind::TsQuery, 0)),
    Class { name: "enum_ops", takes: Takes::Enums, default: true },
    Class { name: "array_ops", takes: Takes::Arrays, default: true },
];

/// A kind that keeps nothing: what it would say of blocks of rows, zone maps say of every column.
pub const BRIN: &str = "brin";

static BRIN_METHOD: Method = Method {
    names: &[BRIN],
    columns: true,
    unique: false,
    ordered: false,
    include: false,
    classes: ORDERED,
    parameters: &[
        Parameter { name: "pages_per_range", accepts: Accepts::Integer(1, 131_072) },
        Parameter { name: "autosummarize", accepts: Accepts::Boolean },
    ],
};

/// What statements know of the kind of that name; None where no statement makes one.
pub fn method(name: &str) -> Option<&'static Method> {
    let methods = KINDS.iter().map(|kind| kind.method()).chain([&BRIN_METHOD]);
    let mut made = methods.filter(|method| method.names != super::primary::METHOD.names);
    made.find(|method| method.names.contains(&name))
}

impl Method {
    /// How the name of a configuration of text search ends that folds accents.
    pub const FOLDING: &str = "_unaccent";

    /// The language of text search where nothing is said.
    pub fn standard_language() -> &'static str {
        #[cfg(feature = "text")]
        return remanent_text::config::Config::standard().name();
        #[cfg(not(feature = "text"))]
        "simple"
    }

    /// True if its indexes are over documents, which it makes of texts.
    pub fn takes_language(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == "language")
    }

    /// The class of that name for a column of a type; 42704 where there is none, 42804 where it takes other types. `kind` is what
    /// the statement calls this.
    pub fn class(&self, kind: &str, name: &str, ty: Type) -> Result<&'static Class> {
        // BRIN's are called after what it keeps.
        let base = name.strip_suffix("_minmax_ops").filter(|_| kind == BRIN);
        let plain = base.map_or_else(|| name.to_string(), |base| format!("{base}_ops"));
        let known = self.classes.iter().find(|class| class.name == plain && base.is_some() == (kind == BRIN));
        if known.is_none() && name.starts_with("sparsevec_") {
            let message = format!("operator class \"{name}\" is not supported");
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let Some(class) = known else {
            let message = format!("operator class \"{name}\" does not exist for access method \"{kind}\"");
            return Err(Error::new(state::UNDEFINED_OBJECT, message));
        };
        if class.takes(ty) {
            return Ok(class);
        }
        let message = format!("operator class \"{name}\" does not accept data type {ty}");
        Err(Error::new(state::DATATYPE_MISMATCH, message))
    }

    /// The class of a column that names none.
    pub fn default_class(&self, ty: Type) -> Option<&'static Class> {
        self.classes.iter().find(|class| class.default && class.takes(ty))
    }

    /// The class of a column that names none; 42704 where there is none for its type.
    pub fn need_class(&self, kind: &str, ty: Type) -> Result<&'static Class> {
        self.default_class(ty).ok_or_else(|| {
            let message = format!("data type {ty} has no default operator class for access method \"{kind}\"");
            let hint = "You must specify an operator class for the index or define a default operator class for the data type.";
            Error::new(state::UNDEFINED_OBJECT, message).with_hint(hint)
        })
    }

    /// 22023 where a storage parameter is not known or does not take a value.
    pub fn check_parameter(&self, name: &str, value: &str) -> Result<()> {
        let known = self.parameters.iter().find(|parameter| parameter.name == name);
        let wrong = |message: String| Error::new(state::INVALID_PARAMETER_VALUE, message);
        let Some(parameter) = known else { return Err(wrong(format!("unrecognized parameter \"{name}\""))) };
        let invalid = |what: &str| wrong(format!("invalid value for {what} option \"{name}\": {value}"));
        let bounds = |inside: bool, low: String, high: String| match inside {
            true => Ok(()),
            false => Err(wrong(format!("value {value} out of bounds for option \"{name}\""))
                .with_detail(format!("Valid values are between \"{low}\" and \"{high}\"."))),
        };
        match parameter.accepts {
            Accepts::Boolean => is_boolean(value).then_some(()).ok_or_else(|| invalid("boolean")),
            Accepts::Integer(low, high) => {
                let number: i64 = value.trim().parse().map_err(|_| invalid("integer"))?;
                bounds((low..=high).contains(&number), low.to_string(), high.to_string())
            }
            Accepts::Number(low, high) => {
                let number: f64 = value.trim().parse().map_err(|_| invalid("floating point"))?;
                bounds((low..=high).contains(&number), format!("{low:.6}"), format!("{high:.6}"))
            }
            #[cfg(feature = "text")]
            Accepts::Configuration => crate::value::text_search::configuration(value).map(|_| ()),
            Accepts::Word(words) if words.contains(&value) => Ok(()),
            Accepts::Word(words) => {
                let list: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                Err(invalid("enum").with_detail(format!("Valid values are {}.", list.join(", "))))
            }
        }
    }
}

/// What PostgreSQL takes for true or false: beginnings of the words too, where they are of one only.
fn is_boolean(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let begins = |word: &&str| !value.is_empty() && word.starts_with(value.as_str());
    value != "o" && ["true", "false", "yes", "no", "on", "off", "1", "0"].iter().any(begins)
}

impl IndexDef {
    /// The operator class of a key column, its default one where none is named; empty where there is no such column.
    pub fn class(&self, column: usize) -> &str {
        let ty = self.types.get(column).copied();
        match self.classes.get(column) {
            Some(name) if !name.is_empty() => name,
            _ => method(&self.kind)
                .zip(ty)
                .and_then(|(method, ty)| method.default_class(ty))
                .map_or("", |class| class.name),
        }
    }

    /// What WITH has set a storage parameter to.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }
}
