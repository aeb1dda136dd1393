//! From text to tokens, as PostgreSQL 15's scanner cuts them.
//!
//! Words are folded to lower case (ASCII only, as in a UTF-8 database) and cut to 63 bytes; strings are decoded
//! (`E'…'`, `U&'…'`, `$tag$…$tag$`, pieces on several lines joined); comments nest. Text that is no token becomes
//! one [`Kind::Bad`] token that carries its error, so that a syntax error before it is reported first.
//!
//! ```text
//! SELECT a+1 FROM "T" -- note
//! Word(select) Word(a) Op(+) Integer(1) Word(from) Quoted(T) End
//! ```

use super::keywords::{Class, class_of};
use crate::error::{Error, SqlState, state};
use crate::sql::ast::Span;
use std::borrow::Cow;

/// Longer identifiers are cut, longer operators refused (PostgreSQL's NAMEDATALEN less one).
const NAME_BYTES: usize = 63;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A key word or an unquoted name, folded.
    Word(Class),
    /// A name in double quotes.
    Quoted,
    /// Punctuation: `( ) [ ] , ; . : :: := => ..`
    Symbol,
    /// An operator.
    Op,
    /// A string, decoded.
    String,
    /// A bit string: `b101` or `x1F`.
    Bits,
    /// Digits.
    Integer,
    /// A number with a point or an exponent.
    Numeric,
    /// `$1`; the text is the digits.
    Param,
    /// The end of the text.
    End,
    /// Text that is no token; the lexer holds the error.
    Bad,
}

/// One token.
#[derive(Debug, Clone)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    /// Folded, decoded, or as written.
    pub text: Cow<'a, str>,
    pub span: Span,
}

impl Token<'_> {
    /// True for this key word, operator or punctuation.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word(_) | Kind::Op | Kind::Symbol) && self.text == text
    }
}

/// Cuts a text into tokens.
pub(crate) struct Lexer<'a> {
    sql: &'a str,
    pos: usize,
    /// Why the last token is bad.
    pub(crate) error: Option<Error>,
}

use crate::error::Result as Lexed;

impl<'a> Lexer<'a> {
    pub(crate) fn new(sql: &'a str) -> Self {
        Lexer { sql, pos: 0, error: None }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.sql.as_bytes().get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a str {
        self.sql.get(self.pos..).unwrap_or("")
    }

    fn slice(&self, start: usize) -> &'a str {
        self.sql.get(start..self.pos).unwrap_or("")
    }

    /// An error about the text from `start` to here.
    fn error(&self, start: usize, state: SqlState, what: &str) -> Error {
        Error::new(state, format!("{what} at or near \"{}\"", self.slice(start))).at(start)
    }

    fn unterminated(&mut self, start: usize, what: &str) -> Error {
        self.pos = self.sql.len();
        self.error(start, state::SYNTAX_ERROR, &format!("unterminated {what}"))
    }

    /// The next token; `End` again and again at the end.
    pub(crate) fn next(&mut self) -> Token<'a> {
        let start = match self.skip_space() {
            Ok(_) => self.pos,
            Err(error) => return self.bad(error),
        };
        match self.token(start) {
            Ok((kind, text)) => Token { kind, text, span: self.span(start) },
            Err(error) => self.bad(error),
        }
    }

    fn span(&self, start: usize) -> Span {
        Span { start: start as u32, end: self.pos as u32 }
    }

    fn bad(&mut self, error: Error) -> Token<'a> {
        let start = error.position().unwrap_or(self.pos);
        self.error = Some(error);
        self.pos = self.sql.len();
        Token { kind: Kind::Bad, text: Cow::Borrowed(""), span: self.span(start) }
    }

    /// Skips white space and comments; true if there was a line end among it.
    fn skip_space(&mut self) -> Lexed<bool> {
        let mut newline = false;
        loop {
            match (self.byte(0), self.byte(1)) {
                (b' ' | b'\t' | 0x0b | 0x0c, _) => self.pos += 1,
                (b'\n' | b'\r', _) => {
                    newline = true;
                    self.pos += 1;
                }
                (b'-', b'-') => {
                    self.pos += self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
                }
                (b'/', b'*') => self.skip_comment()?,
                _ => return Ok(newline),
            }
        }
    }

    fn skip_comment(&mut self) -> Lexed<()> {
        let (start, mut depth) = (self.pos, 0usize);
        loop {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.pos += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.pos += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ if self.pos >= self.sql.len() => return Err(self.unterminated(start, "/* comment")),
                _ => self.pos += 1,
            }
        }
    }

    fn token(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        let (b, next) = (self.byte(0), self.byte(1));
        match b {
            0 if self.pos >= self.sql.len() => Ok((Kind::End, Cow::Borrowed(""))),
            b'\'' => self.string(start, false),
            b'"' => self.quoted(start).map(|name| (Kind::Quoted, name)),
            b'e' | b'E' if next == b'\'' => {
                self.pos += 1;
                self.string(start, true)
            }
            b'b' | b'B' | b'x' | b'X' if next == b'\'' => self.bits(start),
            b'n' | b'N' if next == b'\'' => {
                self.pos += 1;
                Ok((Kind::Word(class_of("nchar")), Cow::Borrowed("nchar")))
            }
            b'u' | b'U' if next == b'&' && matches!(self.byte(2), b'\'' | b'"') => self.unicode(start),
            b'$' => self.dollar(start),
            b'0'..=b'9' => self.number(start),
            b'.' if next.is_ascii_digit() => self.number(start),
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':' => {
                let double = matches!((b, next), (b':', b':' | b'=') | (b'.', b'.'));
                self.pos += 1 + usize::from(double);
                Ok((Kind::Symbol, Cow::Borrowed(self.slice(start))))
            }
            _ if is_op(b) => self.operator(start),
            _ if is_word(b) && !b.is_ascii_digit() => Ok(self.word(start)),
            _ => {
                self.pos += self.rest().chars().next().map_or(1, char::len_utf8);
                Err(self.error(start, state::SYNTAX_ERROR, "syntax error"))
            }
        }
    }

    fn word(&mut self, start: usize) -> (Kind, Cow<'a, str>) {
        while is_word(self.byte(0)) {
            self.pos += 1;
        }
        let text = truncated(self.slice(start));
        let folded = match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
        (Kind::Word(class_of(&folded)), folded)
    }

    fn operator(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        while is_op(self.byte(0)) && !matches!((self.byte(0), self.byte(1)), (b'-', b'-') | (b'/', b'*')) {
            self.pos += 1;
        }
        // So that `a=-1` is `a = -1`: a trailing + or - belongs to what follows, unless the operator has one
        // of the characters that SQL's own operators do not.
        let odd = |b: u8| b"~!@#^&|`?%".contains(&b);
        while self.pos - start > 1
            && matches!(self.sql.as_bytes().get(self.pos - 1), Some(b'+' | b'-'))
            && !self.slice(start).bytes().any(odd)
        {
            self.pos -= 1;
        }
        let text = self.slice(start);
        if text.len() > NAME_BYTES {
            return Err(self.error(start, state::SYNTAX_ERROR, "operator too long"));
        }
        Ok(match text {
            "!=" => (Kind::Op, Cow::Borrowed("<>")),
            "=>" => (Kind::Symbol, Cow::Borrowed(text)),
            _ => (Kind::Op, Cow::Borrowed(text)),
        })
    }

    fn number(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        let mut kind = Kind::Integer;
        self.digits();
        // `1..10` is 1, then `..`.
        if self.byte(0) == b'.' && self.byte(1) != b'.' {
            kind = Kind::Numeric;
            self.pos += 1;
            self.digits();
        }
        if matches!(self.byte(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(1), b'+' | b'-'));
            if self.byte(1 + sign).is_ascii_digit() {
                kind = Kind::Numeric;
                self.pos += 1 + sign;
                self.digits();
            }
        }
        self.no_junk(start, "numeric literal")?;
        Ok((kind, Cow::Borrowed(self.slice(start))))
    }

    fn digits(&mut self) {
        while self.byte(0).is_ascii_digit() {
            self.pos += 1;
        }
    }

    /// Refuses a word that begins where a number ends: `123abc`.
    fn no_junk(&mut self, start: usize, after: &str) -> Lexed<()> {
        if is_word(self.byte(0)) && self.byte(0) != b'$' {
            while is_word(self.byte(0)) {
                self.pos += 1;
            }
            return Err(self.error(start, state::SYNTAX_ERROR, &format!("trailing junk after {after}")));
        }
        Ok(())
    }

    /// `$1`, or a dollar-quoted string.
    fn dollar(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        self.pos += 1;
        if self.byte(0).is_ascii_digit() {
            self.digits();
            self.no_junk(start, "parameter")?;
            return Ok((Kind::Param, Cow::Borrowed(self.slice(start + 1))));
        }
        while is_word(self.byte(0)) && self.byte(0) != b'$' {
            self.pos += 1;
        }
        if self.byte(0) != b'$' {
            self.pos = start + 1;
            return Err(self.error(start, state::SYNTAX_ERROR, "syntax error"));
        }
        self.pos += 1;
        let tag = self.slice(start);
        let Some(len) = self.rest().find(tag) else {
            return Err(self.unterminated(start, "dollar-quoted string"));
        };
        let body = self.pos;
        self.pos += len;
        let text = self.slice(body);
        self.pos += tag.len();
        no_nul(text, start)?;
        Ok((Kind::String, Cow::Borrowed(text)))
    }

    /// The raw text of one or more quoted pieces from the opening quote on, quotes still doubled within. Pieces
    /// with a line end between them are one string. `escapes`: a backslash hides the quote behind it.
    fn pieces(&mut self, start: usize, escapes: bool, what: &str) -> Lexed<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        loop {
            self.pos += 1;
            let from = self.pos;
            loop {
                match self.byte(0) {
                    b'\'' if self.byte(1) == b'\'' => self.pos += 2,
                    b'\'' => break,
                    b'\\' if escapes => self.pos += 2,
                    _ if self.pos >= self.sql.len() => return Err(self.unterminated(start, what)),
                    _ => self.pos += 1,
                }
            }
            let piece = self.slice(from);
            match text.is_empty() {
                true => text = Cow::Borrowed(piece),
                false => text.to_mut().push_str(piece),
            }
            self.pos += 1;
            let end = self.pos;
            if !matches!(self.skip_space(), Ok(true)) || self.byte(0) != b'\'' {
                self.pos = end;
                return Ok(text);
            }
        }
    }

    fn string(&mut self, start: usize, escapes: bool) -> Lexed<(Kind, Cow<'a, str>)> {
        let raw = self.pieces(start, escapes, "quoted string")?;
        let text = match escapes && raw.contains('\\') {
            true => Cow::Owned(unescaped(&raw, start)?),
            false if raw.contains('\'') => Cow::Owned(raw.replace("''", "'")),
            false => raw,
        };
        no_nul(&text, start)?;
        Ok((Kind::String, text))
    }

    fn bits(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        let hex = matches!(self.byte(0), b'x' | b'X');
        self.pos += 1;
        let what = if hex { "hexadecimal string literal" } else { "bit string literal" };
        let digits = self.pieces(start, false, what)?;
        for c in digits.chars() {
            if !(if hex { c.is_ascii_hexdigit() } else { matches!(c, '0' | '1') }) {
                let kind = if hex { "hexadecimal" } else { "binary" };
                let message = format!("\"{c}\" is not a valid {kind} digit");
                return Err(Error::new(state::INVALID_TEXT_REPRESENTATION, message).at(start));
            }
        }
        Ok((Kind::Bits, Cow::Owned(format!("{}{digits}", if hex { 'x' } else { 'b' }))))
    }

    fn quoted(&mut self, start: usize) -> Lexed<Cow<'a, str>> {
        let raw = self.quoted_raw(start)?;
        Ok(match raw.contains('"') {
            true => Cow::Owned(truncated(&raw.replace("\"\"", "\"")).to_string()),
            false => Cow::Borrowed(truncated(raw)),
        })
    }

    /// The text between double quotes, quotes still doubled within.
    fn quoted_raw(&mut self, start: usize) -> Lexed<&'a str> {
        self.pos += 1;
        let from = self.pos;
        loop {
            match self.byte(0) {
                b'"' if self.byte(1) == b'"' => self.pos += 2,
                b'"' => break,
                _ if self.pos >= self.sql.len() => return Err(self.unterminated(start, "quoted identifier")),
                _ => self.pos += 1,
            }
        }
        let raw = self.slice(from);
        self.pos += 1;
        no_nul(raw, start)?;
        match raw.is_empty() {
            true => Err(self.error(start, state::SYNTAX_ERROR, "zero-length delimited identifier")),
            false => Ok(raw),
        }
    }

    /// `U&'…'` and `U&"…"`, with UESCAPE where it follows.
    fn unicode(&mut self, start: usize) -> Lexed<(Kind, Cow<'a, str>)> {
        self.pos += 2;
        let (kind, raw) = match self.byte(0) {
            b'"' => (Kind::Quoted, self.quoted_raw(start)?.replace("\"\"", "\"")),
            _ => (Kind::String, self.pieces(start, false, "quoted string")?.replace("''", "'")),
        };
        let mut escape = '\\';
        let end = self.pos;
        let next = self.next();
        if next.is("uescape") {
            let by = self.next();
            let mut chars = by.text.chars();
            escape = match (by.kind, chars.next(), chars.next()) {
                (Kind::String, Some(c), None)
                    if !c.is_ascii_hexdigit() && !"+'\"".contains(c) && !c.is_ascii_whitespace() =>
                {
                    c
                }
                _ => {
                    let error =
                        self.error(by.span.at(), state::SYNTAX_ERROR, "invalid Unicode escape character");
                    return Err(error);
                }
            };
        } else {
            self.pos = end;
            self.error = None;
        }
        let text = unicode_decoded(&raw, escape, start)?;
        no_nul(&text, start)?;
        Ok((kind, Cow::Owned(if kind == Kind::Quoted { truncated(&text).to_string() } else { text })))
    }
}

fn is_op(b: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&b)
}

/// Bytes of words behind the first; digits and `$` may not be the first.
fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80
}

/// A name cut to the length that names have, not within a character.
fn truncated(name: &str) -> &str {
    let mut end = name.len().min(NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or(name)
}

fn no_nul(text: &str, start: usize) -> Lexed<()> {
    match text.contains('\0') {
        true => Err(bad_bytes("0x00", start)),
        false => Ok(()),
    }
}

fn bad_bytes(bytes: &str, start: usize) -> Error {
    let message = format!("invalid byte sequence for encoding \"UTF8\": {bytes}");
    Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, message).at(start)
}

fn bad_unicode(start: usize, what: &str) -> Error {
    Error::new(state::SYNTAX_ERROR, format!("invalid Unicode {what}")).at(start)
}

/// Code units as UTF-16 pairs them: a high surrogate waits for its low one.
#[derive(Default)]
struct Surrogates(Option<u32>);

impl Surrogates {
    /// The character that `unit` completes; None while a pair is open.
    fn push(&mut self, unit: u32, start: usize) -> Lexed<Option<char>> {
        let pair = || bad_unicode(start, "surrogate pair");
        match (self.0.take(), unit) {
            (None, 0xD800..=0xDBFF) => {
                self.0 = Some(unit);
                Ok(None)
            }
            (Some(high), 0xDC00..=0xDFFF) => {
                Ok(char::from_u32(0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00)))
            }
            (None, 0xDC00..=0xDFFF) | (Some(_), _) => Err(pair()),
            (None, _) => char::from_u32(unit).map(Some).ok_or_else(|| bad_unicode(start, "escape value")),
        }
    }

    fn done(&self, start: usize) -> Lexed<()> {
        match self.0 {
            Some(_) => Err(bad_unicode(start, "surrogate pair")),
            None => Ok(()),
        }
    }
}

/// Takes up to `max` digits of that radix from the front.
fn take_digits(text: &mut &str, radix: u32, max: usize) -> (u32, usize) {
    let count = text.chars().take(max).take_while(|c| c.is_digit(radix)).count();
    let (digits, rest) = text.split_at(count);
    *text = rest;
    (u32::from_str_radix(digits, radix).unwrap_or(0), count)
}

/// Decodes the backslashes of `E'…'` and its doubled quotes.
fn unescaped(raw: &str, start: usize) -> Lexed<String> {
    let mut out: Vec<u8> = Vec::with_capacity(raw.len());
    let mut surrogates = Surrogates::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        let unicode = c == '\\' && rest.starts_with(['u', 'U']);
        if !unicode {
            surrogates.done(start)?;
        }
        match c {
            '\'' => {
                rest = rest.strip_prefix('\'').unwrap_or(rest);
                out.push(b'\'');
            }
            '\\' => {
                let Some(e) = rest.chars().next() else { break };
                let full = rest;
                rest = rest.get(e.len_utf8()..).unwrap_or("");
                match e {
                    'b' => out.push(8),
                    'f' => out.push(12),
                    'n' => out.push(b'\n'),
                    'r' => out.push(b'\r'),
                    't' => out.push(b'\t'),
                    'v' => out.push(11),
                    '0'..='7' => {
                        rest = full;
                        out.push(take_digits(&mut rest, 8, 3).0 as u8);
                    }
                    'x' if rest.starts_with(|c: char| c.is_ascii_hexdigit()) => {
                        out.push(take_digits(&mut rest, 16, 2).0 as u8);
                    }
                    'u' | 'U' => {
                        let want = if e == 'u' { 4 } else { 8 };
                        let (unit, found) = take_digits(&mut rest, 16, want);
                        if found < want {
                            let at = start + "E'".len() + raw.len() - full.len() - 1;
                            let message = "invalid Unicode escape";
                            return Err(Error::new(state::INVALID_ESCAPE_SEQUENCE, message)
                                .at(at)
                                .with_hint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX."));
                        }
                        if let Some(c) = surrogates.push(unit, start)? {
                            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                    }
                    other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    surrogates.done(start)?;
    String::from_utf8(out).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        bad_bytes(&format!("0x{:02x}", e.as_bytes().get(at).copied().unwrap_or(0)), start)
    })
}

/// Decodes `\XXXX` and `\+XXXXXX` of `U&'…'`.
fn unicode_decoded(raw: &str, escape: char, start: usize) -> Lexed<String> {
    let mut out = String::with_capacity(raw.len());
    let mut surrogates = Surrogates::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let at = start + "U&'".len() + raw.len() - rest.len();
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        if c != escape || rest.starts_with(escape) {
            surrogates.done(start)?;
            if c == escape {
                rest = rest.get(c.len_utf8()..).unwrap_or("");
            }
            out.push(c);
            continue;
        }
        let want = match rest.strip_prefix('+') {
            Some(digits) => {
                rest = digits;
                6
            }
            None => 4,
        };
        let (unit, found) = take_digits(&mut rest, 16, want);
        if found < want {
            return Err(bad_unicode(at, "escape").with_hint("Unicode escapes must be \\XXXX or \\+XXXXXX."));
        }
        if let Some(c) = surrogates.push(unit, start)? {
            out.push(c);
        }
    }
    surrogates.done(start)?;
    Ok(out)
}
