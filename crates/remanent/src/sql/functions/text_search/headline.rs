//! ts_headline: of a text, or of each string of a JSON document.

use super::super::Args;
use super::super::json::doc::{Doc, with};
use super::config;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::json::{Kind, write_string};
use remanent_storage::value::text_search::refused;
use remanent_storage::value::{Column, Type, Value};
use remanent_text::headline::{Options, headline_while};

pub(super) fn headline(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let (config, at) = config(args, row)?;
        let query = args.columns[at + 1].bytes(row);
        let options = match args.columns.get(at + 2) {
            Some(_) => Options::parse(args.text(at + 2, row)?).map_err(refused)?,
            None => Options::default(),
        };
        let interrupt = args.ctx.interrupt;
        let goes_on = || interrupt.check().is_ok();
        let shown = &mut |text: &str| headline_while(config, text, query, &options, &goes_on);
        if args.ty == Type::Text {
            let shown = shown(args.text(at, row)?);
            interrupt.check()?;
            return Ok(Value::Text(shown));
        }
        let text = with(args, at, row, &mut |doc| {
            let mut text = String::new();
            write(doc, shown, &mut text)?;
            interrupt.check()?;
            Ok(text)
        })?;
        Value::parse(&text, args.ty)
    })
}

/// The text of a document, its strings as `shown` says, without blanks.
fn write(doc: Doc<'_>, shown: &mut dyn FnMut(&str) -> String, out: &mut String) -> Result<()> {
    let failed = |_| Error::internal("a text could not be written");
    match doc.kind() {
        Kind::Array => {
            for (i, item) in doc.elements().into_iter().enumerate() {
                out.push(if i == 0 { '[' } else { ',' });
                write(item, shown, out)?;
            }
            out.push_str(if doc.elements().is_empty() { "[]" } else { "]" });
        }
        Kind::Object => {
            let pairs = doc.pairs();
            for (i, (key, value)) in pairs.iter().enumerate() {
                out.push(if i == 0 { '{' } else { ',' });
                write_string(out, key).map_err(failed)?;
                out.push(':');
                write(*value, shown, out)?;
            }
            out.push_str(if pairs.is_empty() { "{}" } else { "}" });
        }
        Kind::String => {
            if let Value::Text(text) = doc.text() {
                write_string(out, &shown(&text)).map_err(failed)?;
            }
        }
        _ => out.push_str(&doc.value().to_string()),
    }
    Ok(())
}
