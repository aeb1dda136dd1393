//! sha224, sha256, sha384, sha512 (FIPS 180-4), by the crate `sha2`.

use super::{Args, BYTEA, Function, Signature, f};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, ColumnBuilder, Type};
use sha2::Digest;

static OF_BYTES: &[Signature] = &[(&[BYTEA], Type::Bytea)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("sha224", OF_BYTES, |a| digest(a, |bytes| sha2::Sha224::digest(bytes).to_vec())),
    f("sha256", OF_BYTES, |a| digest(a, |bytes| sha2::Sha256::digest(bytes).to_vec())),
    f("sha384", OF_BYTES, |a| digest(a, |bytes| sha2::Sha384::digest(bytes).to_vec())),
    f("sha512", OF_BYTES, |a| digest(a, |bytes| sha2::Sha512::digest(bytes).to_vec())),
];

fn digest(args: &Args<'_>, of: fn(&[u8]) -> Vec<u8>) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        match args.is_valid(row) {
            true => out.push_bytes(&of(args.columns[0].bytes(row))),
            false => out.push_null(),
        }
    }
    Ok(out.finish())
}
