//! SQL: parse → bind → optimize → execute.
//!
//! Life of a statement:
//!
//! 1. [`parse::statements`] reads the text: tokens, then one [`ast::Statement`] after the other, every node with its place
//!    in the text. Nothing is known of tables or types yet.
//! 2. [`prepare`] makes it ready to run. [`bind::bind`] looks names up in the catalog, gives everything a type and makes a
//!    [`plan::Plan`] that says what is meant; [`optimize::optimize`] rewrites that, pass by pass, into one that costs less.
//!    The [`Prepared`] statement is good until the catalog changes.
//! 3. [`Prepared::execute`] builds one operator per node ([`execute`]), with the values of the parameters. Statements that
//!    write pull all their rows and feed them to the transaction now; of those that read, the scans begin now.
//! 4. [`Execution::next`] pulls batches from the root operator, which pulls from its inputs; expressions are evaluated by
//!    [`expr`] with the kernels of [`functions`], on whole columns.
//!
//! A read by the whole primary key and an INSERT of one row go a shorter way, without batches and operators: [`short`].
//!
//! | folder | holds |
//! |---|---|
//! | [`ast`] | what was written |
//! | [`parse`] | from text to that |
//! | [`bind`] | names, types, what is refused |
//! | [`expr`] | bound expressions: resolution, conversion, evaluation |
//! | [`functions`] | the registry of functions, operators, casts, aggregates |
//! | [`plan`] | what a statement does, as data; EXPLAIN |
//! | [`optimize`] | the passes |
//! | [`execute`] | the operators |
//! | [`vocabulary`] | all words, for those who complete or colour what is typed |

pub mod ast;
pub mod bind;
pub mod execute;
pub mod expr;
pub mod functions;
pub mod optimize;
pub mod parse;
pub mod plan;
mod prepare;
mod short;
pub mod vocabulary;

pub(crate) use execute::refer;
pub use prepare::{Execution, Prepared, ResultColumn, is_preparable, prepare, prepare_watched};
pub(crate) use prepare::{obeyed, spelled, spelled_error};
pub use short::Point;
