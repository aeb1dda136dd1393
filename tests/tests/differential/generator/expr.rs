//! Expressions: values, columns, filled templates, subqueries.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::template::{Hole, Returns, Template};
use super::{Column, Maker};

impl Maker<'_> {
    pub(super) fn any_type(&mut self) -> Ty {
        let all: Vec<Ty> = Ty::all().collect();
        *self.pick(&all)
    }

    /// A type with an order; mostly one that a column in scope has.
    pub(super) fn ordered_type(&mut self) -> Ty {
        let ty = match self.scope.is_empty() || self.chance(30) {
            true => self.any_type(),
            false => {
                let at = self.below(self.scope.len());
                self.scope[at].ty
            }
        };
        if ty.info().comparable { ty } else { Ty::of("integer") }
    }

    fn array_type(&mut self) -> Ty {
        let all: Vec<Ty> = Ty::all().filter(|ty| ty.element().is_some()).collect();
        *self.pick(&all)
    }

    /// A value of a type, as one writes it.
    pub(super) fn literal(&mut self, ty: Ty) -> Sql {
        if self.chance(10) {
            return Sql::text(if self.chance(50) {
                "NULL".to_owned()
            } else {
                format!("NULL::{}", ty.info().name)
            });
        }
        let info = ty.info();
        let count = if self.chance(50) { info.tame } else { info.values.len() };
        let value = *self.pick(&info.values[..count]);
        let quoted = quote(value);
        let is_number = matches!(info.name, "integer" | "numeric")
            && value.parse::<f64>().is_ok_and(|n| (0.0..1e6).contains(&n));
        Sql::text(match info.name {
            _ if is_number && value.starts_with(|c: char| c.is_ascii_digit()) => value.to_owned(),
            "text" if self.chance(70) => quoted,
            "boolean" if self.chance(70) => {
                (if value.starts_with('t') { "true" } else { "false" }).to_owned()
            }
            _ if !self.total && self.chance(15) => quoted,
            "date" | "interval" if self.chance(30) => format!("{} {quoted}", info.name),
            name => format!("{quoted}::{name}"),
        })
    }

    /// A column of that type in scope.
    fn column(&mut self, ty: Ty) -> Option<Sql> {
        let fitting: Vec<&Column> = self.scope.iter().filter(|column| column.ty == ty).collect();
        let at = self.rng.below(fitting.len() as u64) as usize;
        fitting.get(at).map(|column| Sql::text(column.sql.clone()))
    }

    /// An expression of a type, with so many levels of operators at most.
    pub(super) fn expr(&mut self, ty: Ty, depth: usize) -> Sql {
        let ty = match self.rng.one_in(self.wild) {
            true => self.any_type(),
            false => ty,
        };
        if depth == 0 || self.chance(12) {
            if self.chance(75)
                && let Some(column) = self.column(ty)
            {
                return Sql::Expr(ty, Box::new(column));
            }
            if depth == 0 {
                return Sql::Expr(ty, Box::new(self.literal(ty)));
            }
        }
        if self.grouped.is_some()
            && self.chance(40)
            && let Some(aggregate) = self.aggregate(ty, depth)
        {
            return Sql::Expr(ty, Box::new(aggregate));
        }
        if self.total && self.grouped.is_none() && depth >= 2 && !self.tables.is_empty() && self.chance(8) {
            let subquery = self.subquery(ty);
            return Sql::Expr(ty, Box::new(subquery));
        }
        let templates = if self.total { self.words.total.giving(ty) } else { self.words.free.giving(ty) };
        // What fits every type would outnumber what is there for this one.
        let own: Vec<&Template> =
            templates.iter().filter(|t| !matches!(t.returns, Returns::Any | Returns::Ordered)).collect();
        let generic = own.is_empty() || self.chance(25);
        let at = self.below(if generic { templates.len() } else { own.len() });
        let template = if generic { templates[at].clone() } else { own[at].clone() };
        let filled = self.fill(&template, ty, depth - 1);
        Sql::Expr(ty, Box::new(Sql::Seq(vec![Sql::text("("), filled, Sql::text(")")])))
    }

    /// A template with its holes filled.
    pub(super) fn fill(&mut self, template: &Template, asked: Ty, depth: usize) -> Sql {
        let ordered = match template.returns {
            Returns::Ordered => asked,
            _ => self.ordered_type(),
        };
        let array = match template.returns {
            Returns::Array => asked,
            Returns::Element => asked.array().unwrap_or(asked),
            _ => self.array_type(),
        };
        let part = |part: &Result<String, Hole>| match part {
            Ok(text) => Sql::text(text.clone()),
            Err(hole) => {
                let ty = match hole {
                    Hole::Of(ty) => *ty,
                    Hole::Result => asked,
                    Hole::Ordered => ordered,
                    Hole::Array => array,
                    Hole::Element => array.element().unwrap_or(array),
                    Hole::Any => self.any_type(),
                    Hole::Pool(texts) => return Sql::text(*self.pick(texts)),
                };
                self.expr(ty, depth)
            }
        };
        Sql::Seq(template.parts.iter().map(part).collect())
    }

    /// A condition.
    pub(super) fn condition(&mut self, depth: usize) -> Sql {
        self.expr(Ty::of("boolean"), depth)
    }

    /// A subquery that is an expression of that type, correlated more often than not.
    fn subquery(&mut self, ty: Ty) -> Sql {
        let boolean = ty == Ty::of("boolean") && self.chance(75);
        let outer = std::mem::take(&mut self.scope);
        let table = self.some_table();
        let alias = self.alias();
        let own = table.columns(&alias);
        let link = if self.chance(70) { link(&own, &outer) } else { None };
        self.scope = own.clone();
        if self.chance(30) {
            self.scope.extend(outer.iter().cloned());
        }
        let condition = self.condition(1);
        let mut wheres = vec![Sql::text(" WHERE "), condition];
        if let Some(link) = link {
            wheres.extend([Sql::text(" AND "), Sql::text(link)]);
        }
        let from =
            Sql::Seq(vec![Sql::text(format!(" FROM {} AS {alias}", table.name)), Sql::optional(wheres)]);
        let subquery = match boolean {
            true => self.subquery_condition(from, &outer),
            false => {
                let value = self.expr(ty, 1);
                let keys: Vec<_> =
                    own.iter().filter(|column| column.key).map(|column| column.sql.clone()).collect();
                let order = Sql::text(format!(" ORDER BY {} LIMIT 1)", keys.join(", ")));
                Sql::Seq(vec![Sql::text("(SELECT "), value, from, order])
            }
        };
        self.scope = outer;
        subquery
    }

    /// EXISTS, IN, ANY, ALL over a FROM clause; `outer` is what stands left of the operator.
    fn subquery_condition(&mut self, from: Sql, outer: &[Column]) -> Sql {
        if self.chance(35) {
            let no = if self.chance(40) { "NOT " } else { "" };
            return Sql::Seq(vec![Sql::text(format!("({no}EXISTS (SELECT 1")), from, Sql::text("))")]);
        }
        let ty = self.ordered_type();
        let value = self.expr(ty, 1);
        let inner = std::mem::replace(&mut self.scope, outer.to_vec());
        let left = self.expr(ty, 0);
        self.scope = inner;
        let operator = *self.pick(&["IN", "NOT IN", "= ANY", "< ALL", "<> ALL", ">= ANY", "> ALL"]);
        Sql::Seq(vec![
            Sql::text("("),
            left,
            Sql::text(format!(" {operator} (SELECT ")),
            value,
            from,
            Sql::text("))"),
        ])
    }
}

/// An equality between a column of one side and one of the other.
pub(super) fn link(one: &[Column], other: &[Column]) -> Option<String> {
    one.iter().filter(|column| column.ty.info().comparable).find_map(|column| {
        let partner = other.iter().find(|other| other.ty == column.ty)?;
        Some(format!("{} = {}", column.sql, partner.sql))
    })
}

/// A text between quotes.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
