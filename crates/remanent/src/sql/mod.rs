//! SQL: parse → bind → optimize → execute. (frame)
pub mod ast;
pub mod expr;
pub mod functions;
