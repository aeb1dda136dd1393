//! A table of Markdown, as GitHub and most others read it.

use super::{Cells, Head};
use crate::failure::{Failure, Result};
use std::io::Write;

/// Prints a heading and a line for each row; numbers align right.
pub fn print(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    out: &mut dyn Write,
) -> Result<u64> {
    line(heads.iter().map(|head| Some(head.name.as_str())), out)?;
    let rule = |head: &Head| Some(if head.is_number() { "---:" } else { "---" });
    line(heads.iter().map(rule), out)?;
    let mut count = 0;
    for row in rows {
        line(row.map_err(Failure::from)?.iter().map(Option::as_deref), out)?;
        count += 1;
    }
    Ok(count)
}

fn line<'a>(cells: impl Iterator<Item = Option<&'a str>>, out: &mut dyn Write) -> Result<()> {
    out.write_all(b"|")?;
    for cell in cells {
        let text = cell.unwrap_or_default().replace('\\', "\\\\").replace('|', "\\|");
        let text = text.replace("\r\n", "<br>").replace(['\r', '\n'], "<br>");
        write!(out, " {text} |")?;
    }
    Ok(out.write_all(b"\n")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent::Type;

    #[test]
    fn a_table() {
        let heads = [("n", Type::Int4), ("a|b", Type::Text)];
        let heads = heads.map(|(name, ty)| Head { name: name.into(), ty });
        let rows = [[Some("1"), Some("x\ny")], [None, Some("a\\|")]];
        let mut rows = rows.map(|r| Ok(r.map(|c| c.map(str::to_owned)).to_vec())).into_iter();
        let mut out = Vec::new();
        assert_eq!(print(&heads, &mut rows, &mut out).unwrap(), 2);
        let expected = "| n | a\\|b |\n| ---: | --- |\n| 1 | x<br>y |\n|  | a\\\\\\| |\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
