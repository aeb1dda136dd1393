//! What becomes of expressions before they are evaluated: parameters, errors with positions, folding, EXPLAIN.

use super::{Binder, bind, with_context};
use crate::sql::expr::{CastContext, Expr, Resolver};
use crate::sql::functions::{Cmp, lookup};
use crate::sql::parse::parse_expr;
use remanent_storage::value::{Batch, Column, Type, Value};

const COLUMNS: &[Type] =
    &[Type::Int4, Type::Int8, Type::Text, Type::Timestamptz, Type::Numeric(Some((10, 2)))];

/// The types of the parameters, or the error.
fn params(sql: &str) -> Result<Vec<Type>, String> {
    let mut binder = Binder { resolver: Resolver::default(), columns: COLUMNS };
    let bound = binder.bind(&parse_expr(sql).unwrap()).and_then(|e| binder.resolver.finish(e));
    bound.and_then(|_| binder.resolver.param_types()).map_err(|e| e.to_string())
}

#[test]
fn parameters_get_their_type_from_where_they_stand() {
    assert_eq!(params("c0 = $1"), Ok(vec![Type::Int4]));
    assert_eq!(params("$1 < c1"), Ok(vec![Type::Int8]));
    assert_eq!(params("c4 > $1"), Ok(vec![Type::Numeric(None)]));
    // An operator's one unknown side is first taken to be of the other's type, as in PostgreSQL.
    let error = "operator does not exist: timestamp with time zone > interval";
    assert_eq!(params("c3 > now() - $1"), Err(error.into()));
    assert_eq!(params("c3 > now() - $1::interval"), Ok(vec![Type::Interval]));
    assert_eq!(params("$1"), Ok(vec![Type::Text]));
    assert_eq!(params("c2 || $1"), Ok(vec![Type::Text]));
    assert_eq!(params("length($1)"), Ok(vec![Type::Text]));
    assert_eq!(params("c0 in ($1, $2)"), Ok(vec![Type::Int4, Type::Int4]));
    assert_eq!(params("case when $1 then $2 else c1 end"), Ok(vec![Type::Bool, Type::Int8]));
    assert_eq!(params("coalesce($1, c3)"), Ok(vec![Type::Timestamptz]));
    assert_eq!(params("c2 like $1"), Ok(vec![Type::Text]));
    // The second use has the type that the first one found.
    assert_eq!(params("c0 = $1 and c1 = $1"), Ok(vec![Type::Int4]));
    assert_eq!(params("c0 = $1 and c2 = $1"), Err("operator does not exist: text = integer".into()));
    assert_eq!(params("c0 = $2"), Err("could not determine data type of parameter $1".into()));
    assert_eq!(params("$1 + $2"), Err("operator is not unique: unknown + unknown".into()));
}

#[test]
fn parameters_are_values_of_their_type() {
    let expr = bind("$1 * 2 + c0", COLUMNS).unwrap();
    let column = Column::from_values(Type::Int4, [Value::Int4(1), Value::Null]).unwrap();
    let found =
        with_context(&[Value::Int4(20)], |ctx| expr.evaluate(&Batch::new(vec![column.clone()], 2), ctx));
    let found = found.unwrap();
    assert_eq!(found.value(0), Value::Int4(41));
    assert!(found.value(1).is_null());
    let missing = with_context(&[], |ctx| expr.evaluate(&Batch::new(vec![column.clone()], 2), ctx));
    assert_eq!(missing.unwrap_err().code(), "42P02");
}

#[test]
fn errors_say_where_and_what_to_do() {
    let error = |sql: &str| bind(sql, COLUMNS).unwrap_err();
    let e = error("c0 + true");
    assert_eq!((e.code(), e.position()), ("42883", Some(3)));
    assert_eq!(
        e.hint(),
        Some(
            "No operator matches the given name and argument types. You might need to add explicit type casts."
        )
    );
    let e = error("1 + frob(c0)");
    assert_eq!((e.code(), e.position()), ("42883", Some(4)));
    assert_eq!(e.message(), "function frob(integer) does not exist");
    // A literal that cannot be read is reported where it stands.
    let e = error("c0 =   'x'");
    assert_eq!((e.code(), e.position()), ("22P02", Some(7)));
    let e = error("c0 in (1, 'y')");
    assert_eq!((e.code(), e.position()), ("22P02", Some(10)));
}

#[test]
fn assignment_converts_more_than_an_expression_and_less_than_a_cast() {
    let mut resolver = Resolver::default();
    let column = |ty| Expr::column(0, ty);
    assert!(resolver.assign(column(Type::Int8), Type::Int4, "a", 0).is_ok());
    assert!(resolver.assign(column(Type::Int8), Type::Text, "a", 0).is_ok());
    assert!(resolver.cast(column(Type::Int8), Type::Int4, CastContext::Implicit, 0).is_err());
    let e = resolver.assign(column(Type::Text), Type::Int4, "a", 9).unwrap_err();
    assert_eq!(e.code(), "42804");
    assert_eq!(e.message(), "column \"a\" is of type integer but expression is of type text");
    assert_eq!(e.hint(), Some("You will need to rewrite or cast the expression."));
    assert_eq!(e.position(), Some(9));
    assert!(resolver.cast(column(Type::Text), Type::Int4, CastContext::Explicit, 0).is_ok());
}

/// How EXPLAIN shows an expression, folded or not.
fn shown(sql: &str, fold: bool) -> String {
    let expr = bind(sql, COLUMNS).unwrap();
    let expr = if fold { with_context(&[], |ctx| expr.fold(ctx)) } else { expr };
    expr.display(&|i| format!("c{i}")).to_string()
}

#[test]
fn explain_shows_what_postgresql_would() {
    assert_eq!(shown("c0 + 1 > 5", false), "((c0 + 1) > 5)");
    assert_eq!(shown("c0 = 1 and not c2 = 'x'", false), "((c0 = 1) AND (NOT (c2 = 'x'::text)))");
    assert_eq!(shown("c2 like 'it''s%' or c1 is null", false), "((c2 ~~ 'it''s%'::text) OR (c1 IS NULL))");
    assert_eq!(shown("c0::bigint", false), "(c0)::bigint");
    assert_eq!(shown("c4 * 1.5 < -2", true), "((c4 * 1.5) < '-2'::numeric)");
    assert_eq!(
        shown("case c0 when 1 then 'a' else c2 end", false),
        "CASE c0 WHEN 1 THEN 'a'::text ELSE c2 END"
    );
    assert_eq!(shown("coalesce(c2, lower($1))", false), "COALESCE(c2, lower($1))");
    assert_eq!(shown("c0 in (1, 2)", false), "(c0 IN (1, 2))");
    assert_eq!(shown("- c0", false), "(- c0)");
    assert_eq!(shown("greatest(c0, null)", false), "GREATEST(c0, NULL::integer)");
}

#[test]
fn folding_computes_what_is_constant_and_keeps_what_may_fail() {
    assert_eq!(shown("1 + 2 * 3 = c0", true), "(7 = c0)");
    assert_eq!(shown("c0 = 1 and true", true), "(c0 = 1)");
    assert_eq!(shown("c0 = 1 and 1 = 2", true), "false");
    assert_eq!(shown("c0 = 1 or 1 = 1", true), "true");
    assert_eq!(
        shown("c0 = 1 and (c1 = 2 and c2 = 'x')", true),
        "((c0 = 1) AND (c1 = '2'::bigint) AND (c2 = 'x'::text))"
    );
    assert_eq!(shown("c0 + null::int", true), "NULL::integer");
    assert_eq!(shown("case when 1 = 1 then c0 else 1 / 0 end", true), "c0");
    assert_eq!(shown("coalesce(null, c0, 1, 2)", true), "COALESCE(c0, 1)");
    assert_eq!(shown("c0 / (1 / 0)", true), "(c0 / (1 / 0))");
    // The constant takes the type of the column it is compared with, where that loses nothing.
    assert_eq!(shown("c1 = 5", true), "(c1 = '5'::bigint)");
    assert_eq!(shown("c0 = 5000000000", true), "(c0 = '5000000000'::bigint)");
    assert_eq!(
        shown("c3 >= date '2024-01-01'", true),
        "(c3 >= '2024-01-01 00:00:00+00'::timestamp with time zone)"
    );
    assert_eq!(shown("c3 > now() - interval '1 day'", true), "(c3 > (now() - '1 day'::interval))");
}

#[test]
fn what_depends_on_what() {
    let expr = |sql: &str| bind(sql, COLUMNS).unwrap();
    assert_eq!(expr("c3 > now() and c0 + c2::int > c0").columns_used(), [0, 2, 3]);
    assert!(expr("now() + interval '1 s'").is_constant());
    assert!(!expr("now() + interval '1 s'").is_immutable());
    assert!(expr("random()").is_volatile());
    assert!(!expr("random()").is_constant());
    assert!(expr("$1 + 1").is_constant());
    let moved = expr("c0 + c1").remap_columns(&|i| i + 10);
    assert_eq!(moved.columns_used(), [10, 11]);
    assert_eq!(expr("c0 < 5").as_comparison().map(|c| c.0), Some(Cmp::Lt));
    assert_eq!(expr("c0 = 1 and c1 = 2 and c2 = 'x'").into_conjuncts().len(), 3);
    assert_eq!(expr("c0 + 1"), expr("c0  +  1"));
    assert_ne!(expr("c0 + 1"), expr("c0 + 1::int8"));
}

#[test]
fn random_is_asked_once_a_row_and_stays_below_one() {
    let column = Column::constant(Type::Int4, &Value::Int4(1), 500).unwrap();
    let batch = Batch::new(vec![column; 5], 500);
    let values = with_context(&[], |ctx| bind("random()", COLUMNS).unwrap().evaluate(&batch, ctx)).unwrap();
    let values: Vec<f64> = (0..500).map(|i| values.value(i).to_string().parse().unwrap()).collect();
    assert!(values.iter().all(|v| (0.0..1.0).contains(v)));
    assert!(values.windows(2).all(|w| w[0] != w[1]));
}

#[test]
fn the_registry_is_sound() {
    for name in ["=", "+", "lower", "date_trunc", "<->", "coalesce"] {
        assert_eq!(lookup(name).is_empty(), name == "coalesce", "{name}");
    }
    // No two entries of one name take the same arguments.
    for name in ["+", "-", "*", "/", "||", "abs", "round", "extract", "power", "age", "length", "<"] {
        let functions = lookup(name);
        let mut all: Vec<String> =
            functions.iter().flat_map(|f| f.signatures).map(|s| format!("{:?}", s.0)).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{name}");
    }
}
