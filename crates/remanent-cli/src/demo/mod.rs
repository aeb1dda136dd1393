//! demo
use crate::failure::{Failure, Result};
use std::path::Path;
pub fn run(_: Option<&Path>) -> Result<()> { Err(Failure::other("later")) }
pub fn write_rows(_: &Path, _: i64, _: i64) -> Result<()> { Err(Failure::other("later")) }
