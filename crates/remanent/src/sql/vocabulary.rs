//! The words of the language, for those who complete or colour what is typed.
//!
//! They come from the tables that the parser and the binder use, so a new function is among them without being named here.

use super::bind::window_functions;
use super::functions::json::record::RECORDS;
use super::functions::{aggregate, all_functions, series};
use super::parse::keywords;
use remanent_kernels::sort::sort_by;

pub use super::ast::{quote_ident, quote_literal};

/// Key words that may not name everything (`select`, `between`, `year`), in lower case and in order. Words that are
/// key words only where they stand (`insert`, `begin`) are names to the parser and not among them.
pub fn reserved_words() -> impl Iterator<Item = &'static str> {
    keywords()
}

/// The names of functions, aggregates and window functions in lower case, in order, each once.
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = all_functions().filter(|f| !f.is_operator()).map(|f| f.name).collect();
    names.extend(aggregate::all_aggregates().map(|f| f.name));
    names.extend(series::set_functions().map(|f| f.name));
    names.extend(RECORDS.iter().map(|(name, _)| *name));
    names.extend(window_functions());
    sort_by(&mut names, &|a, b| a.cmp(b));
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_of_functions_are_there_once() {
        let names = function_names();
        for name in ["abs", "count", "generate_series", "row_number", "max"] {
            assert_eq!(names.iter().filter(|n| **n == name).count(), 1, "{name}");
        }
        assert!(names.is_sorted() && !names.contains(&"+"));
        assert!(reserved_words().any(|word| word == "select"));
    }
}
