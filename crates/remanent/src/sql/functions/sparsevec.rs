//! Vectors of which few elements are not zero, as pgvector has them: the distances and norms of [`vector`](super::vector).

use super::{Args, Function, SPARSEVEC, Signature, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::sparsevec::{Sparse, decode};
use remanent_storage::value::{Column, Type, Value};

static DISTANCE: &[Signature] = &[(&[SPARSEVEC, SPARSEVEC], Type::Float8)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("<->", DISTANCE, |a| distance(a, l2)),
    f("l2_distance", DISTANCE, |a| distance(a, l2)),
    f("<#>", DISTANCE, |a| distance(a, |x, y| -inner_product(x, y))),
    f("inner_product", DISTANCE, |a| distance(a, inner_product)),
    f("<=>", DISTANCE, |a| distance(a, cosine)),
    f("cosine_distance", DISTANCE, |a| distance(a, cosine)),
    f("<+>", DISTANCE, |a| distance(a, l1)),
    f("l1_distance", DISTANCE, |a| distance(a, l1)),
    f("l2_norm", &[(&[SPARSEVEC], Type::Float8)], |a| {
        a.map_float(&mut |row| Ok(norm(&read(&a.columns[0], row))))
    }),
    f("l2_normalize", &[(&[SPARSEVEC], Type::Other(Kind::SparseVec, 0))], |a| {
        a.map(&mut |row| {
            let mut x = read(&a.columns[0], row);
            let norm = norm(&x);
            if norm > 0.0 {
                x.elements.iter_mut().for_each(|(_, v)| *v = (f64::from(*v) / norm) as f32);
                x.elements.retain(|(_, v)| *v != 0.0);
            }
            value(&x)
        })
    }),
];

/// The value of a vector.
pub(super) fn value(x: &Sparse) -> Result<Value> {
    Ok(Value::Other(Kind::SparseVec, x.encode()?.into()))
}

fn read(column: &Column, row: usize) -> Sparse {
    decode(column.bytes(row)).unwrap_or(Sparse { elements: Vec::new(), dimensions: 1 })
}

/// Sums `f` over the places where either has an element, in `real`, as pgvector does.
fn sum(x: &Sparse, y: &Sparse, f: fn(f32, f32) -> f32) -> f32 {
    let (mut x, mut y) = (x.elements.iter().peekable(), y.elements.iter().peekable());
    let mut sum = 0.0;
    loop {
        sum += match (x.peek(), y.peek()) {
            (Some((i, v)), Some((j, w))) if i == j => {
                x.next();
                y.next();
                f(*v, *w)
            }
            (Some((i, v)), other) if other.is_none_or(|(j, _)| i < j) => {
                x.next();
                f(*v, 0.0)
            }
            (_, Some((_, w))) => {
                y.next();
                f(0.0, *w)
            }
            _ => return sum,
        };
    }
}

fn l2(x: &Sparse, y: &Sparse) -> f64 {
    f64::from(sum(x, y, |v, w| (v - w) * (v - w))).sqrt()
}

fn l1(x: &Sparse, y: &Sparse) -> f64 {
    sum(x, y, |v, w| (v - w).abs()).into()
}

fn inner_product(x: &Sparse, y: &Sparse) -> f64 {
    sum(x, y, |v, w| v * w).into()
}

fn cosine(x: &Sparse, y: &Sparse) -> f64 {
    let squared = |x: &Sparse| f64::from(sum(x, x, |v, w| v * w));
    // NaN, of a vector of length 0, stays NaN.
    1.0 - (inner_product(x, y) / (squared(x) * squared(y)).sqrt()).clamp(-1.0, 1.0)
}

fn norm(x: &Sparse) -> f64 {
    x.elements.iter().fold(0.0, |sum, (_, v)| sum + f64::from(*v) * f64::from(*v)).sqrt()
}

fn distance(args: &Args<'_>, of: fn(&Sparse, &Sparse) -> f64) -> Result<Column> {
    // A constant side is decoded once.
    let fixed = |i: usize| args.columns[i].as_constant().map(|one| read(one, 0));
    let (left, right) = (fixed(0), fixed(1));
    args.map_float(&mut |row| {
        let own = |fixed: &Option<Sparse>, i: usize| match fixed {
            Some(_) => None,
            None => Some(read(&args.columns[i], row)),
        };
        let (x, y) = (own(&left, 0), own(&right, 1));
        let (Some(x), Some(y)) = (x.as_ref().or(left.as_ref()), y.as_ref().or(right.as_ref())) else {
            return Ok(f64::NAN);
        };
        match x.dimensions == y.dimensions {
            true => Ok(of(x, y)),
            false => {
                let message = format!("different sparsevec dimensions {} and {}", x.dimensions, y.dimensions);
                Err(Error::new(state::DATA_EXCEPTION, message))
            }
        }
    })
}
