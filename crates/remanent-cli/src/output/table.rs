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
//!
//! On a terminal a table is never wider than that: texts are cut (`…`), the widest first, and where that does not do
//! the last columns are left out, which the line below says. Numbers are not cut.

use super::{Cells, Head, Style, line};
use crate::failure::{Failure, Result};
use crate::term::{cut, visible, width};
use std::io::Write;

/// Rows that are held back to find the widths of columns, and their bytes.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 8 << 20;
/// No text is cut to less.
const TEXT_MIN: usize = 8;

/// Prints heading, rows and the number of rows.
pub fn print(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    style: Style,
    out: &mut dyn Write,
) -> Result<u64> {
    let mut table = Table::new(heads, style);
    let mut count = 0;
    loop {
        let page = page(rows, style)?;
        let first = count == 0;
        if first && style.auto && !table.would_fit(&page) {
            return line::print(heads, &mut page.into_iter().map(Ok).chain(rows), style, out);
        }
        table.measure(&page, first);
        if first {
            table.heading(out)?;
        }
        table.rows(&page, out)?;
        count += page.len() as u64;
        if page.len() < PAGE && page.iter().map(weight).sum::<usize>() < PAGE_BYTES {
            break;
        }
    }
    table.footer(count, out)?;
    Ok(count)
}

/// A table that is not the answer of a statement: all rows are there, a title above, notes below.
pub fn print_titled(
    title: &str,
    heads: &[Head],
    rows: Vec<Cells>,
    notes: &[String],
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let mut table = Table::new(heads, style);
    table.measure(&rows, true);
    let space = table.total().saturating_sub(width(title)) / 2;
    writeln!(out, "{}{}", " ".repeat(space), style.paint.bold(title))?;
    table.heading(out)?;
    table.rows(&rows, out)?;
    match notes {
        [] => table.footer(rows.len() as u64, out),
        notes => Ok(notes.iter().try_for_each(|note| writeln!(out, "{note}"))?),
    }
}

/// The next rows. What came before an error is shown only if part of the table is out already.
fn page(rows: &mut dyn Iterator<Item = remanent::Result<Cells>>, style: Style) -> Result<Vec<Cells>> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let shown = |text: String| match style.width.filter(|_| !style.auto) {
            // No more of it can be seen.
            Some(width) => visible(&cut(&text, width)),
            None => visible(&text),
        };
        let row: Cells = row.map_err(Failure::from)?.into_iter().map(|cell| cell.map(shown)).collect();
        bytes += weight(&row);
        page.push(row);
        if page.len() == PAGE || bytes >= PAGE_BYTES {
            break;
        }
    }
    Ok(page)
}

fn weight(row: &Cells) -> usize {
    row.iter().flatten().map(String::len).sum()
}

struct Table<'a> {
    heads: &'a [Head],
    names: Vec<String>,
    style: Style,
    /// Of the columns as they are, and as they are shown.
    natural: Vec<usize>,
    widths: Vec<usize>,
    /// How many columns are shown.
    shown: usize,
}

impl<'a> Table<'a> {
    fn new(heads: &'a [Head], style: Style) -> Self {
        let names: Vec<String> = heads.iter().map(|h| visible(&h.name)).collect();
        let natural: Vec<usize> = names.iter().map(|name| width(name)).collect();
        Table { heads, names, style, widths: natural.clone(), natural, shown: heads.len() }
    }

    fn grow(&mut self, page: &[Cells]) {
        let null = if self.style.paint.is_on() { 4 } else { 0 };
        for row in page {
            for (natural, cell) in self.natural.iter_mut().zip(row) {
                *natural = (*natural).max(cell.as_ref().map_or(null, |c| width(c)));
            }
        }
    }

    fn would_fit(&mut self, page: &[Cells]) -> bool {
        self.grow(page);
        self.style.width.is_none_or(|width| full(&self.natural) <= width)
    }

    /// Learns the widths of columns; how many of them are shown, if this is the `first` page.
    fn measure(&mut self, page: &[Cells], first: bool) {
        self.grow(page);
        self.widths.clone_from(&self.natural);
        let Some(width) = self.style.width else { return };
        // The least that each column needs.
        let least = |i: usize| match self.heads.get(i).is_some_and(Head::is_number) {
            true => self.natural[i],
            false => self.natural[i].min(TEXT_MIN),
        };
        if first && full(&self.natural) > width {
            let mut used = 0;
            self.shown = (0..self.heads.len())
                .take_while(|&i| {
                    used += least(i) + 3;
                    // Room for the column that says there are more, unless this is the last.
                    let more = if i + 1 == self.heads.len() { 0 } else { 4 };
                    i == 0 || used - 1 + more <= width
                })
                .count();
        }
        let more = if self.shown < self.heads.len() { 4 } else { 0 };
        let room = width.saturating_sub(more + 3 * self.shown - usize::from(self.shown > 0));
        let least: Vec<usize> = (0..self.shown).map(least).collect();
        let cap = (0..=room).rev().find(|&cap| {
            let sum: usize =
                least.iter().zip(&self.natural).map(|(&least, &natural)| natural.min(cap).max(least)).sum();
            sum <= room
        });
        for (i, least) in least.into_iter().enumerate() {
            self.widths[i] = self.natural[i].min(cap.unwrap_or(0)).max(least);
        }
        if let [first] = &mut self.widths[..self.shown] {
            *first = (*first).min(room.max(1));
        }
    }

    fn total(&self) -> usize {
        full(&self.widths[..self.shown]) + if self.shown < self.heads.len() { 4 } else { 0 }
    }

    fn heading(&self, out: &mut dyn Write) -> Result<()> {
        let paint = self.style.paint;
        let (bar, dash, cross) = if paint.is_on() { ("│", "─", "┼") } else { ("|", "-", "+") };
        let mut names = Vec::new();
        let mut rules = Vec::new();
        for (name, &column) in self.names.iter().zip(&self.widths).take(self.shown) {
            let name = cut(name, column);
            let space = column - width(&name);
            let left = space / 2;
            names.push(format!(" {}{}{} ", " ".repeat(left), paint.bold(&name), " ".repeat(space - left)));
            rules.push(dash.repeat(column + 2));
        }
        if self.shown < self.heads.len() {
            names.push(" … ".to_owned());
            rules.push(dash.repeat(3));
        }
        writeln!(out, "{}", names.join(&paint.dim(bar)).trim_end())?;
        Ok(writeln!(out, "{}", paint.dim(&rules.join(cross)))?)
    }

    fn rows(&self, page: &[Cells], out: &mut dyn Write) -> Result<()> {
        let paint = self.style.paint;
        let bar = paint.dim(if paint.is_on() { "│" } else { "|" });
        for row in page {
            let mut line = String::new();
            for (i, ((head, &column), cell)) in
                self.heads.iter().zip(&self.widths).zip(row).take(self.shown).enumerate()
            {
                if i > 0 {
                    line.push_str(&bar);
                }
                let (text, used) = match cell {
                    Some(text) => {
                        let text = cut(text, column);
                        let used = width(&text);
                        (text, used)
                    }
                    None if paint.is_on() => (paint.dim(&cut("NULL", column)), column.min(4)),
                    None => (String::new(), 0),
                };
                let space = " ".repeat(column - used.min(column));
                line.push(' ');
                match head.is_number() {
                    true => line.extend([space, text]),
                    false => line.extend([text, space]),
                }
                line.push(' ');
            }
            if self.shown < self.heads.len() {
                line.push_str(&bar);
                line.push_str(" …");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn footer(&self, count: u64, out: &mut dyn Write) -> Result<()> {
        let rows = format!("{count} row{}", if count == 1 { "" } else { "s" });
        let text = match self.heads.len() - self.shown {
            0 => format!("({rows})"),
            hidden => format!("({rows}, {hidden} more column{})", if hidden == 1 { "" } else { "s" }),
        };
        Ok(writeln!(out, "{}", self.style.paint.dim(&text))?)
    }
}

/// The width of a table whose columns have these.
fn full(widths: &[usize]) -> usize {
    (widths.iter().sum::<usize>() + 3 * widths.len()).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent::Type;

    fn printed(heads: &[(&str, Type)], rows: &[&[Option<&str>]], style: Style) -> String {
        let heads: Vec<_> = heads.iter().map(|(name, ty)| Head { name: (*name).into(), ty: *ty }).collect();
        let mut rows = rows.iter().map(|r| Ok(r.iter().map(|c| c.map(str::to_owned)).collect()));
        let mut out = Vec::new();
        print(&heads, &mut rows, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn check(heads: &[(&str, Type)], rows: &[&[Option<&str>]], expected: &str) {
        assert_eq!(printed(heads, rows, Style::plain()), expected);
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
        let mut rows = (0..2500).map(|i| Ok(vec![Some(i.to_string())]));
        let heads = [Head { name: "n".into(), ty: Type::Int4 }];
        let mut out = Vec::new();
        assert_eq!(print(&heads, &mut rows, Style::plain(), &mut out).unwrap(), 2500);
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 2503);
        assert_eq!(out.lines().nth(1002), Some(" 1000"));
        assert_eq!(out.lines().last(), Some("(2500 rows)"));
    }

    #[test]
    fn a_terminal_cuts_texts_then_columns() {
        let heads = [("id", Type::Int8), ("note", Type::Text), ("more", Type::Text)];
        let rows: &[&[_]] = &[&[Some("1234567"), Some("a rather long text"), Some("and another one")]];
        let at = |width| printed(&heads, rows, Style { width: Some(width), ..Style::plain() });
        assert_eq!(
            at(40),
            "   id    |     note     |     more\n---------+--------------+--------------\n 1234567 | a rather lo… | and another…\n(1 row)\n"
        );
        assert_eq!(
            at(24),
            "   id    |   note   | …\n---------+----------+---\n 1234567 | a rathe… | …\n(1 row, 1 more column)\n"
        );
        for width in 1..60 {
            assert!(
                at(width).lines().next().is_some_and(|l| crate::term::width(l) <= width.max(9)),
                "{width}"
            );
        }
    }

    #[test]
    fn a_table_too_wide_becomes_lines_where_that_is_wanted() {
        let style = Style { width: Some(10), auto: true, ..Style::plain() };
        let rows: &[&[_]] = &[&[Some("a rather long text")]];
        assert_eq!(printed(&[("t", Type::Text)], rows, style), "-[ RECORD…\nt | a rather long text\n");
        assert_eq!(
            printed(&[("t", Type::Text)], &[&[Some("short")]], style),
            "   t\n-------\n short\n(1 row)\n"
        );
    }
}
