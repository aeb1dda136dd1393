//! SQL: parse → bind → optimize → execute. (frame)
pub mod ast;
