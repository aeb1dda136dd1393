//! ALTER DATABASE and ALTER SYSTEM: settings that are stored.
//!
//! ```text
//! ALTER DATABASE name SET synchronous_commit = off      RESET setting      RESET ALL      SET setting FROM CURRENT
//! ALTER SYSTEM SET wal_writer_delay = '50ms'            RESET setting      RESET ALL
//! ```

use super::{Parser, Result};
use crate::sql::ast::*;

impl Parser<'_> {
    /// At ALTER.
    pub(super) fn alter(&mut self) -> Result<StatementKind> {
        if self.ahead(1).is("index") && !self.are(&["alter", "index", "all"]) {
            return self.alter_index();
        }
        let start = self.here();
        let (known, next) =
            (["table", "view", "sequence", "schema", "type", "database", "system"], self.ahead(1));
        if !known.iter().any(|word| next.is(word)) {
            return self.other_statement();
        }
        self.advance();
        let database = match () {
            () if self.is("table") => return self.alter_relation(RelationWord::Table),
            () if self.is("view") => return self.alter_relation(RelationWord::View),
            () if self.is("sequence") => return self.alter_relation(RelationWord::Sequence),
            () if self.is("schema") => return self.alter_schema(),
            () if self.is("type") => return self.alter_type(),
            () if self.eat("database") => Some(self.ident()?),
            () => {
                self.expect("system")?;
                None
            }
        };
        let change = match () {
            () if self.eat("reset") => SettingChange::Reset(self.setting_or_all()?),
            () if self.eat("set") && !self.is("tablespace") => self.setting_change(database.is_some())?,
            () if database.is_some() => return self.unsupported(start, "this form of ALTER DATABASE"),
            () => return Err(self.syntax_error()),
        };
        Ok(StatementKind::Alter(Box::new(Alter { database, change })))
    }

    /// Behind SET.
    fn setting_change(&mut self, from_current: bool) -> Result<SettingChange> {
        let bare = self.are(&["time", "zone"]);
        let name = self.setting()?;
        if from_current && self.eat_all(&["from", "current"]) {
            return Ok(SettingChange::FromCurrent(name));
        }
        if !self.eat("=") && !self.eat("to") && !bare {
            return Err(self.syntax_error());
        }
        if self.eat("default") {
            return Ok(SettingChange::Reset(Some(name)));
        }
        Ok(SettingChange::Set(name, self.list(Self::setting_value)?))
    }
}
