//! Cutting a script into statements, line by line as it comes.
//!
//! A statement ends at a semicolon that stands outside quotes and comments, or at the end of the script. The
//! quoting rules are PostgreSQL's (manual, section 4.1): `'…'` with `''` inside, `E'…'` with backslashes,
//! `"…"`, `$tag$…$tag$`, `--` to the end of the line, `/* … */` nested. Whether a statement makes sense is
//! for the database to say; what lies here unclosed goes to it as it is.
//!
//! ```text
//! INSERT INTO t VALUES (';'); -- a semicolon;     →  "INSERT INTO t VALUES (';')" at 0
//! SELECT 1                                        →  "SELECT 1" after it, at the end
//! ```
//!
//! [`Scanner`] looks at each byte once, so it does not matter how long a statement is or in how many pieces it comes.

use crate::failure::{Failure, Result};

/// The longest statement that is waited for.
const STATEMENT_MAX: usize = 256 << 20;

/// One statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Its text without the semicolon and without what stands around it.
    pub text: &'a str,
    /// The lines it stands in, as far as they are known.
    pub lines: &'a str,
    /// Where in them it begins, in bytes.
    pub start: usize,
    /// The number of the first of them in the script.
    pub line: usize,
}

impl Statement<'_> {
    /// The first words, in capitals, as a command tag needs them.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let words = self.text.split(|c: char| !c.is_ascii_alphabetic());
        words.filter(|w| !w.is_empty()).map(str::to_ascii_uppercase)
    }
}

/// Cuts lines into statements.
#[derive(Debug, Default)]
pub struct Cutter {
    /// The lines that are needed still.
    lines: String,
    /// The number of the first of them.
    line: usize,
    /// How far they were looked at.
    at: usize,
    /// Where the statement at hand begins.
    start: Option<usize>,
    scanner: Scanner,
}

impl Cutter {
    /// Adds a line, with its end.
    pub fn push(&mut self, line: &str) -> Result<()> {
        // Whole lines only, so that an error can show the line it is in.
        let keep = match self.start {
            Some(start) => self.lines[..start].rfind('\n').map_or(0, |i| i + 1),
            None if self.scanner.is_plain() => self.lines.len(),
            // Within a comment that stands before any statement.
            None => self.at,
        };
        self.line += self.lines[..keep].matches('\n').count();
        self.lines.drain(..keep);
        self.at -= keep;
        self.start = self.start.map(|start| start - keep);
        if self.lines.len() + line.len() > STATEMENT_MAX {
            return Err(Failure::other(format!("a statement is longer than {} MB", STATEMENT_MAX >> 20)));
        }
        self.lines.push_str(line);
        Ok(())
    }

    /// The next statement that has ended.
    pub fn next(&mut self) -> Option<Statement<'_>> {
        while let Some(&byte) = self.lines.as_bytes().get(self.at) {
            let at = self.at;
            self.at += 1;
            match self.scanner.step(byte) {
                Step::Blank => {}
                Step::Content { before } => {
                    self.start.get_or_insert(at - before);
                }
                Step::End { before } => {
                    let start = self.start.take().or((before > 0).then(|| at - before));
                    if let Some(start) = start {
                        return Some(self.statement(start, at));
                    }
                }
            }
        }
        None
    }

    /// What is left when the script ends.
    pub fn finish(&mut self) -> Option<Statement<'_>> {
        let pending = self.scanner.pending();
        let at = self.lines.len();
        let start = self.start.take().or((pending > 0).then(|| at - pending));
        self.scanner = Scanner::default();
        self.at = at;
        start.map(|start| self.statement(start, at))
    }

    /// True where nothing is begun: what comes next may be a command.
    pub fn is_idle(&self) -> bool {
        self.start.is_none() && self.scanner.is_plain() && self.at == self.lines.len()
    }

    fn statement(&self, start: usize, end: usize) -> Statement<'_> {
        let text = self.lines.get(start..end).unwrap_or_default().trim_end();
        Statement { text, lines: &self.lines, start, line: self.line + 1 }
    }
}

/// True if a text ends where a statement ends: nothing is begun after the last semicolon.
pub fn is_complete(text: &str) -> bool {
    let mut cutter = Cutter::default();
    if cutter.push(text).is_err() {
        return true;
    }
    while cutter.next().is_some() {}
    cutter.start.is_none() && cutter.scanner.is_plain()
}

/// What a byte is for the statement it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// White space, a comment, or not known yet.
    Blank,
    /// A part of a statement, as are so many bytes before it.
    Content { before: usize },
    /// The semicolon that ends it.
    End { before: usize },
}

/// Kinds of text, as far as cutting and colouring need to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// White space, operators, all that is none of the others.
    Other,
    /// A name or a key word.
    Word,
    /// A number.
    Number,
    /// `'…'`, `$$…$$`
    String,
    /// `"…"`
    Quoted,
    /// A comment.
    Comment,
}

/// Follows quotes and comments byte by byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scanner {
    state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    /// In a word; `prefix`: it is one `e`, which makes a following quote one with backslashes.
    Word {
        prefix: bool,
    },
    Number,
    /// After the first of `--`, `/*`.
    Dash,
    Slash,
    Line,
    /// `last`: the byte before, where it may be a half of `*/` or `/*`.
    Block {
        depth: u32,
        last: u8,
    },
    Quote {
        quote: u8,
        backslashes: bool,
        escaped: bool,
    },
    /// After a closing quote, which another one would make a part of the text.
    Closed {
        quote: u8,
        backslashes: bool,
    },
    /// `$` and what may be a tag.
    Tag(Vec<u8>),
    /// In `$tag$…`, of whose end so many bytes are there.
    Dollar {
        tag: Vec<u8>,
        matched: usize,
    },
}

impl Scanner {
    fn is_plain(&self) -> bool {
        !matches!(
            self.state,
            State::Line
                | State::Block { .. }
                | State::Quote { .. }
                | State::Dollar { .. }
                | State::Dash
                | State::Slash
        )
    }

    /// Bytes of which it is not known yet whether they begin a comment.
    fn pending(&self) -> usize {
        usize::from(matches!(self.state, State::Dash | State::Slash))
    }

    /// What the byte that was looked at last is a part of.
    pub fn kind(&self) -> Kind {
        match &self.state {
            State::Plain => Kind::Other,
            State::Word { .. } => Kind::Word,
            State::Number => Kind::Number,
            State::Dash | State::Slash | State::Tag(_) => Kind::Other,
            State::Line | State::Block { .. } => Kind::Comment,
            State::Quote { quote: b'"', .. } | State::Closed { quote: b'"', .. } => Kind::Quoted,
            State::Quote { .. } | State::Closed { .. } | State::Dollar { .. } => Kind::String,
        }
    }

    fn step(&mut self, byte: u8) -> Step {
        let content = Step::Content { before: 0 };
        let (next, step) = match (std::mem::take(&mut self.state), byte) {
            (State::Line, b'\n') => (State::Plain, Step::Blank),
            (State::Line, _) => (State::Line, Step::Blank),
            (State::Block { depth, last }, _) => (block(depth, last, byte), Step::Blank),
            (State::Dash, b'-') => (State::Line, Step::Blank),
            (State::Slash, b'*') => (State::Block { depth: 1, last: 0 }, Step::Blank),
            // It was no comment, so it is a part of the statement.
            (State::Dash | State::Slash, _) => match self.begin(byte) {
                Step::End { .. } => return Step::End { before: 1 },
                _ => return Step::Content { before: 1 },
            },
            (State::Quote { quote, backslashes, escaped }, _) => {
                (quoted(quote, backslashes, escaped, byte), content)
            }
            (State::Closed { quote, backslashes }, _) if byte == quote => {
                (State::Quote { quote, backslashes, escaped: false }, content)
            }
            (State::Dollar { tag, matched }, _) => (dollar(tag, matched, byte), content),
            (State::Tag(mut tag), _)
                if byte == b'$' || is_word(byte) && !(tag.len() == 1 && byte.is_ascii_digit()) =>
            {
                tag.push(byte);
                (if byte == b'$' { State::Dollar { tag, matched: 0 } } else { State::Tag(tag) }, content)
            }
            (State::Word { prefix: true }, b'\'') => {
                (State::Quote { quote: b'\'', backslashes: true, escaped: false }, content)
            }
            // A word takes its digits and dollars with it: a$b$ is no quote, and the e of name'…' no prefix.
            (State::Word { .. }, _) if is_word(byte) || byte == b'$' => {
                (State::Word { prefix: false }, content)
            }
            (State::Number, _) if is_word(byte) || byte == b'.' => (State::Number, content),
            _ => return self.begin(byte),
        };
        self.state = next;
        step
    }

    /// A byte that begins something.
    fn begin(&mut self, byte: u8) -> Step {
        self.state = match byte {
            b'-' => State::Dash,
            b'/' => State::Slash,
            b'\'' | b'"' => State::Quote { quote: byte, backslashes: false, escaped: false },
            b'$' => State::Tag(vec![b'$']),
            b'0'..=b'9' => State::Number,
            _ if is_word(byte) => State::Word { prefix: matches!(byte, b'e' | b'E') },
            _ => State::Plain,
        };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b'-' | b'/' => Step::Blank,
            b';' => Step::End { before: 0 },
            _ => Step::Content { before: 0 },
        }
    }
}

/// The pieces of a text with what they are; together they are the text.
pub fn pieces(text: &str) -> Vec<(&str, Kind)> {
    let mut scanner = Scanner::default();
    let mut kinds: Vec<Kind> = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        let before = scanner.kind();
        let open = match &scanner.state {
            State::Tag(tag) => tag.len(),
            _ => scanner.pending(),
        };
        let inside = matches!(scanner.state, State::Block { .. } | State::Dollar { .. });
        scanner.step(byte);
        let kind = if inside { before } else { scanner.kind() };
        if matches!(kind, Kind::Comment | Kind::String) && !inside {
            // What begins it was not known to.
            let from = kinds.len() - open;
            kinds[from..].fill(kind);
        }
        kinds.push(kind);
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..=kinds.len() {
        if end == kinds.len() || kinds[end] != kinds[start] {
            pieces.push((&text[start..end], kinds[start]));
            start = end;
        }
    }
    pieces
}

fn quoted(quote: u8, backslashes: bool, escaped: bool, byte: u8) -> State {
    match byte {
        b'\\' if backslashes && !escaped => State::Quote { quote, backslashes, escaped: true },
        _ if byte == quote && !escaped => State::Closed { quote, backslashes },
        _ => State::Quote { quote, backslashes, escaped: false },
    }
}

fn dollar(tag: Vec<u8>, matched: usize, byte: u8) -> State {
    let matched = match tag.get(matched) == Some(&byte) {
        true => matched + 1,
        false => usize::from(byte == b'$'),
    };
    if matched == tag.len() { State::Plain } else { State::Dollar { tag, matched } }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn block(depth: u32, last: u8, byte: u8) -> State {
    match (last, byte) {
        (b'*', b'/') if depth == 1 => State::Plain,
        (b'*', b'/') => State::Block { depth: depth - 1, last: 0 },
        (b'/', b'*') => State::Block { depth: depth.saturating_add(1), last: 0 },
        _ => State::Block { depth, last: byte },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements of a script that comes in lines of `len` bytes or less.
    fn cut(script: &str, len: usize) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        let mut rest = script;
        let mut check = |s: Statement<'_>| {
            assert!(s.lines[s.start..].starts_with(s.text), "{script}");
            if !s.text.is_empty() {
                found.push(s.text.to_owned());
            }
        };
        while !rest.is_empty() {
            let len = (len.min(rest.len())..).find(|i| rest.is_char_boundary(*i)).unwrap();
            let (line, after) = rest.split_at(len);
            cutter.push(line).unwrap();
            while let Some(s) = cutter.next() {
                check(s);
            }
            rest = after;
        }
        if let Some(s) = cutter.finish() {
            check(s);
        }
        found
    }

    fn check(script: &str, expected: &[&str]) {
        assert_eq!(cut(script, usize::MAX / 2), expected, "{script}");
    }

    #[test]
    fn semicolons_end_statements() {
        check("", &[]);
        check(" ;; \n;", &[]);
        check("SELECT 1", &["SELECT 1"]);
        check("SELECT 1; SELECT 2 ;", &["SELECT 1", "SELECT 2"]);
        check("-; /", &["-", "/"]);
    }

    #[test]
    fn quotes_and_comments_keep_them() {
        check("SELECT ';', 'it''s;' ; x", &["SELECT ';', 'it''s;'", "x"]);
        check("SELECT \"a;\"\"b\"; x", &["SELECT \"a;\"\"b\"", "x"]);
        check(r"SELECT E'\';'; x", &[r"SELECT E'\';'", "x"]);
        check(r"SELECT E'a''\';'; x", &[r"SELECT E'a''\';'", "x"]);
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
            assert!(!is_complete(script), "{script}");
        }
        assert!(is_complete("SELECT 1; ") && is_complete("") && is_complete("a; -- x\n"));
    }

    #[test]
    fn words_of_a_tag() {
        let words = |script: &str| {
            let mut cutter = Cutter::default();
            cutter.push(script).unwrap();
            cutter.next().map(|s| s.words().take(2).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(words("/* x */ create  TABLE t ();"), ["CREATE", "TABLE"]);
        assert_eq!(words("commit;"), ["COMMIT"]);
    }

    #[test]
    fn lines_are_numbered_and_given_back() {
        let mut cutter = Cutter::default();
        cutter.push("SELECT 1; SELECT\n").unwrap();
        assert_eq!(cutter.next().map(|s| (s.line, s.start)), Some((1, 0)));
        assert_eq!(cutter.next(), None);
        assert!(!cutter.is_idle());
        cutter.push("2; -- done\n").unwrap();
        let second = cutter.next().unwrap();
        assert_eq!((second.line, second.start, second.text), (1, 10, "SELECT\n2"));
        assert_eq!(cutter.next(), None);
        assert!(cutter.is_idle());
        cutter.push("/* one\n").unwrap();
        assert_eq!(cutter.next(), None);
        cutter.push("*/ x;\n").unwrap();
        assert_eq!(cutter.next().map(|s| (s.line, s.start)), Some((4, 3)));
    }

    #[test]
    fn pieces_say_what_they_are() {
        use Kind::*;
        let check = |text: &str, expected: &[(&str, Kind)]| assert_eq!(pieces(text), expected);
        check(
            "select 'a''b'--c\n",
            &[("select", Word), (" ", Other), ("'a''b'", String), ("--c", Comment), ("\n", Other)],
        );
        check("$a$x$a$+1.5", &[("$a$x$a$", String), ("+", Other), ("1.5", Number)]);
        check("a/*b*/\"c\"", &[("a", Word), ("/*b*/", Comment), ("\"c\"", Quoted)]);
        check("a-b", &[("a", Word), ("-", Other), ("b", Word)]);
    }

    #[test]
    fn every_cut_of_every_script_is_the_same() {
        let parts =
            ["'", "\"", "$", "$$", "$a$", "E'", "\\", ";", "--", "/*", "*/", "\n", "æ", "a", " ", "1"];
        for a in parts {
            for b in parts {
                for c in parts {
                    for d in parts {
                        let script = format!("{a}{b}{c}{d}");
                        assert_eq!(cut(&script, 1), cut(&script, 100), "{script}");
                        let together: Vec<_> = pieces(&script).into_iter().map(|(text, _)| text).collect();
                        assert_eq!(together.concat(), script);
                    }
                }
            }
        }
    }
}
