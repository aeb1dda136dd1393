//! SET, SHOW and RESET: the settings of the session and the modes of its transaction.
//!
//! A change belongs to the transaction it was made in: rolled back, to a savepoint too, it is undone; SET LOCAL ends
//! with the transaction. So a block knows two other sets of settings: those to go back to, and those to keep.

use super::Session;
use crate::rows::Rows;
use crate::settings::{self, Settings};
use crate::sql::ResultColumn;
use crate::sql::ast::{self, StatementKind, TransactionModes};
use crate::{Error, Result, Type, Value};
use remanent_kernels::sort::sort_by;
use remanent_storage::error::state;
use std::sync::Arc;

/// What becomes of the settings at the end of a transaction that changed one.
#[derive(Clone)]
pub(super) struct Changed {
    /// If it is rolled back.
    before: Settings,
    /// If it commits.
    kept: Settings,
}

impl Session {
    pub(super) fn setting(&mut self, statement: &StatementKind) -> Result<Rows> {
        match statement {
            StatementKind::Set(set) => {
                let texts = set.values.as_ref().map(|values| values.iter().map(setting_text));
                let value = texts.map(|texts| texts.collect::<Vec<_>>().join(", "));
                self.set(&joined(&set.name), value.as_deref(), set.local)
            }
            StatementKind::Reset(Some(name)) => self.set(&joined(name), None, false),
            StatementKind::Reset(None) => self.change_settings(false, &|settings| {
                settings.reset();
                Ok(())
            }),
            StatementKind::Show(Some(name)) => {
                let (name, value) = self.show(&joined(name))?;
                let column = ResultColumn { name: name.to_string(), ty: Type::Text };
                return Ok(Rows::ready(Arc::new([column]), vec![vec![Value::from(value)]]));
            }
            _ => return self.show_all(),
        }?;
        Ok(Rows::none())
    }

    fn set(&mut self, name: &str, value: Option<&str>, local: bool) -> Result<()> {
        let unrecognized = |value: &str| {
            let message = format!("invalid value for parameter \"{name}\": \"{value}\"");
            Error::new(state::INVALID_PARAMETER_VALUE, message)
        };
        let switch = |value: &str| settings::switch(value).ok_or_else(|| unrecognized(value));
        let mut modes = TransactionModes::default();
        match (name.to_ascii_lowercase().as_str(), value) {
            ("transaction_isolation", Some(value)) => {
                modes.isolation = Some(settings::isolation(value).ok_or_else(|| unrecognized(value))?);
            }
            ("transaction_read_only", Some(value)) => modes.read_only = Some(switch(value)?),
            ("transaction_deferrable", Some(value)) => modes.deferrable = Some(switch(value)?),
            ("transaction_isolation" | "transaction_read_only" | "transaction_deferrable", None) => {
                modes = self.settings.defaults();
            }
            _ => return self.change_settings(local, &|settings| settings.set(name, value)),
        }
        self.set_modes(modes)
    }

    /// Changes settings for good; `local`: until the end of the transaction.
    pub(super) fn change_settings(
        &mut self,
        local: bool,
        change: &dyn Fn(&mut Settings) -> Result<()>,
    ) -> Result<()> {
        let before = self.settings.clone();
        change(&mut self.settings)?;
        match &mut self.block {
            Some(block) => {
                let kept = before.clone();
                let changed = block.changed.get_or_insert_with(|| Box::new(Changed { before, kept }));
                if local { Ok(()) } else { change(&mut changed.kept) }
            }
            None => {
                // Until the end of the transaction, which is now.
                if local {
                    self.settings = before;
                }
                Ok(())
            }
        }
    }

    /// The end of a transaction that changed settings.
    pub(super) fn leave_settings(&mut self, changed: Changed, committed: bool) {
        self.settings = if committed { changed.kept } else { changed.before };
    }

    fn show(&self, name: &str) -> Result<(&'static str, String)> {
        let modes = self.block.as_ref().map_or_else(|| self.settings.defaults(), |block| block.modes);
        let switch = |on: Option<bool>| (if on == Some(true) { "on" } else { "off" }).to_string();
        Ok(match name.to_ascii_lowercase().as_str() {
            "transaction_isolation" => {
                ("transaction_isolation", settings::isolation_words(modes.isolation).to_string())
            }
            "transaction_read_only" => ("transaction_read_only", switch(modes.read_only)),
            "transaction_deferrable" => ("transaction_deferrable", switch(modes.deferrable)),
            _ => return self.settings.show(name),
        })
    }

    fn show_all(&self) -> Result<Rows> {
        let column = |name: &str| ResultColumn { name: name.to_string(), ty: Type::Text };
        let own = ["transaction_deferrable", "transaction_isolation", "transaction_read_only"];
        let mut all = own.into_iter().map(|name| self.show(name)).collect::<Result<Vec<_>>>()?;
        all.extend(self.settings.all().map(|(name, value)| (name, value.to_string())));
        sort_by(&mut all, &|a, b| a.0.to_ascii_lowercase().cmp(&b.0.to_ascii_lowercase()));
        let rows = all.into_iter().map(|(name, value)| vec![Value::from(name), Value::from(value)]);
        Ok(Rows::ready(Arc::new([column("name"), column("setting")]), rows.collect()))
    }
}

fn joined(name: &ast::Name) -> String {
    name.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}

fn setting_text(value: &ast::Expr) -> String {
    match &value.kind {
        ast::ExprKind::Literal(ast::Literal::String(text)) => text.clone(),
        _ => value.to_string(),
    }
}
