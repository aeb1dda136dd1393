//! The words of a path.

use remanent_storage::error::{Error, Result, state};

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or a key word, as written.
    Name(String),
    /// `"…"`
    String(String),
    /// `$name`, `$"name"`
    Variable(String),
    /// A number, as written.
    Number(String),
    /// `==`, `.`, `**`, …
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: &[&str] = &[
    "**", "&&", "||", "==", "!=", "<>", "<=", ">=", "$", "@", ".", "*", "[", "]", "(", ")", "{", "}", "?",
    "!", "<", ">", ",", "+", "-", "/", "%", ":", "&", "|", "=", "#",
];

/// 42601 at some word of a path; None: at its end.
pub fn syntax(message: &str, near: Option<&str>) -> Error {
    let message = match near {
        Some(near) => format!("{message} at or near \"{near}\" of jsonpath input"),
        None => format!("{message} at end of jsonpath input"),
    };
    Error::new(state::SYNTAX_ERROR, message)
}

/// The words of a text.
pub fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if let Some(comment) = rest.strip_prefix("/*") {
            let Some((_, behind)) = comment.split_once("*/") else {
                return Err(syntax("unexpected end of comment", None));
            };
            rest = behind;
            continue;
        }
        if first == '"' {
            let (string, behind) = quoted(&rest[1..])?;
            tokens.push(Token::String(string));
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix('$') {
            if let Some(inner) = behind.strip_prefix('"') {
                let (name, behind) = quoted(inner)?;
                tokens.push(Token::Variable(name));
                rest = behind;
                continue;
            }
            let (name, behind) = word(behind)?;
            if !name.is_empty() {
                tokens.push(Token::Variable(name));
                rest = behind;
                continue;
            }
        }
        let digit = |s: &str| s.starts_with(|c: char| c.is_ascii_digit());
        if digit(rest) || first == '.' && digit(&rest[1..]) {
            let (number, behind) = number(rest)?;
            tokens.push(Token::Number(number.to_string()));
            rest = behind;
            continue;
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
            continue;
        }
        let (name, behind) = word(rest)?;
        tokens.push(Token::Name(name));
        rest = behind;
    }
}

fn special(c: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/\"".contains(c) || matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// A name, with escapes, up to what belongs to no name.
fn word(text: &str) -> Result<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next().filter(|&c| !special(c)) {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = escape(rest, &mut name)?,
            c => name.push(c),
        }
    }
    Ok((name, rest))
}

/// What stands between quotes, behind the first of them.
fn quoted(text: &str) -> Result<(String, &str)> {
    let (mut string, mut rest) = (String::new(), text);
    loop {
        let Some(c) = rest.chars().next() else {
            return Err(syntax("unexpected end of quoted string", None));
        };
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => return Ok((string, rest)),
            '\\' => rest = escape(rest, &mut string)?,
            c => string.push(c),
        }
    }
}

/// An escape, behind its backslash.
fn escape<'t>(text: &'t str, out: &mut String) -> Result<&'t str> {
    let Some(c) = text.chars().next() else { return Err(syntax("unexpected end after backslash", None)) };
    let rest = &text[c.len_utf8()..];
    out.push(match c {
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => {
            let (code, rest) =
                hex(rest, 2).ok_or_else(|| syntax("invalid hexadecimal character sequence", None))?;
            push_code(code, out)?;
            return Ok(rest);
        }
        'u' => return unicode(rest, out),
        other => other,
    });
    Ok(rest)
}

fn hex(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (code, rest) = text.split_at_checked(digits)?;
    let all = !code.is_empty() && code.bytes().all(|b| b.is_ascii_hexdigit());
    Some((u32::from_str_radix(code, 16).ok().filter(|_| all)?, rest))
}

/// `XXXX`, `{X…}`; a pair of surrogates is one character.
fn unicode<'t>(text: &'t str, out: &mut String) -> Result<&'t str> {
    let invalid = || syntax("invalid Unicode escape sequence", None);
    let one = |text: &'t str| match text.strip_prefix('{') {
        Some(inner) => {
            let end = inner.find('}').filter(|end| (1..=6).contains(end))?;
            hex(inner, end).map(|(code, rest)| (code, &rest[1..]))
        }
        None => hex(text, 4),
    };
    let (code, rest) = one(text).ok_or_else(invalid)?;
    if !(0xd800..0xdc00).contains(&code) {
        push_code(code, out)?;
        return Ok(rest);
    }
    let low = rest.strip_prefix("\\u").and_then(one).filter(|(low, _)| (0xdc00..0xe000).contains(low));
    let Some((low, rest)) = low else { return Err(surrogate("high")) };
    push_code(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00), out)?;
    Ok(rest)
}

fn surrogate(which: &str) -> Error {
    let message = "invalid input syntax for type jsonpath";
    let detail = match which {
        "high" => "Unicode low surrogate must follow a high surrogate.",
        _ => "Unicode low surrogate must follow a high surrogate.",
    };
    Error::new(state::INVALID_TEXT_REPRESENTATION, message).with_detail(detail)
}

fn push_code(code: u32, out: &mut String) -> Result<()> {
    match char::from_u32(code) {
        Some('\0') => Err(Error::new(state::UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
            .with_detail("\\u0000 cannot be converted to text.")),
        Some(c) => {
            out.push(c);
            Ok(())
        }
        None => Err(surrogate("low")),
    }
}

/// A number, up to its end; 42601 where a name follows at once.
fn number(text: &str) -> Result<(&str, &str)> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    // A zero is an integer of its own.
    let mut end = if bytes.first() == Some(&b'0') { 1 } else { digits(0) };
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if bytes.get(end).is_some_and(|b| b.eq_ignore_ascii_case(&b'e')) {
        let sign = usize::from(bytes.get(end + 1).is_some_and(|b| matches!(b, b'+' | b'-')));
        let behind = digits(end + 1 + sign);
        if behind > end + 1 + sign {
            end = behind;
        }
    }
    let rest = &text[end..];
    match rest.chars().next().filter(|&c| !special(c) && c != '\\') {
        Some(c) => Err(syntax("trailing junk after numeric literal", Some(&text[..end + c.len_utf8()]))),
        None => Ok((&text[..end], rest)),
    }
}
