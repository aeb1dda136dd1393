//! (datetime)
