//! Which columns a name can mean, and the hint when it means none.
//!
//! A scope is what FROM offers: relations by alias, and their columns at the positions where the plan delivers them. A
//! bare name is looked up among the *visible* columns, a qualified one among those of its relation. After
//! `JOIN … USING (a)` only one `a` is visible; `t.a` and `u.a` both still work.

use crate::sql::ast::{Ident, Name};
use crate::sql::expr::Expr;
use crate::sql::plan::{Field, Shape};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::TableDef;
use remanent_storage::value::Type;
use std::sync::Arc;

/// The columns that names can mean.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    relations: Vec<ScopeRelation>,
    columns: Vec<ScopeColumn>,
    /// Positions of what `*` and bare names mean, in order.
    visible: Vec<usize>,
}

/// One relation of FROM.
#[derive(Debug, Clone)]
pub struct ScopeRelation {
    /// What it is called here.
    pub alias: String,
    /// The table, where it is one.
    pub table: Option<Arc<TableDef>>,
    /// The positions of its columns.
    pub columns: Vec<usize>,
    /// Where its rows are to be locked: the positions of its key's columns and of where each row lies.
    pub identity: Vec<usize>,
    /// It may be missing: the other side of an outer join.
    pub nullable: bool,
    /// It is a function that returns values: a row of it is its one column.
    pub scalar: bool,
    /// The position of a column that is never NULL in its rows, where one was added for that.
    pub present: Option<usize>,
    /// It is a query of WITH.
    pub with_query: bool,
    /// It is the recursive one that is being bound.
    pub recursive: bool,
    /// The schema that it may be named with, where that is not its table's.
    schema: Option<String>,
}

#[derive(Debug, Clone)]
struct ScopeColumn {
    relation: usize,
    name: String,
    ty: Type,
    row: Option<Shape>,
}

impl From<Field> for ScopeColumn {
    fn from(field: Field) -> Self {
        ScopeColumn { relation: 0, name: field.name, ty: field.ty, row: field.row }
    }
}

impl Scope {
    /// One relation.
    pub fn relation(
        alias: &str,
        table: Option<Arc<TableDef>>,
        fields: impl IntoIterator<Item = Field>,
    ) -> Self {
        let columns: Vec<ScopeColumn> = fields.into_iter().map(ScopeColumn::from).collect();
        // What a table keeps for its indexes has no name.
        let visible: Vec<usize> = (0..columns.len()).filter(|&i| !columns[i].name.is_empty()).collect();
        let relation = ScopeRelation {
            alias: alias.to_string(),
            table,
            columns: visible.clone(),
            identity: Vec::new(),
            nullable: false,
            scalar: false,
            present: None,
            with_query: false,
            recursive: false,
            schema: None,
        };
        Scope { relations: vec![relation], visible, columns }
    }

    /// Adds columns that no name means, and says which identify the rows of the one relation.
    pub fn identify(&mut self, hidden: impl IntoIterator<Item = Field>, identity: Vec<usize>) {
        self.columns.extend(hidden.into_iter().map(ScopeColumn::from));
        self.relations.iter_mut().for_each(|relation| relation.identity.clone_from(&identity));
    }

    /// The one relation is a function that returns values.
    pub fn mark_scalar(&mut self) {
        self.relations.iter_mut().for_each(|relation| relation.scalar = true);
    }

    /// Adds a column that no name means and that is never NULL in the rows of the one relation.
    pub fn add_present(&mut self) {
        let position = self.columns.len();
        self.columns.push(Field::new("", Type::Bool).into());
        self.relations.iter_mut().for_each(|relation| relation.present = Some(position));
    }

    /// The relations in order.
    pub fn relations(&self) -> &[ScopeRelation] {
        &self.relations
    }

    /// All relations may be missing now: the other side of an outer join.
    pub fn make_nullable(&mut self) {
        self.relations.iter_mut().for_each(|relation| relation.nullable = true);
    }

    /// The one relation may be named with its schema.
    pub fn within(mut self, schema: &str) -> Self {
        self.relations.iter_mut().for_each(|relation| relation.schema = Some(schema.to_string()));
        self
    }

    /// The one relation is a query of WITH, maybe the recursive one that is being bound.
    pub fn mark_with_query(&mut self, recursive: bool) {
        for relation in &mut self.relations {
            (relation.with_query, relation.recursive) = (true, recursive);
        }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// This scope's relations, then those of another, whose columns follow; 42712 where an alias is taken.
    pub fn join(mut self, right: Scope) -> Result<Self> {
        for relation in &right.relations {
            if self.relations.iter().any(|held| held.alias == relation.alias) {
                let message = format!("table name \"{}\" specified more than once", relation.alias);
                return Err(Error::new(state::DUPLICATE_ALIAS, message));
            }
        }
        let (relations, width) = (self.relations.len(), self.columns.len());
        self.relations.extend(right.relations.into_iter().map(|relation| ScopeRelation {
            columns: relation.columns.iter().map(|position| position + width).collect(),
            identity: relation.identity.iter().map(|position| position + width).collect(),
            present: relation.present.map(|position| position + width),
            ..relation
        }));
        let column = |column: ScopeColumn| ScopeColumn { relation: column.relation + relations, ..column };
        self.columns.extend(right.columns.into_iter().map(column));
        self.visible.extend(right.visible.into_iter().map(|position| position + width));
        Ok(self)
    }

    /// Makes the merged columns of USING visible first and those they stand for (merged, left, right) invisible.
    pub fn merge(&mut self, merged: &[(usize, usize, usize)]) {
        let in_pair = |position: &usize| merged.iter().any(|(_, l, r)| l == position || r == position);
        let rest: Vec<usize> = self.visible.iter().copied().filter(|position| !in_pair(position)).collect();
        self.visible = merged.iter().map(|(place, ..)| *place).chain(rest).collect();
    }

    /// Adds a column that stands for two of USING, called as the first of them.
    pub fn add_merged(&mut self, of: usize, ty: Type) -> usize {
        let ScopeColumn { relation, name, .. } = self.columns[of].clone();
        self.columns.push(ScopeColumn { relation, name, ty, row: None });
        self.columns.len() - 1
    }

    /// A relation of some of the columns here: the alias of USING. 42712 where the alias is taken.
    pub fn add_relation(&mut self, alias: &Ident, columns: Vec<usize>) -> Result<()> {
        if self.has_relation(&alias.name) {
            let message = format!("table name \"{}\" specified more than once", alias.name);
            return Err(Error::new(state::DUPLICATE_ALIAS, message).at(alias.span.at()));
        }
        self.relations.push(ScopeRelation {
            alias: alias.name.clone(),
            table: None,
            columns,
            identity: Vec::new(),
            nullable: false,
            scalar: false,
            present: None,
            with_query: false,
            recursive: false,
            schema: None,
        });
        Ok(())
    }

    /// What `*` means: positions, names and types.
    pub fn visible(&self) -> impl Iterator<Item = (usize, Field)> {
        let field =
            |column: &ScopeColumn| Field { row: column.row.clone(), ..Field::new(&column.name, column.ty) };
        self.visible.iter().map(move |&i| (i, field(&self.columns[i])))
    }

    /// True if a qualified name's relation is here, whether or not it has such a column.
    pub fn has_relation_of(&self, name: &Name) -> bool {
        name.qualifier().is_some_and(|relation| self.has_relation(&relation.name))
    }

    /// The position of the one visible column of that name; 42703 and 42702 speak of the `side` table of a join.
    pub fn using(&self, column: &Ident, side: &str) -> Result<usize> {
        let mut found = self.visible.iter().copied().filter(|&i| self.columns[i].name == column.name);
        match (found.next(), found.next()) {
            (Some(position), None) => Ok(position),
            (None, _) => {
                let message = format!(
                    "column \"{}\" specified in USING clause does not exist in {side} table",
                    column.name
                );
                Err(Error::new(state::UNDEFINED_COLUMN, message))
            }
            _ => {
                let message =
                    format!("common column name \"{}\" appears more than once in {side} table", column.name);
                Err(Error::new(state::AMBIGUOUS_COLUMN, message).at(column.span.at()))
            }
        }
    }

    /// The names that NATURAL joins on.
    pub fn common_names<'a>(&'a self, right: &'a Scope) -> impl Iterator<Item = &'a str> {
        let names = self.visible.iter().map(|&i| self.columns[i].name.as_str());
        names.filter(|name| right.visible.iter().any(|&i| right.columns[i].name == *name))
    }

    /// The column at a position.
    pub fn column(&self, position: usize) -> Expr {
        Expr::column(position, self.columns[position].ty)
    }

    /// The fields of the rows that a column holds, if they are known.
    pub fn row_of(&self, position: usize) -> Option<Shape> {
        self.columns.get(position)?.row.clone()
    }

    /// True if the bare name of the column at a position means it and no other.
    pub fn is_plain(&self, position: usize) -> bool {
        let name = &self.columns[position].name;
        let mut found = self.visible.iter().filter(|&&i| self.columns[i].name == *name);
        found.next() == Some(&position) && found.next().is_none()
    }

    /// The columns that `*` or `t.*` means: positions and names.
    pub fn star(&self, of: Option<&Name>) -> Result<Vec<(usize, String)>> {
        let named = |position: usize| (position, self.columns[position].name.clone());
        match of {
            None => Ok(self.visible.iter().copied().map(named).collect()),
            Some(name) => {
                let relation = self.find_relation(name)?;
                Ok(self.relations[relation].columns.iter().copied().map(named).collect())
            }
        }
    }

    /// What a column's name means; 42703 where nothing, 42702 where more than one.
    pub fn resolve(&self, name: &Name) -> Result<usize> {
        let column = name.last();
        let mut found = match name.qualifier() {
            None => {
                self.visible.iter().copied().filter(|&i| self.columns[i].name == column).collect::<Vec<_>>()
            }
            Some(_) => {
                let relation = self.find_relation(&qualifier(name))?;
                let columns = self.relations[relation].columns.iter().copied();
                columns.filter(|&i| self.columns[i].name == column).collect()
            }
        };
        match (found.pop(), found.is_empty()) {
            (Some(position), true) => Ok(position),
            (Some(_), false) => {
                let message = format!("column reference \"{column}\" is ambiguous");
                Err(Error::new(state::AMBIGUOUS_COLUMN, message).at(name.span.at()))
            }
            (None, _) => Err(self.unknown_column(name)),
        }
    }

    /// True if a bare name is a column here (or several).
    pub fn has(&self, name: &str) -> bool {
        self.visible.iter().any(|&i| self.columns[i].name == name)
    }

    /// True if a name is that of a relation here.
    pub fn has_relation(&self, name: &str) -> bool {
        self.relations.iter().any(|relation| relation.alias == name)
    }

    /// The relation that the column at a position belongs to.
    pub fn relation_of(&self, position: usize) -> &ScopeRelation {
        &self.relations[self.columns[position].relation]
    }

    /// A column as messages name it: with its relation.
    pub fn full_name(&self, position: usize) -> String {
        let column = &self.columns[position];
        format!("{}.{}", self.relations[column.relation].alias, column.name)
    }

    /// The relation of a name.
    pub fn relation_named(&self, name: &Name) -> Option<&ScopeRelation> {
        self.relations.get(self.find_relation(name).ok()?)
    }

    fn find_relation(&self, name: &Name) -> Result<usize> {
        let alias = name.last();
        let in_schema = |r: &ScopeRelation| {
            let table = r.table.as_ref().filter(|table| table.name == r.alias);
            let of = r.schema.as_ref().or(table.map(|table| &table.schema));
            name.qualifier().is_none_or(|schema| Some(&schema.name) == of)
        };
        if let Some(found) = self.relations.iter().position(|r| r.alias == alias && in_schema(r)) {
            return Ok(found);
        }
        let hidden = self.relations.iter().find(|r| r.table.as_ref().is_some_and(|t| t.name == alias));
        Err(match hidden {
            Some(relation) => {
                let message = format!("invalid reference to FROM-clause entry for table \"{alias}\"");
                let hint = format!("Perhaps you meant to reference the table alias \"{}\".", relation.alias);
                Error::new(state::UNDEFINED_TABLE, message).with_hint(hint)
            }
            None if self.has_relation(alias) => {
                let message = format!("invalid reference to FROM-clause entry for table \"{alias}\"");
                let hint = format!(
                    "There is an entry for table \"{alias}\", but it cannot be referenced from this part of the query."
                );
                Error::new(state::UNDEFINED_TABLE, message).with_hint(hint)
            }
            None => {
                let message = format!("missing FROM-clause entry for table \"{alias}\"");
                Error::new(state::UNDEFINED_TABLE, message)
            }
        }
        .at(name.span.at()))
    }

    fn unknown_column(&self, name: &Name) -> Error {
        let column = name.last();
        let message = match name.qualifier() {
            Some(relation) => format!("column {}.{column} does not exist", relation.name),
            None => format!("column \"{column}\" does not exist"),
        };
        let error = Error::new(state::UNDEFINED_COLUMN, message).at(name.span.at());
        let of = name.qualifier().map(|relation| relation.name.as_str());
        let mut candidates = (0..self.columns.len())
            .filter(|&i| of.is_none_or(|alias| self.relation_of(i).alias == alias))
            .filter_map(|i| Some((distance(column, &self.columns[i].name)?, i)))
            .collect::<Vec<_>>();
        remanent_kernels::sort::sort_by(&mut candidates, &Ord::cmp);
        match candidates.first() {
            Some(&(best, near)) if candidates.iter().filter(|(d, _)| *d == best).count() <= 2 => {
                let mut hint =
                    format!("Perhaps you meant to reference the column \"{}\"", self.full_name(near));
                if let Some(&(second, other)) = candidates.get(1)
                    && second == best
                {
                    hint.push_str(&format!(" or the column \"{}\"", self.full_name(other)));
                }
                error.with_hint(hint + ".")
            }
            _ => error,
        }
    }
}

fn qualifier(name: &Name) -> Name {
    let parts = name.parts[..name.parts.len() - 1].to_vec();
    Name { parts, span: name.span }
}

/// How many letters must be added, removed or replaced to make one name of the other; None if too many for a slip: more
/// than 3, or more than half of the name (the limits of PostgreSQL's hints).
fn distance(from: &str, to: &str) -> Option<usize> {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let limit = 3.min(from.len() / 2);
    if from.len().abs_diff(to.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|&distance| distance <= limit)
}

/// The name that was perhaps meant.
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names.filter_map(|candidate| Some((distance(name, candidate)?, candidate))).min().map(|(_, near)| near)
}
