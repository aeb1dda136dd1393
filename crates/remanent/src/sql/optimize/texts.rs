//! What is not said of texts that are searched is put there: the session's configuration, and what BM25 has to know.
//!
//! ```text
//! note @@ 'slip'               to_tsvector('english', note) @@ plainto_tsquery('english', 'slip')
//! bm25_score(note, 'slip')     bm25_score(to_tsvector('english', note), plainto_tsquery('english', 'slip'),
//!                                         (SELECT bm25_corpus(…the first two…) FROM notes))
//! ```
//!
//! So both are what an index keeps, and a query that is constant is read once. A plan in which the configuration was put
//! holds as long as the session's is that one ([`depends`]).
//!
//! The documents of `bm25_score` are those of the whole table that its columns come from, through projections, conditions, joins,
//! views and queries of WITH; not through groupings and the like, and not where they come of several tables. What cannot be followed
//! stays as it was written, and fails when it is evaluated.

use crate::sql::expr::{EvalContext, Expr, Subquery, SubqueryKind};
use crate::sql::functions::aggregate::{self, Aggregate, corpus::NUMBERS};
use crate::sql::functions::{Arg, Volatility, lookup};
use crate::sql::plan::{AggregateCall, JoinKind, Plan};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::text_search::configuration;
use remanent_storage::value::{Type, Value};
use remanent_text::config::Config;
use std::sync::Arc;

/// What depends on the session's configuration where it is not told one.
const CONFIGURED: &[&str] = &[
    "@@",
    "to_tsvector",
    "json_to_tsvector",
    "jsonb_to_tsvector",
    "to_tsquery",
    "plainto_tsquery",
    "phraseto_tsquery",
    "websearch_to_tsquery",
    "bm25_score",
    "ts_headline",
];
const SCORE: &str = "bm25_score";
const CONFIG: Type = Type::Other(Kind::RegConfig, 0);

/// True if a plan is another one under another configuration.
pub fn depends(plan: &Plan) -> bool {
    let mut found = false;
    plan.for_each_expr(&mut |expr| {
        found = found
            || expr.any(&mut |part| match part {
                Expr::Subquery(subquery) => depends(&subquery.plan),
                other => is_configured(other),
            });
    });
    found || plan.any_child(&mut depends)
}

fn is_configured(expr: &Expr) -> bool {
    let Expr::Call { function, .. } = expr else { return false };
    function.volatility == Volatility::Stable && CONFIGURED.contains(&function.name)
}

/// Puts both into a plan.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !mentioned(&plan) {
        return plan;
    }
    let config = match ctx.settings {
        Some(settings) => configuration(&settings.text_search_config()),
        None => Ok(Config::standard()),
    };
    // Who evaluates it will say what is wrong with it.
    let Ok(config) = config else { return plan };
    let value = Value::Other(Kind::RegConfig, config.name().as_bytes().into());
    let config = Expr::Literal { value, ty: CONFIG };
    let plan = plan.transform(&mut |node| {
        node.map_exprs(&mut |expr| expr.transform(&mut |part| configured(part, &config)))
    });
    let mut queries = Vec::new();
    shared(&plan, &mut queries);
    let mut corpora = Corpora { queries, known: Vec::new() };
    plan.transform(&mut |node| corpora.node(node))
}

/// True if the plan itself, its subqueries apart, calls something of it.
fn mentioned(plan: &Plan) -> bool {
    let mut found = false;
    plan.for_each_expr(&mut |expr| found = found || expr.any(&mut is_configured));
    found || plan.any_child(&mut mentioned)
}

/// A call of that function with arguments of just these types.
fn call(name: &str, args: Vec<Expr>) -> Option<Expr> {
    let types: Vec<Type> = args.iter().map(|arg| plain(arg.ty())).collect();
    let fits = |arg: &Arg, ty: &Type| matches!(arg, Arg::Is(wanted) if wanted == ty);
    lookup(name).iter().find_map(|function| {
        let same = |wanted: &[Arg]| {
            wanted.len() == types.len() && wanted.iter().zip(&types).all(|(arg, ty)| fits(arg, ty))
        };
        let (_, ty) = function.signatures.iter().find(|(wanted, _)| same(wanted))?;
        Some(Expr::Call { function, args: args.clone(), ty: *ty })
    })
}

/// Kernels know one kind of text.
fn plain(ty: Type) -> Type {
    if ty.is_text() { Type::Text } else { ty }
}

/// The same, told the configuration.
fn configured(expr: Expr, config: &Expr) -> Expr {
    if !is_configured(&expr) {
        return expr;
    }
    let Expr::Call { function, args, .. } = &expr else { return expr };
    let told = |name: &str, arg: &Expr| match arg.ty().is_text() {
        true => call(name, vec![config.clone(), arg.clone()]),
        false => Some(arg.clone()),
    };
    let new = match (function.name, args.as_slice()) {
        ("@@" | SCORE, [document, query]) => {
            let both = told("to_tsvector", document).zip(told("plainto_tsquery", query));
            both.and_then(|(document, query)| call(function.name, vec![document, query]))
        }
        (name, args) => call(name, std::iter::once(config).chain(args).cloned().collect()),
    };
    new.unwrap_or(expr)
}

/// The queries of WITH in a plan.
fn shared(plan: &Plan, out: &mut Vec<(usize, Plan)>) {
    if let Plan::With { queries, .. } = plan {
        out.extend(queries.iter().map(|query| (query.id, query.plan.clone())));
    }
    plan.for_each_child(&mut |child| shared(child, out));
}

struct Corpora {
    queries: Vec<(usize, Plan)>,
    /// Tables, documents and queries whose numbers are asked for already, and by which plan.
    known: Vec<(u32, Expr, Expr, Arc<Plan>)>,
}

impl Corpora {
    fn node(&mut self, node: Plan) -> Plan {
        let mut some = false;
        node.for_each_expr(&mut |expr| some = some || expr.any(&mut |part| is_score(part)));
        if !some {
            return node;
        }
        let inputs: Vec<Plan> = node.children().into_iter().cloned().collect();
        node.map_exprs(&mut |expr| {
            expr.transform(&mut |part| match is_score(&part) {
                true => self.told(&inputs, part),
                false => part,
            })
        })
    }

    /// The same call with the numbers of the documents.
    fn told(&mut self, inputs: &[Plan], score: Expr) -> Expr {
        let Expr::Call { args, .. } = &score else { return score };
        let [document, query] = args.as_slice() else { return score };
        let width = |input: &Plan| input.width();
        let found = match inputs {
            _ if !query.is_constant() => None,
            [input] => self.origin(input, document.clone()),
            [left, right] => self.of_two(left, right, width(left), document.clone()),
            _ => None,
        };
        let Some((scan, own)) = found else { return score };
        let Some(plan) = self.plan(scan, own, query.clone()) else { return score };
        let numbers = Expr::Subquery(Box::new(Subquery {
            kind: SubqueryKind::Scalar(NUMBERS),
            plan,
            args: Vec::new(),
            left: Vec::new(),
            test: None,
            volatile: false,
        }));
        call(SCORE, vec![document.clone(), query.clone(), numbers]).unwrap_or(score)
    }

    /// The scan from whose columns an expression over a plan is made, and the expression over them.
    fn origin(&self, plan: &Plan, expr: Expr) -> Option<(Plan, Expr)> {
        match plan {
            Plan::Scan { .. } => Some((plan.clone(), expr)),
            Plan::Filter { input, .. }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::Distinct { input }
            | Plan::DistinctOn { input, .. }
            | Plan::Window { input, .. }
            | Plan::LockRows { input, .. }
            | Plan::ProjectSet { input, .. } => {
                let own = expr.columns_used().into_iter().all(|column| column < input.width());
                if own { self.origin(input, expr) } else { None }
            }
            Plan::Project { input, exprs, .. } => {
                let below = expr.transform(&mut |part| match &part {
                    Expr::Column { index, .. } => exprs.get(*index).cloned().unwrap_or(part),
                    _ => part,
                });
                let plain = !below.is_volatile() && !below.has_subquery();
                if plain { self.origin(input, below) } else { None }
            }
            Plan::Join { left, right, kind: JoinKind::Semi | JoinKind::Anti, output: None, .. } => {
                self.of_two(left, right, left.width(), expr)
            }
            Plan::Join { left, right, output: None, .. }
            | Plan::Apply { left, right, .. }
            | Plan::Asof { left, right, .. } => self.of_two(left, right, left.width(), expr),
            Plan::WithScan { id, .. } => {
                let (_, plan) = self.queries.iter().find(|(held, _)| held == id)?;
                self.origin(plan, expr)
            }
            _ => None,
        }
    }

    fn of_two(&self, left: &Plan, right: &Plan, width: usize, expr: Expr) -> Option<(Plan, Expr)> {
        let columns = expr.columns_used();
        match (columns.first(), columns.last()) {
            (Some(_), Some(&last)) if last < width => self.origin(left, expr),
            (Some(&first), _) if first >= width => {
                self.origin(right, expr.remap_columns(&|column| column - width))
            }
            _ => None,
        }
    }

    /// What asks for the numbers of a scan's documents.
    fn plan(&mut self, mut scan: Plan, document: Expr, query: Expr) -> Option<Arc<Plan>> {
        if document.columns_used().is_empty() || document.is_volatile() || document.has_subquery() {
            return None;
        }
        let Plan::Scan { table, columns, row_ids, .. } = &mut scan else { return None };
        if document.columns_used().into_iter().any(|column| column >= columns.len()) {
            return None;
        }
        *row_ids = false;
        // Over the table's columns it is the same wherever it is said.
        let named = document.clone().remap_columns(&|column| columns.get(column).copied().unwrap_or(column));
        let known =
            |held: &&(u32, Expr, Expr, Arc<Plan>)| held.0 == table.id && held.1 == named && held.2 == query;
        if let Some((.., plan)) = self.known.iter().find(known) {
            return Some(Arc::clone(plan));
        }
        let function = aggregate::lookup("bm25_corpus").next()?;
        let aggregate = Aggregate { function, args: vec![document, query.clone()], ty: NUMBERS };
        let call = AggregateCall { aggregate, distinct: false, filter: None, order: Vec::new() };
        let id = table.id;
        let input = Box::new(scan);
        let plan =
            Arc::new(Plan::Aggregate { input, group: Vec::new(), aggregates: vec![call], sets: Vec::new() });
        self.known.push((id, named, query, Arc::clone(&plan)));
        Some(plan)
    }
}

/// True for a score that is not told which documents there are.
fn is_score(expr: &Expr) -> bool {
    matches!(expr, Expr::Call { function, args, .. } if function.name == SCORE && args.len() == 2)
}
