//! Names of a file as names in SQL.

use std::collections::BTreeSet;

/// The longest name PostgreSQL keeps whole.
const NAME_MAX: usize = 63;

/// Names that are given once each.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// Names that are taken already.
    pub fn taken<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Names(names.into_iter().map(str::to_owned).collect())
    }

    /// The name, with a number where it is taken.
    pub fn unique(&mut self, wanted: &str) -> String {
        let mut name: String = cut(wanted, NAME_MAX).to_owned();
        let mut n = 2u32;
        while !self.0.insert(name.clone()) {
            let suffix = format!("_{n}");
            name = format!("{}{suffix}", cut(wanted, NAME_MAX - suffix.len()));
            n = n.saturating_add(1);
        }
        name
    }
}

/// The beginning of a name that has at most so many bytes.
fn cut(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|&i| name.is_char_boundary(i)).unwrap_or(0);
    name.get(..end).unwrap_or_default()
}

/// A name that needs no quotes: letters in lower case, `_` for what is no letter, digit or underscore.
pub fn sql_name(name: &str) -> String {
    let fold = |c: char| if c.is_alphanumeric() { c.to_lowercase().collect() } else { "_".to_owned() };
    let folded: String = name.trim().chars().map(fold).collect();
    if folded.starts_with(|c: char| c.is_alphabetic() || c == '_') { folded } else { format!("_{folded}") }
}

/// A name in quotes, so that no word is reserved.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_given_once() {
        assert_eq!(sql_name("Odd-Name (m/s)"), "odd_name__m_s_");
        assert_eq!(
            (sql_name("Größe"), sql_name("2nd"), sql_name("")),
            ("größe".into(), "_2nd".into(), "_".into())
        );
        let mut names = Names::taken(["a"]);
        assert_eq!(
            (names.unique("a"), names.unique("a"), names.unique("b")),
            ("a_2".into(), "a_3".into(), "b".into())
        );
        assert_eq!(names.unique(&"é".repeat(40)).len(), 62);
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
