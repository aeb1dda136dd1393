//! The store: what it promises, on a disk and under a scheduler that do their worst.
//!
//! | file | asks |
//! |---|---|
//! | `support` | a database whose rows say what they must look like |
//! | `script` | a workload of everything, with the states that may be there after a crash |
//! | `crash` | is what was acknowledged there after any crash, whole, and nothing else? |
//! | `merge_deletes` | does every delete beside a flush or a merge have its effect? |
//! | `schedules` | what may sessions beside each other never see? |

mod crash;
mod merge_deletes;
mod schedules;
mod script;
mod support;
