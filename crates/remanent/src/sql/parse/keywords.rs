//! PostgreSQL 15's key words, as far as they are more than ordinary names.
//!
//! What a word may name depends on its class ([`Class`]); the lists are what `pg_get_keywords()` says. Key
//! words that may name anything, even an output column without AS, are ordinary names here and not listed.

/// What a word may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class(u8);

impl Class {
    /// A word that is no key word, or one that may name anything.
    pub(crate) const NAME: Class = Class(COLUMN | TYPE | LABEL);

    /// A column or a table (PostgreSQL's ColId).
    pub(crate) fn names_column(self) -> bool {
        self.0 & COLUMN != 0
    }

    /// A function or a type (type_function_name).
    pub(crate) fn names_type(self) -> bool {
        self.0 & TYPE != 0
    }

    /// An output column without AS (BareColLabel).
    pub(crate) fn labels(self) -> bool {
        self.0 & LABEL != 0
    }
}

/// True for a word that may not name everything, and so is printed in quotes when it is a name.
pub(in crate::sql) fn is_keyword(word: &str) -> bool {
    class_of(word) != Class::NAME
}

/// True for a word that PostgreSQL's quote_ident puts in quotes: one that is not free as column and as type.
pub(in crate::sql) fn must_be_quoted(word: &str) -> bool {
    let class = class_of(word);
    !(class.names_column() && class.names_type())
}

/// Every key word that is listed, in order.
pub(in crate::sql) fn keywords() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().map(|(word, _)| *word)
}

const COLUMN: u8 = 1;
const TYPE: u8 = 2;
const LABEL: u8 = 4;

/// The class of a folded word.
pub(crate) fn class_of(word: &str) -> Class {
    let Some(letter) = word.bytes().next().map(|first| usize::from(first.wrapping_sub(b'a'))) else {
        return Class::NAME;
    };
    let (Some(&start), Some(&end)) = (LETTERS.get(letter), LETTERS.get(letter + 1)) else {
        return Class::NAME;
    };
    let same_letter = KEYWORDS.get(usize::from(start)..usize::from(end)).unwrap_or_default();
    same_letter.iter().find(|(key, _)| *key == word).map_or(Class::NAME, |(_, class)| Class(*class))
}

/// Where in [`KEYWORDS`] those with each letter begin, and where they end.
static LETTERS: [u8; 27] = {
    let mut starts = [0; 27];
    let (mut letter, mut at) = (0, 0);
    while letter < starts.len() {
        while at < KEYWORDS.len() && KEYWORDS[at].0.as_bytes()[0] - b'a' < letter as u8 {
            at += 1;
        }
        starts[letter] = at as u8;
        letter += 1;
    }
    starts
};

// Unreserved, may not be a label without AS.
const U_AS: u8 = COLUMN | TYPE;
// May name a column, not a function or type; then the same, not a label without AS.
const C: u8 = COLUMN | LABEL;
const C_AS: u8 = COLUMN;
// May name a function or type, not a column.
const T: u8 = TYPE | LABEL;
const T_AS: u8 = TYPE;
// Reserved.
const R: u8 = LABEL;
const R_AS: u8 = 0;

/// Sorted: those with one first letter are next to each other.
#[rustfmt::skip]
static KEYWORDS: &[(&str, u8)] = &[
    ("all", R), ("analyse", R), ("analyze", R), ("and", R), ("any", R), ("array", R_AS), ("as", R_AS),
    ("asc", R), ("asymmetric", R), ("authorization", T), ("between", C), ("bigint", C), ("binary", T),
    ("bit", C), ("boolean", C), ("both", R), ("case", R), ("cast", R), ("char", C_AS), ("character", C_AS),
    ("check", R), ("coalesce", C), ("collate", R), ("collation", T), ("column", R), ("concurrently", T),
    ("constraint", R), ("create", R_AS), ("cross", T), ("current_catalog", R), ("current_date", R),
    ("current_role", R), ("current_schema", T), ("current_time", R), ("current_timestamp", R),
    ("current_user", R), ("day", U_AS), ("dec", C), ("decimal", C), ("default", R), ("deferrable", R),
    ("desc", R), ("distinct", R), ("do", R), ("else", R), ("end", R), ("except", R_AS), ("exists", C),
    ("extract", C), ("false", R), ("fetch", R_AS), ("filter", U_AS), ("float", C), ("for", R_AS),
    ("foreign", R), ("freeze", T), ("from", R_AS), ("full", T), ("grant", R_AS), ("greatest", C),
    ("group", R_AS), ("grouping", C), ("having", R_AS), ("hour", U_AS), ("ilike", T), ("in", R),
    ("initially", R), ("inner", T), ("inout", C), ("int", C), ("integer", C), ("intersect", R_AS),
    ("interval", C), ("into", R_AS), ("is", T), ("isnull", T_AS), ("join", T), ("lateral", R),
    ("leading", R), ("least", C), ("left", T), ("like", T), ("limit", R_AS), ("localtime", R),
    ("localtimestamp", R), ("minute", U_AS), ("month", U_AS), ("national", C), ("natural", T),
    ("nchar", C), ("none", C), ("normalize", C), ("not", R), ("notnull", T_AS), ("null", R), ("nullif", C),
    ("numeric", C), ("offset", R_AS), ("on", R_AS), ("only", R), ("or", R), ("order", R_AS), ("out", C),
    ("outer", T), ("over", U_AS), ("overlaps", T_AS), ("overlay", C), ("placing", R), ("position", C),
    ("precision", C_AS), ("primary", R), ("real", C), ("references", R), ("returning", R_AS), ("right", T),
    ("row", C), ("second", U_AS), ("select", R), ("session_user", R), ("setof", C), ("similar", T),
    ("smallint", C), ("some", R), ("substring", C), ("symmetric", R), ("table", R), ("tablesample", T),
    ("then", R), ("time", C), ("timestamp", C), ("to", R_AS), ("trailing", R), ("treat", C), ("trim", C),
    ("true", R), ("union", R_AS), ("unique", R), ("user", R), ("using", R), ("values", C), ("varchar", C),
    ("variadic", R), ("varying", U_AS), ("verbose", T), ("when", R), ("where", R_AS), ("window", R_AS),
    ("with", R_AS), ("within", U_AS), ("without", U_AS), ("xmlattributes", C), ("xmlconcat", C),
    ("xmlelement", C), ("xmlexists", C), ("xmlforest", C), ("xmlnamespaces", C), ("xmlparse", C),
    ("xmlpi", C), ("xmlroot", C), ("xmlserialize", C), ("xmltable", C), ("year", U_AS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn classes_are_postgresql_15s() {
        let select = class_of("select");
        assert!(!select.names_column() && !select.names_type() && select.labels());
        let between = class_of("between");
        assert!(between.names_column() && !between.names_type() && between.labels());
        let left = class_of("left");
        assert!(!left.names_column() && left.names_type() && left.labels());
        let year = class_of("year");
        assert!(year.names_column() && year.names_type() && !year.labels());
        assert_eq!(class_of("banana"), Class::NAME);
        assert_eq!(class_of("begin"), Class::NAME);
    }
}
