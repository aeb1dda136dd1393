//! Statements that PostgreSQL has and Remanent does not: recognised by a table of productions and refused by name (0A000), so
//! that what is none of them stays a syntax error.
//!
//! A production is words with, between them,
//!
//! | part | stands for |
//! |---|---|
//! | `[word]` | the word, or nothing |
//! | `a\|b` | one of these words |
//! | `NAME` | a name, perhaps qualified |
//! | `STRING` | a string |
//! | `PAREN` | parentheses and what is between them |
//! | `…` | anything, one token at least, up to where the rest fits |
//! | `.` | anything or nothing, up to the end |
//!
//! The words before the first of these that is no word are what the statement is called.

use super::lexer::Kind;
use super::{Parser, Result};
use crate::sql::ast::StatementKind;

static PRODUCTIONS: &[&str] = &[
    "alter aggregate NAME PAREN …",
    "alter collation|conversion|domain|extension|language|policy|publication NAME …",
    "alter procedural language NAME …",
    "alter default privileges …",
    "alter event trigger NAME …",
    "alter foreign table|data …",
    "alter function|procedure|routine NAME …",
    "alter group|role|user NAME …",
    "alter index all in tablespace …",
    "alter large object …",
    "alter materialized view …",
    "alter operator …",
    "alter operator class|family NAME using …",
    "alter rule|server|statistics|subscription|tablespace|trigger NAME …",
    "alter text search configuration|dictionary|parser|template NAME …",
    "alter user mapping …",
    "call NAME PAREN",
    "close all",
    "close NAME",
    "cluster .",
    "comment on access|aggregate|cast|collation|conversion|domain|event … is …",
    "comment on constraint NAME on domain NAME is …",
    "comment on extension|foreign|function|language|large|materialized|operator … is …",
    "comment on policy|procedural|procedure|publication|role|routine|rule|server … is …",
    "comment on statistics|subscription|tablespace|text|transform|trigger … is …",
    "create access method NAME type …",
    "create [or] [replace] aggregate NAME PAREN .",
    "create cast PAREN with|without …",
    "create collation [if] [not] [exists] NAME …",
    "create [default] conversion NAME for …",
    "create database NAME .",
    "create domain NAME …",
    "create event trigger NAME on …",
    "create foreign data wrapper NAME .",
    "create foreign table [if] [not] [exists] NAME …",
    "create [or] [replace] function NAME PAREN …",
    "create [or] [replace] [trusted] [procedural] language NAME .",
    "create [unlogged] materialized view [if] [not] [exists] NAME …",
    "create operator …",
    "create operator class|family NAME …",
    "create policy NAME on NAME .",
    "create [or] [replace] procedure NAME PAREN …",
    "create publication NAME .",
    "create role|user|group NAME .",
    "create [or] [replace] rule NAME as on …",
    "create server [if] [not] [exists] NAME …",
    "create statistics … on …",
    "create subscription NAME connection …",
    "create tablespace NAME …",
    "create text search configuration|dictionary|parser|template NAME PAREN",
    "create [or] [replace] transform for …",
    "create [or] [replace] [constraint] trigger NAME before|after|instead …",
    "create type NAME as PAREN",
    "create type NAME as range PAREN",
    "create type NAME PAREN",
    "create type NAME",
    "create user mapping [if] [not] [exists] for …",
    "deallocate .",
    "declare NAME … cursor …",
    "declare NAME cursor …",
    "do …",
    "drop access method …",
    "drop aggregate|cast|operator …",
    "drop collation|conversion|database|domain|extension|function|index|language …",
    "drop event trigger NAME .",
    "drop event trigger if exists NAME .",
    "drop foreign table|data …",
    "drop group|role|user …",
    "drop materialized view …",
    "drop owned by …",
    "drop policy|rule|trigger … on …",
    "drop procedural language …",
    "drop procedure|publication|routine|server|statistics|subscription|tablespace …",
    "drop text search configuration|dictionary|parser|template …",
    "drop transform …",
    "drop user mapping …",
    "execute NAME .",
    "fetch …",
    "grant … to …",
    "import foreign schema NAME …",
    "listen NAME",
    "load STRING",
    "lock [table] [only] NAME .",
    "move …",
    "notify NAME .",
    "prepare transaction STRING",
    "prepare NAME … as …",
    "prepare NAME as …",
    "reassign owned by … to …",
    "refresh materialized view …",
    "revoke … from …",
    "security label …",
    "unlisten *|NAME",
];

impl Parser<'_> {
    /// A statement that is none of ours.
    pub(super) fn other_statement(&self) -> Result<StatementKind> {
        let start = self.here();
        let mut furthest = 0;
        for production in PRODUCTIONS {
            let parts: Vec<&str> = production.split(' ').collect();
            let mut reached = 0;
            if self.fits(&parts, 0, &mut reached) {
                return self.unsupported(start, &self.feature(&parts));
            }
            furthest = furthest.max(reached);
        }
        Err(self.syntax_error_at(furthest))
    }

    /// What the statement is called.
    fn feature(&self, parts: &[&str]) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut n = 0;
        for part in parts {
            let optional = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            if optional.is_some_and(|word| self.ahead(n).is(word)) {
                n += 1;
            } else if optional.is_none() {
                if part.starts_with(|c: char| !c.is_ascii_lowercase()) {
                    break;
                }
                words.push(self.ahead(n).text.to_ascii_uppercase());
                n += 1;
            }
        }
        words.join(" ")
    }

    /// True if the tokens from `n` on are of these parts, to the statement's end; `reached` is the furthest that was looked at.
    fn fits(&self, parts: &[&str], n: usize, reached: &mut usize) -> bool {
        *reached = n.max(*reached);
        let Some((part, rest)) = parts.split_first() else { return self.ends(n) };
        if let Some(word) = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let skipped = if self.ahead(n).is(word) { n + 1 } else { n };
            return self.fits(rest, skipped, reached);
        }
        match *part {
            "." => self.end_of_any(n, reached).is_some(),
            "…" => {
                let mut at = n;
                while !self.ends(at) && self.ahead(at).kind != Kind::Bad {
                    at = match self.behind(at, reached) {
                        Some(next) => next,
                        None => return false,
                    };
                    if self.fits(rest, at, reached) {
                        return true;
                    }
                }
                *reached = at.max(*reached);
                false
            }
            "NAME" => self.behind_name(n).is_some_and(|next| self.fits(rest, next, reached)),
            "STRING" => self.ahead(n).kind == Kind::String && self.fits(rest, n + 1, reached),
            "PAREN" => {
                self.ahead(n).is("(")
                    && self.behind(n, reached).is_some_and(|next| self.fits(rest, next, reached))
            }
            "*|NAME" => {
                let next = if self.ahead(n).is("*") { Some(n + 1) } else { self.behind_name(n) };
                next.is_some_and(|next| self.fits(rest, next, reached))
            }
            words => words.split('|').any(|word| self.ahead(n).is(word)) && self.fits(rest, n + 1, reached),
        }
    }

    fn ends(&self, n: usize) -> bool {
        self.ahead(n).kind == Kind::End || self.ahead(n).is(";")
    }

    /// Behind any tokens, up to the end; None where parentheses do not match.
    fn end_of_any(&self, mut n: usize, reached: &mut usize) -> Option<usize> {
        while !self.ends(n) {
            n = self.behind(n, reached)?;
        }
        Some(n)
    }

    /// Behind a token, or where it opens parentheses, behind those.
    fn behind(&self, n: usize, reached: &mut usize) -> Option<usize> {
        let (mut open, mut n) = (0usize, n);
        loop {
            *reached = n.max(*reached);
            let token = self.ahead(n);
            match () {
                () if token.kind == Kind::Bad || self.ends(n) => return None,
                () if token.is("(") || token.is("[") => open += 1,
                () if token.is(")") || token.is("]") => open = open.checked_sub(1)?,
                () => {}
            }
            n += 1;
            if open == 0 {
                return Some(n);
            }
        }
    }

    fn behind_name(&self, mut n: usize) -> Option<usize> {
        if !self.ahead_is_name(n, |class| class.names_column() || class.names_type()) {
            return None;
        }
        n += 1;
        while self.ahead(n).is(".") && self.ahead_is_name(n + 1, |_| true) {
            n += 2;
        }
        Some(n)
    }
}
