//! ON DELETE and ON UPDATE: what becomes of the rows that name a row which goes, or gets another key.

use super::Rules;
use crate::sql::ast::ReferenceAction;
use crate::sql::expr::Expr;
use remanent_storage::txn::foreign::ForeignKey;
use std::sync::{Arc, OnceLock};

/// A foreign key as its parent sees it.
#[derive(Debug)]
pub struct Referred {
    /// What names what.
    pub key: Arc<ForeignKey>,
    /// ON DELETE
    pub on_delete: ReferenceAction,
    /// ON UPDATE
    pub on_update: ReferenceAction,
    /// The child's columns that ON DELETE SET is for.
    pub set: Vec<usize>,
    /// What these do, as soon as a child is there to do it to.
    pub deleted: OnceLock<Response>,
    /// The same for ON UPDATE.
    pub updated: OnceLock<Response>,
}

/// What an action does to the rows of a child.
#[derive(Debug, Clone)]
pub struct Response {
    /// The columns that it sets, by position, and their values, over the new key of the parent; None: the row is deleted.
    pub set: Option<Vec<(usize, Expr)>>,
    /// The columns that change, those computed from them too.
    pub assigned: Vec<usize>,
    /// What is computed and checked of the child's rows.
    pub rules: Option<Arc<Rules>>,
}
