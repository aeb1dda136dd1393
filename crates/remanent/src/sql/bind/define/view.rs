//! CREATE VIEW, and what a view means where it is named.
//!
//! A view is stored as the text of its query, with what depends on the moment of its making written out: `*` as the columns
//! that it meant, tables outside of `public` with their schema.
//!
//! ```text
//! SET search_path = s; CREATE VIEW v AS SELECT * FROM t, public.u      SELECT t.a, t.b, u.c FROM s.t, public.u
//! ```
//!
//! Views read views up to [`MAX_HEIGHT`] together (54001); none reads itself (42P17), which OR REPLACE could bring about.
//!
//! Rows are changed through a view as `through` says.

use super::alter::Altering;
use super::define;
use crate::sql::ast::{self, CreateView, Persistence, StorageOption};
use crate::sql::bind::from::FromItem;
use crate::sql::bind::scope::Scope;
use crate::sql::bind::through::{CHECK_OPTION, INSERTS};
use crate::sql::bind::{Binder, Relation, refuse};
use crate::sql::parse::{self, parse_query};
use crate::sql::plan::{Define, Step};
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{
    ColumnDef, ConstraintDef, PUBLIC, RelationKind, TableDef, TableId, is_temporary,
};
use std::sync::{Arc, LazyLock};

/// How high the queries of views that read each other may be together: what they are planned as stands in a statement that may be
/// as high again.
pub const MAX_HEIGHT: u32 = parse::MAX_HEIGHT / 2;

/// A name with its schema, but for what is in `public`.
pub fn qualified(schema: &str, name: &str) -> String {
    match schema {
        PUBLIC => ast::quote_ident(name),
        _ => format!("{}.{}", ast::quote_ident(schema), ast::quote_ident(name)),
    }
}

/// Where the names of what is stored are looked up.
pub static PATH: LazyLock<[String; 1]> = LazyLock::new(|| [PUBLIC.to_string()]);

/// What a query's text means now: ranges of it and what to write there, and the relations that it reads.
#[derive(Default)]
pub struct Written {
    replacements: Vec<(ast::Span, String)>,
    pub reads: Vec<TableId>,
    /// The enum types that are named, and where.
    pub types: Vec<(ast::Span, u32)>,
}

impl Written {
    /// `*` stands for these columns of a scope.
    pub fn star(&mut self, span: ast::Span, columns: &[(usize, String)], scope: &Scope) {
        let column = |(position, name): &(usize, String)| {
            let (name, alias) = (ast::quote_ident(name), &scope.relation_of(*position).alias);
            match scope.is_plain(*position) {
                true => name,
                false => format!("{}.{name}", ast::quote_ident(alias)),
            }
        };
        let text = columns.iter().map(column).collect::<Vec<_>>().join(", ");
        self.replacements.push((span, text));
    }

    /// A table was named.
    pub fn table(&mut self, name: &ast::Name, def: &TableDef) {
        self.reads.push(def.id);
        if name.qualifier().is_none() && def.schema != PUBLIC {
            let full = format!("{}.{}", ast::quote_ident(&def.schema), ast::quote_ident(&def.name));
            self.replacements.push((name.span, full));
        }
    }

    /// An enum type was named.
    pub fn enumeration(&mut self, name: &ast::Name, def: &EnumDef) {
        self.types.push((name.span, def.id));
        if name.qualifier().is_none() && def.schema != PUBLIC {
            self.replace(name.span, qualified(&def.schema, &def.name));
        }
    }

    /// Something else is to be written there.
    pub fn replace(&mut self, span: ast::Span, text: String) {
        self.replacements.push((span, text));
    }

    pub fn apply(mut self, text: &str) -> String {
        remanent_kernels::sort::sort_by(&mut self.replacements, &|(a, _), (b, _)| b.start.cmp(&a.start));
        // What was bound twice is replaced once.
        self.replacements.dedup_by_key(|(span, _)| span.start);
        let mut out = text.to_string();
        for (span, new) in self.replacements {
            if out.get(span.range()).is_some() {
                out.replace_range(span.range(), &new);
            }
        }
        out
    }
}

/// The check option as a definition keeps it.
fn checks(written: Option<bool>, options: &[StorageOption]) -> Result<Vec<ConstraintDef>> {
    let mut option = written.map(|local| if local { "local" } else { "cascaded" });
    for given in options {
        let text = given.value.as_ref().map(|value| value.to_string());
        let text = text.as_deref().unwrap_or("true").trim_matches('\'').to_ascii_lowercase();
        option = match text.as_str() {
            "local" => Some("local"),
            "cascaded" => Some("cascaded"),
            _ => {
                let message = format!("invalid value for enum option \"{CHECK_OPTION}\": {text}");
                return Err(Error::new(state::INVALID_PARAMETER_VALUE, message)
                    .with_detail("Valid values are \"local\" and \"cascaded\"."));
            }
        };
    }
    let held = |text: &str| ConstraintDef { name: CHECK_OPTION.to_string(), text: text.to_string() };
    Ok(option.map(held).into_iter().collect())
}

impl Binder<'_> {
    /// CREATE VIEW.
    pub(super) fn create_view(&mut self, create: &CreateView) -> Result<Define> {
        for (refused, what) in [
            (create.recursive, "CREATE RECURSIVE VIEW"),
            (
                create.options.iter().any(|option| option.name.simple() != Some(CHECK_OPTION)),
                "an option of a view",
            ),
        ] {
            if refused {
                return Err(refuse(what, create.name.span));
            }
        }
        let (mut schema, name) = self.target_of(&create.name, create.persistence, "view")?;
        let old = self.catalog.relation(&schema, &name).cloned().filter(|_| create.or_replace);
        self.views.extend(old.as_ref().map(|old| old.id));
        // The first time for errors with their places in the statement.
        self.query(&create.query, None)?;
        if !self.resolver.param_types()?.is_empty() {
            let message = "there is no parameter $1";
            return Err(Error::new(state::UNDEFINED_PARAMETER, message));
        }
        let text = create.query.to_string();
        self.written = Some(Written::default());
        let Relation { fields, .. } = self.query_of_text(&text)?;
        self.views.clear();
        let written = self.written.take().unwrap_or_default();
        let temporary = |id: &TableId| self.catalog.by_id(*id).is_some_and(|table| table.def.is_temporary());
        if written.reads.iter().any(temporary) && !is_temporary(&schema) {
            // As in PostgreSQL, a view of what is temporary is temporary itself.
            let target = self.target_of(&create.name, Persistence::Temporary, "view");
            (schema, _) = target.map_err(Error::without_position)?;
        }
        let text = written.apply(&text);
        if let Some(extra) = create.columns.get(fields.len()) {
            let message = "CREATE VIEW specifies more column names than columns";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(extra.span.at()));
        }
        let mut columns: Vec<ColumnDef> = Vec::with_capacity(fields.len());
        for (i, field) in fields.iter().enumerate() {
            let name = create.columns.get(i).map_or(&field.name, |given| &given.name);
            if columns.iter().any(|held| held.name == *name) {
                let message = format!("column \"{name}\" specified more than once");
                return Err(Error::new(state::DUPLICATE_COLUMN, message));
            }
            columns.push(ColumnDef::new(name, field.ty));
        }
        let kind = RelationKind::View(text);
        let constraints = checks(create.check_option, &create.options)?;
        let def = TableDef { schema, kind, constraints, ..TableDef::new(0, &name, columns, Vec::new()) };
        if !def.constraints.is_empty() {
            self.checkable(&def)?;
        }
        let step = match old {
            Some(old) => {
                replaceable(&old, &def)?;
                Step::Alter { old, new: def }
            }
            None => Step::Create { def, or_leave: false },
        };
        Ok(define("CREATE VIEW", &name, vec![step]))
    }

    /// SET (…) or, `reset`, RESET (…) of ALTER VIEW.
    pub(super) fn view_options(
        &mut self,
        a: &mut Altering,
        options: &[StorageOption],
        reset: bool,
    ) -> Result<()> {
        if let Some(other) = options.iter().find(|option| option.name.simple() != Some(CHECK_OPTION)) {
            return Err(refuse("an option of a view", other.name.span));
        }
        a.def().constraints = checks(None, if reset { &[] } else { options })?;
        if reset { Ok(()) } else { self.checkable(a.def()) }
    }

    /// 0A000 for a view with a check option through which nothing is written.
    fn checkable(&mut self, view: &TableDef) -> Result<()> {
        let Err(error) = self.changed_through(&Arc::new(view.clone()), &view.name, INSERTS) else {
            return Ok(());
        };
        if error.state() != state::OBJECT_NOT_IN_PREREQUISITE_STATE {
            return Err(error);
        }
        let message = "WITH CHECK OPTION is supported only on automatically updatable views";
        Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).with_hint(error.detail().unwrap_or_default()))
    }

    /// The rows of a query's text, in a statement of its own.
    pub(super) fn query_of_text(&mut self, text: &str) -> Result<Relation> {
        let (query, height) = parse_query(text)?;
        self.views_height += height;
        let bound = match self.views_height > MAX_HEIGHT {
            true => Err(Error::new(state::STATEMENT_TOO_COMPLEX, "views read each other too deeply")
                .with_hint("Let a view read tables, or make a table of what one returns.")),
            false => self.query(&query, None),
        };
        self.views_height -= height;
        bound
    }

    /// The rows of a view.
    pub(in crate::sql::bind) fn view(&mut self, view: &TableDef, text: &str) -> Result<FromItem> {
        if self.views.contains(&view.id) {
            let message = format!("infinite recursion detected in rules for relation \"{}\"", view.name);
            return Err(Error::new(state::INVALID_OBJECT_DEFINITION, message));
        }
        self.views.push(view.id);
        // Nothing of the statement around it can be named in it.
        let queries = std::mem::take(&mut self.queries);
        let outer = std::mem::take(&mut self.outer);
        let path = std::mem::replace(&mut self.path, PATH.as_slice());
        let (written, labels) = (self.written.take(), self.resolver.labels());
        let bound = self.query_of_text(text);
        self.written = written;
        self.resolver.set_labels(labels);
        self.views.pop();
        (self.queries, self.outer, self.path) = (queries, outer, path);
        let mut relation = bound?;
        for (field, column) in relation.fields.iter_mut().zip(&view.columns) {
            field.name.clone_from(&column.name);
        }
        Ok(FromItem { scope: Scope::relation(&view.name, None, relation.fields), plan: relation.plan })
    }

    /// The relations that a view reads.
    pub(super) fn reads_of_view(&mut self, text: &str) -> Result<Vec<TableId>> {
        let path = std::mem::replace(&mut self.path, PATH.as_slice());
        let held = self.written.replace(Written::default());
        let bound = self.query_of_text(text);
        let read = std::mem::replace(&mut self.written, held);
        self.path = path;
        bound.map(|_| read.map(|read| read.reads).unwrap_or_default())
    }

    /// The views that read a relation.
    pub(super) fn views_of(&mut self, def: &TableDef) -> Result<Vec<(Arc<TableDef>, String)>> {
        let mut found = Vec::new();
        for view in self.catalog.relations() {
            if let RelationKind::View(text) = &view.kind
                && self.reads_of_view(text)?.contains(&def.id)
            {
                found.push((view.clone(), text.clone()));
            }
        }
        remanent_kernels::sort::sort_by(&mut found, &|(a, _), (b, _)| a.id.cmp(&b.id));
        Ok(found)
    }
}

/// A view takes the place of another one whose columns it goes on with.
fn replaceable(old: &TableDef, new: &TableDef) -> Result<()> {
    if !matches!(old.kind, RelationKind::View(_)) {
        return Err(Error::new(state::WRONG_OBJECT_TYPE, format!("\"{}\" is not a view", old.name)));
    }
    let refused = |message: String| Error::new(state::INVALID_TABLE_DEFINITION, message);
    if new.columns.len() < old.columns.len() {
        return Err(refused("cannot drop columns from view".to_string()));
    }
    for (before, after) in old.columns.iter().zip(&new.columns) {
        if before.name != after.name {
            let message =
                format!("cannot change name of view column \"{}\" to \"{}\"", before.name, after.name);
            return Err(refused(message)
                .with_hint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead."));
        }
        if before.ty != after.ty {
            return Err(refused(format!(
                "cannot change data type of view column \"{}\" from {} to {}",
                before.name, before.ty, after.ty
            )));
        }
    }
    Ok(())
}
