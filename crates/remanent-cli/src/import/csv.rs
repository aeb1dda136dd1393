//! CSV and TSV: through COPY's own reader, for the survey and for the rows.
//!
//! The first line names the columns (`--no-header`: it is a row). What stands between fields is what the first line has
//! most of: commas, semicolons, tabs or bars; `--delimiter` says it. An empty field without quotes is NULL.

use super::kinds::Kind;
use super::load::Load;
use super::target::{Found, Target};
use super::{Source, open, stem};
use crate::failure::{Failure, Result};
use remanent::sql::bind::CopyFormat;
use remanent::sql::execute::{CopyNext as Next, CopyReader};
use remanent::sql::vocabulary::quote_literal;
use std::io::Read;

/// What is looked at to find what stands between fields.
const SNIFFED: usize = 64 << 10;
const CHUNK: usize = 256 << 10;

/// The columns and what they hold.
pub fn survey(source: &Source) -> Result<Vec<Found>> {
    let mut reader = CopyReader::new(&CopyFormat::csv(delimiter(source)?));
    let mut input = open(&source.path)?;
    let mut chunk = vec![0; CHUNK];
    let mut names: Option<Vec<String>> = None;
    let mut kinds: Vec<Kind> = Vec::new();
    let mut last = false;
    while !last {
        let read = input.read(&mut chunk).map_err(|e| Failure::file("read", &source.path, &e))?;
        reader.push(chunk.get(..read).unwrap_or_default());
        last = read == 0;
        loop {
            match reader.next(last) {
                Ok(Next::Line) => {}
                Ok(Next::More | Next::End) => break,
                // It is told when the rows are read, as far as it concerns rows.
                Err(_) if names.is_some() => return Ok(vec![found(source, names, kinds)]),
                Err(error) => return Err(Failure::in_file(error, &source.path)),
            }
            let split = reader.split();
            match &names {
                None => {
                    split.map_err(|e| Failure::in_file(e, &source.path))?;
                    let fields = (0..reader.len())
                        .map(|i| reader.value(i, true, false).unwrap_or_default().to_owned());
                    let fields: Vec<String> = fields.collect();
                    if source.options.header {
                        kinds = vec![Kind::Empty; fields.len()];
                        names = Some(checked(fields, source)?);
                    } else {
                        kinds = fields
                            .iter()
                            .map(|field| kind(Some(field).filter(|f| !f.is_empty()), Kind::Empty))
                            .collect();
                        names = Some((1..=fields.len()).map(|i| format!("c{i}")).collect());
                        source.count(1);
                    }
                }
                // What is no line of the table has no say in its types.
                Some(names) if split.is_ok() && reader.len() == names.len() => {
                    for (i, slot) in kinds.iter_mut().enumerate() {
                        *slot = kind(reader.value(i, false, false), *slot);
                    }
                    source.count(1);
                }
                Some(_) => {}
            }
        }
    }
    if names.is_none() {
        return Err(Failure::other(format!("\"{}\" is empty", source.path.display())));
    }
    Ok(vec![found(source, names, kinds)])
}

fn kind(field: Option<impl AsRef<str>>, so_far: Kind) -> Kind {
    field.map_or(so_far, |text| so_far.with(Kind::of_text(text.as_ref(), so_far)))
}

fn found(source: &Source, names: Option<Vec<String>>, kinds: Vec<Kind>) -> Found {
    let columns = names
        .unwrap_or_default()
        .into_iter()
        .zip(kinds.iter().map(|kind| kind.sql_type().to_owned()))
        .collect();
    Found { name: stem(&source.path), columns, nameless: !source.options.header, note: None }
}

/// Names that are there and differ.
fn checked(names: Vec<String>, source: &Source) -> Result<Vec<String>> {
    let hint = "Name the columns apart in the first line, or import it with --no-header.";
    for (i, name) in names.iter().enumerate() {
        let what = match () {
            () if name.trim().is_empty() => format!("has no name for column {}", i + 1),
            () if names.iter().take(i).any(|other| other == name) => format!("has two columns \"{name}\""),
            () => continue,
        };
        let what = format!("the first line of \"{}\" {what}", source.path.display());
        return Err(Failure::Other(what, Some(hint.into())));
    }
    Ok(names)
}

/// The rows.
pub fn load(source: &Source, found: &[Found], targets: &[Target], load: &mut Load<'_>) -> Result<()> {
    let (Some(found), Some(target)) = (found.first(), targets.first()) else { return Ok(()) };
    target.all_columns(found, &source.path)?;
    let delimiter = quote_literal(&char::from(delimiter(source)?).to_string());
    let header = source.options.header;
    let sql = target.copy(&format!(" (FORMAT csv, HEADER {header}, DELIMITER {delimiter})"));
    load.copy(&sql, &mut open(&source.path)?, &|line| line)
}

fn delimiter(source: &Source) -> Result<u8> {
    if let Some(given) = source.options.delimiter {
        return Ok(given);
    }
    if source.extension == "tsv" {
        return Ok(b'\t');
    }
    let mut head = Vec::new();
    let read = open(&source.path)?.take(SNIFFED as u64).read_to_end(&mut head);
    read.map_err(|e| Failure::file("read", &source.path, &e))?;
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            byte => counts.iter_mut().filter(|(c, _)| *c == byte).for_each(|(_, n)| *n += 1),
        }
    }
    // The first of those that are as many.
    let best = counts.iter().rev().max_by_key(|(_, n)| *n);
    Ok(best.filter(|(_, n)| *n > 0).map_or(b',', |(byte, _)| *byte))
}
