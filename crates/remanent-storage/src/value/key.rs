//! Keys: byte strings that sort as the values they were made from.

/// Who a row is: the bytes of its key values, in an encoding whose bytewise order is the
/// values' order. The log and the key locks speak of (table, key), never of ordinals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Box<[u8]>);
