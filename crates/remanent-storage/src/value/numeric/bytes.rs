//! Numerics as bytes: where a column holds numbers that its layout does not, it holds all of them like this. The same
//! bytes stand in the log and in cold pages. Persisted, do not renumber.
//!
//! ```text
//! 16 bytes    a Decimal, packed (`Decimal::pack`), little-endian
//! 1 byte      00 NaN, 01 infinity, 02 -infinity
//! 5 + 4·n     1: 03 positive, 04 negative; 2: scale; 2: zeros at the mantissa's end that are left out;
//!             n limbs of 4 in base 10^9, the least first
//! ```
//!
//! The length tells which it is: 16 is none of the others. Example: `-1e40` is `04 0000 2800 01000000`.
//!
//! They do not sort: whoever compares decodes. Order-preserving bytes would make each number longer, and only keys need
//! them, which have their own ([`key`](crate::value::key)).

use super::big::{Big, MAX_FRACTION, MAX_WHOLE};
use super::natural::Natural;
use super::{BigNumber, Numeric};
use crate::value::Decimal;

/// Bytes of a packed decimal.
pub(in crate::value) const PACKED_LEN: usize = 16;

const NAN: u8 = 0;
const INFINITY: u8 = 1;
const NEGATIVE_INFINITY: u8 = 2;
const POSITIVE: u8 = 3;
const NEGATIVE: u8 = 4;

impl Numeric {
    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Numeric::Decimal(d) => out.extend_from_slice(&d.pack().to_le_bytes()),
            Numeric::NaN => out.push(NAN),
            Numeric::Infinity => out.push(INFINITY),
            Numeric::NegativeInfinity => out.push(NEGATIVE_INFINITY),
            Numeric::Big(BigNumber(big)) => {
                let zeros = big.mantissa.trailing_zeros().min(u16::MAX.into());
                let (mantissa, _) = big.mantissa.over_ten(zeros);
                out.push(if big.negative { NEGATIVE } else { POSITIVE });
                out.extend_from_slice(&(big.scale as u16).to_le_bytes());
                out.extend_from_slice(&(zeros as u16).to_le_bytes());
                out.extend(mantissa.limbs().iter().flat_map(|limb| limb.to_le_bytes()));
            }
        }
    }

    /// The inverse of [`encode`](Numeric::encode); None where the bytes are no numeric.
    pub fn decode(bytes: &[u8]) -> Option<Numeric> {
        if let Ok(packed) = <[u8; PACKED_LEN]>::try_from(bytes) {
            let d = Decimal::unpack(i128::from_le_bytes(packed));
            return Decimal::new(d.mantissa, d.scale).map(Numeric::Decimal);
        }
        Some(match *bytes {
            [NAN] => Numeric::NaN,
            [INFINITY] => Numeric::Infinity,
            [NEGATIVE_INFINITY] => Numeric::NegativeInfinity,
            [sign @ (POSITIVE | NEGATIVE), s0, s1, z0, z1, ref limbs @ ..] if limbs.len() % 4 == 0 => {
                let limbs: Vec<u32> =
                    limbs.as_chunks::<4>().0.iter().map(|limb| u32::from_le_bytes(*limb)).collect();
                if limbs.iter().any(|&limb| limb >= 1_000_000_000)
                    || limbs.len() > (MAX_WHOLE + MAX_FRACTION) / 9 + 2
                {
                    return None;
                }
                let zeros = u16::from_le_bytes([z0, z1]).into();
                let mantissa = Natural::from_limbs(limbs).times_ten(zeros);
                Numeric::from_big(Big::new(sign == NEGATIVE, mantissa, u16::from_le_bytes([s0, s1]).into()))
                    .ok()?
            }
            _ => return None,
        })
    }
}
