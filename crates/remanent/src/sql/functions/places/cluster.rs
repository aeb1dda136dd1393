//! `ST_ClusterDBSCAN(geometry, eps, minpoints) OVER (…)`: the number of each row's cluster among those of its partition.

use remanent_shapes::cluster::Clusters;
use remanent_shapes::{Shape, binary};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::places::raised;
use remanent_storage::value::{Column, ColumnBuilder, Type, Value};

/// The numbers of the rows of each partition; `partitions`: where each begins, and last how many rows there are. `check` fails
/// where the statement is to end.
pub fn dbscan(
    args: &[Column],
    partitions: &[usize],
    check: &mut dyn FnMut() -> Result<()>,
) -> Result<Column> {
    let [shapes, eps, least] = args else { return Err(Error::internal("clusters without their arguments")) };
    let mut numbers = ColumnBuilder::new(Type::Int4);
    for bounds in partitions.windows(2) {
        let (first, rows) = (bounds[0], bounds[0]..bounds[1]);
        let positive = |what: &str| {
            Error::new(state::INVALID_PARAMETER_VALUE, format!("{what} must be a positive number"))
        };
        let reach = match eps.value(first) {
            Value::Float8(reach) if reach >= 0.0 || reach.is_nan() => reach,
            _ => return Err(positive("Tolerance")),
        };
        let least = match least.value(first) {
            Value::Int4(least) => usize::try_from(least).map_err(|_| positive("Minpoints"))?,
            _ => return Err(positive("Minpoints")),
        };
        let shapes: Vec<Option<Shape>> = rows.map(|row| shape(shapes, row)).collect::<Result<_>>()?;
        let mut clusters = Clusters::new(&shapes, reach, least);
        for at in 0..shapes.len() {
            check()?;
            clusters.visit(at);
        }
        for number in clusters.numbers() {
            numbers.push(&number.map_or(Value::Null, |number| Value::Int4(number as i32)))?;
        }
    }
    Ok(numbers.finish())
}

fn shape(column: &Column, row: usize) -> Result<Option<Shape>> {
    match column.is_valid(row) {
        true => Ok(Some(binary::parse(column.bytes(row)).map_err(raised)?.shape)),
        false => Ok(None),
    }
}
