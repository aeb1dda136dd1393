//! COPY, with its options as PostgreSQL 9 and later write them and as those before did.
//!
//! ```text
//! COPY t (a, b) FROM 'file' WITH (FORMAT csv, HEADER, NULL '-') WHERE a > 1
//! COPY (SELECT …) TO STDOUT (DELIMITER ';')
//! COPY t FROM STDIN CSV HEADER FORCE NOT NULL a      the same options as before 9
//! ```

use super::lexer::Kind;
use super::{Parser, Result};
use crate::sql::ast::*;
use std::sync::Arc;

impl Parser<'_> {
    /// At COPY.
    pub(super) fn copy(&mut self) -> Result<StatementKind> {
        self.advance();
        let mut options = Vec::new();
        let query = self.eat("(");
        let what = match query {
            true => {
                let outer = self.begin()?;
                let statement = self.data_statement()?;
                self.end(outer);
                self.expect(")")?;
                Copied::Query(Arc::new(statement))
            }
            false => {
                if self.is("binary") {
                    options.push(self.format_option());
                }
                Copied::Table { name: self.qualified()?, columns: self.idents_if()? }
            }
        };
        let from = match () {
            () if !query && self.eat("from") => true,
            () if self.eat("to") => false,
            () => return Err(self.syntax_error()),
        };
        let end = self.copy_end()?;
        if !query && (self.is("delimiters") || self.are(&["using", "delimiters"])) {
            self.eat("using");
            let span = self.here();
            self.advance();
            options.push(option("delimiter", span, CopyValue::Text(self.string()?)));
        }
        self.eat("with");
        if self.eat("(") {
            options.extend(self.list(Self::copy_option)?);
            self.expect(")")?;
        } else {
            while let Some(old) = self.old_copy_option()? {
                options.push(old);
            }
        }
        let at = self.here();
        let filter = if !query && self.eat("where") { Some(self.expr()?) } else { None };
        if filter.is_some() && !from {
            return Err(self.refused(at, "WHERE clause not allowed with COPY TO"));
        }
        Ok(StatementKind::Copy(Box::new(Copy { what, from, end, options, filter })))
    }

    fn copy_end(&mut self) -> Result<CopyEnd> {
        let at = self.here();
        let command = self.eat("program");
        if self.eat("stdin") || self.eat("stdout") {
            return match command {
                true => Err(self.refused(at, "STDIN/STDOUT not allowed with PROGRAM")),
                false => Ok(CopyEnd::Program),
            };
        }
        let text = self.string()?;
        Ok(if command { CopyEnd::Command(text, at) } else { CopyEnd::File(text) })
    }

    fn string(&mut self) -> Result<String> {
        match self.kind() {
            Kind::String => Ok(self.take_ident().name),
            _ => Err(self.syntax_error()),
        }
    }

    /// At BINARY or CSV, which name a format.
    fn format_option(&mut self) -> CopyOption {
        let Ident { name, span } = self.take_ident();
        option("format", span, CopyValue::Text(name))
    }

    /// `name [value]`
    fn copy_option(&mut self) -> Result<CopyOption> {
        let name = self.label()?;
        let value = match () {
            () if self.is(",") || self.is(")") => CopyValue::None,
            () if self.eat("*") => CopyValue::Star,
            () if self.eat("(") => {
                let list = self.list(Self::copy_word)?;
                self.expect(")")?;
                CopyValue::List(list)
            }
            () if self.is_any(&["+", "-"]) || matches!(self.kind(), Kind::Integer | Kind::Numeric) => {
                CopyValue::Text(self.word_or_number()?)
            }
            () => CopyValue::Text(self.copy_word()?.name),
        };
        Ok(CopyOption { name, value })
    }

    /// A word that is not reserved, TRUE, FALSE, ON or a string.
    fn copy_word(&mut self) -> Result<Ident> {
        let word = self.is_name(|class| class.names_column() || class.names_type());
        match word || self.kind() == Kind::String || self.is_any(&["true", "false", "on"]) {
            true => Ok(self.take_ident()),
            false => Err(self.syntax_error()),
        }
    }

    /// An option outside of parentheses.
    fn old_copy_option(&mut self) -> Result<Option<CopyOption>> {
        let span = self.here();
        if self.is("binary") || self.is("csv") {
            return Ok(Some(self.format_option()));
        }
        for name in ["freeze", "header"] {
            if self.eat(name) {
                return Ok(Some(option(name, span, CopyValue::Text("true".to_string()))));
            }
        }
        for name in ["delimiter", "null", "quote", "escape", "encoding"] {
            if self.eat(name) {
                if name != "encoding" {
                    self.eat("as");
                }
                return Ok(Some(option(name, span, CopyValue::Text(self.string()?))));
            }
        }
        if !self.eat("force") {
            return Ok(None);
        }
        let name = match () {
            () if self.eat("quote") => "force_quote",
            () if self.eat_all(&["not", "null"]) => "force_not_null",
            () if self.eat("null") => "force_null",
            () => return Err(self.syntax_error()),
        };
        let value = match name == "force_quote" && self.eat("*") {
            true => CopyValue::Star,
            false => CopyValue::List(self.list(Self::ident)?),
        };
        Ok(Some(option(name, span, value)))
    }
}

fn option(name: &str, span: Span, value: CopyValue) -> CopyOption {
    CopyOption { name: Ident { name: name.to_string(), span }, value }
}
