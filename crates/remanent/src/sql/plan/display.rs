//! The text of EXPLAIN, in PostgreSQL's look: one node a line, its facts below it, its inputs behind arrows.
//!
//! A filter is printed as a fact of the node it filters, and projections only where VERBOSE asks for the output
//! of every node. Columns carry their relation's name where there is more than one.

use super::fields::{aggregate_text, expr_text};
use super::tree::{Measured, Node};
use super::{
    Access, Asked, Equal, Field, JoinKind, Plan, Ranked, RankedTerm, SetOp, Side, SortKey, SubPlan,
    SubPlanKind,
};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::optimize::estimate;
use remanent_storage::table::TableDef;
use std::fmt;
use std::sync::Arc;

/// How EXPLAIN prints, and whether it runs what it prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExplainOptions {
    /// With the output columns of every node.
    pub verbose: bool,
    /// The statement is run, and what it took is printed.
    pub analyze: bool,
    /// What scans read and skipped.
    pub buffers: bool,
    /// Estimated rows. As in PostgreSQL they come with ANALYZE unless it is switched off; without ANALYZE only where it is
    /// switched on.
    pub costs: bool,
    /// The time of every node.
    pub timing: bool,
    /// The time of all.
    pub summary: bool,
    /// As JSON.
    pub json: bool,
}

/// A plan to be printed.
pub struct Printed<'a> {
    plan: &'a Plan,
    subplans: &'a [SubPlan],
    options: ExplainOptions,
    measure: &'a dyn Fn(&Plan) -> Option<Measured>,
}

impl Plan {
    /// What EXPLAIN prints; `measure` tells what a node took, where it has run.
    pub fn explained<'a>(
        &'a self,
        subplans: &'a [SubPlan],
        options: ExplainOptions,
        measure: &'a dyn Fn(&Plan) -> Option<Measured>,
    ) -> Printed<'a> {
        Printed { plan: self, subplans, options, measure }
    }

    /// What EXPLAIN prints of a plan that was not run: several lines, each ended.
    pub fn printed<'a>(&'a self, subplans: &'a [SubPlan], verbose: bool) -> Printed<'a> {
        static UNMEASURED: fn(&Plan) -> Option<Measured> = |_| None;
        self.explained(subplans, ExplainOptions { verbose, ..ExplainOptions::default() }, &UNMEASURED)
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
        f.write_str(&self.tree().text(self.options))
    }
}

impl Printed<'_> {
    /// All of it as data.
    pub fn tree(&self) -> Node {
        let printer =
            Printer { qualify: self.plan.relations() > 1, options: self.options, measure: self.measure };
        let mut root = printer.node(self.plan, Facts::default());
        let subplan = |subplan: &SubPlan| {
            let result = match subplan.kind {
                SubPlanKind::Scalar(_) => "returns its value",
                SubPlanKind::Exists => "returns whether it has rows",
            };
            (result, printer.node(&subplan.plan, Facts::default()))
        };
        root.init = self.subplans.iter().map(subplan).collect();
        root
    }
}

/// What the nodes above leave to be printed with the next node.
#[derive(Default)]
struct Facts<'a> {
    /// The outermost filter: its rows are those that come out.
    filtered: Option<&'a Plan>,
    /// The texts of filters, outermost first.
    filters: Vec<String>,
    /// The text of the output, where a projection stands above.
    output: Option<String>,
    /// The plans of the subqueries in them.
    subplans: Vec<Arc<Plan>>,
}

struct Printer<'a> {
    qualify: bool,
    options: ExplainOptions,
    measure: &'a dyn Fn(&Plan) -> Option<Measured>,
}

impl Printer<'_> {
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

    fn node<'a>(&self, plan: &'a Plan, mut facts: Facts<'a>) -> Node {
        plan.for_each_expr(&mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Subquery(subquery) = part {
                    facts.subplans.push(Arc::clone(&subquery.plan));
                }
            });
        });
        match plan {
            Plan::Filter { input, predicate } => {
                facts.filters.push(self.text(predicate, &shown(input)));
                facts.filtered.get_or_insert(plan);
                return self.node(input, facts);
            }
            Plan::Project { input, exprs, .. } if facts.filters.is_empty() => {
                let fields = shown(input);
                facts.output.get_or_insert_with(|| self.list(exprs, &fields));
                return self.node(input, facts);
            }
            _ => {}
        }
        let counted = facts.filtered.unwrap_or(plan);
        let mut node = Node {
            rows: self.options.costs.then(|| estimate::rows(counted)),
            ran: self.options.analyze.then(|| (self.measure)(counted)),
            ..Node::new(title(plan))
        };
        if self.options.verbose && plan.width() > 0 {
            let output = facts.output.unwrap_or_else(|| {
                let fields = plan.fields();
                let columns = (0..fields.len()).map(|i| Expr::column(i, fields[i].ty)).collect::<Vec<_>>();
                self.list(&columns, &fields)
            });
            node.fact("Output", output);
        }
        self.facts(plan, &mut node);
        for filter in facts.filters.into_iter().rev() {
            node.fact("Filter", filter);
        }
        node.subplans = facts.subplans.iter().map(|subplan| self.node(subplan, Facts::default())).collect();
        let child = |plan: &Plan| self.node(plan, Facts::default());
        node.children = match plan {
            Plan::Join { left, right, keys, build, .. } => {
                let (probe, build) = match build {
                    Side::Left => (right, left),
                    Side::Right => (left, right),
                };
                let held = match keys.is_empty() {
                    true => child(build),
                    false => Node { children: vec![child(build)], ..Node::new("Hash".to_string()) },
                };
                vec![child(probe), held]
            }
            Plan::Explain { .. } => Vec::new(),
            _ => plan.children().into_iter().map(child).collect(),
        };
        node
    }

    /// What an index is asked for.
    fn index_condition(&self, table: &TableDef, access: &Access) -> String {
        let name = |i: usize| table.label(access.index.columns.get(i).copied().unwrap_or(usize::MAX));
        let mut parts: Vec<String> = Vec::new();
        for (i, equal) in access.equal.iter().enumerate() {
            let Equal::Values(list) = equal else {
                parts.push(format!("({} IS NULL)", name(i)));
                continue;
            };
            let values: Vec<String> = list.iter().map(|value| self.text(value, &[])).collect();
            parts.push(match values.as_slice() {
                [value] => format!("({} = {value})", name(i)),
                values => format!("({} IN ({}))", name(i), values.join(", ")),
            });
        }
        let next = name(access.equal.len());
        for (end, open, closed) in [(&access.low, ">", ">="), (&access.high, "<", "<=")] {
            if let Some((included, value)) = end {
                let op = if *included { closed } else { open };
                parts.push(format!("({next} {op} {})", self.text(value, &[])));
            }
        }
        if access.not_null && access.low.is_none() && access.high.is_none() {
            parts.push(format!("({next} IS NOT NULL)"));
        }
        for alternatives in &access.asked {
            let said = |asked: &Asked| {
                let mut args: Vec<String> = asked.args.iter().map(|arg| self.text(arg, &[])).collect();
                args.insert(asked.strategy.column.min(args.len()), name(asked.column));
                match (asked.strategy.function, args.as_slice()) {
                    (symbol, [left, right]) if !symbol.starts_with(char::is_alphabetic) => {
                        format!("({left} {symbol} {right})")
                    }
                    (function, args) => format!("{function}({})", args.join(", ")),
                }
            };
            let said: Vec<String> = alternatives.iter().map(said).collect();
            parts.push(match said.as_slice() {
                [one] => one.clone(),
                several => format!("({})", several.join(" OR ")),
            });
        }
        parts.extend(access.also.iter().map(|access| self.index_condition(table, access)));
        parts.join(" AND ")
    }

    /// What an index names.
    fn access_facts(&self, table: &TableDef, access: &Access, node: &mut Node) {
        let text = self.index_condition(table, access);
        if !text.is_empty() {
            node.fact("Index Cond", text);
        }
        let groups = access.order.as_ref().map_or(0, |order| order.groups);
        if groups > 0 {
            let of = access.index.columns.iter().take(groups).map(|&column| table.label(column));
            node.fact("First of Each", of.collect::<Vec<_>>().join(", "));
        }
    }

    /// By what an index ranks.
    fn ranked_facts(&self, table: &TableDef, ranked: &Ranked, node: &mut Node) {
        let term = |term: &RankedTerm| {
            let column = ranked.index.columns.get(term.column).copied().unwrap_or(usize::MAX);
            let others: Vec<String> = term.args.iter().map(|arg| self.text(arg, &[])).collect();
            let (column, to) = (table.label(column), others.join(", "));
            let value = match ranked.ranking.function {
                name if name.starts_with(char::is_alphabetic) => format!("{name}({column}, {to})"),
                symbol => format!("({column} {symbol} {to})"),
            };
            let weight = term.weight.as_ref().map(|weight| format!("{} * ", self.text(weight, &[])));
            format!("{}{value}", weight.unwrap_or_default())
        };
        let terms: Vec<String> = ranked.terms.iter().map(term).collect();
        node.fact("Order By", terms.join(" + "));
    }

    /// What the node itself says.
    fn facts(&self, plan: &Plan, node: &mut Node) {
        match plan {
            Plan::Scan { counted: Some(counted), .. } => {
                node.fact("Counts", self.text(&counted.query, &[]));
            }
            Plan::Scan { table, access, ranked, .. } if access.is_some() || ranked.is_some() => {
                access.iter().for_each(|access| self.access_facts(table, access, node));
                ranked.iter().for_each(|ranked| self.ranked_facts(table, ranked, node));
            }
            Plan::Scan { table, ranges, .. } if !ranges.is_empty() => {
                let range = |range: &super::RangeCond| {
                    let name = table.columns.get(range.column).map_or("row_id", |c| &c.name);
                    format!("({name} {} {})", symbol(range.op), self.text(&range.value, &[]))
                };
                let text = ranges.iter().map(range).collect::<Vec<_>>().join(" AND ");
                node.fact("Range Cond", text);
            }
            Plan::PointGet { table, key, .. } => {
                let part = |(&column, value): (&usize, &Expr)| {
                    let name = table.columns.get(column).map_or("row_id", |c| &c.name);
                    format!("({name} = {})", self.text(value, &[]))
                };
                let text = table.key.iter().zip(key).map(part).collect::<Vec<_>>().join(" AND ");
                node.fact("Index Cond", text);
            }
            Plan::Join { left, right, keys, filter, .. } => {
                let (left, right) = (left.fields(), right.fields());
                let pair =
                    |(l, r): &(Expr, Expr)| format!("({} = {})", self.text(l, &left), self.text(r, &right));
                if !keys.is_empty() {
                    let text = keys.iter().map(pair).collect::<Vec<_>>().join(" AND ");
                    node.fact("Hash Cond", text);
                }
                if let Some(filter) = filter {
                    let both: Vec<Field> = left.into_iter().chain(right).collect();
                    let text = self.text(filter, &both);
                    node.fact("Join Filter", text);
                }
            }
            Plan::Asof { left, right, keys, by, op, filter, .. } => {
                let (left, right) = (left.fields(), right.fields());
                let pair = |(l, r): &(Expr, Expr), op: Cmp| {
                    format!("({} {} {})", self.text(l, &left), symbol(op), self.text(r, &right))
                };
                let mut parts: Vec<String> = keys.iter().map(|key| pair(key, Cmp::Eq)).collect();
                parts.push(pair(by, *op));
                node.fact("Asof Cond", parts.join(" AND "));
                if let Some(filter) = filter {
                    let both: Vec<Field> = left.into_iter().chain(right).collect();
                    let text = self.text(filter, &both);
                    node.fact("Join Filter", text);
                }
            }
            Plan::Apply { left, right, filter: Some(filter), .. } => {
                let both: Vec<Field> = left.fields().into_iter().chain(right.fields()).collect();
                let text = self.text(filter, &both);
                node.fact("Join Filter", text);
            }
            Plan::Window { input, partition, order, .. } => {
                let fields = input.fields();
                for (name, text) in
                    [("Partition By", self.list(partition, &fields)), ("Order By", self.keys(order, &fields))]
                {
                    if !text.is_empty() {
                        node.fact(name, text);
                    }
                }
            }
            Plan::Gapfill { input, gaps } => {
                let fields = input.fields();
                let (start, finish) = (self.text(&gaps.start.0, &fields), self.text(&gaps.finish.0, &fields));
                node.fact("Width", self.text(&gaps.width, &fields));
                node.fact("From", start);
                node.fact("To", finish);
            }
            Plan::DistinctOn { input, keys } => {
                let text = self.list(keys, &input.fields());
                node.fact("Key", text);
            }
            Plan::Aggregate { input, group, aggregates, sets } => {
                let fields = input.fields();
                for set in sets {
                    let kept = group.iter().zip(set).filter(|(_, kept)| **kept).map(|(expr, _)| expr.clone());
                    let text = self.list(&kept.collect::<Vec<_>>(), &fields);
                    node.fact("Group Key", if text.is_empty() { "()".to_string() } else { text });
                }
                if !group.is_empty() && sets.is_empty() {
                    let text = self.list(group, &fields);
                    node.fact("Group Key", text);
                }
                if self.options.verbose && !aggregates.is_empty() {
                    let call = |call| aggregate_text(call, &fields, self.qualify);
                    let text = aggregates.iter().map(call).collect::<Vec<_>>().join(", ");
                    node.fact("Aggregates", text);
                }
            }
            Plan::Sort { input, keys } => {
                let text = self.keys(keys, &input.fields());
                node.fact("Sort Key", text);
            }
            Plan::TopN { input, keys, limit, offset } => {
                let text = self.keys(keys, &input.fields());
                node.fact("Sort Key", text);
                self.limit(node, Some(limit), offset.as_ref());
            }
            Plan::Limit { limit, offset, .. } => self.limit(node, limit.as_ref(), offset.as_ref()),
            Plan::Values { rows, .. } if rows.is_empty() => node.fact("One-Time Filter", "false".to_string()),
            _ => {}
        }
    }

    fn limit(&self, node: &mut Node, limit: Option<&Expr>, offset: Option<&Expr>) {
        for (name, expr) in [("Rows", limit), ("Offset", offset)] {
            if let Some(expr) = expr {
                let text = match expr {
                    Expr::Literal { value, .. } => value.to_string(),
                    other => self.text(other, &[]),
                };
                node.fact(name, text);
            }
        }
    }
}

/// The columns of a plan, those that keep something for an index under what it is.
fn shown(plan: &Plan) -> Vec<Field> {
    let mut fields = plan.fields();
    if let Plan::Scan { table, columns, .. } = plan {
        for (field, &column) in fields.iter_mut().zip(columns).filter(|(field, _)| field.name.is_empty()) {
            field.name = table.label(column);
        }
    }
    fields
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
        Plan::Scan { table, alias, counted: Some(counted), .. } => {
            named(&format!("Index Scan using {}", counted.index.name), &table.name, alias)
        }
        Plan::Scan { table, alias, columns, access, ranked, row_ids, .. }
            if access.is_some() || ranked.is_some() =>
        {
            let backward =
                access.as_ref().and_then(|access| access.order.as_ref()).is_some_and(|o| o.backward);
            let only = !row_ids && access.as_ref().is_some_and(|access| access.is_only(columns));
            let only = if only { " Only" } else { "" };
            let how = if backward { " Backward" } else { "" };
            let naming =
                access.iter().flat_map(|access| std::iter::once(access.as_ref()).chain(&access.also));
            let ranking = ranked.as_ref().map(|ranked| &ranked.index);
            let others = naming.map(|access| &access.index);
            let others = others.filter(|other| ranking.is_none_or(|ranking| ranking.id != other.id));
            let indexes = ranking.into_iter().chain(others);
            let names: Vec<&str> = indexes.map(|index| index.name.as_str()).collect();
            named(&format!("Index{only} Scan{how} using {}", names.join(", ")), &table.name, alias)
        }
        Plan::Scan { table, alias, .. } => named("Seq Scan", &table.name, alias),
        Plan::PointGet { table, alias, .. } => {
            named(&format!("Index Scan using {}", table.key_name()), &table.name, alias)
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
        Plan::Gapfill { .. } => "GapFill".to_string(),
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
        Plan::Merge { actions } => match actions.first() {
            Some(Plan::Insert { table, .. } | Plan::Update { table, .. } | Plan::Delete { table, .. }) => {
                format!("Merge on {}", table.name)
            }
            _ => "Merge".to_string(),
        },
        Plan::Define(define) => format!("{} {}", define.tag, define.names.join(", ")),
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
