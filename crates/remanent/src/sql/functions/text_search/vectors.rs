//! What makes a tsvector of another, and of arrays of lexemes.

use super::super::Args;
use super::{array, elements, map_bytes};
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::text_search::refused;
use remanent_storage::value::{Column, Type};
use remanent_text::vector::{self, Vector, Weight};

/// PostgreSQL's zero_length_character_string.
const EMPTY_STRING: SqlState = SqlState("2200F");

/// The weight that a text begins with. 22023 if there is none of that letter.
fn weight(text: &str) -> Result<Weight> {
    let letter = text.chars().next().unwrap_or('\0');
    Weight::of_letter(letter).ok_or_else(|| {
        let shown = if letter == '\0' { "\\000".to_owned() } else { letter.to_string() };
        Error::new(state::INVALID_PARAMETER_VALUE, format!("unrecognized weight: \"{shown}\""))
    })
}

fn null(what: &str) -> Error {
    Error::new(state::NULL_VALUE_NOT_ALLOWED, format!("{what} array may not contain nulls"))
}

pub(super) fn concat(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        vector::concat(args.columns[0].bytes(row), args.columns[1].bytes(row)).map_err(refused)
    })
}

pub(super) fn strip(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| vector::strip(args.columns[0].bytes(row)).map_err(refused))
}

pub(super) fn length(args: &Args<'_>) -> Result<Column> {
    args.map_int(&mut |row| Ok(Vector::new(args.columns[0].bytes(row)).len() as i64))
}

/// The texts of an argument, whether it is one or an array; NULLs name nothing.
fn named(args: &Args<'_>, i: usize, row: usize) -> Result<Vec<String>> {
    match args.columns[i].ty() {
        Type::Array(_) => Ok(elements(args, i, row).into_iter().flatten().collect()),
        _ => Ok(vec![args.text(i, row)?.to_owned()]),
    }
}

pub(super) fn set_weight(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let weight = weight(args.text(1, row)?)?;
        let only = if args.columns.len() > 2 { Some(named(args, 2, row)?) } else { None };
        let only: Option<Vec<&str>> = only.as_ref().map(|only| only.iter().map(String::as_str).collect());
        vector::set_weight(args.columns[0].bytes(row), weight, only.as_deref()).map_err(refused)
    })
}

pub(super) fn delete(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let named = named(args, 1, row)?;
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        vector::delete(args.columns[0].bytes(row), &named).map_err(refused)
    })
}

pub(super) fn filter(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let mut weights = 0;
        for letter in elements(args, 1, row) {
            weights |= weight(&letter.ok_or_else(|| null("weight"))?)?.bit();
        }
        vector::filter(args.columns[0].bytes(row), weights).map_err(refused)
    })
}

pub(super) fn of_array(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let lexemes: Option<Vec<String>> = elements(args, 0, row).into_iter().collect();
        let lexemes = lexemes.ok_or_else(|| null("lexeme"))?;
        if lexemes.iter().any(String::is_empty) {
            return Err(Error::new(EMPTY_STRING, "lexeme array may not contain empty strings"));
        }
        let lexemes: Vec<&str> = lexemes.iter().map(String::as_str).collect();
        vector::of_lexemes(&lexemes).map_err(refused)
    })
}

/// A lexeme as text.
pub(super) fn text(lexeme: &[u8]) -> String {
    String::from_utf8_lossy(lexeme).into_owned()
}

pub(super) fn to_array(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        array(vector::lexemes(args.columns[0].bytes(row)).map(|(lexeme, _)| text(lexeme)).collect())
    })
}
