//! A format made flat: where each value of a record lies.
//!
//! Arrays become `q_0 … q_3`, nested formats `current_lat`, arrays of nested formats `esc_0_rpm`; `char[n]`
//! stays one text. For example
//!
//! ```text
//! point:float x;float y;              at:uint64_t timestamp;point[2] p;char[4] tag;uint8_t[3] _padding0;
//!   → timestamp @0 · p_0_x @8 · p_0_y @12 · p_1_x @16 · p_1_y @20 · tag @24 (4 bytes)
//!     a record has 28 bytes, or 31 where the padding at its end is written too
//! ```

use super::Scalar;
use super::format::{FieldDef, FieldType, Formats, shorten};
use std::fmt::Write as _;

/// The most values a record may have: with `ts` and `seq`, what PostgreSQL allows a table.
pub const MAX_COLUMNS: usize = 1598;
/// The most values that all formats of a log may have together; real logs have a few thousand.
pub const MAX_COLUMNS_TOTAL: usize = 1 << 18;
/// The most bytes a record may have: a message's body less the message id.
pub const MAX_SIZE: usize = u16::MAX as usize - 2;
/// How deep formats may nest; deeper is a cycle or an attack.
const MAX_DEPTH: u32 = 16;
/// The most steps that flattening one format may take, whatever the file says.
const MAX_STEPS: u32 = 1 << 16;

/// One value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its flat name.
    pub name: String,
    /// Its type.
    pub scalar: Scalar,
    /// Where it begins in the record.
    pub offset: usize,
    /// How many bytes it has.
    pub len: usize,
}

impl Field {
    /// This field of a record. Records are as long as their layout says, so there is always a value.
    pub fn read<'a>(&self, record: &'a [u8]) -> Option<super::Datum<'a>> {
        self.scalar.read(record.get(self.offset..self.offset.checked_add(self.len)?)?)
    }
}

/// Where the values of a record lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// All values in order, padding left out; `timestamp` among them.
    pub fields: Vec<Field>,
    /// The position of `timestamp` in `fields`.
    pub timestamp: usize,
    /// Bytes of a record with the padding at its end.
    pub size: usize,
    /// Bytes of a record without it.
    pub size_min: usize,
}

impl Layout {
    /// The layout of records of that format.
    pub fn of(formats: &Formats, name: &str) -> Result<Layout, String> {
        let fields =
            formats.get(name).ok_or_else(|| format!("\"{}\" has no format definition", shorten(name)))?;
        let mut flat =
            Flattening { formats, fields: Vec::new(), path: String::new(), size: 0, steps: MAX_STEPS };
        let mut size_min = 0;
        for field in fields {
            flat.field(field, 0).map_err(|e| format!("in format \"{}\": {e}", shorten(name)))?;
            if !field.is_padding() {
                size_min = flat.size;
            }
        }
        let timestamp = flat
            .fields
            .iter()
            .position(|f| f.name == "timestamp" && f.scalar == Scalar::UInt64)
            .ok_or_else(|| format!("format \"{}\" has no field \"uint64_t timestamp\"", shorten(name)))?;
        Ok(Layout { fields: flat.fields, timestamp, size: flat.size, size_min })
    }

    /// The time of a record, µs since boot.
    pub fn timestamp(&self, record: &[u8]) -> Option<u64> {
        match self.fields.get(self.timestamp)?.read(record)? {
            super::Datum::UInt(at) => Some(at),
            _ => None,
        }
    }
}

struct Flattening<'a> {
    formats: &'a Formats,
    fields: Vec<Field>,
    /// The flat name of where we are.
    path: String,
    size: usize,
    steps: u32,
}

impl Flattening<'_> {
    fn field(&mut self, def: &FieldDef, depth: u32) -> Result<(), String> {
        let base = self.path.len();
        if base > 0 {
            self.path.push('_');
        }
        self.path.push_str(&def.name);
        let done = match (&def.ty, def.count) {
            (FieldType::Scalar(scalar), count) if *scalar == Scalar::Char || def.is_padding() => {
                let len = (count.unwrap_or(1) as usize).saturating_mul(scalar.size());
                self.value(*scalar, len, def.is_padding())
            }
            (_, None) => self.element(def, depth),
            (_, Some(count)) => self.array(def, count, depth),
        };
        self.path.truncate(base);
        done
    }

    fn array(&mut self, def: &FieldDef, count: u32, depth: u32) -> Result<(), String> {
        let base = self.path.len();
        for i in 0..count {
            let _ = write!(self.path, "_{i}");
            self.element(def, depth)?;
            self.path.truncate(base);
        }
        Ok(())
    }

    fn element(&mut self, def: &FieldDef, depth: u32) -> Result<(), String> {
        let nested = match &def.ty {
            FieldType::Scalar(scalar) => return self.value(*scalar, scalar.size(), false),
            FieldType::Nested(name) => name,
        };
        self.step()?;
        if depth >= MAX_DEPTH {
            return Err(format!("\"{}\" nests without end", shorten(nested)));
        }
        let formats = self.formats;
        let fields = formats.get(nested).ok_or_else(|| {
            format!("\"{}\" is neither a basic type nor a format defined before", shorten(nested))
        })?;
        let first = self.fields.len();
        for field in fields {
            self.field(field, depth + 1)?;
        }
        if def.is_padding() {
            self.fields.truncate(first);
        }
        Ok(())
    }

    fn value(&mut self, scalar: Scalar, len: usize, padding: bool) -> Result<(), String> {
        self.step()?;
        let offset = self.size;
        self.size = offset.saturating_add(len);
        if self.size > MAX_SIZE {
            return Err(format!("a record would have more than {MAX_SIZE} bytes"));
        }
        if !padding {
            if self.fields.len() == MAX_COLUMNS {
                return Err(format!("a record would have more than {MAX_COLUMNS} values"));
            }
            self.fields.push(Field { name: self.path.clone(), scalar, offset, len });
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.steps = self.steps.checked_sub(1).ok_or("it nests too widely")?;
        Ok(())
    }
}
