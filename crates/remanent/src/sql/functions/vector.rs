//! Vectors, as pgvector has them: distances, norms, element-wise arithmetic.
//!
//! Sums are accumulated in `real`, as pgvector does, and given as `double precision`. Against a
//! constant (the query's vector) each row is one pass over its bytes.

use super::support::float_overflow;
use super::{Args, Function, INT4, Signature, VECTOR, f};
use remanent_kernels::distance::{inner_product, l1, l2_squared, norm_squared};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::column::floats;
use remanent_storage::value::text::VECTOR_MAX;
use remanent_storage::value::{Column, ColumnBuilder, Type, Value};

static DISTANCE: &[Signature] = &[(&[VECTOR, VECTOR], Type::Float8)];
static ELEMENTWISE: &[Signature] = &[(&[VECTOR, VECTOR], Type::Vector(None))];

pub(super) static FUNCTIONS: &[Function] = &[
    f("<->", DISTANCE, |a| distance(a, l2)),
    f("l2_distance", DISTANCE, |a| distance(a, l2)),
    f("<#>", DISTANCE, |a| distance(a, |x, y| -f64::from(inner_product(x, y)))),
    f("vector_negative_inner_product", DISTANCE, |a| distance(a, |x, y| -f64::from(inner_product(x, y)))),
    f("inner_product", DISTANCE, |a| distance(a, |x, y| inner_product(x, y).into())),
    f("<=>", DISTANCE, |a| distance(a, cosine)),
    f("cosine_distance", DISTANCE, |a| distance(a, cosine)),
    f("<+>", DISTANCE, |a| distance(a, |x, y| l1(x, y).into())),
    f("l1_distance", DISTANCE, |a| distance(a, |x, y| l1(x, y).into())),
    f("vector_dims", &[(&[VECTOR], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok((a.columns[0].bytes(row).len() / 4) as i64))
    }),
    f("vector_norm", &[(&[VECTOR], Type::Float8)], |a| {
        a.map_float(&mut |row| Ok(norm(a.columns[0].bytes(row))))
    }),
    f("l2_norm", &[(&[VECTOR], Type::Float8)], |a| a.map_float(&mut |row| Ok(norm(a.columns[0].bytes(row))))),
    f("l2_normalize", &[(&[VECTOR], Type::Vector(None))], normalize),
    f("+", ELEMENTWISE, |a| elementwise(a, |x, y| x + y)),
    f("-", ELEMENTWISE, |a| elementwise(a, |x, y| x - y)),
    f("*", ELEMENTWISE, |a| elementwise(a, |x, y| x * y)),
    f("||", ELEMENTWISE, concatenate),
    f("subvector", &[(&[VECTOR, INT4, INT4], Type::Vector(None))], |a| {
        a.map(&mut |row| {
            let x: Vec<f32> = floats(a.columns[0].bytes(row)).collect();
            Ok(Value::Vector(part(&x, a, row)?.to_vec()))
        })
    }),
];

fn l2(x: &[u8], y: &[f32]) -> f64 {
    f64::from(l2_squared(x, y)).sqrt()
}

fn cosine(x: &[u8], y: &[f32]) -> f64 {
    let of_y = y.iter().map(|v| v * v).fold(0.0f32, |sum, v| sum + v);
    let norms = f64::from(norm_squared(x)) * f64::from(of_y);
    let similarity = f64::from(inner_product(x, y)) / norms.sqrt();
    // Rounding must not leave [-1, 1]; NaN (a zero vector) stays NaN.
    1.0 - similarity.clamp(-1.0, 1.0)
}

/// The Euclidean norm; pgvector sums it in double precision.
fn norm(x: &[u8]) -> f64 {
    floats(x).map(|v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt()
}

fn different(x: usize, y: usize) -> Error {
    Error::new(state::DATA_EXCEPTION, format!("different vector dimensions {x} and {y}"))
}

fn distance(args: &Args<'_>, of: fn(&[u8], &[f32]) -> f64) -> Result<Column> {
    let (left, right) = (&args.columns[0], &args.columns[1]);
    // The order only matters for the message: all these distances are symmetric.
    let (rows, other, swapped) = match left.as_constant() {
        Some(_) => (right, left, true),
        None => (left, right, false),
    };
    let fixed: Option<Vec<f32>> = other.as_constant().map(|one| floats(one.bytes(0)).collect());
    let mut own = Vec::new();
    args.map_float(&mut |row| {
        let x = rows.bytes(row);
        let y = match &fixed {
            Some(fixed) => fixed,
            None => {
                own.clear();
                own.extend(floats(other.bytes(row)));
                &own
            }
        };
        if x.len() / 4 != y.len() {
            let (x, y) = (x.len() / 4, y.len());
            return Err(if swapped { different(y, x) } else { different(x, y) });
        }
        Ok(of(x, y))
    })
}

/// The elements that the second and third argument name, as `substring` does; what lies outside is cut off.
pub(super) fn part<'a>(elements: &'a [f32], args: &Args<'_>, row: usize) -> Result<&'a [f32]> {
    let numbers = (args.columns[1].value(row), args.columns[2].value(row));
    let (Value::Int4(start), Value::Int4(count)) = numbers else { return Ok(&[]) };
    let last = i64::from(start).saturating_add(count.into()).clamp(1, elements.len() as i64 + 1);
    let first = i64::from(start).clamp(1, elements.len() as i64 + 1);
    match elements.get(first as usize - 1..last as usize - 1) {
        Some(part) if count >= 1 && !part.is_empty() => Ok(part),
        _ => Err(Error::new(state::DATA_EXCEPTION, "vector must have at least 1 dimension")),
    }
}

/// Refuses what would have more elements than a vector may have.
pub(super) fn limited(elements: usize, ty: &str) -> Result<()> {
    match elements <= VECTOR_MAX {
        true => Ok(()),
        false => {
            let message = format!("{ty} cannot have more than {VECTOR_MAX} dimensions");
            Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message))
        }
    }
}

fn elementwise(args: &Args<'_>, op: fn(f32, f32) -> f32) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    let mut bytes = Vec::new();
    for row in 0..args.rows {
        if !args.is_valid(row) {
            out.push_null();
            continue;
        }
        let (x, y) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        if x.len() != y.len() {
            return Err(different(x.len() / 4, y.len() / 4));
        }
        bytes.clear();
        for (x, y) in floats(x).zip(floats(y)) {
            let v = op(x, y);
            if v.is_infinite() {
                return Err(float_overflow());
            }
            bytes.extend(v.to_le_bytes());
        }
        out.push_bytes(&bytes);
    }
    Ok(out.finish())
}

fn concatenate(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let both = floats(args.columns[0].bytes(row)).chain(floats(args.columns[1].bytes(row)));
        let both: Vec<f32> = both.collect();
        limited(both.len(), "vector")?;
        Ok(Value::Vector(both))
    })
}

fn normalize(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let x = args.columns[0].bytes(row);
        let norm = norm(x);
        let scaled = |v: f32| if norm > 0.0 { (f64::from(v) / norm) as f32 } else { v };
        Ok(Value::Vector(floats(x).map(scaled).collect()))
    })
}
