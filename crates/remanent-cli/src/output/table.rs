//! The aligned table.
//!
//! ```text
//!      stream      | points
//! -----------------+--------
//!  sensor_combined |   1298
//!  battery_status  |     21
//! (2 rows)
//! ```
//!
//! It is psql's form, so that eyes and scripts know it; on a terminal the lines are drawn. Numbers align right,
//! NULL is empty (a dim NULL where there are colours), control characters are shown as escapes so that no
//! value can play the terminal. Widths come from the first [`PAGE`] rows; a later, wider cell widens its column
//! from its page on.

use super::Head;
use crate::failure::{Failure, Result};
use crate::term::Paint;
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// Rows that are held back to find the widths of columns.
const PAGE: usize = 1000;

/// Prints heading, rows and the number of rows.
pub fn print(
    heads: &[Head],
    rows: impl Iterator<Item = remanent::Result<Vec<Option<String>>>>,
    out: &mut dyn Write,
    paint: Paint,
) -> Result<u64> {
    let mut widths: Vec<usize> = heads.iter().map(|h| visible(&h.name).width()).collect();
    let mut page = Vec::with_capacity(PAGE.min(64));
    let mut count = 0;
    let mut failed = None;
    for row in rows {
        match row {
            Ok(row) => page.push(row.into_iter().map(|c| c.map(|c| visible(&c))).collect()),
            Err(e) => {
                failed = Some(e);
                break;
            }
        }
        if page.len() == PAGE {
            flush(heads, &mut widths, &mut page, count == 0, out, paint)?;
            count += PAGE as u64;
        }
    }
    // What came before an error is shown only if part of the table is out already.
    if let Some(e) = failed {
        return Err(Failure::from(e));
    }
    let last = page.len() as u64;
    flush(heads, &mut widths, &mut page, count == 0, out, paint)?;
    count += last;
    writeln!(out, "{}", paint.dim(&format!("({count} row{})", if count == 1 { "" } else { "s" })))?;
    Ok(count)
}

fn flush(
    heads: &[Head],
    widths: &mut [usize],
    page: &mut Vec<Vec<Option<String>>>,
    first: bool,
    out: &mut dyn Write,
    paint: Paint,
) -> Result<()> {
    for row in page.iter() {
        for (width, cell) in widths.iter_mut().zip(row) {
            let null = if paint.is_on() { 4 } else { 0 };
            *width = (*width).max(cell.as_ref().map_or(null, |c| c.width()));
        }
    }
    let (bar, dash, cross) = if paint.is_on() { ("│", "─", "┼") } else { ("|", "-", "+") };
    if first {
        let names: Vec<_> = heads
            .iter()
            .zip(widths.iter())
            .map(|(head, width)| {
                let name = visible(&head.name);
                let space = width - name.width().min(*width);
                let left = space / 2;
                format!(" {}{}{} ", " ".repeat(left), paint.bold(&name), " ".repeat(space - left))
            })
            .collect();
        writeln!(out, "{}", names.join(&paint.dim(bar)).trim_end())?;
        let rule: Vec<_> = widths.iter().map(|w| dash.repeat(w + 2)).collect();
        writeln!(out, "{}", paint.dim(&rule.join(cross)))?;
    }
    for row in page.drain(..) {
        let mut line = String::new();
        for (i, ((head, width), cell)) in heads.iter().zip(widths.iter()).zip(&row).enumerate() {
            if i > 0 {
                line.push_str(&paint.dim(bar));
            }
            let (text, used) = match cell {
                Some(text) => (text.clone(), text.width()),
                None if paint.is_on() => (paint.dim("NULL"), 4),
                None => (String::new(), 0),
            };
            let space = " ".repeat(width - used.min(*width));
            line.push(' ');
            match head.is_number() {
                true => line.extend([space, text]),
                false => line.extend([text, space]),
            }
            line.push(' ');
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Text with its control characters as escapes.
fn visible(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c.is_control() => format!("\\x{:02x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent::Type;

    fn check(heads: &[(&str, Type)], rows: &[&[Option<&str>]], expected: &str) {
        let heads: Vec<_> = heads.iter().map(|(name, ty)| Head { name: (*name).into(), ty: *ty }).collect();
        let rows = rows.iter().map(|r| Ok(r.iter().map(|c| c.map(str::to_owned)).collect()));
        let mut out = Vec::new();
        print(&heads, rows, &mut out, Paint::plain()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn columns_align() {
        check(
            &[("stream", Type::Text), ("points", Type::Int8), ("note", Type::Text)],
            &[
                &[Some("sensor_combined"), Some("1298"), None],
                &[Some("battery"), Some("21"), Some("ok")],
                &[None, None, None],
            ],
            "     stream      | points | note\n\
             -----------------+--------+------\n \
             sensor_combined |   1298 |\n \
             battery         |     21 | ok\n                 \
             |        |\n\
             (3 rows)\n",
        );
    }

    #[test]
    fn wide_characters_count_twice_and_controls_are_shown() {
        check(
            &[("a", Type::Text), ("b", Type::Int4)],
            &[&[Some("日本"), Some("1")], &[Some("x\n\x1b[2J"), Some("2")]],
            "     a      | b\n------------+---\n 日本       | 1\n x\\n\\x1b[2J | 2\n(2 rows)\n",
        );
    }

    #[test]
    fn no_rows() {
        check(&[("a", Type::Text)], &[], " a\n---\n(0 rows)\n");
    }

    #[test]
    fn more_rows_than_a_page_keep_one_heading() {
        let rows: Vec<Vec<Option<String>>> = (0..2500).map(|i| vec![Some(i.to_string())]).collect();
        let heads = [Head { name: "n".into(), ty: Type::Int4 }];
        let mut out = Vec::new();
        assert_eq!(print(&heads, rows.into_iter().map(Ok), &mut out, Paint::plain()).unwrap(), 2500);
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 2503);
        assert_eq!(out.lines().nth(1002), Some(" 1000"));
        assert_eq!(out.lines().last(), Some("(2500 rows)"));
    }
}
