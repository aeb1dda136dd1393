//! SQL: parse → bind → optimize → execute. (frame)
