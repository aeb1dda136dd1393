//! Whole numbers of any size, without a sign.
//!
//! Limbs in base 10^9, the least first, so that moving the decimal point by nine digits is moving limbs, and text is
//! nine digits a limb. Products and quotients are the schoolbook's (Knuth, The Art of Computer Programming, volume 2,
//! section 4.3.1); the largest numeric has 16,400 limbs.

use std::cmp::Ordering;

/// One more than the greatest limb.
const BASE: u64 = 1_000_000_000;
/// Digits of a limb.
const DIGITS: usize = 9;

/// A whole number that is not negative: no zero limb at the end, so that 0 has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Natural(Vec<u32>);

impl Natural {
    /// From limbs, the least first.
    pub fn from_limbs(mut limbs: Vec<u32>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Natural(limbs)
    }

    /// The limbs, the least first.
    pub fn limbs(&self) -> &[u32] {
        &self.0
    }

    /// From digits in ASCII, the first first.
    pub fn from_digits(digits: &[u8]) -> Self {
        let limb = |chunk: &[u8]| chunk.iter().fold(0, |limb, b| limb * 10 + u32::from(b - b'0'));
        Natural::from_limbs(digits.rchunks(DIGITS).map(limb).collect())
    }

    /// The digits; none for 0.
    pub fn to_digits(&self) -> String {
        let mut out = String::with_capacity(self.0.len() * DIGITS);
        for (i, limb) in self.0.iter().rev().enumerate() {
            out.push_str(&if i == 0 { format!("{limb}") } else { format!("{limb:09}") });
        }
        out
    }

    /// 10^power.
    pub fn power_of_ten(power: usize) -> Self {
        Natural::from(1).times_ten(power)
    }

    /// As u128; None where it is larger.
    pub fn to_u128(&self) -> Option<u128> {
        let add = |n: u128, &limb: &u32| n.checked_mul(BASE.into())?.checked_add(limb.into());
        self.0.iter().rev().try_fold(0, add)
    }

    /// The nearest float of its first 18 or so digits, and how many digits follow them.
    pub fn to_f64_parts(&self) -> (f64, usize) {
        let skip = self.0.len().saturating_sub(3);
        let head = self.0[skip..].iter().rev().fold(0.0, |n, &limb| n * BASE as f64 + f64::from(limb));
        (head, skip * DIGITS)
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// How many digits; 0 has none.
    pub fn digits(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * DIGITS + last.ilog10() as usize + 1)
    }

    /// How many zeros stand at the end.
    pub fn trailing_zeros(&self) -> usize {
        let Some(at) = self.0.iter().position(|&limb| limb != 0) else { return 0 };
        let (mut limb, mut zeros) = (self.0[at], at * DIGITS);
        while limb % 10 == 0 {
            (limb, zeros) = (limb / 10, zeros + 1);
        }
        zeros
    }

    pub fn is_odd(&self) -> bool {
        self.0.first().is_some_and(|limb| limb & 1 == 1)
    }

    pub fn add(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() >= other.0.len() { (self, other) } else { (other, self) };
        let mut out = long.0.clone();
        let mut carry = 0;
        for (i, limb) in out.iter_mut().enumerate() {
            if i >= short.0.len() && carry == 0 {
                break;
            }
            let sum = u64::from(*limb) + u64::from(short.0.get(i).copied().unwrap_or(0)) + carry;
            (*limb, carry) = ((sum % BASE) as u32, sum / BASE);
        }
        if carry > 0 {
            out.push(carry as u32);
        }
        Natural(out)
    }

    /// The difference; `other` is not greater.
    pub fn sub(&self, other: &Self) -> Self {
        debug_assert!(self.cmp(other).is_ge());
        let mut out = self.0.clone();
        let mut borrow = 0;
        for (i, limb) in out.iter_mut().enumerate() {
            let take = u64::from(other.0.get(i).copied().unwrap_or(0)) + borrow;
            borrow = u64::from(u64::from(*limb) < take);
            *limb = (u64::from(*limb) + borrow * BASE - take) as u32;
        }
        Natural::from_limbs(out)
    }

    pub fn mul(&self, other: &Self) -> Self {
        let mut out = vec![0u32; self.0.len() + other.0.len()];
        for (i, &a) in self.0.iter().enumerate().filter(|(_, a)| **a != 0) {
            let mut carry = 0;
            for (slot, &b) in out[i..].iter_mut().zip(&other.0) {
                let n = u64::from(a) * u64::from(b) + u64::from(*slot) + carry;
                (*slot, carry) = ((n % BASE) as u32, n / BASE);
            }
            out[i + other.0.len()] = carry as u32;
        }
        Natural::from_limbs(out)
    }

    /// Quotient and remainder by one limb, which is not 0 and below 10^9.
    pub fn div_small(&self, by: u32) -> (Self, u32) {
        let mut rest = 0u64;
        let mut out = self.0.clone();
        for limb in out.iter_mut().rev() {
            let n = rest * BASE + u64::from(*limb);
            (*limb, rest) = ((n / u64::from(by)) as u32, n % u64::from(by));
        }
        (Natural::from_limbs(out), rest as u32)
    }

    /// Quotient and remainder; `by` is not 0.
    pub fn div_rem(&self, by: &Self) -> (Self, Self) {
        if self.cmp(by).is_lt() {
            return (Natural::default(), self.clone());
        }
        if let [only] = by.0[..] {
            let (quotient, rest) = self.div_small(only);
            return (quotient, Natural::from(u128::from(rest)));
        }
        // Knuth's algorithm D: both are scaled so that the divisor's first limb is at least half the base.
        let scale = Natural::from(u128::from(BASE / (u64::from(by.0[by.0.len() - 1]) + 1)));
        let divisor = by.mul(&scale).0;
        let mut rest = self.mul(&scale).0;
        let n = divisor.len();
        rest.resize(rest.len().max(self.0.len()) + 1, 0);
        let (first, second) = (u64::from(divisor[n - 1]), u64::from(divisor[n - 2]));
        let mut quotient = vec![0u32; rest.len() - n];
        for at in (0..quotient.len()).rev() {
            let head = u64::from(rest[at + n]) * BASE + u64::from(rest[at + n - 1]);
            let (mut guess, mut left) = (head / first, head % first);
            while guess >= BASE || guess * second > left * BASE + u64::from(rest[at + n - 2]) {
                (guess, left) = (guess - 1, left + first);
                if left >= BASE {
                    break;
                }
            }
            if subtract_times(&mut rest[at..=at + n], &divisor, guess) {
                // The guess was one too many.
                guess -= 1;
                add_back(&mut rest[at..=at + n], &divisor);
            }
            quotient[at] = guess as u32;
        }
        let rest = Natural::from_limbs(rest);
        let (rest, _) = rest.div_small(scale.0.first().copied().unwrap_or(1));
        (Natural::from_limbs(quotient), rest)
    }

    /// The quotient rounded half up; `by` is not 0.
    pub fn div_round(&self, by: &Self) -> Self {
        let (quotient, rest) = self.div_rem(by);
        match rest.add(&rest).cmp(by).is_ge() {
            true => quotient.add(&Natural::from(1)),
            false => quotient,
        }
    }

    /// n · 10^power.
    pub fn times_ten(&self, power: usize) -> Self {
        if self.is_zero() || power == 0 {
            return self.clone();
        }
        let small = Natural::from(10u128.pow((power % DIGITS) as u32));
        let mut limbs = vec![0; power / DIGITS];
        limbs.extend(self.mul(&small).0);
        Natural(limbs)
    }

    /// n / 10^power and whether what is cut off is 0, below, at or above the half: as it compares with it.
    pub fn over_ten(&self, power: usize) -> (Self, Cut) {
        if power == 0 || self.is_zero() {
            return (self.clone(), Cut { half: Ordering::Less, zero: true });
        }
        let (limbs, small) = (power / DIGITS, power % DIGITS);
        let low = &self.0[..limbs.min(self.0.len())];
        let high = Natural::from_limbs(self.0.get(limbs..).unwrap_or_default().to_vec());
        let (quotient, rest) = high.div_small(10u32.pow(small as u32));
        let zero = rest == 0 && low.iter().all(|&limb| limb == 0);
        // The half is 5 · 10^(power-1): its first limb counts, then whether anything follows.
        let (head, rest_zero, half) = match small {
            0 => {
                let whole = low.len() == limbs;
                let head = if whole { low.last().copied().unwrap_or(0) } else { 0 };
                let tail = &low[..low.len().saturating_sub(usize::from(whole))];
                (head, tail.iter().all(|&limb| limb == 0), 500_000_000)
            }
            _ => (rest, low.iter().all(|&limb| limb == 0), 5 * 10u32.pow(small as u32 - 1)),
        };
        let half = head.cmp(&half).then(if rest_zero { Ordering::Equal } else { Ordering::Greater });
        (quotient, Cut { half, zero })
    }

    /// The whole part of the root.
    pub fn sqrt(&self) -> Self {
        if self.is_zero() {
            return Natural::default();
        }
        // Newton's method from above: a power of ten beside the root of the first digits.
        let (head, mut zeros) = self.to_f64_parts();
        let mut root = head.sqrt();
        if zeros % 2 == 1 {
            (root, zeros) = (root * 10f64.sqrt(), zeros - 1);
        }
        // A root of 27 digits is below 4 · 10^13, so it fits with a digit to spare.
        let mut x = Natural::from(root as u128 + 1 + (root * 1e-12) as u128).times_ten(zeros / 2);
        loop {
            let next = x.add(&self.div_rem(&x).0).div_small(2).0;
            if next.cmp(&x).is_ge() {
                return x;
            }
            x = next;
        }
    }
}

/// What was cut off.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// How it compares with half of a unit of what is left.
    pub half: Ordering,
    /// It was 0.
    pub zero: bool,
}

/// rest - divisor · times, in place; true where that is negative (and wrapped).
fn subtract_times(rest: &mut [u32], divisor: &[u32], times: u64) -> bool {
    let mut borrow = 0u64;
    for (i, limb) in rest.iter_mut().enumerate() {
        let take = u64::from(divisor.get(i).copied().unwrap_or(0)) * times + borrow;
        let (high, low) = (take / BASE, take % BASE);
        let under = u64::from(u64::from(*limb) < low);
        *limb = (u64::from(*limb) + under * BASE - low) as u32;
        borrow = high + under;
    }
    borrow > 0
}

fn add_back(rest: &mut [u32], divisor: &[u32]) {
    let mut carry = 0u64;
    for (i, limb) in rest.iter_mut().enumerate() {
        let sum = u64::from(*limb) + u64::from(divisor.get(i).copied().unwrap_or(0)) + carry;
        (*limb, carry) = ((sum % BASE) as u32, sum / BASE);
    }
}

impl From<u128> for Natural {
    fn from(mut n: u128) -> Self {
        let mut limbs = Vec::with_capacity(5);
        while n > 0 {
            limbs.push((n % u128::from(BASE)) as u32);
            n /= u128::from(BASE);
        }
        Natural(limbs)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}
