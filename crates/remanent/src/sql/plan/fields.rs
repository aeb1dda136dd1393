//! Names and types of what a node delivers.

use super::{AggregateCall, Plan, SetCall, SetSource, WindowFunction};
use crate::sql::expr::Expr;
use remanent_storage::table::TableDef;
use remanent_storage::value::Type;
use std::sync::Arc;

/// The names and types of a row's fields.
pub type Shape = Arc<[(String, Type)]>;

/// One column that a node delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The relation it comes from, where it is a column of one.
    pub relation: Option<String>,
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Where that is `record`: its fields, if they are known.
    pub row: Option<Shape>,
}

impl Field {
    /// A column that belongs to no relation.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Field { relation: None, name: name.into(), ty, row: None }
    }
}

impl Plan {
    /// The columns that this node delivers.
    pub fn fields(&self) -> Vec<Field> {
        match self {
            Plan::Values { fields, .. } => fields.clone(),
            Plan::Scan { table, alias, columns, row_ids, .. }
            | Plan::PointGet { table, alias, columns, row_ids, .. } => {
                let mut fields = table_fields(table, alias, columns);
                if *row_ids {
                    let relation = Some(alias.clone());
                    fields.push(Field { relation, ..Field::new("ctid", Type::Int8) });
                }
                if let Some(value) = self.ranked_by() {
                    // Columns that are kept for an index have no name.
                    let labels = columns.iter().map(|&column| Field::new(table.label(column), Type::Float8));
                    let text = expr_text(value, &labels.collect::<Vec<_>>(), false);
                    fields.push(Field::new(text, Type::Float8));
                }
                fields
            }
            Plan::Project { input, exprs, names } => {
                let inner = input.fields();
                let field = |(expr, name): (&Expr, &String)| match expr {
                    Expr::Column { index, .. } => match inner.get(*index) {
                        Some(from) if from.name == *name => from.clone(),
                        _ => Field::new(name, expr.ty()),
                    },
                    _ => Field::new(name, expr.ty()),
                };
                exprs.iter().zip(names).map(field).collect()
            }
            Plan::Join { left, right, kind, output, .. } => {
                let mut fields = left.fields();
                if kind.delivers_right() {
                    fields.extend(right.fields());
                }
                match output {
                    Some(output) => output.iter().filter_map(|&i| fields.get(i).cloned()).collect(),
                    None => fields,
                }
            }
            Plan::ProjectSet { input, calls } => {
                let mut fields = input.fields();
                let name = |call: &SetCall| match call.source {
                    SetSource::Rows(function) => function.name,
                    SetSource::Value => "value",
                };
                fields.extend(calls.iter().map(|call| Field::new(name(call), call.ty)));
                fields
            }
            Plan::Apply { left, right, .. } | Plan::Asof { left, right, .. } => {
                let mut fields = left.fields();
                fields.extend(right.fields());
                fields
            }
            Plan::Aggregate { input, group, aggregates, sets } => {
                let inner = input.fields();
                let mut fields: Vec<Field> = group
                    .iter()
                    .map(|expr| {
                        match expr {
                            Expr::Column { index, .. } => inner.get(*index).cloned(),
                            _ => None,
                        }
                        .unwrap_or_else(|| Field::new(expr_text(expr, &inner, false), expr.ty()))
                    })
                    .collect();
                fields.extend(
                    aggregates
                        .iter()
                        .map(|call| Field::new(aggregate_text(call, &inner, false), call.aggregate.ty)),
                );
                fields.extend((!sets.is_empty()).then(|| Field::new("grouping set", Type::Int4)));
                fields
            }
            Plan::Window { input, calls, .. } => {
                let mut fields = input.fields();
                fields.extend(calls.iter().map(|call| Field::new(call.function.name(), call.ty)));
                fields
            }
            Plan::Append { inputs } => inputs.first().map(Plan::fields).unwrap_or_default(),
            Plan::Filter { input, .. }
            | Plan::Distinct { input }
            | Plan::DistinctOn { input, .. }
            | Plan::Gapfill { input, .. }
            | Plan::SetOp { left: input, .. }
            | Plan::With { input, .. }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. } => input.fields(),
            Plan::WithScan { fields, .. }
            | Plan::Recursive { fields, .. }
            | Plan::Given { fields, .. }
            | Plan::Function { fields, .. } => fields.clone(),
            Plan::Explain { .. } => vec![Field::new("QUERY PLAN", Type::Text)],
            Plan::Insert { returning, .. }
            | Plan::Update { returning, .. }
            | Plan::Delete { returning, .. } => {
                let exprs = returning.iter().flat_map(|r| r.exprs.iter().zip(&r.names));
                exprs.map(|(expr, name)| Field::new(name, expr.ty())).collect()
            }
            Plan::Define(_) | Plan::Merge { .. } => Vec::new(),
        }
    }

    /// How many columns this node delivers.
    pub fn width(&self) -> usize {
        match self {
            Plan::Values { fields, .. } => fields.len(),
            Plan::Scan { columns, row_ids, .. } | Plan::PointGet { columns, row_ids, .. } => {
                columns.len() + usize::from(*row_ids) + usize::from(self.ranked_by().is_some())
            }
            Plan::Project { exprs, .. } => exprs.len(),
            Plan::Join { output: Some(output), .. } => output.len(),
            Plan::Join { left, kind, .. } if !kind.delivers_right() => left.width(),
            Plan::Join { left, right, .. }
            | Plan::Apply { left, right, .. }
            | Plan::Asof { left, right, .. } => left.width() + right.width(),
            Plan::ProjectSet { input, calls } => input.width() + calls.len(),
            Plan::Aggregate { group, aggregates, sets, .. } => {
                group.len() + aggregates.len() + usize::from(!sets.is_empty())
            }
            Plan::Window { input, calls, .. } => input.width() + calls.len(),
            Plan::Append { inputs } => inputs.first().map_or(0, Plan::width),
            Plan::Filter { input, .. }
            | Plan::Distinct { input }
            | Plan::DistinctOn { input, .. }
            | Plan::Gapfill { input, .. }
            | Plan::SetOp { left: input, .. }
            | Plan::With { input, .. }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. } => input.width(),
            Plan::WithScan { fields, .. }
            | Plan::Recursive { fields, .. }
            | Plan::Given { fields, .. }
            | Plan::Function { fields, .. } => fields.len(),
            Plan::Explain { .. } => 1,
            Plan::Insert { returning, .. }
            | Plan::Update { returning, .. }
            | Plan::Delete { returning, .. } => returning.as_ref().map_or(0, |r| r.exprs.len()),
            Plan::Define(_) | Plan::Merge { .. } => 0,
        }
    }
}

impl WindowFunction {
    /// As SQL calls it.
    fn name(&self) -> &'static str {
        match self {
            WindowFunction::RowNumber => "row_number",
            WindowFunction::Rank => "rank",
            WindowFunction::DenseRank => "dense_rank",
            WindowFunction::PercentRank => "percent_rank",
            WindowFunction::CumeDist => "cume_dist",
            WindowFunction::Ntile => "ntile",
            WindowFunction::Lag => "lag",
            WindowFunction::Lead => "lead",
            WindowFunction::FirstValue => "first_value",
            WindowFunction::LastValue => "last_value",
            WindowFunction::NthValue => "nth_value",
            #[cfg(feature = "shapes")]
            WindowFunction::Cluster => "st_clusterdbscan",
            WindowFunction::Aggregate(aggregate) => aggregate.function.name,
        }
    }
}

fn table_fields(table: &TableDef, alias: &str, columns: &[usize]) -> Vec<Field> {
    let field = |&position: &usize| {
        let (name, ty) = match table.columns.get(position) {
            Some(column) => (column.name.clone(), column.ty),
            None => ("row_id".to_string(), Type::Int8),
        };
        Field { relation: Some(alias.to_string()), ..Field::new(name, ty) }
    };
    columns.iter().map(field).collect()
}

/// An expression over these columns as EXPLAIN prints it; `qualify` names their relations too.
pub(super) fn expr_text(expr: &Expr, fields: &[Field], qualify: bool) -> String {
    let names = |index: usize| match fields.get(index) {
        Some(Field { relation: Some(relation), name, .. }) if qualify => format!("{relation}.{name}"),
        Some(field) => field.name.clone(),
        None => format!("#{index}"),
    };
    expr.display(&names).to_string()
}

/// An aggregate over these columns as EXPLAIN prints it.
pub(super) fn aggregate_text(call: &AggregateCall, fields: &[Field], qualify: bool) -> String {
    let args: Vec<String> = call.aggregate.args.iter().map(|a| expr_text(a, fields, qualify)).collect();
    let name = call.aggregate.function.name;
    let args = match (name, args.is_empty()) {
        ("count", true) => "*".to_string(),
        _ => args.join(", "),
    };
    let distinct = if call.distinct { "DISTINCT " } else { "" };
    let order: Vec<String> = call.order.iter().map(|key| expr_text(&key.expr, fields, qualify)).collect();
    let args = match order.is_empty() {
        true => args,
        false => format!("{args} ORDER BY {}", order.join(", ")),
    };
    match &call.filter {
        Some(filter) => {
            format!("{name}({distinct}{args}) FILTER (WHERE {})", expr_text(filter, fields, qualify))
        }
        None => format!("{name}({distinct}{args})"),
    }
}
