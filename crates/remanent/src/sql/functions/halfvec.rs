//! Vectors of 16-bit floats, as pgvector has them: the distances and norms of [`vector`](super::vector).

use super::{Args, Function, HALFVEC, INT4, Signature, f};
use remanent_kernels::half;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Column, Type, Value, halfvec};

static DISTANCE: &[Signature] = &[(&[HALFVEC, HALFVEC], Type::Float8)];
const HALF: Type = Type::Other(Kind::HalfVec, 0);

pub(super) static FUNCTIONS: &[Function] = &[
    f("<->", DISTANCE, |a| distance(a, l2)),
    f("l2_distance", DISTANCE, |a| distance(a, l2)),
    f("<#>", DISTANCE, |a| distance(a, |x, y| -f64::from(half::inner_product(x, y)))),
    f("inner_product", DISTANCE, |a| distance(a, |x, y| half::inner_product(x, y).into())),
    f("<=>", DISTANCE, |a| distance(a, cosine)),
    f("cosine_distance", DISTANCE, |a| distance(a, cosine)),
    f("<+>", DISTANCE, |a| distance(a, |x, y| half::l1(x, y).into())),
    f("l1_distance", DISTANCE, |a| distance(a, |x, y| half::l1(x, y).into())),
    f("vector_dims", &[(&[HALFVEC], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok((a.columns[0].bytes(row).len() / 2) as i64))
    }),
    f("l2_norm", &[(&[HALFVEC], Type::Float8)], |a| {
        a.map_float(&mut |row| Ok(norm(&halfvec::floats(a.columns[0].bytes(row)))))
    }),
    f("l2_normalize", &[(&[HALFVEC], HALF)], |a| {
        a.map(&mut |row| {
            let x = halfvec::floats(a.columns[0].bytes(row));
            let norm = norm(&x);
            let scaled = |v: &f32| if norm > 0.0 { (f64::from(*v) / norm) as f32 } else { *v };
            value(&x.iter().map(scaled).collect::<Vec<_>>())
        })
    }),
    f("subvector", &[(&[HALFVEC, INT4, INT4], HALF)], |a| {
        a.map(&mut |row| {
            let x = halfvec::floats(a.columns[0].bytes(row));
            value(super::vector::part(&x, a, row)?)
        })
    }),
    f("+", &[(&[HALFVEC, HALFVEC], HALF)], |a| elementwise(a, |x, y| x + y)),
    f("-", &[(&[HALFVEC, HALFVEC], HALF)], |a| elementwise(a, |x, y| x - y)),
    f("*", &[(&[HALFVEC, HALFVEC], HALF)], |a| elementwise(a, |x, y| x * y)),
    f("||", &[(&[HALFVEC, HALFVEC], HALF)], |a| {
        a.map(&mut |row| {
            let mut both = halfvec::floats(a.columns[0].bytes(row));
            both.extend(halfvec::floats(a.columns[1].bytes(row)));
            super::vector::limited(both.len(), "halfvec")?;
            value(&both)
        })
    }),
];

fn value(elements: &[f32]) -> Result<Value> {
    Ok(Value::Other(Kind::HalfVec, halfvec::encode(elements)?.into()))
}

fn l2(x: &[u8], y: &[f32]) -> f64 {
    f64::from(half::l2_squared(x, y)).sqrt()
}

fn cosine(x: &[u8], y: &[f32]) -> f64 {
    let of_y = y.iter().map(|v| v * v).fold(0.0f32, |sum, v| sum + v);
    let norms = f64::from(half::norm_squared(x)) * f64::from(of_y);
    1.0 - (f64::from(half::inner_product(x, y)) / norms.sqrt()).clamp(-1.0, 1.0)
}

fn norm(x: &[f32]) -> f64 {
    x.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt()
}

fn same(x: usize, y: usize) -> Result<()> {
    match x == y {
        true => Ok(()),
        false => Err(Error::new(state::DATA_EXCEPTION, format!("different halfvec dimensions {x} and {y}"))),
    }
}

fn distance(args: &Args<'_>, of: fn(&[u8], &[f32]) -> f64) -> Result<Column> {
    let (left, right) = (&args.columns[0], &args.columns[1]);
    // All these distances are symmetric.
    let (rows, other) = if left.as_constant().is_some() { (right, left) } else { (left, right) };
    let fixed = other.as_constant().map(|one| halfvec::floats(one.bytes(0)));
    let mut own = Vec::new();
    args.map_float(&mut |row| {
        same(left.bytes(row).len() / 2, right.bytes(row).len() / 2)?;
        let y = match &fixed {
            Some(fixed) => fixed,
            None => {
                own.clear();
                half::read_ordered(other.bytes(row), &mut own);
                &own
            }
        };
        Ok(of(rows.bytes(row), y))
    })
}

fn elementwise(args: &Args<'_>, op: fn(f32, f32) -> f32) -> Result<Column> {
    args.map(&mut |row| {
        let (x, y) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        same(x.len() / 2, y.len() / 2)?;
        let both = halfvec::floats(x).into_iter().zip(halfvec::floats(y));
        let result: Vec<f32> = both.map(|(x, y)| op(x, y)).collect();
        match result.iter().any(|&v| half::to_f32(half::from_f32(v)).is_infinite()) {
            true => Err(super::support::float_overflow()),
            false => value(&result),
        }
    })
}
