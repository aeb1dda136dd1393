//! `remanent check DB`: verifies every checksum and prints what is damaged.

use crate::failure::{Failure, Result};
use std::path::Path;

/// Verifies a database; a failure that has been said where anything is damaged.
pub fn run(_db: &Path) -> Result<()> {
    Err(Failure::other("check is not there yet"))
}
