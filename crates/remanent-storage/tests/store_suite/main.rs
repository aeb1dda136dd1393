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
//! | `indexes` | does an index agree with the rows, and does a unique one keep its keys apart? |
//! | `faults` | does a call that fails, or a full disk, lose anything? |
//! | `foreign` | does a foreign key hold beside other sessions, and after a crash? |
//! | `definitions` | is a number of a sequence given twice, or a definition torn? |
//! | `damage` | is a wrong bit ever believed? |
//! | `backup` | is a copy that is made beside all this one state, whole? |
//! | `blobs` | are large values there as long as a row names them, and not much longer? |
//! | `clock` | does a wrong clock take rows away? |
//! | `buckets` | do old rows become what they were together, each counted once? |
//! | `salvage` | does every row arrive that can be read, and none that never was? |
//! | `attached` | are rows found that came in a transaction's own segments? |
//! | `many` | does a transaction that deletes more than it can remember do so, whole? |
//! | `merge_deletes` | does every delete beside a flush or a merge have its effect? |
//! | `followers` | does another process that reads along see what it may, and all of it? |
//! | `memory` | does memory stay within its limit? |
//! | `pace` | does background work keep to its share? |
//! | `retire` | do rows leave by their age, and no others? |
//! | `savepoints` | is a savepoint the place it was? |
//! | `schedules` | what may sessions beside each other never see? |
//! | `serial` | do serializable transactions commit only what one after the other could? |

mod attached;
mod backup;
mod blobs;
mod buckets;
mod clock;
mod crash;
mod damage;
mod definitions;
mod delay;
mod faults;
mod followers;
mod foreign;
mod indexes;
mod killed;
mod many;
mod memory;
mod merge_deletes;
mod pace;
mod retire;
mod salvage;
mod savepoints;
mod schedules;
mod script;
mod serial;
mod sessions;
mod support;
