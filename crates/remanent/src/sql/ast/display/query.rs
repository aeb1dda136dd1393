//! Queries.

use super::{clause, join, optional, parens, word};
use crate::sql::ast::*;
use std::fmt::{Display, Formatter, Result};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        word(f, self.with.is_some(), " ")?;
        match &self.body {
            QueryBody::Select(select) => Display::fmt(select, f)?,
            QueryBody::Values(rows) => {
                f.write_str("VALUES ")?;
                for (i, row) in rows.iter().enumerate() {
                    parens(f, if i > 0 { ", " } else { "" }, row)?;
                }
            }
            QueryBody::Set { op, all, left, right } => {
                let power = set_power(*op);
                set_operand(f, left, power)?;
                f.write_str(match op {
                    SetOp::Union => " UNION ",
                    SetOp::Intersect => " INTERSECT ",
                    SetOp::Except => " EXCEPT ",
                })?;
                word(f, *all, "ALL ")?;
                set_operand(f, right, power + 1)?;
            }
        }
        clause(f, " ORDER BY ", &self.order_by)?;
        match self.with_ties {
            true => {
                optional(f, " FETCH FIRST (", &self.limit)?;
                f.write_str(") ROWS WITH TIES")?;
            }
            false => optional(f, " LIMIT ", &self.limit)?,
        }
        optional(f, " OFFSET ", &self.offset)?;
        join(f, &self.locking, "")
    }
}

fn set_power(op: SetOp) -> u8 {
    if op == SetOp::Intersect { 2 } else { 1 }
}

/// An operand of UNION and its kin; in parentheses where it has clauses of its own or binds less tightly.
fn set_operand(f: &mut Formatter<'_>, query: &Query, min: u8) -> Result {
    let bare = query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locking.is_empty()
        && match &query.body {
            QueryBody::Set { op, .. } => set_power(*op) >= min,
            _ => true,
        };
    if bare { Display::fmt(query, f) } else { write!(f, "({query})") }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("SELECT")?;
        match &self.distinct {
            Distinct::No => {}
            Distinct::Rows => f.write_str(" DISTINCT")?,
            Distinct::On(exprs) => parens(f, " DISTINCT ON ", exprs)?,
        }
        clause(f, " ", &self.items)?;
        clause(f, " FROM ", &self.from)?;
        optional(f, " WHERE ", &self.filter)?;
        clause(f, if self.group_distinct { " GROUP BY DISTINCT " } else { " GROUP BY " }, &self.group_by)?;
        optional(f, " HAVING ", &self.having)?;
        for (i, (name, window)) in self.windows.iter().enumerate() {
            write!(f, "{} {name} AS {window}", if i > 0 { "," } else { " WINDOW" })?;
        }
        Ok(())
    }
}

impl Display for SelectItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.expr, f)?;
        optional(f, " AS ", &self.alias)
    }
}

impl Display for GroupItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            GroupItem::Expr(expr) => Display::fmt(expr, f),
            GroupItem::Empty => f.write_str("()"),
            GroupItem::Rollup(exprs) => parens(f, "ROLLUP ", exprs),
            GroupItem::Cube(exprs) => parens(f, "CUBE ", exprs),
            GroupItem::Sets(items) => parens(f, "GROUPING SETS ", items),
        }
    }
}

impl Display for OrderBy {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.expr, f)?;
        optional(f, " USING ", &self.using)?;
        word(f, self.descending, " DESC")?;
        f.write_str(match self.nulls_first {
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
            None => "",
        })
    }
}

impl Display for Locking {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.strength {
            LockStrength::Update => " FOR UPDATE",
            LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
            LockStrength::Share => " FOR SHARE",
            LockStrength::KeyShare => " FOR KEY SHARE",
        })?;
        clause(f, " OF ", &self.of)?;
        f.write_str(match self.wait {
            LockWait::Wait => "",
            LockWait::NoWait => " NOWAIT",
            LockWait::SkipLocked => " SKIP LOCKED",
        })
    }
}

impl Display for With {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        clause(f, if self.recursive { "WITH RECURSIVE " } else { "WITH " }, &self.ctes)
    }
}

impl Display for Cte {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.name, f)?;
        if !self.columns.is_empty() {
            parens(f, "", &self.columns)?;
        }
        let how = match self.materialized {
            Some(true) => "MATERIALIZED ",
            Some(false) => "NOT MATERIALIZED ",
            None => "",
        };
        write!(f, " AS {how}({})", self.statement)?;
        if let Some(Search { breadth, by, set }) = &self.search {
            clause(f, if *breadth { " SEARCH BREADTH FIRST BY " } else { " SEARCH DEPTH FIRST BY " }, by)?;
            write!(f, " SET {set}")?;
        }
        if let Some(Cycle { by, set, values, path }) = &self.cycle {
            clause(f, " CYCLE ", by)?;
            write!(f, " SET {set}")?;
            if let Some((is, not)) = values {
                write!(f, " TO {is} DEFAULT {not}")?;
            }
            write!(f, " USING {path}")?;
        }
        Ok(())
    }
}

impl Display for TableAlias {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.name, f)?;
        if self.columns.is_empty() { Ok(()) } else { parens(f, "", &self.columns) }
    }
}

impl Display for TableRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            TableKind::Table { name, only, sample } => {
                word(f, *only, "ONLY ")?;
                Display::fmt(name, f)?;
                optional(f, " AS ", &self.alias)?;
                optional(f, " TABLESAMPLE ", sample)
            }
            TableKind::Query { query, lateral } => {
                word(f, *lateral, "LATERAL ")?;
                write!(f, "({query})")?;
                optional(f, " AS ", &self.alias)
            }
            TableKind::Function { calls, rows_from, lateral, ordinality } => {
                word(f, *lateral, "LATERAL ")?;
                word(f, *rows_from, "ROWS FROM (")?;
                for (i, (call, columns)) in calls.iter().enumerate() {
                    word(f, i > 0, ", ")?;
                    Display::fmt(call, f)?;
                    if *rows_from && !columns.is_empty() {
                        parens(f, " AS ", columns)?;
                    }
                }
                word(f, *rows_from, ")")?;
                word(f, *ordinality, " WITH ORDINALITY")?;
                optional(f, " AS ", &self.alias)?;
                match calls.first() {
                    Some((_, columns)) if !*rows_from && !columns.is_empty() => {
                        parens(f, if self.alias.is_some() { "" } else { " AS " }, columns)
                    }
                    _ => Ok(()),
                }
            }
            TableKind::Join(join) => match &self.alias {
                Some(alias) => write!(f, "({join}) AS {alias}"),
                None => Display::fmt(join, f),
            },
        }
    }
}

impl Display for Sample {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.method, f)?;
        parens(f, "", &self.args)?;
        match &self.seed {
            Some(seed) => write!(f, " REPEATABLE ({seed})"),
            None => Ok(()),
        }
    }
}

impl Display for Join {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.left, f)?;
        word(f, matches!(self.condition, JoinCondition::Natural), " NATURAL")?;
        f.write_str(match self.kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
            JoinKind::Cross => " CROSS JOIN ",
            JoinKind::Asof => " ASOF JOIN ",
            JoinKind::AsofLeft => " ASOF LEFT JOIN ",
        })?;
        match (&self.right.kind, &self.right.alias) {
            (TableKind::Join(_), None) => write!(f, "({})", self.right)?,
            _ => Display::fmt(&self.right, f)?,
        }
        match &self.condition {
            JoinCondition::None | JoinCondition::Natural => Ok(()),
            JoinCondition::On(expr) => write!(f, " ON {expr}"),
            JoinCondition::Using(columns, alias) => {
                parens(f, " USING ", columns)?;
                optional(f, " AS ", alias)
            }
        }
    }
}
