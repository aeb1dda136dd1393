//! Trees as SQL that parses to the same tree.
//!
//! An operand is in parentheses where it binds less tightly than its place asks for. Calls that SQL writes in
//! words print as ordinary ones; where the function's name is a key word, quotes make it a plain name.

use super::*;
use crate::sql::parse::{is_keyword, power};
use std::fmt::{Display, Formatter, Result, Write};

/// A name as SQL writes it: in quotes where it would otherwise read as something else.
pub fn quote_ident(name: &str) -> String {
    let plain = |(i, b): (usize, u8)| b.is_ascii_lowercase() || b == b'_' || i > 0 && b.is_ascii_digit();
    match !name.is_empty() && name.bytes().enumerate().all(plain) && !is_keyword(name) {
        true => name.to_string(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A string as a SQL literal.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Items with something between them.
fn join<T: Display>(f: &mut Formatter<'_>, items: &[T], between: &str) -> Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        Display::fmt(item, f)?;
    }
    Ok(())
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> Result {
    join(f, items, ", ")
}

/// `before(a, b)`
fn parens<T: Display>(f: &mut Formatter<'_>, before: &str, items: &[T]) -> Result {
    f.write_str(before)?;
    f.write_char('(')?;
    list(f, items)?;
    f.write_char(')')
}

/// `before` and the items, if there are any.
fn clause<T: Display>(f: &mut Formatter<'_>, before: &str, items: &[T]) -> Result {
    if items.is_empty() {
        return Ok(());
    }
    f.write_str(before)?;
    list(f, items)
}

/// `before` and the item, if there is one.
fn optional<T: Display>(f: &mut Formatter<'_>, before: &str, item: &Option<T>) -> Result {
    match item {
        Some(item) => {
            f.write_str(before)?;
            Display::fmt(item, f)
        }
        None => Ok(()),
    }
}

fn word(f: &mut Formatter<'_>, when: bool, word: &str) -> Result {
    if when { f.write_str(word) } else { Ok(()) }
}

impl Display for Ident {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&quote_ident(&self.name))
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        join(f, &self.parts, ".")
    }
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.name.simple() {
            Some(name @ ("numeric" | "varchar" | "timestamp" | "time" | "interval")) => f.write_str(name)?,
            _ => Display::fmt(&self.name, f)?,
        }
        if let Some(fields) = self.interval {
            use IntervalFields as F;
            f.write_str(match fields {
                F::Year => " year",
                F::Month => " month",
                F::Day => " day",
                F::Hour => " hour",
                F::Minute => " minute",
                F::Second => " second",
                F::YearToMonth => " year to month",
                F::DayToHour => " day to hour",
                F::DayToMinute => " day to minute",
                F::DayToSecond => " day to second",
                F::HourToMinute => " hour to minute",
                F::HourToSecond => " hour to second",
                F::MinuteToSecond => " minute to second",
            })?;
        }
        if !self.modifiers.is_empty() {
            parens(f, "", &self.modifiers)?;
        }
        for bound in &self.array {
            match bound {
                Some(n) => write!(f, "[{n}]")?,
                None => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.schema {
            Some(schema) => write!(f, "OPERATOR({schema}.{})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Op {
    fn power(&self) -> u8 {
        if self.schema.is_some() { power::OTHER } else { power::of(&self.name) }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::Null => f.write_str("NULL"),
            Literal::Bool(true) => f.write_str("TRUE"),
            Literal::Bool(false) => f.write_str("FALSE"),
            Literal::Integer(i) => write!(f, "{i}"),
            Literal::Numeric(digits) => f.write_str(digits),
            Literal::String(text) => f.write_str(&quote_literal(text)),
            Literal::Bits(bits) => {
                let (kind, digits) = bits.split_at_checked(1).unwrap_or(("b", ""));
                write!(f, "{}'{digits}'", kind.to_ascii_uppercase())
            }
        }
    }
}

/// An operand whose place asks for at least that power.
struct Operand<'a>(&'a Expr, u8);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match binding(&self.0.kind) < self.1 {
            true => write!(f, "({})", self.0),
            false => Display::fmt(self.0, f),
        }
    }
}

/// How tightly the outermost operator of an expression binds.
fn binding(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(_) => power::OR,
        ExprKind::And(_) => power::AND,
        ExprKind::Not(_) => power::NOT,
        ExprKind::IsNull { .. } | ExprKind::IsBool { .. } | ExprKind::IsDistinct { .. } => power::IS,
        ExprKind::Binary { op, .. } | ExprKind::Quantified { op, .. } => op.power(),
        ExprKind::Like { .. } | ExprKind::Between { .. } | ExprKind::In { .. } | ExprKind::InQuery { .. } => {
            power::LIKE
        }
        ExprKind::Unary { op, .. } => match op.name.as_str() {
            "+" | "-" if op.schema.is_none() => power::SIGN,
            _ => power::OTHER,
        },
        ExprKind::Collate { .. } => power::COLLATE,
        ExprKind::Cast { .. } => power::CAST,
        ExprKind::Literal(Literal::Integer(..0)) => power::SIGN,
        ExprKind::Literal(Literal::Numeric(digits)) if digits.starts_with('-') => power::SIGN,
        _ => power::PRIMARY,
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let at = |e, power| Operand(e, power);
        // Behind a postfix test and on the left of AND, whatever needs no parentheses to the right of it.
        let above = |power: u8| power + 1;
        match &self.kind {
            ExprKind::Column(name) => Display::fmt(name, f),
            ExprKind::Star(None) => f.write_str("*"),
            ExprKind::Star(Some(name)) => write!(f, "{name}.*"),
            ExprKind::Literal(literal) => Display::fmt(literal, f),
            ExprKind::Param(n) => write!(f, "${n}"),
            ExprKind::Default => f.write_str("DEFAULT"),
            ExprKind::Unary { op, expr } => write!(f, "{op} {}", at(expr, above(binding(&self.kind)))),
            ExprKind::Binary { op, left, right } => {
                let power = op.power();
                // Comparisons do not associate.
                let left_power = if power == power::COMPARE { above(power) } else { power };
                write!(f, "{} {op} {}", at(left, left_power), at(right, above(power)))
            }
            ExprKind::And(parts) => self.chain(f, parts, power::AND, " AND "),
            ExprKind::Or(parts) => self.chain(f, parts, power::OR, " OR "),
            ExprKind::Not(expr) => write!(f, "NOT {}", at(expr, power::NOT)),
            ExprKind::Cast { expr, ty } => write!(f, "{}::{ty}", at(expr, power::CAST)),
            ExprKind::Collate { expr, collation } => {
                write!(f, "{} COLLATE {collation}", at(expr, power::COLLATE))
            }
            ExprKind::IsNull { expr, negated } => {
                write!(f, "{} IS {}NULL", at(expr, above(power::IS)), not(*negated))
            }
            ExprKind::IsBool { expr, value, negated } => {
                let value = value.map_or("UNKNOWN", |value| if value { "TRUE" } else { "FALSE" });
                write!(f, "{} IS {}{value}", at(expr, above(power::IS)), not(*negated))
            }
            ExprKind::IsDistinct { left, right, negated } => {
                let (left, right) = (at(left, above(power::IS)), at(right, above(power::IS)));
                write!(f, "{left} IS {}DISTINCT FROM {right}", not(*negated))
            }
            ExprKind::Between { expr, low, high, negated, symmetric } => {
                let word = if *symmetric { "BETWEEN SYMMETRIC" } else { "BETWEEN" };
                let bound = above(power::LIKE);
                let (expr, low, high) = (at(expr, bound), at(low, bound), at(high, bound));
                write!(f, "{expr} {}{word} {low} AND {high}", not(*negated))
            }
            ExprKind::In { expr, list, negated } => {
                write!(f, "{} {}", at(expr, above(power::LIKE)), not(*negated))?;
                parens(f, "IN ", list)
            }
            ExprKind::InQuery { expr, query, negated } => {
                write!(f, "{} {}IN ({query})", at(expr, above(power::LIKE)), not(*negated))
            }
            ExprKind::Quantified { left, op, all, right } => {
                let word = if *all { "ALL" } else { "ANY" };
                write!(f, "{} {op} {word} ", at(left, above(op.power())))?;
                match right.kind {
                    ExprKind::Subquery(_) => Display::fmt(right, f),
                    _ => write!(f, "({right})"),
                }
            }
            ExprKind::Like { kind, expr, pattern, escape, negated } => {
                let word = match kind {
                    LikeKind::Like => "LIKE",
                    LikeKind::ILike => "ILIKE",
                    LikeKind::Similar => "SIMILAR TO",
                };
                let (expr, pattern) = (at(expr, above(power::LIKE)), at(pattern, above(power::LIKE)));
                write!(f, "{expr} {}{word} {pattern}", not(*negated))?;
                match escape {
                    Some(escape) => write!(f, " ESCAPE {}", at(escape, above(power::LIKE))),
                    None => Ok(()),
                }
            }
            _ => self.fmt_primary(f),
        }
    }
}

impl Expr {
    fn chain(&self, f: &mut Formatter<'_>, parts: &[Expr], power: u8, between: &str) -> Result {
        let parts: Vec<_> = parts.iter().map(|part| Operand(part, power + 1)).collect();
        join(f, &parts, between)
    }

    fn fmt_primary(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ExprKind::Case { operand, branches, otherwise } => {
                f.write_str("CASE")?;
                optional(f, " ", operand)?;
                for (condition, result) in branches {
                    write!(f, " WHEN {condition} THEN {result}")?;
                }
                optional(f, " ELSE ", otherwise)?;
                f.write_str(" END")
            }
            ExprKind::Function(call) => Display::fmt(call, f),
            ExprKind::NamedArg { name, value } => write!(f, "{name} => {value}"),
            ExprKind::Subquery(query) => write!(f, "({query})"),
            ExprKind::Exists(query) => write!(f, "EXISTS ({query})"),
            ExprKind::Row(items) => parens(f, "ROW", items),
            ExprKind::Array(items) => {
                f.write_str("ARRAY[")?;
                list(f, items)?;
                f.write_str("]")
            }
            ExprKind::ArrayQuery(query) => write!(f, "ARRAY({query})"),
            ExprKind::Subscript { expr, subscript } => {
                self.base(f, expr)?;
                Display::fmt(subscript, f)
            }
            ExprKind::Field { expr, field } => {
                self.base(f, expr)?;
                match field {
                    Some(field) => write!(f, ".{field}"),
                    None => f.write_str(".*"),
                }
            }
            _ => Ok(()),
        }
    }

    /// What a field or an element is taken of.
    fn base(&self, f: &mut Formatter<'_>, expr: &Expr) -> Result {
        let field = matches!(self.kind, ExprKind::Field { .. });
        match &expr.kind {
            ExprKind::Subscript { .. } | ExprKind::Field { .. } | ExprKind::Param(_) => Display::fmt(expr, f),
            ExprKind::Column(_) if !field => Display::fmt(expr, f),
            _ => write!(f, "({expr})"),
        }
    }
}

impl Display for Subscript {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Subscript::At(at) => write!(f, "[{at}]"),
            Subscript::Slice(low, high) => {
                optional(f, "[", low)?;
                word(f, low.is_none(), "[")?;
                // Apart, so that no `::` comes of it.
                f.write_str(" : ")?;
                optional(f, "", high)?;
                f.write_str("]")
            }
        }
    }
}

impl Display for FunctionCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.name.simple() {
            Some(name @ ("coalesce" | "nullif" | "greatest" | "least" | "left" | "right")) => {
                f.write_str(name)?
            }
            _ => Display::fmt(&self.name, f)?,
        }
        f.write_str("(")?;
        word(f, self.star, "*")?;
        word(f, self.distinct, "DISTINCT ")?;
        let last = self.args.len().saturating_sub(1);
        for (i, arg) in self.args.iter().enumerate() {
            word(f, i > 0, ", ")?;
            word(f, self.variadic && i == last, "VARIADIC ")?;
            Display::fmt(arg, f)?;
        }
        clause(f, " ORDER BY ", &self.order_by)?;
        f.write_str(")")?;
        if !self.within_group.is_empty() {
            clause(f, " WITHIN GROUP (ORDER BY ", &self.within_group)?;
            f.write_str(")")?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " FILTER (WHERE {filter})")?;
        }
        match &self.over {
            Some(Over::Name(name)) => write!(f, " OVER {name}"),
            Some(Over::Window(window)) => write!(f, " OVER {window}"),
            None => Ok(()),
        }
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("(")?;
        let mut space = "";
        if let Some(base) = &self.base {
            // The words that begin a window's clauses are names only in quotes here.
            write!(f, "\"{}\"", base.name.replace('"', "\"\""))?;
            space = " ";
        }
        if !self.partition_by.is_empty() {
            f.write_str(space)?;
            clause(f, "PARTITION BY ", &self.partition_by)?;
            space = " ";
        }
        if !self.order_by.is_empty() {
            f.write_str(space)?;
            clause(f, "ORDER BY ", &self.order_by)?;
            space = " ";
        }
        optional(f, space, &self.frame)?;
        f.write_str(")")
    }
}

impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.unit {
            FrameUnit::Rows => "ROWS ",
            FrameUnit::Range => "RANGE ",
            FrameUnit::Groups => "GROUPS ",
        })?;
        match &self.end {
            Some(end) => write!(f, "BETWEEN {} AND {end}", self.start)?,
            None => Display::fmt(&self.start, f)?,
        }
        f.write_str(match self.exclude {
            FrameExclude::NoOthers => "",
            FrameExclude::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclude::Group => " EXCLUDE GROUP",
            FrameExclude::Ties => " EXCLUDE TIES",
        })
    }
}

impl Display for FrameBound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            FrameBound::UnboundedPreceding => f.write_str("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => write!(f, "{offset} PRECEDING"),
            FrameBound::CurrentRow => f.write_str("CURRENT ROW"),
            FrameBound::Following(offset) => write!(f, "{offset} FOLLOWING"),
            FrameBound::UnboundedFollowing => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}

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
            // A call of a function of that name, not the clause.
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
        write!(f, " AS {how}({})", self.statement)
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
        word(f, self.condition == JoinCondition::Natural, " NATURAL")?;
        f.write_str(match self.kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
            JoinKind::Cross => " CROSS JOIN ",
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

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.kind, f)
    }
}

impl Display for StatementKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            StatementKind::Query(query) => Display::fmt(query, f),
            StatementKind::Insert(insert) => Display::fmt(insert, f),
            StatementKind::Update(update) => Display::fmt(update, f),
            StatementKind::Delete(delete) => Display::fmt(delete, f),
            StatementKind::CreateTable(create) => Display::fmt(create, f),
            StatementKind::CreateTableAs(create) => Display::fmt(create, f),
            StatementKind::DropTable(drop) => {
                clause(f, if drop.if_exists { "DROP TABLE IF EXISTS " } else { "DROP TABLE " }, &drop.names)?;
                word(f, drop.cascade, " CASCADE")
            }
            StatementKind::Explain(explain) => {
                f.write_str("EXPLAIN ")?;
                for (i, (name, value)) in explain.options.iter().enumerate() {
                    write!(f, "{}{name}", if i > 0 { ", " } else { "(" })?;
                    optional(f, " ", &value.as_deref().map(quote_literal))?;
                }
                word(f, !explain.options.is_empty(), ") ")?;
                Display::fmt(&explain.statement, f)
            }
            StatementKind::Transaction(transaction) => Display::fmt(transaction, f),
            StatementKind::Set(set) => {
                write!(f, "SET {}{} TO ", if set.local { "LOCAL " } else { "" }, set.name)?;
                match &set.values {
                    Some(values) => list(f, values),
                    None => f.write_str("DEFAULT"),
                }
            }
            StatementKind::Show(Some(name)) => write!(f, "SHOW {name}"),
            StatementKind::Show(None) => f.write_str("SHOW ALL"),
            StatementKind::Reset(Some(name)) => write!(f, "RESET {name}"),
            StatementKind::Reset(None) => f.write_str("RESET ALL"),
        }
    }
}

impl Display for Insert {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        write!(f, "{}INSERT INTO {}", if self.with.is_some() { " " } else { "" }, self.table)?;
        optional(f, " AS ", &self.alias)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        f.write_str(match self.overriding_system {
            Some(true) => " OVERRIDING SYSTEM VALUE",
            Some(false) => " OVERRIDING USER VALUE",
            None => "",
        })?;
        match &self.source {
            Some(source) => write!(f, " {source}")?,
            None => f.write_str(" DEFAULT VALUES")?,
        }
        optional(f, "", &self.on_conflict)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Display for OnConflict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(" ON CONFLICT")?;
        match &self.target {
            Some(ConflictTarget::Constraint(name)) => write!(f, " ON CONSTRAINT {name}")?,
            Some(ConflictTarget::Index { keys, filter }) => {
                parens(f, " ", keys)?;
                optional(f, " WHERE ", filter)?;
            }
            None => {}
        }
        match &self.update {
            Some(update) => {
                clause(f, " DO UPDATE SET ", &update.set)?;
                optional(f, " WHERE ", &update.filter)
            }
            None => f.write_str(" DO NOTHING"),
        }
    }
}

impl Display for ConflictKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.expr.kind {
            ExprKind::Column(_) | ExprKind::Function(_) => Display::fmt(&self.expr, f)?,
            _ => write!(f, "({})", self.expr)?,
        }
        optional(f, " COLLATE ", &self.collation)?;
        optional(f, " ", &self.class)
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.column, f)?;
        for step in &self.path {
            match step {
                PathStep::Field(name) => write!(f, ".{name}")?,
                PathStep::Subscript(subscript) => Display::fmt(subscript, f)?,
            }
        }
        Ok(())
    }
}

impl Display for Assignment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.multiple {
            true => parens(f, "", &self.targets)?,
            false => list(f, &self.targets)?,
        }
        write!(f, " = {}", self.value)
    }
}

impl Display for Update {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        let (space, only) =
            (if self.with.is_some() { " " } else { "" }, if self.only { "ONLY " } else { "" });
        write!(f, "{space}UPDATE {only}{}", self.table)?;
        optional(f, " AS ", &self.alias)?;
        clause(f, " SET ", &self.set)?;
        clause(f, " FROM ", &self.from)?;
        optional(f, " WHERE ", &self.filter)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Display for Delete {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        let (space, only) =
            (if self.with.is_some() { " " } else { "" }, if self.only { "ONLY " } else { "" });
        write!(f, "{space}DELETE FROM {only}{}", self.table)?;
        optional(f, " AS ", &self.alias)?;
        clause(f, " USING ", &self.using)?;
        optional(f, " WHERE ", &self.filter)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Persistence {
    fn word(self) -> &'static str {
        match self {
            Persistence::Permanent => "",
            Persistence::Temporary => "TEMPORARY ",
            Persistence::Unlogged => "UNLOGGED ",
        }
    }
}

impl Display for CreateTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}TABLE {exists}{} (", self.persistence.word(), self.name)?;
        list(f, &self.columns)?;
        word(f, !self.columns.is_empty() && !self.constraints.is_empty(), ", ")?;
        list(f, &self.constraints)?;
        f.write_str(")")?;
        if self.options.is_empty() { Ok(()) } else { parens(f, " WITH ", &self.options) }
    }
}

impl Display for StorageOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.name, f)?;
        optional(f, " = ", &self.value)
    }
}

impl Display for ColumnDefinition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.name, self.ty)?;
        optional(f, " COLLATE ", &self.collation)?;
        clause_of(f, &self.constraints)
    }
}

fn clause_of(f: &mut Formatter<'_>, constraints: &[ColumnConstraint]) -> Result {
    for constraint in constraints {
        optional(f, " CONSTRAINT ", &constraint.name)?;
        match &constraint.kind {
            ColumnConstraintKind::NotNull => f.write_str(" NOT NULL")?,
            ColumnConstraintKind::Null => f.write_str(" NULL")?,
            ColumnConstraintKind::Default(expr) => write!(f, " DEFAULT {}", Operand(expr, power::OTHER))?,
            ColumnConstraintKind::PrimaryKey => f.write_str(" PRIMARY KEY")?,
            ColumnConstraintKind::Unique => f.write_str(" UNIQUE")?,
            ColumnConstraintKind::Check(expr) => write!(f, " CHECK ({expr})")?,
            ColumnConstraintKind::References(references) => write!(f, " {references}")?,
            ColumnConstraintKind::Generated(expr) => write!(f, " GENERATED ALWAYS AS ({expr}) STORED")?,
            ColumnConstraintKind::Identity(true) => f.write_str(" GENERATED ALWAYS AS IDENTITY")?,
            ColumnConstraintKind::Identity(false) => f.write_str(" GENERATED BY DEFAULT AS IDENTITY")?,
        }
    }
    Ok(())
}

impl Display for TableConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "CONSTRAINT ", &self.name)?;
        word(f, self.name.is_some(), " ")?;
        match &self.kind {
            TableConstraintKind::PrimaryKey(columns) => parens(f, "PRIMARY KEY ", columns),
            TableConstraintKind::Unique(columns) => parens(f, "UNIQUE ", columns),
            TableConstraintKind::Check(expr) => write!(f, "CHECK ({expr})"),
            TableConstraintKind::ForeignKey(columns, references) => {
                parens(f, "FOREIGN KEY ", columns)?;
                write!(f, " {references}")
            }
        }
    }
}

impl Display for References {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "REFERENCES {}", self.table)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        for (event, action) in [(" ON DELETE ", self.on_delete), (" ON UPDATE ", self.on_update)] {
            f.write_str(if action == ReferenceAction::NoAction { "" } else { event })?;
            f.write_str(match action {
                ReferenceAction::NoAction => "",
                ReferenceAction::Restrict => "RESTRICT",
                ReferenceAction::Cascade => "CASCADE",
                ReferenceAction::SetNull => "SET NULL",
                ReferenceAction::SetDefault => "SET DEFAULT",
            })?;
        }
        Ok(())
    }
}

impl Display for CreateTableAs {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}TABLE {exists}{}", self.persistence.word(), self.name)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        write!(f, " AS {}", self.query)?;
        word(f, !self.with_data, " WITH NO DATA")
    }
}

impl Display for TransactionStatement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use TransactionStatement as T;
        match self {
            T::Begin(modes) => write!(f, "BEGIN{modes}"),
            T::Commit(chain) => f.write_str(if *chain { "COMMIT AND CHAIN" } else { "COMMIT" }),
            T::Rollback(chain) => f.write_str(if *chain { "ROLLBACK AND CHAIN" } else { "ROLLBACK" }),
            T::Savepoint(name) => write!(f, "SAVEPOINT {name}"),
            T::Release(name) => write!(f, "RELEASE SAVEPOINT {name}"),
            T::RollbackTo(name) => write!(f, "ROLLBACK TO SAVEPOINT {name}"),
            T::Set(modes) => write!(f, "SET TRANSACTION{modes}"),
            T::SetSession(modes) => write!(f, "SET SESSION CHARACTERISTICS AS TRANSACTION{modes}"),
        }
    }
}

impl Display for TransactionModes {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(isolation) = self.isolation {
            f.write_str(match isolation {
                Isolation::ReadUncommitted => " ISOLATION LEVEL READ UNCOMMITTED",
                Isolation::ReadCommitted => " ISOLATION LEVEL READ COMMITTED",
                Isolation::RepeatableRead => " ISOLATION LEVEL REPEATABLE READ",
                Isolation::Serializable => " ISOLATION LEVEL SERIALIZABLE",
            })?;
        }
        match self.read_only {
            Some(true) => f.write_str(" READ ONLY")?,
            Some(false) => f.write_str(" READ WRITE")?,
            None => {}
        }
        match self.deferrable {
            Some(true) => f.write_str(" DEFERRABLE"),
            Some(false) => f.write_str(" NOT DEFERRABLE"),
            None => Ok(()),
        }
    }
}
