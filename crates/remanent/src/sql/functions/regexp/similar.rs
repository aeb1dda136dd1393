//! SQL's own patterns (SIMILAR TO) as regular expressions.

use remanent_storage::error::{Error, Result, state};

/// The pattern of SIMILAR TO as a regular expression; with `parts`, the one of `substring(… similar … escape …)`, whose
/// middle part between two escaped quotes is the result.
pub fn similar(pattern: &str, escape: Option<&str>) -> Result<String> {
    let mut letters = escape.unwrap_or("\\").chars();
    let (escape, more) = (letters.next(), letters.next());
    if more.is_some() {
        return Err(Error::new(state::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
            .with_hint("Escape string must be empty or one character."));
    }
    let mut out = String::from("^(?:");
    let (mut quotes, mut in_set, mut rest) = (0, false, pattern.chars());
    while let Some(c) = rest.next() {
        match c {
            c if Some(c) == escape => match rest.next() {
                Some('"') if !in_set => {
                    quotes += 1;
                    match quotes {
                        1 => out.push_str("){1,1}?("),
                        2 => out.push_str("){1,1}(?:"),
                        _ => {
                            let message = "SQL regular expression may not contain more than two escape-double-quote separators";
                            return Err(Error::new(state::INVALID_USE_OF_ESCAPE_CHARACTER, message));
                        }
                    }
                }
                Some(c) => {
                    out.push('\\');
                    out.push(c);
                }
                None => {}
            },
            c if in_set => {
                in_set = c != ']';
                if c == '\\' {
                    out.push('\\');
                }
                out.push(c);
            }
            '[' => {
                in_set = true;
                out.push(c);
            }
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            // What captures elsewhere does not here.
            '(' => out.push_str("(?:"),
            '\\' | '.' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push_str(")$");
    Ok(out)
}
