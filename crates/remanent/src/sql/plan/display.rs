//! The text of EXPLAIN, in PostgreSQL's look: one node a line, its facts below it, its inputs behind arrows.
//!
//! A filter is printed as a fact of the node it filters, and projections only where VERBOSE asks for the output
//! of every node. Columns carry their relation's name where there is more than one.

use super::fields::{aggregate_text, expr_text};
use super::{Field, JoinKind, Plan, SetOp, Side, SortKey, SubPlan, SubPlanKind};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use std::fmt;
use std::sync::Arc;

/// A plan to be printed.
pub struct Printed<'a> {
    plan: &'a Plan,
    subplans: &'a [SubPlan],
    verbose: bool,
}

impl Plan {
    /// The text of EXPLAIN: several lines, each ended.
    pub fn printed<'a>(&'a self, subplans: &'a [SubPlan], verbose: bool) -> Printed<'a> {
        Printed { plan: self, subplans, verbose }
    }

    fn relations(&self) -> usize {
        let own = usize::from(matches!(self, Plan::Scan { .. } | Plan::PointGet { .. }));
        own + self.children().into_iter().map(Plan::relations).sum::<usize>()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.printed(&[], false).fmt(f)
    }
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer =
            Printer { out: String::new(), qualify: self.plan.relations() > 1, verbose: self.verbose };
        printer.node(self.plan, 0, false, Facts::default());
        for (i, subplan) in self.subplans.iter().enumerate() {
            let result = match subplan.kind {
                SubPlanKind::Scalar(_) => "returns its value",
                SubPlanKind::Exists => "returns whether it has rows",
            };
            printer.out.push_str(&format!("  InitPlan {} ({result})\n", i + 1));
            printer.node(&subplan.plan, 4, true, Facts::default());
        }
        f.write_str(&printer.out)
    }
}

/// What the nodes above leave to be printed with the next node.
#[derive(Default)]
struct Facts {
    /// The texts of filters, outermost first.
    filters: Vec<String>,
    /// The text of the output, where a projection stands above.
    output: Option<String>,
    /// The plans of the subqueries in them.
    subplans: Vec<Arc<Plan>>,
}

struct Printer {
    out: String,
    qualify: bool,
    verbose: bool,
}

impl Printer {
    fn fact(&mut self, indent: usize, name: &str, text: &str) {
        self.out.push_str(&format!("{:indent$}{name}: {text}\n", ""));
    }

    fn text(&self, expr: &Expr, fields: &[Field]) -> String {
        expr_text(expr, fields, self.qualify)
    }

    fn list(&self, exprs: &[Expr], fields: &[Field]) -> String {
        exprs.iter().map(|e| self.text(e, fields)).collect::<Vec<_>>().join(", ")
    }

    fn keys(&self, keys: &[SortKey], fields: &[Field]) -> String {
        let key = |key: &SortKey| {
            let order = if key.descending { " DESC" } else { "" };
            let nulls = match (key.nulls_first, key.descending) {
                (true, false) => " NULLS FIRST",
                (false, true) => " NULLS LAST",
                _ => "",
            };
            format!("{}{order}{nulls}", self.text(&key.expr, fields))
        };
        keys.iter().map(key).collect::<Vec<_>>().join(", ")
    }

    fn node(&mut self, plan: &Plan, indent: usize, arrow: bool, mut facts: Facts) {
        plan.for_each_expr(&mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Subquery(subquery) = part {
                    facts.subplans.push(Arc::clone(&subquery.plan));
                }
            });
        });
        match plan {
            Plan::Filter { input, predicate } => {
                facts.filters.push(self.text(predicate, &input.fields()));
                return self.node(input, indent, arrow, facts);
            }
            Plan::Project { input, exprs, .. } if facts.filters.is_empty() => {
                let fields = input.fields();
                facts.output.get_or_insert_with(|| self.list(exprs, &fields));
                return self.node(input, indent, arrow, facts);
            }
            _ => {}
        }
        let title = title(plan);
        let arrow = if arrow { "->  " } else { "" };
        self.out.push_str(&format!("{:indent$}{arrow}{title}\n", ""));
        let inner = indent + 2 + arrow.len();
        if self.verbose && plan.width() > 0 {
            let output = facts.output.unwrap_or_else(|| {
                let fields = plan.fields();
                let columns = (0..fields.len()).map(|i| Expr::column(i, fields[i].ty)).collect::<Vec<_>>();
                self.list(&columns, &fields)
            });
            self.fact(inner, "Output", &output);
        }
        self.facts(plan, inner);
        for filter in facts.filters.iter().rev() {
            self.fact(inner, "Filter", filter);
        }
        for subplan in &facts.subplans {
            self.out.push_str(&format!("{:inner$}SubPlan\n", ""));
            self.node(subplan, inner + 2, true, Facts::default());
        }
        match plan {
            Plan::Join { left, right, keys, build, .. } => {
                self.join(left, right, !keys.is_empty(), *build, inner)
            }
            Plan::Explain { .. } => {}
            _ => {
                plan.children().into_iter().for_each(|child| self.node(child, inner, true, Facts::default()))
            }
        }
    }

    fn join(&mut self, left: &Plan, right: &Plan, hashed: bool, build: Side, indent: usize) {
        let (probe, build) = match build {
            Side::Left => (right, left),
            Side::Right => (left, right),
        };
        self.node(probe, indent, true, Facts::default());
        match hashed {
            true => {
                self.out.push_str(&format!("{:indent$}->  Hash\n", ""));
                self.node(build, indent + 6, true, Facts::default());
            }
            false => self.node(build, indent, true, Facts::default()),
        }
    }

    /// What the node itself says.
    fn facts(&mut self, plan: &Plan, indent: usize) {
        match plan {
            Plan::Scan { table, ranges, .. } if !ranges.is_empty() => {
                let range = |range: &super::RangeCond| {
                    let name = table.columns.get(range.column).map_or("row_id", |c| &c.name);
                    format!("({name} {} {})", symbol(range.op), self.text(&range.value, &[]))
                };
                let text = ranges.iter().map(range).collect::<Vec<_>>().join(" AND ");
                self.fact(indent, "Range Cond", &text);
            }
            Plan::PointGet { table, key, .. } => {
                let part = |(&column, value): (&usize, &Expr)| {
                    let name = table.columns.get(column).map_or("row_id", |c| &c.name);
                    format!("({name} = {})", self.text(value, &[]))
                };
                let text = table.key.iter().zip(key).map(part).collect::<Vec<_>>().join(" AND ");
                self.fact(indent, "Index Cond", &text);
            }
            Plan::Join { left, right, keys, filter, .. } => {
                let (left, right) = (left.fields(), right.fields());
                let pair =
                    |(l, r): &(Expr, Expr)| format!("({} = {})", self.text(l, &left), self.text(r, &right));
                if !keys.is_empty() {
                    let text = keys.iter().map(pair).collect::<Vec<_>>().join(" AND ");
                    self.fact(indent, "Hash Cond", &text);
                }
                if let Some(filter) = filter {
                    let both: Vec<Field> = left.into_iter().chain(right).collect();
                    let text = self.text(filter, &both);
                    self.fact(indent, "Join Filter", &text);
                }
            }
            Plan::Asof { left, right, keys, by, op, filter, .. } => {
                let (left, right) = (left.fields(), right.fields());
                let pair = |(l, r): &(Expr, Expr), op: Cmp| {
                    format!("({} {} {})", self.text(l, &left), symbol(op), self.text(r, &right))
                };
                let mut parts: Vec<String> = keys.iter().map(|key| pair(key, Cmp::Eq)).collect();
                parts.push(pair(by, *op));
                self.fact(indent, "Asof Cond", &parts.join(" AND "));
                if let Some(filter) = filter {
                    let both: Vec<Field> = left.into_iter().chain(right).collect();
                    let text = self.text(filter, &both);
                    self.fact(indent, "Join Filter", &text);
                }
            }
            Plan::Apply { left, right, filter: Some(filter), .. } => {
                let both: Vec<Field> = left.fields().into_iter().chain(right.fields()).collect();
                let text = self.text(filter, &both);
                self.fact(indent, "Join Filter", &text);
            }
            Plan::Window { input, partition, order, .. } => {
                let fields = input.fields();
                for (name, text) in
                    [("Partition By", self.list(partition, &fields)), ("Order By", self.keys(order, &fields))]
                {
                    if !text.is_empty() {
                        self.fact(indent, name, &text);
                    }
                }
            }
            Plan::DistinctOn { input, keys } => {
                let text = self.list(keys, &input.fields());
                self.fact(indent, "Key", &text);
            }
            Plan::Aggregate { input, group, aggregates, sets } => {
                let fields = input.fields();
                for set in sets {
                    let kept = group.iter().zip(set).filter(|(_, kept)| **kept).map(|(expr, _)| expr.clone());
                    let text = self.list(&kept.collect::<Vec<_>>(), &fields);
                    self.fact(indent, "Group Key", if text.is_empty() { "()" } else { &text });
                }
                if !group.is_empty() && sets.is_empty() {
                    let text = self.list(group, &fields);
                    self.fact(indent, "Group Key", &text);
                }
                if self.verbose && !aggregates.is_empty() {
                    let call = |call| aggregate_text(call, &fields, self.qualify);
                    let text = aggregates.iter().map(call).collect::<Vec<_>>().join(", ");
                    self.fact(indent, "Aggregates", &text);
                }
            }
            Plan::Sort { input, keys } => {
                let text = self.keys(keys, &input.fields());
                self.fact(indent, "Sort Key", &text);
            }
            Plan::TopN { input, keys, limit, offset } => {
                let text = self.keys(keys, &input.fields());
                self.fact(indent, "Sort Key", &text);
                self.limit(indent, Some(limit), offset.as_ref());
            }
            Plan::Limit { limit, offset, .. } => self.limit(indent, limit.as_ref(), offset.as_ref()),
            Plan::Values { rows, .. } if rows.is_empty() => self.fact(indent, "One-Time Filter", "false"),
            _ => {}
        }
    }

    fn limit(&mut self, indent: usize, limit: Option<&Expr>, offset: Option<&Expr>) {
        for (name, expr) in [("Rows", limit), ("Offset", offset)] {
            if let Some(expr) = expr {
                let text = match expr {
                    Expr::Literal { value, .. } => value.to_string(),
                    other => self.text(other, &[]),
                };
                self.fact(indent, name, &text);
            }
        }
    }
}

fn title(plan: &Plan) -> String {
    let named = |what: &str, table: &str, alias: &str| match table == alias {
        true => format!("{what} on {table}"),
        false => format!("{what} on {table} {alias}"),
    };
    match plan {
        Plan::Values { rows, fields } => match rows.len() {
            0 => "Result".to_string(),
            1 if fields.is_empty() => "Result".to_string(),
            _ => "Values Scan on \"*VALUES*\"".to_string(),
        },
        Plan::Scan { table, alias, .. } => named("Seq Scan", &table.name, alias),
        Plan::PointGet { table, alias, .. } => {
            named(&format!("Index Scan using {}_pkey", table.name), &table.name, alias)
        }
        Plan::Filter { .. } | Plan::Project { .. } => "Subquery Scan".to_string(),
        Plan::Join { keys, kind, .. } => {
            let kind = match kind {
                JoinKind::Inner => "",
                JoinKind::Left => " Left",
                JoinKind::Right => " Right",
                JoinKind::Full => " Full",
                JoinKind::Single => " Single",
                JoinKind::Semi => " Semi",
                JoinKind::Anti => " Anti",
                JoinKind::NotIn => " Not In",
            };
            match (keys.is_empty(), kind) {
                (true, "") => "Nested Loop".to_string(),
                (true, kind) => format!("Nested Loop{kind} Join"),
                (false, kind) => format!("Hash{kind} Join"),
            }
        }
        Plan::Apply { outer: false, .. } => "Nested Loop".to_string(),
        Plan::Apply { outer: true, .. } => "Nested Loop Left Join".to_string(),
        Plan::Aggregate { sets, .. } if !sets.is_empty() => "GroupingSets".to_string(),
        Plan::Aggregate { group, .. } if group.is_empty() => "Aggregate".to_string(),
        Plan::Aggregate { .. } => "HashAggregate".to_string(),
        Plan::Asof { outer: false, .. } => "Asof Join".to_string(),
        Plan::Asof { outer: true, .. } => "Asof Left Join".to_string(),
        Plan::Function { fields, .. } => {
            let name = fields.first().and_then(|field| field.relation.clone());
            format!("Function Scan on {}", name.unwrap_or_default())
        }
        Plan::Given { .. } => "Copy".to_string(),
        Plan::ProjectSet { .. } => "ProjectSet".to_string(),
        Plan::Window { .. } => "WindowAgg".to_string(),
        Plan::Distinct { .. } | Plan::DistinctOn { .. } => "Unique".to_string(),
        Plan::SetOp { op, all, .. } => {
            let op = if *op == SetOp::Except { "Except" } else { "Intersect" };
            format!("HashSetOp {op}{}", if *all { " All" } else { "" })
        }
        Plan::With { .. } => "With".to_string(),
        Plan::WithScan { alias, .. } => format!("CTE Scan on {alias}"),
        Plan::Recursive { .. } => "Recursive Union".to_string(),
        Plan::Sort { .. } => "Sort".to_string(),
        Plan::TopN { .. } => "Top-N Sort".to_string(),
        Plan::Limit { .. } => "Limit".to_string(),
        Plan::LockRows { .. } => "LockRows".to_string(),
        Plan::Append { .. } => "Append".to_string(),
        Plan::Insert { table, .. } => format!("Insert on {}", table.name),
        Plan::Update { table, .. } => format!("Update on {}", table.name),
        Plan::Delete { table, .. } => format!("Delete on {}", table.name),
        Plan::CreateTable { name, .. } => format!("Create Table {name}"),
        Plan::DropTable { names, .. } => format!("Drop Table {}", names.join(", ")),
        Plan::Truncate { names } => format!("Truncate {}", names.join(", ")),
        Plan::Explain { .. } => "Explain".to_string(),
    }
}

fn symbol(op: Cmp) -> &'static str {
    match op {
        Cmp::Eq => "=",
        Cmp::Ne => "<>",
        Cmp::Lt => "<",
        Cmp::Le => "<=",
        Cmp::Gt => ">",
        Cmp::Ge => ">=",
    }
}
