//! Expressions and aggregates over columns: `tests/golden/columns.txt`. Every answer is asked for in several shapes of
//! batch, all of which must agree: flat, repeated past a word of a mask, selected, as dictionaries, one row at a time.

use super::super::coerce::family;
use super::{bind, bind_aggregate, type_of, with_context};
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::parse::parse_type;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::{Batch, Buffer, Column, ColumnBuilder, Type, Value};
use std::sync::Arc;

struct Table {
    types: Vec<Type>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    fn column(&self, c: usize, rows: &[usize]) -> Column {
        Column::from_values(self.types[c], rows.iter().map(|&r| self.rows[r][c].clone())).unwrap()
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        Batch::new((0..self.types.len()).map(|c| self.column(c, rows)).collect(), rows.len())
    }

    /// The same rows, each column as codes into the distinct rows.
    fn dictionaries(&self, rows: &[usize]) -> Batch {
        let column = |c: usize| {
            let values = self.rows.iter().map(|r| r[c].clone());
            // A dictionary holds no NULL; the code under one is any.
            let some = self.rows.iter().map(|r| r[c].clone()).find(|v| !v.is_null()).unwrap();
            let values = values.map(|v| if v.is_null() { some.clone() } else { v });
            let values = Arc::new(Column::from_values(self.types[c], values).unwrap());
            let codes: Vec<u32> = rows.iter().map(|&r| r as u32).collect();
            let valid = rows.iter().map(|&r| !self.rows[r][c].is_null()).collect();
            Column::dictionary(codes.into(), values, Some(valid))
        };
        Batch::new((0..self.types.len()).map(column).collect(), rows.len())
    }
}

fn text(value: &Value) -> String {
    if value.is_null() { "NULL".into() } else { value.to_string() }
}

fn texts(column: &Column) -> Vec<String> {
    (0..column.len()).map(|i| text(&column.value(i))).collect()
}

fn error_text(error: &Error) -> String {
    format!("!\t{}\t{}", error.code(), error.message())
}

/// One value a row, or the error; the shapes compared with each other.
fn each(table: &Table, sql: &str) -> Result<Vec<String>> {
    let expr = bind(sql, &table.types)?;
    with_context(&[], |ctx| {
        let all: Vec<usize> = (0..table.rows.len()).collect();
        let answer = expr.evaluate(&table.batch(&all), ctx).map(|c| texts(&c));
        let folded = expr.clone().fold(ctx);
        // What folding leaves out may have been what fails.
        if let (Ok(answer), folded) = (&answer, folded.evaluate(&table.batch(&all), ctx)) {
            assert_eq!(answer, &texts(&folded?), "folded: {sql}");
        }
        assert_same(&answer, &expr.evaluate(&table.dictionaries(&all), ctx).map(|c| texts(&c)), sql, "codes");
        // Many rows: masks of several words, and dictionaries worth their while.
        let many: Vec<usize> = (0..all.len() * 29).map(|i| i % all.len()).collect();
        let repeated = |answer: &[String]| many.iter().map(|&r| answer[r].clone()).collect::<Vec<_>>();
        if let Ok(answer) = &answer {
            let expected = repeated(answer);
            for (batch, shape) in [(table.batch(&many), "flat"), (table.dictionaries(&many), "dictionaries")]
            {
                assert_eq!(texts(&expr.evaluate(&batch, ctx)?), expected, "{shape}: {sql}");
                let selected = Batch { selection: Some(third(batch.rows)), ..batch };
                let expected: Vec<String> =
                    expected.iter().enumerate().filter(|(i, _)| i % 3 == 1).map(|(_, v)| v.clone()).collect();
                assert_eq!(texts(&expr.evaluate(&selected, ctx)?), expected, "selected {shape}: {sql}");
            }
            if expr.ty() == Type::Bool {
                check_filter(table, &expr, answer, ctx, sql)?;
            }
        } else {
            assert!(expr.evaluate(&table.batch(&many), ctx).is_err(), "many rows: {sql}");
        }
        answer
    })
}

fn third(rows: usize) -> Buffer<u32> {
    (0..rows as u32).filter(|i| i % 3 == 1).collect::<Vec<_>>().into()
}

fn assert_same(a: &Result<Vec<String>>, b: &Result<Vec<String>>, sql: &str, shape: &str) {
    match (a, b) {
        (Ok(a), Ok(b)) => assert_eq!(a, b, "{shape}: {sql}"),
        (Err(a), Err(b)) => assert_eq!(error_text(a), error_text(b), "{shape}: {sql}"),
        (a, b) => panic!("{shape}: {sql}: {a:?} and {b:?}"),
    }
}

/// A filter keeps the rows whose value is TRUE.
fn check_filter(
    table: &Table,
    expr: &Expr,
    answer: &[String],
    ctx: &EvalContext<'_>,
    sql: &str,
) -> Result<()> {
    let many: Vec<usize> = (0..answer.len() * 29).map(|i| i % answer.len()).collect();
    let kept = |i: &usize| answer[many[*i]] == "t";
    for batch in [table.batch(&many), table.dictionaries(&many)] {
        let expected: Vec<u32> = (0..many.len()).filter(kept).map(|i| i as u32).collect();
        assert_eq!(expr.filter(&batch, ctx)?.as_slice(), expected, "filter: {sql}");
        let selected = Batch { selection: Some(third(batch.rows)), ..batch };
        let expected: Vec<u32> = expected.into_iter().filter(|i| i % 3 == 1).collect();
        assert_eq!(expr.filter(&selected, ctx)?.as_slice(), expected, "filter of selected: {sql}");
    }
    Ok(())
}

/// Over all rows, then for each value of c8: f, t, NULL.
fn sum(table: &Table, sql: &str) -> Result<Vec<String>> {
    let sql = sql.replace("(*)", "()");
    let aggregate = bind_aggregate(&sql, &table.types)?;
    with_context(&[], |ctx| {
        let all: Vec<usize> = (0..table.rows.len()).collect();
        let group = |r: usize| match table.rows[r][8] {
            Value::Bool(false) => 0,
            Value::Bool(true) => 1,
            _ => 2,
        };
        let mut whole = aggregate.accumulator();
        let mut grouped = aggregate.accumulator();
        whole.resize(1);
        // An empty batch changes nothing; then batches of uneven size, in both shapes.
        for (rows, dictionary) in [(&all[..0], false), (&all[..3], true), (&all[3..], false)] {
            let batch = if dictionary { table.dictionaries(rows) } else { table.batch(rows) };
            let args = aggregate.args.iter().map(|a| a.evaluate(&batch, ctx)).collect::<Result<Vec<_>>>()?;
            let groups: Vec<u32> = rows.iter().map(|&r| group(r)).collect();
            grouped.resize(3);
            whole.update(None, &args, rows.len())?;
            grouped.update(Some(&groups), &args, rows.len())?;
        }
        assert!(whole.memory() > 0);
        let (whole, grouped) = (whole.finish()?, grouped.finish()?);
        assert_eq!(family(whole.ty()), aggregate.ty, "{sql}");
        Ok(texts(&whole).into_iter().chain(texts(&grouped)).collect())
    })
}

#[test]
fn columns_answer_as_postgresql_in_every_shape() {
    check_columns(include_str!("../../../../tests/golden/columns.txt"));
}

#[test]
#[ignore = "for expressions recorded by hand: see tests/golden/fuzz.py"]
fn recorded_columns_answer_as_postgresql() {
    let path = std::env::var("REMANENT_GOLDEN").expect("REMANENT_GOLDEN names the file");
    check_columns(&std::fs::read_to_string(path).expect("the file can be read"));
}

fn check_columns(golden: &str) {
    let mut table = Table { types: Vec::new(), rows: Vec::new() };
    let mut wrong = Vec::new();
    for line in golden.lines() {
        let (question, expected) = line.split_once('\t').unwrap_or((line, ""));
        let (kind, rest) = question.split_once(' ').unwrap_or((question, ""));
        let found = match kind {
            "table" => {
                table.types = rest.split(" | ").map(|t| type_of(&parse_type(t).unwrap()).unwrap()).collect();
                continue;
            }
            "row" => {
                let cells = rest.split(" | ").map(str::trim_start).zip(&table.types);
                let cell = |(text, &ty): (&str, &Type)| match text {
                    "NULL" => Value::Null,
                    text => Value::parse(text, ty).unwrap(),
                };
                table.rows.push(cells.map(cell).collect());
                continue;
            }
            "each" => each(&table, rest),
            "sum" => sum(&table, rest),
            _ => continue,
        };
        let found = found.map_or_else(|error| error_text(&error), |texts| texts.join(" | "));
        if found != expected {
            wrong.push(format!("{question}\n    expected {expected}\n    found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_aggregate_of_nothing_is_null_and_a_count_zero() {
    for (sql, expected) in [("count()", "0"), ("count(c0)", "0"), ("sum(c0)", "NULL"), ("avg(c0)", "NULL")] {
        let aggregate = bind_aggregate(sql, &[Type::Int4]).unwrap();
        let mut state = aggregate.accumulator();
        state.resize(1);
        assert_eq!(texts(&state.finish().unwrap()), [expected], "{sql}");
    }
    for name in ["min", "max", "stddev", "var_pop", "bit_or"] {
        let aggregate = bind_aggregate(&format!("{name}(c0)"), &[Type::Int4]).unwrap();
        let mut state = aggregate.accumulator();
        state.resize(2);
        let null = ColumnBuilder::new(Type::Int4).finish();
        state.update(None, &[null], 0).unwrap();
        state.update(None, &[Column::null(Type::Int4, 3)], 3).unwrap();
        assert_eq!(texts(&state.finish().unwrap()), ["NULL", "NULL"], "{name}");
    }
}

#[test]
fn sums_past_the_range_of_bigint_are_told() {
    let big = Column::constant(Type::Int8, &Value::Int8(i64::MAX), 4).unwrap();
    let run = |sql: &str| {
        let aggregate = bind_aggregate(sql, &[Type::Int8]).unwrap();
        let mut state = aggregate.accumulator();
        state.resize(1);
        state.update(None, std::slice::from_ref(&big), 4).unwrap();
        state.finish().map(|c| texts(&c).remove(0))
    };
    assert_eq!(run("sum(c0)").unwrap(), "36893488147419103228");
    assert_eq!(run("avg(c0)").unwrap(), "9223372036854775807");
    let huge = Column::constant(Type::Float8, &Value::Float8(1e308), 4).unwrap();
    let mut state = bind_aggregate("sum(c0)", &[Type::Float8]).unwrap().accumulator();
    state.resize(1);
    let error = state.update(None, &[huge], 4).unwrap_err();
    assert_eq!((error.code(), error.message()), ("22003", "value out of range: overflow"));
}
