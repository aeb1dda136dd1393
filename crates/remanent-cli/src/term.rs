//! What a terminal needs: colours where they help (on a terminal, and not where NO_COLOR, <https://no-color.org>, asks for
//! none), widths of texts, numbers as people read them.

use std::io::IsTerminal;
use unicode_width::UnicodeWidthChar;

/// How to emphasise text on one output.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// For this output: colours if it is a terminal that wants them.
    pub fn of(output: &impl IsTerminal) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        Paint { on: output.is_terminal() && !refused }
    }

    /// True if there are colours.
    pub fn is_on(self) -> bool {
        self.on
    }

    /// Colours in any case.
    #[cfg(test)]
    pub fn always() -> Self {
        Paint { on: true }
    }

    /// No colours.
    pub fn plain() -> Self {
        Paint { on: false }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A heading, a name.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What supports and is not the point.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// A statement in SQL.
    pub fn sql(self, text: &str) -> String {
        self.wrap("36", text)
    }

    /// A key word.
    pub fn keyword(self, text: &str) -> String {
        self.wrap("1;34", text)
    }

    /// The name of a function or of a table.
    pub fn name(self, text: &str) -> String {
        self.wrap("36", text)
    }

    /// A number.
    pub fn number(self, text: &str) -> String {
        self.wrap("35", text)
    }

    /// The `i`th of several series.
    pub fn series(self, i: usize, text: &str) -> String {
        let colours = ["36", "33", "32", "35", "34", "31"];
        self.wrap(colours.get(i % colours.len()).unwrap_or(&"0"), text)
    }

    /// All is well.
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Something is wrong.
    pub fn error(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
}

/// The columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The beginning of a text that fits, and whether something was left out after it.
pub fn first_columns(text: &str, columns: usize) -> (&str, bool) {
    let mut used = 0;
    for (i, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return (text.get(..i).unwrap_or_default(), true);
        }
    }
    (text, false)
}

/// A text that takes at most so many columns; what was longer ends in `…`.
pub fn cut(text: &str, columns: usize) -> String {
    match first_columns(text, columns) {
        (whole, false) => whole.to_owned(),
        _ if columns == 0 => String::new(),
        _ => format!("{}…", first_columns(text, columns - 1).0),
    }
}

/// Text with its control characters as escapes, so that no value can play the terminal.
pub fn visible(text: &str) -> String {
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

/// How many columns standard output has, if it is a terminal.
pub fn columns() -> Option<usize> {
    let size = console::Term::stdout().size_checked();
    size.map(|(_, columns)| usize::from(columns))
        .filter(|columns| *columns > 0 && std::io::stdout().is_terminal())
}

/// A count with its thousands apart: 14,604.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 row", "2 rows".
pub fn count(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// A size as a person says it: 812 B, 1.4 MB.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// A duration as a person says it: 87 µs, 1.9 ms, 2.4 s.
pub fn time(time: std::time::Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    match us {
        ..100.0 => format!("{us:.0} µs"),
        ..1e6 => format!("{:.1} ms", us / 1e3),
        _ => format!("{:.1} s", us / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(
            [0, 999, 1000, 14_604, 1_000_000].map(grouped),
            ["0", "999", "1,000", "14,604", "1,000,000"]
        );
        assert_eq!([count(1, "row"), count(0, "row"), count(2, "row")], ["1 row", "0 rows", "2 rows"]);
        assert_eq!([0, 999, 1_400_000].map(size), ["0 B", "999 B", "1.4 MB"]);
        let times = [7, 87, 1_900, 2_400_000].map(|us| time(Duration::from_micros(us)));
        assert_eq!(times, ["7 µs", "87 µs", "1.9 ms", "2.4 s"]);
    }

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(Paint::plain().bold("x"), "x");
    }
}
