//! Helpers of the tests across crates, which live in `tests/` beside this folder.
//!
//! | test | asserts |
//! |---|---|
//! | `layers` | modules import only what lies below them; the outside world is reached through `world` |
//! | `documents` | files that the documents name exist; every deliberate fault has its test |
//!
//! Tests of the program as a process (its command line, SIGKILL, system calls) are in
//! `crates/remanent-cli/tests`, where cargo hands them the program.

use std::path::{Path, PathBuf};

/// The programs in README.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository is there")
}

/// All files below `dir` (a path within the repository) with that extension, as paths within the
/// repository, sorted. Build output and hidden folders are left out.
pub fn files(dir: &str, extension: &str) -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(dir)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if extension.is_empty() || path.extension().is_some_and(|e| e == extension) {
                let path = path.strip_prefix(&root).expect("it is in the repository");
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// The text of a file of the repository.
pub fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Rust source without comments, without what is in quotes, and without what follows `#[cfg(test)]` (by custom
/// the end of a file): what is left can be searched for words. Lines keep their numbers.
pub fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut previous = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '/' if next == Some('/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '/' if next == Some('*') => {
                let mut depth = 0;
                let mut last = c;
                for c in std::iter::once(c).chain(chars.by_ref()) {
                    match (last, c) {
                        ('/', '*') => (depth, last) = (depth + 1, ' '),
                        ('*', '/') => (depth, last) = (depth - 1, ' '),
                        _ => last = c,
                    }
                    if c == '\n' {
                        out.push('\n');
                    }
                    if depth == 0 && last == ' ' && c == '/' {
                        break;
                    }
                }
            }
            'r' if matches!(next, Some('"' | '#')) && !previous.is_alphanumeric() && previous != '_' => {
                raw_string(&mut chars, &mut out);
            }
            '"' => string(&mut chars, &mut out),
            // A character, unless it is a lifetime: 'a' has its end two characters on, '\n' an escape.
            '\'' if next == Some('\\') => {
                chars.next();
                chars.next();
                for c in chars.by_ref() {
                    if c == '\'' {
                        break;
                    }
                }
            }
            '\'' => {
                let mut ahead = chars.clone();
                if ahead.next().is_some() && ahead.next() == Some('\'') {
                    chars.next();
                    chars.next();
                }
            }
            c => out.push(c),
        }
        previous = c;
    }
    match out.find("#[cfg(test)]\nmod tests {") {
        Some(end) => out[..end].to_owned(),
        None => out,
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn string(chars: &mut Chars<'_>, out: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next() == Some('\n') => out.push('\n'),
            '\\' => {}
            '"' => return,
            '\n' => out.push('\n'),
            _ => {}
        }
    }
}

fn raw_string(chars: &mut Chars<'_>, out: &mut String) {
    let mut hashes = 0;
    while chars.peek() == Some(&'#') {
        chars.next();
        hashes += 1;
    }
    if chars.next() != Some('"') {
        return; // r#name is a word
    }
    let mut closing = None;
    for c in chars.by_ref() {
        closing = match (c, closing) {
            ('"', _) => Some(0),
            ('#', Some(n)) => Some(n + 1),
            _ => None,
        };
        if closing == Some(hashes) {
            return;
        }
        if c == '\n' {
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn comments_and_quotes_are_left_out() {
        let source =
            "a // b \"c\n/* d /* e */ f */ g \"h \\\" i\" 'j' '\\'' '\"' &'k l r\"m\" r#\"n \" o\"# p";
        assert_eq!(code(source).split_whitespace().collect::<Vec<_>>(), ["a", "g", "&k", "l", "p"]);
        assert_eq!(code("a\n\"b\nc\"\nd").lines().count(), 4);
        assert_eq!(code("a\n#[cfg(test)]\nmod tests {\n unsafe }"), "a\n");
    }
}
