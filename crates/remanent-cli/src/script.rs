//! Cutting a script into statements.
//!
//! A statement ends at a semicolon that stands outside quotes and comments, or at the end of the script. The
//! quoting rules are PostgreSQL's (manual, section 4.1): `'…'` with `''` inside, `E'…'` with backslashes,
//! `"…"`, `$tag$…$tag$`, `--` to the end of the line, `/* … */` nested. Whether a statement makes sense is
//! for the database to say; what lies here unclosed goes to it as it is.
//!
//! ```text
//! INSERT INTO t VALUES (';'); -- a semicolon;     →  "INSERT INTO t VALUES (';')" at 0
//! SELECT 1                                        →  "SELECT 1" after it
//! ```

/// One statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Its text without the semicolon and without what stands around it.
    pub text: &'a str,
    /// Where in the script it begins, in bytes.
    pub start: usize,
}

impl Statement<'_> {
    /// The first words, in capitals, as a command tag needs them.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let text = self.text.get(skip_blank(self.text.as_bytes(), 0)..).unwrap_or_default();
        text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty()).map(str::to_ascii_uppercase)
    }
}

/// The statements of a script in order; empty ones are left out.
pub fn statements(script: &str) -> Vec<Statement<'_>> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = skip_blank(bytes, at);
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            if *byte == b';' {
                break;
            }
            end = skip_token(bytes, end);
        }
        let text = script.get(start..end).unwrap_or_default().trim_end();
        if !text.is_empty() {
            found.push(Statement { text, start });
        }
        at = end + 1;
    }
    found
}

/// The first byte from `at` on that is neither white space nor comment.
fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at..) {
            Some([b' ' | b'\t' | b'\r' | b'\n' | b'\x0c', ..]) => at += 1,
            Some([b'-', b'-', ..] | [b'/', b'*', ..]) => at = skip_token(bytes, at),
            _ => return at,
        }
    }
}

/// The byte after the quoted text, comment, word or other character that begins at `at`.
fn skip_token(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let len = match rest {
        [b'-', b'-', ..] => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => comment(rest),
        [b'\'', ..] => quoted(rest, b'\'', false),
        [b'"', ..] => quoted(rest, b'"', false),
        [b'e' | b'E', b'\'', tail @ ..] => 1 + quoted(&rest[rest.len() - tail.len() - 1..], b'\'', true),
        [b'$', ..] => dollar(rest),
        // A word takes its digits and dollars with it: a$b$ is no quote, and the e of name'…' no prefix.
        [b, ..] if is_word(*b) => rest.iter().take_while(|b| is_word(**b) || **b == b'$').count(),
        _ => 1,
    };
    at + len.max(1)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0u32, 0);
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" if depth == 1 => return at + 2,
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8, backslashes: bool) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        at += 1;
        match *byte {
            b'\\' if backslashes => at += 1,
            b if b == quote && rest.get(at) == Some(&quote) => at += 1,
            b if b == quote => return at,
            _ => {}
        }
    }
    rest.len()
}

fn dollar(rest: &[u8]) -> usize {
    let tag = rest.iter().skip(1).take_while(|b| is_word(**b)).count() + 2;
    let Some(open) =
        rest.get(..tag).filter(|t| t.ends_with(b"$") && !t.get(1).is_some_and(u8::is_ascii_digit))
    else {
        return 1;
    };
    let body = rest.get(tag..).unwrap_or_default();
    match body.windows(tag).position(|w| w == open) {
        Some(at) => tag + at + tag,
        None => rest.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &[&str]) {
        let found = statements(script);
        assert_eq!(found.iter().map(|s| s.text).collect::<Vec<_>>(), expected, "{script}");
        assert!(found.iter().all(|s| script[s.start..].starts_with(s.text)), "{script}");
    }

    #[test]
    fn semicolons_end_statements() {
        check("", &[]);
        check(" ;; \n;", &[]);
        check("SELECT 1", &["SELECT 1"]);
        check("SELECT 1; SELECT 2 ;", &["SELECT 1", "SELECT 2"]);
    }

    #[test]
    fn quotes_and_comments_keep_them() {
        check("SELECT ';', 'it''s;' ; x", &["SELECT ';', 'it''s;'", "x"]);
        check("SELECT \"a;\"\"b\"; x", &["SELECT \"a;\"\"b\"", "x"]);
        check(r"SELECT E'\';'; x", &[r"SELECT E'\';'", "x"]);
        check(r"SELECT '\'; x", &[r"SELECT '\'", "x"]);
        check(r"SELECT date'\'; x", &[r"SELECT date'\'", "x"]);
        check("SELECT $$;$$, $a$ ; $$ ; $a$; x", &["SELECT $$;$$, $a$ ; $$ ; $a$", "x"]);
        check("SELECT $1; SELECT $2", &["SELECT $1", "SELECT $2"]);
        check("SELECT a$b$; x$b$", &["SELECT a$b$", "x$b$"]);
        check("-- one; two\nSELECT 1 -- ;\n; x", &["SELECT 1 -- ;", "x"]);
        check("/* a; /* b; */ c; */ SELECT /* ; */ 1; x", &["SELECT /* ; */ 1", "x"]);
    }

    #[test]
    fn what_is_left_open_is_one_statement() {
        for script in
            ["SELECT 'a; b", "SELECT \"a; b", "SELECT $x$ ; $$", "SELECT 1 /* ; ", r"SELECT E'\", "SELECT $"]
        {
            check(script, &[script.trim_end()]);
        }
    }

    #[test]
    fn words_of_a_tag() {
        let words = |s: &str| statements(s)[0].words().take(2).collect::<Vec<_>>();
        assert_eq!(words("/* x */ create  TABLE t ()"), ["CREATE", "TABLE"]);
        assert_eq!(words("commit"), ["COMMIT"]);
    }

    #[test]
    fn every_cut_of_every_script_is_within_it() {
        let pieces =
            ["'", "\"", "$", "$$", "$a$", "E'", "\\", ";", "--", "/*", "*/", "\n", "æ", "a", " ", "1"];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    for d in pieces {
                        let script = format!("{a}{b}{c}{d}");
                        for s in statements(&script) {
                            assert!(script[s.start..].starts_with(s.text), "{script}");
                        }
                    }
                }
            }
        }
    }
}
