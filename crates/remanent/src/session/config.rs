//! SET, SHOW and RESET: the settings of the session and the modes of its transaction. ALTER DATABASE and ALTER SYSTEM: what
//! is stored for sessions to come.
//!
//! A change belongs to the transaction it was made in: rolled back, to a savepoint too, it is undone; SET LOCAL ends
//! with the transaction. So a block knows two other sets of settings: those to go back to, and those to keep.

use super::Session;
use crate::rows::Rows;
use crate::settings::{self, Settings};
use crate::sql::ResultColumn;
use crate::sql::ast::{self, Alter, ExprKind, SettingChange, StatementKind, TransactionModes};
use crate::{Error, Result, Type, Value};
use remanent_kernels::sort::sort_by;
use remanent_storage::catalog::EntryKind;
use remanent_storage::error::state;
use remanent_storage::txn::Txn;
use std::sync::Arc;

/// What becomes of the settings at the end of a transaction that changed one.
#[derive(Clone)]
pub(super) struct Changed {
    /// If it is rolled back.
    before: Arc<Settings>,
    /// If it commits.
    kept: Arc<Settings>,
}

impl Session {
    pub(super) fn setting(&mut self, statement: &StatementKind) -> Result<Rows> {
        match statement {
            StatementKind::Set(set) => {
                let value = set.values.as_ref().map(|values| setting_texts(values));
                self.set(&joined(&set.name), value.as_deref(), set.local)
            }
            StatementKind::Reset(Some(name)) => self.set(&joined(name), None, false),
            StatementKind::Reset(None) => self.reset_all(),
            StatementKind::Show(Some(name)) => {
                let (name, value) = self.show(&joined(name))?;
                let column = ResultColumn::new(name, Type::Text);
                return Ok(Rows::ready(Arc::new([column]), vec![vec![Value::from(value)]]));
            }
            _ => return self.show_all(),
        }?;
        Ok(Rows::none())
    }

    /// RESET ALL
    pub(super) fn reset_all(&mut self) -> Result<()> {
        self.change_settings(false, &|settings| {
            settings.reset();
            Ok(())
        })
    }

    pub(super) fn set(&mut self, name: &str, value: Option<&str>, local: bool) -> Result<()> {
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
        change(Arc::make_mut(&mut self.settings))?;
        match &mut self.block {
            Some(block) => {
                let kept = before.clone();
                let changed = block.changed.get_or_insert_with(|| Box::new(Changed { before, kept }));
                if local { Ok(()) } else { change(Arc::make_mut(&mut changed.kept)) }
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

    /// ALTER DATABASE, ALTER SYSTEM. What is stored is part of the transaction; sessions that begin after it is
    /// committed start with it, and limits hold at once.
    pub(super) fn alter(&mut self, alter: &Alter) -> Result<()> {
        self.check_block()?;
        let (scope, what) = match &alter.database {
            Some(name) => (EntryKind::Database, self.own_name(name).map(|()| "ALTER DATABASE")?),
            None => (EntryKind::System, "ALTER SYSTEM"),
        };
        if scope == EntryKind::System && self.block.is_some() {
            let message = "ALTER SYSTEM cannot run inside a transaction block";
            return Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message));
        }
        let only_reads = match &self.block {
            Some(block) => block.modes.read_only == Some(true),
            None => self.settings.read_only(),
        };
        if only_reads {
            return Err(super::read_only_error(&format!("execute {what}")));
        }
        let change = match &alter.change {
            SettingChange::Reset(None) => None,
            SettingChange::Reset(Some(name)) => Some((settings::known(&joined(name))?, None)),
            SettingChange::Set(name, values) => {
                let (name, value) = settings::storable(scope, &joined(name), &setting_texts(values))?;
                Some((name, Some(value)))
            }
            SettingChange::FromCurrent(name) => {
                let (name, value) = self.show(&joined(name))?;
                let (name, value) = settings::storable(scope, &name, &value)?;
                Some((name, Some(value)))
            }
        };
        let store = |txn: &mut Txn| match &change {
            Some((name, value)) => txn.set_entry(scope, name, value.as_deref()),
            None => {
                let all: Vec<String> =
                    txn.catalog().entries(scope).map(|(name, _)| name.to_string()).collect();
                all.iter().try_for_each(|name| txn.set_entry(scope, name, None))
            }
        };
        match &mut self.block {
            Some(block) => {
                block.begin_statement()?;
                let again = block.read_committed();
                run_again(block.txn()?, again, &store)
            }
            None => {
                let mut txn = self.begin_own()?;
                run_again(&mut txn, true, &store)?;
                self.commit(txn)
            }
        }
    }

    /// 3D000 where a database is meant that is not this one. CURRENT is whatever this one is called.
    fn own_name(&self, name: &ast::Ident) -> Result<()> {
        let own = &*self.shared.instance.name;
        if name.name == own || name.name == "current" {
            return Ok(());
        }
        let message = format!("database \"{}\" does not exist", name.name);
        Err(Error::new(state::INVALID_CATALOG_NAME, message)
            .with_hint(format!("This one is called \"{own}\", or CURRENT."))
            .at(name.span.at()))
    }

    fn show(&self, name: &str) -> Result<(String, String)> {
        let modes = self.block.as_ref().map_or_else(|| self.settings.defaults(), |block| block.modes);
        let switch = |on: Option<bool>| (if on == Some(true) { "on" } else { "off" }).to_string();
        let lower = name.to_ascii_lowercase();
        let value = match lower.as_str() {
            "transaction_isolation" => settings::isolation_words(modes.isolation).to_string(),
            "transaction_read_only" => switch(modes.read_only),
            "transaction_deferrable" => switch(modes.deferrable),
            _ => return self.settings.show(name, &self.shared.store.limits()),
        };
        Ok((lower, value))
    }

    fn show_all(&self) -> Result<Rows> {
        let column = |name: &str| ResultColumn::new(name, Type::Text);
        let own = ["transaction_deferrable", "transaction_isolation", "transaction_read_only"];
        let mut all = own.into_iter().map(|name| self.show(name)).collect::<Result<Vec<_>>>()?;
        all.extend(self.settings.all(&self.shared.store.limits()));
        sort_by(&mut all, &|a, b| a.0.to_ascii_lowercase().cmp(&b.0.to_ascii_lowercase()));
        let row = |(name, value): (String, String)| vec![name.into(), value.into(), Value::from("")];
        let columns = ["name", "setting", "description"].map(column);
        Ok(Rows::ready(Arc::new(columns), all.into_iter().map(row).collect()))
    }
}

/// Runs something that changes a transaction; where others have changed the same meanwhile and `again` allows, again.
fn run_again(txn: &mut Txn, again: bool, work: &dyn Fn(&mut Txn) -> Result<()>) -> Result<()> {
    let savepoint = txn.savepoint();
    loop {
        match work(txn) {
            Err(error) if again && error.is_restart() => {
                txn.rollback_to(&savepoint);
                txn.begin_statement();
            }
            done => return done,
        }
    }
}

fn joined(name: &ast::Name) -> String {
    name.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}

/// Several values are one text, with commas.
fn setting_texts(values: &[ast::Expr]) -> String {
    let text = |value: &ast::Expr| hours(value).unwrap_or_else(|| value.as_setting());
    values.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// `SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE`: hours east of UTC.
fn hours(value: &ast::Expr) -> Option<String> {
    let ExprKind::Cast { expr, ty, .. } = &value.kind else { return None };
    if ty.name.simple() != Some("interval") {
        return None;
    }
    match Value::parse(&expr.as_setting(), Type::Interval) {
        Ok(Value::Interval(span)) if span.months == 0 && span.days == 0 => {
            Some((span.micros as f64 / 3_600_000_000.0).to_string())
        }
        _ => None,
    }
}
