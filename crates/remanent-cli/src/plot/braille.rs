//! A plot in the terminal: a character is two dots wide and four high.
//!
//! ```text
//!  12.5 ┤⠀⠀⠀⢀⠔⠉⠑⢄
//!       │⠀⢀⠔⠁⠀⠀⠀⠀⠑⢄
//!   0.1 ┤⠔⠁⠀⠀⠀⠀⠀⠀⠀⠀⠑
//!       2024-05-01       2024-05-02
//! ```

use super::{Data, label};
use crate::failure::Result;
use crate::term::{Paint, cut, width};
use std::io::Write;

/// The lines of a plot.
const ROWS: usize = 16;
/// The bit of each dot in a character from U+2800, by row and column.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// Draws it, at most so many columns wide.
pub fn print(data: &Data, columns: usize, paint: Paint, out: &mut dyn Write) -> Result<()> {
    let Some((_, y)) = data.ranges() else {
        return Ok(writeln!(out, "(nothing to draw)")?);
    };
    let (high, low) = (label(y.high), label(y.low));
    let margin = width(&high).max(width(&low)).min(columns.saturating_sub(6));
    let cells = columns.saturating_sub(margin + 3).max(1);
    let mut grid = vec![[(0u8, 0usize); 1]; cells * ROWS];
    data.draw(cells * 2, ROWS * 4, &mut |series, x, y| {
        if let (Some([cell]), Some(dot)) = (grid.get_mut(y / 4 * cells + x / 2), DOTS.get(y % 4)) {
            *cell = (cell.0 | dot.get(x % 2).copied().unwrap_or(0), series);
        }
    });
    for (row, line) in grid.chunks(cells).enumerate() {
        let (text, mark) = match row {
            0 => (high.as_str(), "┤"),
            _ if row == ROWS - 1 => (low.as_str(), "┤"),
            _ => ("", "│"),
        };
        let text = cut(text, margin);
        let space = " ".repeat(margin - width(&text));
        write!(out, "{space}{text} {}", paint.dim(mark))?;
        let mut end = line.len();
        while end > 0 && line.get(end - 1).is_some_and(|[(dots, _)]| *dots == 0) {
            end -= 1;
        }
        for [(dots, series)] in line.iter().take(end) {
            let c = char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ');
            write!(
                out,
                "{}",
                if *dots == 0 { c.to_string() } else { paint.series(*series, &c.to_string()) }
            )?;
        }
        writeln!(out)?;
    }
    let (left, right) = (cut(&data.left, cells), cut(&data.right, cells));
    let space = cells.saturating_sub(width(&left) + width(&right));
    let ends = if space > 0 { format!("{left}{}{right}", " ".repeat(space)) } else { left };
    writeln!(out, "{}{}", " ".repeat(margin + 2), paint.dim(&ends))?;
    let names: Vec<_> =
        data.names.iter().enumerate().map(|(i, name)| format!("{} {name}", paint.series(i, "━"))).collect();
    let every = if data.stride > 1 { format!("  (one row of {})", data.stride) } else { String::new() };
    Ok(writeln!(out, "{}{}{every}", " ".repeat(margin + 2), names.join("  "))?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::data;
    use super::*;

    #[test]
    fn a_rising_line() {
        let mut out = Vec::new();
        print(&data(&[(0.0, 0.0), (9.0, 10.0)]), 20, Paint::plain(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), ROWS + 2);
        assert!(lines[0].starts_with("10 ┤") && lines[0].ends_with('⡠') || lines[0].ends_with('⡜'), "{text}");
        assert!(lines[ROWS - 1].starts_with(" 0 ┤"), "{text}");
        assert_eq!(lines[ROWS], "    0             9");
        assert_eq!(lines[ROWS + 1], "    ━ h");
        for columns in 1..30 {
            print(&data(&[(0.0, 0.0), (9.0, 1e300)]), columns, Paint::plain(), &mut Vec::new()).unwrap();
        }
        let mut out = Vec::new();
        print(&data(&[]), 20, Paint::plain(), &mut out).unwrap();
        assert_eq!(out, b"(nothing to draw)\n");
    }
}
