//! CSV: RFC 4180's quoting, lines ended by LF as PostgreSQL and psql end them. NULL is nothing at all; the empty
//! string is `""`, so that the two stay apart.

use super::{Cells, Head};
use crate::failure::{Failure, Result};
use std::io::Write;

/// Prints a line of names and a line for each row.
pub fn print(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    out: &mut dyn Write,
) -> Result<u64> {
    line(heads.iter().map(|h| Some(h.name.as_str())), out)?;
    let mut count = 0;
    for row in rows {
        line(row.map_err(Failure::from)?.iter().map(Option::as_deref), out)?;
        count += 1;
    }
    Ok(count)
}

/// Prints a line.
pub fn line<'a>(cells: impl Iterator<Item = Option<&'a str>>, out: &mut dyn Write) -> Result<()> {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        match cell {
            None => {}
            Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r']) => {
                write!(out, "\"{}\"", text.replace('"', "\"\""))?;
            }
            Some(text) => out.write_all(text.as_bytes())?,
        }
    }
    Ok(out.write_all(b"\n")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent::Type;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let heads = ["a", "b,c"].map(|name| Head { name: name.into(), ty: Type::Text });
        let rows = [
            [Some("plain"), None],
            [Some(""), Some("say \"hi\"")],
            [Some("two\nlines"), Some(" spaced ")],
            [Some("cr\r"), Some("æ")],
        ];
        let rows = rows.map(|r| Ok(r.map(|c| c.map(str::to_owned)).to_vec()));
        let mut out = Vec::new();
        assert_eq!(print(&heads, &mut rows.into_iter(), &mut out).unwrap(), 4);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a,\"b,c\"\nplain,\n\"\",\"say \"\"hi\"\"\"\n\"two\nlines\", spaced \n\"cr\r\",æ\n"
        );
    }
}
