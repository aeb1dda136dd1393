//! Trees as SQL that parses to the same tree.
//!
//! An operand is in parentheses where it binds less tightly than its place asks for. Calls that SQL writes in
//! words print as ordinary ones; where the function's name is a key word, quotes make it a plain name.

mod copy;
mod define;
mod expr;
mod index;
mod query;
mod statement;
mod table;

use super::*;
use crate::sql::parse::is_keyword;
use remanent_storage::value::precise::FIELDS;
use std::fmt::{Display, Formatter, Result, Write};

/// A name as SQL writes it: in quotes where it would otherwise read as something else.
pub fn quote_ident(name: &str) -> String {
    let plain = |(i, b): (usize, u8)| b.is_ascii_lowercase() || b == b'_' || i > 0 && b.is_ascii_digit();
    match !name.is_empty() && name.bytes().enumerate().all(plain) && !is_keyword(name) {
        true => name.to_string(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A string as a SQL literal.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Items with something between them.
fn join<T: Display>(f: &mut Formatter<'_>, items: &[T], between: &str) -> Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        Display::fmt(item, f)?;
    }
    Ok(())
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> Result {
    join(f, items, ", ")
}

/// `before(a, b)`
fn parens<T: Display>(f: &mut Formatter<'_>, before: &str, items: &[T]) -> Result {
    f.write_str(before)?;
    f.write_char('(')?;
    list(f, items)?;
    f.write_char(')')
}

/// `before` and the items, if there are any.
fn clause<T: Display>(f: &mut Formatter<'_>, before: &str, items: &[T]) -> Result {
    if items.is_empty() {
        return Ok(());
    }
    f.write_str(before)?;
    list(f, items)
}

/// `before` and the item, if there is one.
fn optional<T: Display>(f: &mut Formatter<'_>, before: &str, item: &Option<T>) -> Result {
    match item {
        Some(item) => {
            f.write_str(before)?;
            Display::fmt(item, f)
        }
        None => Ok(()),
    }
}

fn word(f: &mut Formatter<'_>, when: bool, word: &str) -> Result {
    if when { f.write_str(word) } else { Ok(()) }
}

impl Display for Ident {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&quote_ident(&self.name))
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        join(f, &self.parts, ".")
    }
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.name.simple() {
            Some(name @ ("numeric" | "varchar" | "timestamp" | "time" | "interval")) => f.write_str(name)?,
            _ => Display::fmt(&self.name, f)?,
        }
        if let Some(fields) = self.interval {
            let name = FIELDS.get(fields as usize + 1).map_or("", |fields| fields.0);
            write!(f, " {name}")?;
        }
        if !self.modifiers.is_empty() {
            parens(f, "", &self.modifiers)?;
        }
        for bound in &self.array {
            match bound {
                Some(n) => write!(f, "[{n}]")?,
                None => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}
