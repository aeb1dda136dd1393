//! Errors as values: a SQLSTATE for programs, a message for people.
//!
//! A message says what happened, to what, and what to do about it. Programs branch
//! on [`Error::code`]; the codes and their meaning are PostgreSQL 15's (appendix A
//! of its manual), so that what clients already know holds here too.
//!
//! ```
//! use remanent_storage::error::{state, Error};
//! let e = Error::new(state::UNIQUE_VIOLATION, "duplicate key value violates unique constraint \"t_pkey\"")
//!     .with_detail("Key (id)=(1) already exists.");
//! assert_eq!(e.code(), "23505");
//! ```

use std::fmt;
use std::io;
use std::path::Path;

/// The result of anything that can fail in Remanent.
pub type Result<T> = std::result::Result<T, Error>;

/// A five-character SQLSTATE. The constants are in [`state`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState(pub &'static str);

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The SQLSTATEs that Remanent reports, named as PostgreSQL names its conditions.
#[allow(missing_docs, reason = "the names are PostgreSQL's condition names")]
pub mod state {
    use super::SqlState;

    pub const CONNECTION_DOES_NOT_EXIST: SqlState = SqlState("08003");
    pub const FEATURE_NOT_SUPPORTED: SqlState = SqlState("0A000");
    pub const CARDINALITY_VIOLATION: SqlState = SqlState("21000");
    pub const ARRAY_SUBSCRIPT_ERROR: SqlState = SqlState("2202E");
    pub const NULL_VALUE_NOT_ALLOWED: SqlState = SqlState("22004");
    pub const UNTRANSLATABLE_CHARACTER: SqlState = SqlState("22P05");
    pub const STRING_DATA_RIGHT_TRUNCATION: SqlState = SqlState("22001");
    pub const WITH_CHECK_OPTION_VIOLATION: SqlState = SqlState("44000");
    pub const STRING_DATA_LENGTH_MISMATCH: SqlState = SqlState("22026");
    pub const NUMERIC_VALUE_OUT_OF_RANGE: SqlState = SqlState("22003");
    pub const INVALID_DATETIME_FORMAT: SqlState = SqlState("22007");
    pub const DATETIME_FIELD_OVERFLOW: SqlState = SqlState("22008");
    pub const INVALID_TIME_ZONE: SqlState = SqlState("22009");
    pub const SUBSTRING_ERROR: SqlState = SqlState("22011");
    pub const DIVISION_BY_ZERO: SqlState = SqlState("22012");
    pub const INTERVAL_FIELD_OVERFLOW: SqlState = SqlState("22015");
    pub const INVALID_USE_OF_ESCAPE_CHARACTER: SqlState = SqlState("2200C");
    pub const INVALID_REGULAR_EXPRESSION: SqlState = SqlState("2201B");
    pub const INVALID_ARGUMENT_FOR_LOG: SqlState = SqlState("2201E");
    pub const INVALID_ARGUMENT_FOR_WIDTH_BUCKET: SqlState = SqlState("2201G");
    pub const INVALID_ARGUMENT_FOR_POWER: SqlState = SqlState("2201F");
    pub const INVALID_ROW_COUNT_IN_LIMIT: SqlState = SqlState("2201W");
    pub const INVALID_ROW_COUNT_IN_OFFSET: SqlState = SqlState("2201X");
    pub const CHARACTER_NOT_IN_REPERTOIRE: SqlState = SqlState("22021");
    pub const INVALID_PARAMETER_VALUE: SqlState = SqlState("22023");
    pub const INVALID_ESCAPE_SEQUENCE: SqlState = SqlState("22025");
    pub const INVALID_TEXT_REPRESENTATION: SqlState = SqlState("22P02");
    pub const DATA_EXCEPTION: SqlState = SqlState("22000");
    pub const NOT_NULL_VIOLATION: SqlState = SqlState("23502");
    pub const FOREIGN_KEY_VIOLATION: SqlState = SqlState("23503");
    pub const UNIQUE_VIOLATION: SqlState = SqlState("23505");
    pub const CHECK_VIOLATION: SqlState = SqlState("23514");
    pub const ACTIVE_SQL_TRANSACTION: SqlState = SqlState("25001");
    pub const READ_ONLY_SQL_TRANSACTION: SqlState = SqlState("25006");
    pub const NO_ACTIVE_SQL_TRANSACTION: SqlState = SqlState("25P01");
    pub const IN_FAILED_SQL_TRANSACTION: SqlState = SqlState("25P02");
    pub const IDLE_IN_TRANSACTION_SESSION_TIMEOUT: SqlState = SqlState("25P03");
    pub const DEPENDENT_OBJECTS_STILL_EXIST: SqlState = SqlState("2BP01");
    pub const INVALID_SAVEPOINT: SqlState = SqlState("3B001");
    pub const INVALID_CATALOG_NAME: SqlState = SqlState("3D000");
    pub const INVALID_SCHEMA_NAME: SqlState = SqlState("3F000");
    pub const SERIALIZATION_FAILURE: SqlState = SqlState("40001");
    pub const DEADLOCK_DETECTED: SqlState = SqlState("40P01");
    pub const SYNTAX_ERROR: SqlState = SqlState("42601");
    pub const GENERATED_ALWAYS: SqlState = SqlState("428C9");
    pub const INVALID_NAME: SqlState = SqlState("42602");
    pub const DUPLICATE_COLUMN: SqlState = SqlState("42701");
    pub const AMBIGUOUS_COLUMN: SqlState = SqlState("42702");
    pub const UNDEFINED_COLUMN: SqlState = SqlState("42703");
    pub const UNDEFINED_OBJECT: SqlState = SqlState("42704");
    pub const DUPLICATE_OBJECT: SqlState = SqlState("42710");
    pub const DUPLICATE_ALIAS: SqlState = SqlState("42712");
    pub const AMBIGUOUS_FUNCTION: SqlState = SqlState("42725");
    pub const GROUPING_ERROR: SqlState = SqlState("42803");
    pub const DATATYPE_MISMATCH: SqlState = SqlState("42804");
    pub const WRONG_OBJECT_TYPE: SqlState = SqlState("42809");
    pub const CANNOT_COERCE: SqlState = SqlState("42846");
    pub const UNDEFINED_FUNCTION: SqlState = SqlState("42883");
    pub const UNDEFINED_TABLE: SqlState = SqlState("42P01");
    pub const UNDEFINED_PARAMETER: SqlState = SqlState("42P02");
    pub const DUPLICATE_SCHEMA: SqlState = SqlState("42P06");
    pub const DUPLICATE_TABLE: SqlState = SqlState("42P07");
    pub const AMBIGUOUS_PARAMETER: SqlState = SqlState("42P08");
    pub const INVALID_COLUMN_REFERENCE: SqlState = SqlState("42P10");
    pub const INVALID_TABLE_DEFINITION: SqlState = SqlState("42P16");
    pub const INVALID_OBJECT_DEFINITION: SqlState = SqlState("42P17");
    pub const INDETERMINATE_DATATYPE: SqlState = SqlState("42P18");
    pub const INVALID_FOREIGN_KEY: SqlState = SqlState("42830");
    pub const RESERVED_NAME: SqlState = SqlState("42939");
    pub const INSUFFICIENT_PRIVILEGE: SqlState = SqlState("42501");
    pub const DISK_FULL: SqlState = SqlState("53100");
    pub const OUT_OF_MEMORY: SqlState = SqlState("53200");
    pub const PROGRAM_LIMIT_EXCEEDED: SqlState = SqlState("54000");
    pub const STATEMENT_TOO_COMPLEX: SqlState = SqlState("54001");
    pub const TOO_MANY_COLUMNS: SqlState = SqlState("54011");
    pub const TOO_MANY_ARGUMENTS: SqlState = SqlState("54023");
    pub const OBJECT_NOT_IN_PREREQUISITE_STATE: SqlState = SqlState("55000");
    pub const OBJECT_IN_USE: SqlState = SqlState("55006");
    pub const LOCK_NOT_AVAILABLE: SqlState = SqlState("55P03");
    pub const QUERY_CANCELED: SqlState = SqlState("57014");
    pub const DATABASE_CLOSED: SqlState = SqlState("57P01");
    pub const IO_ERROR: SqlState = SqlState("58030");
    pub const UNDEFINED_FILE: SqlState = SqlState("58P01");
    pub const DUPLICATE_FILE: SqlState = SqlState("58P02");
    pub const SNAPSHOT_TOO_OLD: SqlState = SqlState("72000");
    pub const DATA_CORRUPTED: SqlState = SqlState("XX001");
    pub const INTERNAL_ERROR: SqlState = SqlState("XX000");
}

/// What went wrong, for the program ([`code`](Error::code)) and for the person (`Display`).
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    state: SqlState,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    context: Option<String>,
    position: Option<usize>,
    restart: bool,
}

impl Error {
    /// An error with its SQLSTATE and message.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            state,
            message: message.into(),
            detail: None,
            hint: None,
            context: None,
            position: None,
            restart: false,
        }))
    }

    /// A file operation that the operating system refused. `action` reads like "write to".
    pub fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        let (state, hint) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                (state::DISK_FULL, Some("Free some space on the device, then try again."))
            }
            io::ErrorKind::NotFound => (state::UNDEFINED_FILE, None),
            // What a reading process gets for a file that the writing one has removed (`store::follow`).
            io::ErrorKind::StaleNetworkFileHandle => (
                state::SNAPSHOT_TOO_OLD,
                Some(
                    "Run the transaction again: it will see newer data. To keep old data for longer, raise the \
                     writing process's follower_budget.",
                ),
            ),
            io::ErrorKind::PermissionDenied => (state::INSUFFICIENT_PRIVILEGE, None),
            _ => (state::IO_ERROR, None),
        };
        let e = Error::new(state, format!("could not {action} \"{}\": {error}", path.display()));
        match hint {
            Some(hint) => e.with_hint(hint),
            None => e,
        }
    }

    /// Bytes on disk that are not what was written there.
    pub fn corrupt(path: &Path, offset: u64, what: impl fmt::Display) -> Self {
        Error::new(
            state::DATA_CORRUPTED,
            format!("\"{}\" is damaged at byte {offset}: {what}", path.display()),
        )
        .with_hint("Run \"remanent check\" on the database to see everything that is damaged.")
    }

    /// A broken assumption inside Remanent that was noticed before it did harm.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(state::INTERNAL_ERROR, message)
    }

    /// The statement met a row that changed after its snapshot. Under READ COMMITTED the
    /// statement is run again on a new snapshot; a user never sees this error there.
    pub fn restart() -> Self {
        let mut e =
            Error::new(state::SERIALIZATION_FAILURE, "could not serialize access due to concurrent update")
                .with_hint("Run the transaction again.");
        e.0.restart = true;
        e
    }

    /// True for [`Error::restart`].
    pub fn is_restart(&self) -> bool {
        self.0.restart
    }

    /// True if its texts have marks that a catalog spells (`Catalog::spelled`).
    pub fn speaks_in_marks(&self) -> bool {
        let others = [&self.0.detail, &self.0.hint, &self.0.context].into_iter().flatten();
        std::iter::once(&self.0.message).chain(others).any(|text| text.contains('\u{1}'))
    }

    /// With each text that `change` has another one for.
    pub fn map_texts(mut self, change: &dyn Fn(&str) -> Option<String>) -> Self {
        if let Some(message) = change(&self.0.message) {
            self.0.message = message;
        }
        for text in [&mut self.0.detail, &mut self.0.hint, &mut self.0.context].into_iter().flatten() {
            if let Some(new) = change(text) {
                *text = new;
            }
        }
        self
    }

    /// Adds the DETAIL line: the facts of this case.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Forgets where in the statement it was.
    pub fn without_position(mut self) -> Self {
        self.0.position = None;
        self
    }

    /// Adds the HINT line: what to do about it.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the CONTEXT line: where in the data, if not in the statement, it was.
    pub fn with_context(mut self, context: impl Into<String>) -> Self {
        self.0.context = Some(context.into());
        self
    }

    /// Adds where in the statement's text, as a 0-based byte offset, unless a position is there already.
    pub fn at(mut self, byte: usize) -> Self {
        self.0.position.get_or_insert(byte);
        self
    }

    /// The SQLSTATE, five characters.
    pub fn code(&self) -> &'static str {
        self.0.state.0
    }

    /// The SQLSTATE, to compare with the constants of [`state`].
    pub fn state(&self) -> SqlState {
        self.0.state
    }

    /// The message alone.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The facts of this case, where there are more than the message says.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Where in the data, for COPY FROM: `COPY t, line 3, column b: "x"`.
    pub fn context(&self) -> Option<&str> {
        self.0.context.as_deref()
    }

    /// Where in the statement's text: a 0-based byte offset.
    pub fn position(&self) -> Option<usize> {
        self.0.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(detail) = &self.0.detail {
            write!(f, " ({detail})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.state.0, self.0.message)?;
        for (name, part) in [("detail", &self.0.detail), ("hint", &self.0.hint), ("context", &self.0.context)]
        {
            if let Some(part) = part {
                write!(f, "; {name}: {part}")?;
            }
        }
        if let Some(position) = self.0.position {
            write!(f, "; at byte {position}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
