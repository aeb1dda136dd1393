//! Products of two u128 and their quotients, for decimals: 256 bits as `(high, low)`.
//!
//! Schoolbook methods (Knuth, The Art of Computer Programming, volume 2, section 4.3.1): the products
//! are four 64-bit ones, the division goes bit by bit where the dividend is really wide, which is rare.

/// a · b.
pub fn mul(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    if let Some(product) = a.checked_mul(b) {
        return (0, product);
    }
    let ((a1, a0), (b1, b0)) = ((a >> 64, a & LOW), (b >> 64, b & LOW));
    let low = a0 * b0;
    let (cross, carry) = (a1 * b0).overflowing_add(a0 * b1);
    let (low, carry_low) = low.overflowing_add(cross << 64);
    let high = a1 * b1 + (cross >> 64) + (u128::from(carry) << 64) + u128::from(carry_low);
    (high, low)
}

/// Quotient and remainder of n / d; d is not 0. The quotient saturates where it does not fit in 128 bits.
pub fn div(n: (u128, u128), d: u128) -> (Option<u128>, u128) {
    let (high, low) = n;
    if high == 0 {
        return (Some(low / d), low % d);
    }
    let fits = high < d;
    let (mut rest, mut quotient) = (high % d, 0u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127 == 1;
        rest = rest << 1 | (low >> bit & 1);
        if carry || rest >= d {
            rest = rest.wrapping_sub(d);
            quotient |= 1 << bit;
        }
    }
    (fits.then_some(quotient), rest)
}

/// n · f / d rounded half up; None where an intermediate or the result is too large. d is not 0.
pub fn mul_div_round(n: (u128, u128), f: u128, d: u128) -> Option<u128> {
    let (high, low) = mul(n.1, f);
    let n = (n.0.checked_mul(f)?.checked_add(high)?, low);
    let (quotient, rest) = div(n, d);
    quotient?.checked_add(u128::from(rest >= d - rest))
}
