//! One line a value, for rows that are too wide to be read as a table.
//!
//! ```text
//! -[ RECORD 1 ]--
//! ts  | 2024-05-01
//! note | slip
//! ```
//!
//! It is psql's expanded form. Values are not cut; control characters are shown as escapes.

use super::{Cells, Head, Style};
use crate::failure::{Failure, Result};
use crate::term::{cut, visible, width};
use std::io::Write;

/// Prints a heading and a line for each value of each row.
pub fn print(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    style: Style,
    out: &mut dyn Write,
) -> Result<u64> {
    let names: Vec<String> = heads.iter().map(|head| visible(&head.name)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let paint = style.paint;
    let bar = if paint.is_on() { "│" } else { "|" };
    let mut count = 0;
    for row in rows {
        let row: Vec<_> = row.map_err(Failure::from)?.into_iter().map(|c| c.map(|c| visible(&c))).collect();
        count += 1;
        let longest = row.iter().flatten().map(|value| width(value)).max().unwrap_or(0);
        let title = format!("-[ RECORD {count} ]");
        let wanted = (widest + 3 + longest).min(style.width.unwrap_or(80)).max(title.len() + 1);
        let rule = format!("{title}{}", "-".repeat(wanted - title.len()));
        writeln!(out, "{}", paint.dim(&style.width.map_or(rule.clone(), |width| cut(&rule, width))))?;
        for (name, value) in names.iter().zip(&row) {
            let space = " ".repeat(widest - width(name));
            let value = match value {
                Some(value) => value.clone(),
                None if paint.is_on() => paint.dim("NULL"),
                None => String::new(),
            };
            let line = format!("{}{space} {} {value}", paint.bold(name), paint.dim(bar));
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    if count == 0 {
        writeln!(out, "{}", paint.dim("(0 rows)"))?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent::Type;

    #[test]
    fn a_line_a_value() {
        let heads = ["a", "long"].map(|name| Head { name: name.into(), ty: Type::Text });
        let rows = [[Some("1"), Some("x\ny")], [None, Some("z")]];
        let mut rows = rows.map(|r| Ok(r.map(|c| c.map(str::to_owned)).to_vec())).into_iter();
        let mut out = Vec::new();
        assert_eq!(print(&heads, &mut rows, Style::plain(), &mut out).unwrap(), 2);
        let expected = "-[ RECORD 1 ]-\na    | 1\nlong | x\\ny\n-[ RECORD 2 ]-\na    |\nlong | z\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
