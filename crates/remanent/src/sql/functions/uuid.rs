//! gen_random_uuid.

use super::{Args, Function, f};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[f("gen_random_uuid", &[(&[], Type::Uuid)], random).volatile()];

/// Version 4 (RFC 9562, section 5.4), from the world's randomness.
fn random(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |_| {
        let word = || u128::from(args.ctx.world.threads.random());
        let mut bytes = (word() << 64 | word()).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Ok(Value::Uuid(bytes))
    })
}
