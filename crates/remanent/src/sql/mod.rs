//! SQL: parse → bind → optimize → execute. (frame)
pub mod ast;
pub mod bind;
pub mod execute;
pub mod expr;
pub mod functions;
pub mod plan;
