//! The store: what it promises, on a disk and under a scheduler that do their worst.
//!
//! | file | asks |
//! |---|---|
//! | `support` | a database whose rows say what they must look like |
//! | `script` | a workload of everything, with the states that may be there after a crash |
//! | `crash` | is what was acknowledged there after any crash, whole, and nothing else? |
//! | `sessions` | the same, where many commit at once |
//! | `killed` | the same, of a real process on a real disk |
//! | `delay` | how long may a commit that did not wait be lost? |
//! | `faults` | does a call that fails, or a full disk, lose anything? |
//! | `damage` | is a wrong bit ever believed? |
//! | `attached` | are rows found that came in a transaction's own segments? |
//! | `merge_deletes` | does every delete beside a flush or a merge have its effect? |
//! | `memory` | does memory stay within its limit? |
//! | `pace` | does background work keep to its share? |
//! | `schedules` | what may sessions beside each other never see? |

mod attached;
mod crash;
mod damage;
mod delay;
mod faults;
mod killed;
mod memory;
mod merge_deletes;
mod pace;
mod schedules;
mod script;
mod sessions;
mod support;
