//! What the Tab key offers.
//!
//! | where the cursor stands | offered |
//! |---|---|
//! | at the beginning of a statement | words that begin one |
//! | after FROM, JOIN, INTO, UPDATE, TABLE, … | tables |
//! | after `name.` | columns of that table, or of what the statement calls so |
//! | elsewhere | columns of the statement's tables, functions, key words |
//! | in a command of the shell | its name; tables, files or words that it takes |
//! | in a string or comment | nothing |

use super::commands::{COMMANDS, Words, find};
use super::describe;
use crate::failure::Result;
use crate::output::FORMATS;
use crate::script::{Kind, pieces};
use remanent::Connection;
use remanent::sql::vocabulary::{function_names, quote_ident, reserved_words};

/// Words that begin a statement.
const BEGINNINGS: &[&str] = &[
    "abort",
    "alter",
    "analyze",
    "backup to",
    "begin",
    "commit",
    "copy",
    "create",
    "delete from",
    "drop",
    "end",
    "explain",
    "insert into",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "select",
    "set",
    "show",
    "start transaction",
    "table",
    "truncate",
    "update",
    "values",
    "with",
];

/// Words that are key words only where they stand, so the parser does not list them.
const MORE_WORDS: &[&str] = &[
    "abort",
    "action",
    "add",
    "after",
    "alter",
    "asof",
    "before",
    "begin",
    "by",
    "cascade",
    "comment",
    "commit",
    "conflict",
    "constraints",
    "copy",
    "cube",
    "database",
    "deferred",
    "delete",
    "drop",
    "enum",
    "exclude",
    "explain",
    "first",
    "following",
    "generated",
    "groups",
    "identity",
    "if",
    "immediate",
    "index",
    "insert",
    "isolation",
    "key",
    "last",
    "level",
    "materialized",
    "next",
    "no",
    "nothing",
    "nowait",
    "nulls",
    "of",
    "ordinality",
    "over",
    "partition",
    "preceding",
    "range",
    "read",
    "recursive",
    "release",
    "rename",
    "reset",
    "restart",
    "restrict",
    "rollback",
    "rollup",
    "rows",
    "savepoint",
    "schema",
    "sequence",
    "serializable",
    "set",
    "sets",
    "show",
    "skip",
    "start",
    "system",
    "temp",
    "temporary",
    "ties",
    "transaction",
    "truncate",
    "type",
    "unbounded",
    "update",
    "view",
    "zone",
];

/// Words of COPY only.
const COPY_WORDS: &[&str] = &[
    "csv",
    "delimiter",
    "encoding",
    "escape",
    "force_not_null",
    "force_null",
    "force_quote",
    "format",
    "header",
    "match",
    "quote",
    "stdin",
    "stdout",
];

/// Types that are no key words.
const TYPES: &[&str] = &["bytea", "date", "jsonb", "json", "text", "timestamptz", "uuid", "vector"];

/// Words after which the name of a table comes.
const BEFORE_TABLES: &[&str] =
    &["from", "join", "into", "update", "table", "truncate", "copy", "only", "using", "references"];

/// All names there are to offer.
pub struct Names {
    keywords: Vec<&'static str>,
    functions: Vec<&'static str>,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    columns: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        let mut keywords: Vec<&str> = reserved_words().chain(MORE_WORDS.iter().copied()).collect();
        keywords.extend(TYPES);
        keywords.sort_unstable();
        keywords.dedup();
        Names { keywords, functions: function_names(), tables: Vec::new() }
    }
}

impl Names {
    /// Learns what tables there are now.
    pub fn refresh(&mut self, conn: &Connection) -> Result<()> {
        let table = |relation: describe::Relation| Table {
            name: relation.table.name.clone(),
            columns: relation.table.columns[..relation.table.visible()]
                .iter()
                .map(|c| c.name.clone())
                .collect(),
        };
        self.tables = describe::relations(conn)?.into_iter().map(table).collect();
        Ok(())
    }

    pub fn is_keyword(&self, word: &str) -> bool {
        self.keywords.binary_search(&word).is_ok()
    }

    pub fn is_function(&self, word: &str) -> bool {
        self.functions.binary_search(&word).is_ok()
    }

    /// Where the word at the cursor begins, and what may stand there instead.
    pub fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        if let Some(name) = before.strip_prefix(['.', '\\']).map(|_| before) {
            return self.complete_command(name);
        }
        let parts = pieces(before);
        let (start, typed) = match parts.last() {
            Some((_, Kind::String | Kind::Comment | Kind::Number)) => return (cursor, Vec::new()),
            Some((word, Kind::Word | Kind::Quoted)) => (before.len() - word.len(), *word),
            _ => (before.len(), ""),
        };
        let until = parts.len() - usize::from(!typed.is_empty());
        let earlier = parts.get(..until).unwrap_or_default();
        let offered = self.offered(&line_words(line), earlier, typed);
        (start, fitting(offered, typed))
    }

    fn offered(&self, statement: &[String], earlier: &[(&str, Kind)], typed: &str) -> Vec<(String, bool)> {
        let names = |names: &mut dyn Iterator<Item = &String>| -> Vec<(String, bool)> {
            names.map(|name| (quote_ident(name), false)).collect()
        };
        let mut back =
            earlier.iter().rev().filter(|(part, kind)| *kind != Kind::Comment && !part.trim().is_empty());
        let last = back.next();
        // A name and a dot.
        if let Some((".", Kind::Other)) = last {
            let owner = back.next().map(|(word, _)| unquoted(word)).unwrap_or_default();
            let tables = self.called(statement, &owner);
            return names(&mut tables.iter().flat_map(|table| &table.columns));
        }
        let word = match last {
            Some((word, Kind::Word)) => word.to_lowercase(),
            Some((other, _)) if other.trim_end().ends_with(';') => String::new(),
            Some((other, _)) => other.trim().to_owned(),
            None => String::new(),
        };
        if word.is_empty() {
            return BEGINNINGS.iter().map(|word| ((*word).to_owned(), true)).collect();
        }
        let list = word == "," && in_table_list(earlier);
        if BEFORE_TABLES.contains(&word.as_str()) || list {
            return names(&mut self.tables.iter().map(|table| &table.name));
        }
        let mentioned: Vec<&Table> =
            self.tables.iter().filter(|table| statement.contains(&table.name)).collect();
        let tables = if mentioned.is_empty() { self.tables.iter().collect() } else { mentioned };
        let mut offered = names(&mut tables.iter().flat_map(|table| &table.columns));
        offered.extend(names(&mut tables.iter().map(|table| &table.name)));
        if typed.is_empty() {
            // All there is would be too much.
            return offered;
        }
        let words = self.keywords.iter().map(|word| ((*word).to_owned(), true));
        offered.extend(words);
        if statement.first().is_some_and(|word| word == "copy") {
            offered.extend(COPY_WORDS.iter().map(|word| ((*word).to_owned(), true)));
        }
        offered.extend(self.functions.iter().map(|word| (format!("{word}("), true)));
        offered
    }

    /// The tables that a name means: by their own name, or by one that the statement gives them.
    fn called(&self, statement: &[String], name: &str) -> Vec<&Table> {
        let is = |table: &&Table| {
            table.name == name
                || statement.windows(2).any(|pair| pair[0] == table.name && pair[1] == name)
                || statement
                    .windows(3)
                    .any(|three| three[0] == table.name && three[1] == "as" && three[2] == name)
        };
        self.tables.iter().filter(is).collect()
    }

    fn complete_command(&self, before: &str) -> (usize, Vec<String>) {
        let Some((name, _)) = before.split_once(char::is_whitespace) else {
            let names =
                COMMANDS.iter().flat_map(|command| command.names).filter(|name| name.starts_with(before));
            return (0, names.map(|name| (*name).to_owned()).collect());
        };
        let start = before.rfind(char::is_whitespace).map_or(0, |i| i + 1);
        let typed = before.get(start..).unwrap_or_default();
        let plain = |words: &mut dyn Iterator<Item = &str>| -> Vec<(String, bool)> {
            words.map(|word| (word.to_owned(), false)).collect()
        };
        match find(name).map_or(Words::None, |command| command.words) {
            Words::Relations => {
                (start, fitting(plain(&mut self.tables.iter().map(|table| table.name.as_str())), typed))
            }
            Words::Modes => (start, fitting(plain(&mut FORMATS.iter().map(|(name, _)| *name)), typed)),
            Words::Switch => (start, fitting(plain(&mut ["on", "off", "auto"].into_iter()), typed)),
            Words::Files => (start, files(typed)),
            Words::Sql => {
                // The statement is what comes after the name.
                let from = name.len() + 1;
                let (at, offered) =
                    self.complete(before.get(from..).unwrap_or_default(), before.len() - from);
                (at + from, offered)
            }
            Words::None => (start, Vec::new()),
        }
    }
}

/// True where a comma stands between tables of FROM.
fn in_table_list(earlier: &[(&str, Kind)]) -> bool {
    let ends =
        ["select", "where", "group", "order", "having", "limit", "on", "set", "values", "by", "returning"];
    let words =
        earlier.iter().rev().filter(|(_, kind)| *kind == Kind::Word).map(|(word, _)| word.to_lowercase());
    for word in words {
        if word == "from" {
            return true;
        }
        if ends.contains(&word.as_str()) {
            return false;
        }
    }
    false
}

/// The names in a statement as the catalog has them, key words among them.
fn line_words(line: &str) -> Vec<String> {
    let words = pieces(line).into_iter().filter(|(_, kind)| matches!(kind, Kind::Word | Kind::Quoted));
    words.map(|(word, _)| unquoted(word)).collect()
}

fn unquoted(word: &str) -> String {
    match word.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest).replace("\"\"", "\""),
        None => word.to_lowercase(),
    }
}

/// Those of the offered that begin as was typed; key words and functions (true) in the case that was typed in.
fn fitting(offered: Vec<(String, bool)>, typed: &str) -> Vec<String> {
    let capitals = typed.chars().next().is_some_and(char::is_uppercase);
    let small = typed.to_lowercase();
    let mut fitting: Vec<String> = offered
        .into_iter()
        .filter(|(word, _)| word.to_lowercase().starts_with(&small))
        .map(|(word, changes)| if changes && capitals { word.to_uppercase() } else { word })
        .collect();
    fitting.sort();
    fitting.dedup();
    fitting
}

/// Files and directories that begin as was typed.
fn files(typed: &str) -> Vec<String> {
    let (dir, name) = typed.rsplit_once('/').map_or(("", typed), |(dir, name)| (dir, name));
    let shown = if typed.contains('/') { format!("{dir}/") } else { String::new() };
    let read = std::fs::read_dir(if shown.is_empty() { "." } else { &shown });
    let mut found: Vec<String> = read
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let hidden = file.starts_with('.') && !name.starts_with('.');
            let end = if entry.path().is_dir() { "/" } else { "" };
            (file.starts_with(name) && !hidden).then(|| format!("{shown}{file}{end}"))
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let table = |name: &str, columns: &[&str]| Table {
            name: name.into(),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        let tables = vec![table("flights", &["ts", "height", "Mixed"]), table("frames", &["ts", "frame"])];
        Names { tables, ..Names::default() }
    }

    /// `|` is the cursor; the answer begins with what stays before the word.
    fn check(line: &str, expected: &[&str]) {
        let cursor = line.find('|').expect("a cursor");
        let (start, found) = names().complete(&line.replace('|', ""), cursor);
        let kept = &line[..start];
        let found: Vec<_> = found.iter().map(|word| format!("{kept}{word}")).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn statements_begin_with_their_words() {
        check("sel|", &["select"]);
        check("SEL|", &["SELECT"]);
        check("select 1; ins|", &["select 1; insert into"]);
    }

    #[test]
    fn tables_come_after_from() {
        check("select * from f|", &["select * from flights", "select * from frames"]);
        check("select * from flights, fr|", &["select * from flights, frames"]);
        check("insert into fl|", &["insert into flights"]);
        check("select * from flights join fr|", &["select * from flights join frames"]);
    }

    #[test]
    fn columns_of_what_is_named() {
        check("select he| from flights", &["select height"]);
        check("select f.| from flights f", &["select f.\"Mixed\"", "select f.height", "select f.ts"]);
        check("select x.fr| from flights f, frames as x", &["select x.frame"]);
        check("select * from flights where hei|", &["select * from flights where height"]);
        check("select * from frames where hei|", &[]);
        check(
            "copy flights from stdin (for|",
            &[
                "copy flights from stdin (for",
                "copy flights from stdin (force_not_null",
                "copy flights from stdin (force_null",
                "copy flights from stdin (force_quote",
                "copy flights from stdin (foreign",
                "copy flights from stdin (format",
                "copy flights from stdin (format(",
                "copy flights from stdin (format_type(",
            ],
        );
        check("select date_b|", &["select date_bin("]);
        check("select 1 GRO|", &["select 1 GROUP", "select 1 GROUPING", "select 1 GROUPS"]);
    }

    #[test]
    fn nothing_in_strings_and_comments() {
        check("select 'fl|", &[]);
        check("select 1 -- fl|", &[]);
        check("select 12|", &[]);
    }

    #[test]
    fn commands_and_what_they_take() {
        check(".ta|", &[".tables"]);
        check("\\d fl|", &["\\d flights"]);
        check(".mode m|", &[".mode markdown"]);
        check("\\x a|", &["\\x auto"]);
        check(".plot select hei|", &[".plot select height"]);
        check(".quit x|", &[]);
        check("\\nope x|", &[]);
    }
}
