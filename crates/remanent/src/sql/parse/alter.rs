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
        let start = self.here();
        self.advance();
        let database = match () {
            () if self.eat("database") => Some(self.ident()?),
            () if self.eat("system") => None,
            () => {
                let object = self.token().text.to_ascii_uppercase();
                return self.unsupported(start, &format!("ALTER {object}"));
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
