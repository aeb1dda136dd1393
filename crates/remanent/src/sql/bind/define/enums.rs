//! CREATE, ALTER and DROP TYPE of enum types; what is stored as text and speaks of them.
//!
//! Definitions that are kept as texts (defaults, conditions, views) name types, and labels of their values. A text is stored
//! with the schema of each type that is not in `public`; a renamed type or value is renamed in all of them.

use super::alter::Altering;
use super::define;
use super::drop::Dropping;
use super::names::{has_schema, meant, unknown_schema};
use super::view::{PATH, Written, qualified};
use crate::sql::ast::{
    self, AlterEnum, CreateEnum, DropObjects, EnumChange, Ident, Name, Span, TableConstraintKind, TypeName,
};
use crate::sql::bind::{Binder, refuse};
use crate::sql::expr::enums::type_name;
use crate::sql::parse::{parse_constraint, parse_expr};
use crate::sql::plan::{Define, Step};
use remanent_storage::catalog::EntryKind;
use remanent_storage::catalog::comments::Subject;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{ColumnDef, Generated, RelationKind, TableDef};
use remanent_storage::value::{Type, Value, array};
use std::sync::Arc;

/// The most bytes of a label, as in PostgreSQL.
const LABEL_BYTES: usize = 63;

/// Where a text names types, and where it has labels of their values.
struct Mentions {
    types: Vec<(Span, u32)>,
    labels: Vec<(usize, u32)>,
}

/// A new text for one that mentions enum types.
type Rewrite<'a> = dyn FnMut(&str, &Mentions, &mut Written) + 'a;

fn check_label(label: &Ident) -> Result<&str> {
    if label.name.len() <= LABEL_BYTES {
        return Ok(&label.name);
    }
    let message = format!("invalid enum label \"{}\"", label.name);
    Err(Error::new(state::INVALID_NAME, message)
        .with_detail(format!("Labels must be {LABEL_BYTES} bytes or less.")))
}

fn taken_label(label: &str) -> Error {
    Error::new(state::DUPLICATE_OBJECT, format!("enum label \"{label}\" already exists"))
}

/// The position of a value; 22023.
fn position(def: &EnumDef, label: &str) -> Result<usize> {
    def.labels.iter().position(|held| held.text == label).ok_or_else(|| {
        let message = format!("\"{label}\" is not an existing enum label");
        Error::new(state::INVALID_PARAMETER_VALUE, message)
    })
}

impl Binder<'_> {
    /// The enum type of a name: in its schema, or in the first of the path that has it.
    pub(in crate::sql::bind) fn named_enum(&mut self, name: &Name) -> Result<Option<Arc<EnumDef>>> {
        if name.parts.len() > 2 {
            return Err(refuse("a reference to another database", name.span));
        }
        self.note(name.last());
        let found = match name.qualifier() {
            Some(schema) if !has_schema(self.catalog, &schema.name) => {
                return Err(unknown_schema(&schema.name).at(name.span.at()));
            }
            Some(schema) => self.catalog.enumeration(meant(&schema.name, self.path), name.last()),
            None => self.path.iter().find_map(|schema| self.catalog.enumeration(schema, name.last())),
        };
        if let (Some(def), Some(written)) = (found, &mut self.written) {
            written.enumeration(name, def);
        }
        Ok(found.cloned())
    }

    /// CREATE TYPE … AS ENUM.
    pub(super) fn create_enum(&mut self, create: &CreateEnum) -> Result<Define> {
        let (schema, name) = self.target(&create.name).map_err(Error::without_position)?;
        if self.catalog.enumeration(&schema, &name).is_some()
            || self.catalog.relation(&schema, &name).is_some()
        {
            return Err(Error::new(state::DUPLICATE_OBJECT, format!("type \"{name}\" already exists")));
        }
        let mut labels: Vec<&str> = Vec::with_capacity(create.labels.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for label in &create.labels {
            labels.push(check_label(label)?);
            if !seen.insert(label.name.as_str()) {
                let message = "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"";
                return Err(Error::new(state::UNIQUE_VIOLATION, message)
                    .with_detail(format!("Key (enumlabel)=({}) already exists.", label.name)));
            }
        }
        self.note(&name);
        Ok(define("CREATE TYPE", &name, vec![Step::CreateEnum(EnumDef::new(&schema, &name, &labels))]))
    }

    /// The enum type that a statement changes; 42704, and 42809 for a type that is none.
    pub(super) fn changed_enum(&mut self, name: &Name) -> Result<Arc<EnumDef>> {
        if let Some(def) = self.named_enum(name).map_err(Error::without_position)? {
            return Ok(def);
        }
        let (name, span) = (name.clone(), name.span);
        let written = TypeName { name, modifiers: Vec::new(), interval: None, array: Vec::new(), span };
        let ty = self.resolve_type(&written).map_err(Error::without_position)?;
        Err(Error::new(state::WRONG_OBJECT_TYPE, format!("{ty} is not an enum")))
    }

    /// ALTER TYPE.
    pub(super) fn alter_enum(&mut self, alter: &AlterEnum) -> Result<Define> {
        let old = self.changed_enum(&alter.name)?;
        let mut new = EnumDef::clone(&old);
        let mut steps = Vec::new();
        match &alter.change {
            EnumChange::Add { label, if_not_exists, place } => {
                let text = check_label(label)?;
                if old.label(text).is_some() {
                    return match if_not_exists {
                        true => Ok(define("ALTER TYPE", &old.name, Vec::new())),
                        false => Err(taken_label(text)),
                    };
                }
                let at = match place {
                    Some((before, other)) => position(&old, &other.name)? + usize::from(!before),
                    None => old.labels.len(),
                };
                new = old.with_label(text, at);
            }
            EnumChange::Rename(from, to) => {
                let text = check_label(to)?;
                let at = position(&old, &from.name)?;
                if old.label(text).is_some() {
                    return Err(taken_label(text));
                }
                new.labels[at].text = text.to_string();
                steps = self.renamed_label(&old, &from.name, text)?;
            }
            EnumChange::RenameTo(to) => {
                new.name.clone_from(&to.name);
                steps = self.renamed_enum(&old, &new)?;
            }
            EnumChange::SetSchema(schema) => {
                if !has_schema(self.catalog, &schema.name) {
                    return Err(unknown_schema(&schema.name));
                }
                new.schema.clone_from(&schema.name);
                steps = self.renamed_enum(&old, &new)?;
            }
        }
        self.note(&new.name);
        let taken = |def: &EnumDef| {
            self.catalog.enumeration(&def.schema, &def.name).is_some()
                || self.catalog.relation(&def.schema, &def.name).is_some()
        };
        if (&old.schema, &old.name) != (&new.schema, &new.name) && taken(&new) {
            let message = format!("type \"{}\" already exists", new.name);
            return Err(Error::new(state::DUPLICATE_OBJECT, message));
        }
        steps.push(Step::AlterEnum(new));
        Ok(define("ALTER TYPE", &old.name, steps))
    }

    /// The steps that let what names a type name it otherwise.
    fn renamed_enum(&mut self, old: &EnumDef, new: &EnumDef) -> Result<Vec<Step>> {
        let name = qualified(&new.schema, &new.name);
        self.rewritten(&old.name, &mut |_, mentions, written| {
            for (span, _) in mentions.types.iter().filter(|(_, id)| *id == old.id) {
                written.replace(*span, name.clone());
            }
        })
    }

    /// The steps that let what has a value's label as a literal have it as another one.
    fn renamed_label(&mut self, def: &EnumDef, from: &str, to: &str) -> Result<Vec<Step>> {
        // In the text of an array these are written otherwise.
        let word = if from.contains(['"', '\\']) { "" } else { from };
        self.rewritten(word, &mut |text, mentions, written| {
            for (at, _) in mentions.labels.iter().filter(|(_, id)| *id == def.id) {
                let Some((start, len, held)) = literal(text.get(*at..).unwrap_or_default()) else { continue };
                if let Some(new) = with_label(&held, from, to, def) {
                    let start = (at + start) as u32;
                    written.replace(Span { start, end: start + len as u32 }, ast::quote_literal(&new));
                }
            }
        })
    }

    /// The steps that change what relations keep as text, where it has a word: `rewrite` says what is to be written.
    fn rewritten(&mut self, word: &str, rewrite: &mut Rewrite<'_>) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for old in self.catalog.relations() {
            let mut new = TableDef::clone(&old);
            if let RelationKind::View(text) = &mut new.kind {
                self.rewrite(text, word, rewrite, &mut |b, text| b.query_of_text(text).map(drop))?;
            }
            for position in 0..new.columns.len() {
                let ColumnDef { name, ty, generated, default, .. } = new.columns[position].clone();
                let Some(mut text) = default else { continue };
                let def = &old;
                self.rewrite(&mut text, word, rewrite, &mut |b, text| match generated {
                    Generated::Stored if name.is_empty() => b.kept(text, position, def).map(drop),
                    Generated::Stored => b.generation(&parse_expr(text)?, position, def).map(drop),
                    _ => b.default_expr(&parse_expr(text)?, &name, ty).map(drop),
                })?;
                new.columns[position].default = Some(text);
            }
            for constraint in &mut new.constraints {
                self.rewrite(
                    &mut constraint.text,
                    word,
                    rewrite,
                    &mut |b, text| match parse_constraint(text)?.kind {
                        TableConstraintKind::Check(condition) => b.check(&condition, &old).map(drop),
                        _ => Ok(()),
                    },
                )?;
            }
            if new != *old {
                steps.push(Step::Alter { old, new });
            }
        }
        Ok(steps)
    }

    fn rewrite(
        &mut self,
        text: &mut String,
        word: &str,
        rewrite: &mut Rewrite<'_>,
        bind: &mut dyn FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<()> {
        if !text.contains(word) && !text.contains(&word.replace('\'', "''")) {
            return Ok(());
        }
        let mentions = self.mentions(text, bind)?;
        let mut written = Written::default();
        rewrite(text, &mentions, &mut written);
        *text = written.apply(text);
        Ok(())
    }

    /// What a stored text mentions.
    fn mentions(
        &mut self,
        text: &str,
        bind: &mut dyn FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<Mentions> {
        let path = std::mem::replace(&mut self.path, PATH.as_slice());
        let held = self.written.replace(Written::default());
        self.resolver.labels();
        let bound = bind(self, text);
        let written = std::mem::replace(&mut self.written, held);
        self.path = path;
        bound?;
        let types = written.map(|written| written.types).unwrap_or_default();
        Ok(Mentions { types, labels: self.resolver.labels() })
    }

    /// A text as it is stored: with the schemas of the types that it names.
    pub(super) fn stored(
        &mut self,
        text: String,
        bind: &mut dyn FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<String> {
        if self.catalog.enums().is_empty() {
            return Ok(text);
        }
        let held = self.written.replace(Written::default());
        let bound = bind(self, &text);
        let written = std::mem::replace(&mut self.written, held);
        bound?;
        Ok(written.unwrap_or_default().apply(&text))
    }

    /// DROP TYPE.
    pub(super) fn drop_types(&mut self, drop: &DropObjects) -> Result<Define> {
        let mut found: Vec<Arc<EnumDef>> = Vec::with_capacity(drop.names.len());
        for name in &drop.names {
            match self.changed_enum(name) {
                Ok(def) if found.contains(&def) => {}
                Ok(def) => found.push(def),
                Err(error) if error.state() == state::WRONG_OBJECT_TYPE => {
                    return Err(refuse("dropping a type of the system", name.span));
                }
                Err(_) if drop.if_exists => {}
                Err(error) => return Err(error),
            }
        }
        let mut dependents = Vec::new();
        let mut steps = self.used_no_more(&found, &Dropping::default(), &mut dependents)?;
        if !dependents.is_empty() && !drop.cascade {
            let (what, them) = match found.as_slice() {
                [only] => (format!("type {}", type_name(only, self.path)), "it"),
                _ => ("desired object(s)".to_string(), "them"),
            };
            let message = format!("cannot drop {what} because other objects depend on {them}");
            return Err(Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
                .with_detail(dependents.join("\n"))
                .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
        }
        steps.extend(dropped(&found));
        let names = found.iter().map(|def| def.name.clone()).collect();
        Ok(Define { tag: "DROP TYPE", names, steps })
    }

    /// The steps after which nothing uses these types any more, but for what is `gone`: columns go, defaults go, views go. What
    /// they are is added to `dependents`.
    pub(super) fn used_no_more(
        &mut self,
        defs: &[Arc<EnumDef>],
        gone: &Dropping,
        dependents: &mut Vec<String>,
    ) -> Result<Vec<Step>> {
        let path = self.path;
        let used = |ty: Type| {
            let def = defs.iter().find(|def| ty.enumeration() == Some(def.id))?;
            Some(type_name(def, path))
        };
        let mut steps = Vec::new();
        let mut views = Dropping::default();
        for table in self.catalog.tables().into_iter().filter(|table| !gone.has(table)) {
            let called = match self.path.contains(&table.schema) {
                true => table.name.clone(),
                false => format!("{}.{}", table.schema, table.name),
            };
            let mut altering = Altering::new(&table, self.catalog.indexes_of(table.id));
            let mut lost: Vec<usize> = Vec::new();
            for (position, column) in table.columns.iter().enumerate().take(table.visible()) {
                if used(column.ty).is_some() {
                    lost.push(position);
                } else if let (Some(text), Generated::No) = (&column.default, column.generated)
                    && let Some(of) = self.default_uses(text, column, defs)?
                {
                    dependents.push(format!(
                        "default value for column {} of table {called} depends on type {of}",
                        column.name
                    ));
                    altering.def().columns[position].default = None;
                }
            }
            // Those of arrays come first, as in PostgreSQL.
            let is_array = |at: usize| matches!(table.columns[at].ty, Type::Array(_));
            let (arrays, others): (Vec<usize>, Vec<usize>) = lost.iter().partition(|&&at| is_array(at));
            for position in arrays.into_iter().chain(others) {
                let (column, ty) = (&table.columns[position].name, table.columns[position].ty);
                let brackets = if matches!(ty, Type::Array(_)) { "[]" } else { "" };
                let of = used(ty).unwrap_or_default();
                dependents.push(format!("column {column} of table {called} depends on type {of}{brackets}"));
                for (view, text) in self.views_of(&table)? {
                    if super::alter_column::mentions(&text, column) && !views.has(&view) {
                        dependents
                            .push(format!("view {} depends on column {column} of table {called}", view.name));
                        views.relations.push(view.clone());
                    }
                }
            }
            for &position in lost.iter().rev() {
                let name = &table.columns[position].name;
                if let Some(at) = altering.new.def.column(name) {
                    self.lost_column(at, true, &mut altering)?;
                }
            }
            // The views go below, once.
            altering.before.retain(|step| !matches!(step, Step::Drop(def) if !def.is_table()));
            if altering.rewrite || altering.new.def != *table {
                steps.extend(self.altered(altering)?);
            }
        }
        for view in self.catalog.relations() {
            if let RelationKind::View(text) = &view.kind
                && !views.has(&view)
                && !gone.has(&view)
                && let Some(def) =
                    self.mentions(text, &mut |b, text| b.query_of_text(text).map(drop))?.first_of(defs)
            {
                let of = type_name(def, self.path);
                dependents.push(format!("view {} depends on type {of}", view.name));
                views.relations.push(view.clone());
            }
        }
        for view in views.relations.clone() {
            self.take_along(&view, &mut views)?;
        }
        let mut dropped: Vec<Step> = views.relations.into_iter().map(Step::Drop).collect();
        dropped.extend(steps);
        Ok(dropped)
    }

    /// The first of these types that a default names.
    fn default_uses(
        &mut self,
        text: &str,
        column: &ColumnDef,
        defs: &[Arc<EnumDef>],
    ) -> Result<Option<String>> {
        if !defs.iter().any(|def| text.contains(&def.name)) {
            return Ok(None);
        }
        let mentions = self.mentions(text, &mut |b, text| {
            b.default_expr(&parse_expr(text)?, &column.name, column.ty).map(drop)
        })?;
        Ok(mentions.first_of(defs).map(|def| type_name(def, self.path)))
    }
}

impl Mentions {
    /// The first of these types that is named.
    fn first_of<'d>(&self, defs: &'d [Arc<EnumDef>]) -> Option<&'d Arc<EnumDef>> {
        defs.iter().find(|def| self.types.iter().any(|(_, of)| *of == def.id))
    }
}

/// The steps that drop types and what is said of them.
pub(super) fn dropped(defs: &[Arc<EnumDef>]) -> Vec<Step> {
    let steps = |def: &Arc<EnumDef>| {
        let comment = Subject::Type(def.id).to_string();
        [Step::Entry { kind: EntryKind::Comment, name: comment, value: None }, Step::DropEnum(def.id)]
    };
    defs.iter().flat_map(steps).collect()
}

/// The literal with which a text begins, or that stands there behind the name of its type: where, how long, and what it says.
fn literal(text: &str) -> Option<(usize, usize, String)> {
    let mut quoted = false;
    let start = text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '\'' && !quoted).then_some(at)
    })?;
    let (mut held, mut chars) = (String::new(), text.get(start + 1..)?.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        if c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_none() {
            return Some((start, at + 2, held));
        }
        held.push(c);
    }
    None
}

/// What a literal says, a label or an array of them, with a label renamed; None: it has not that label.
fn with_label(held: &str, from: &str, to: &str, def: &EnumDef) -> Option<String> {
    if held == from {
        return Some(to.to_owned());
    }
    if def.label(held).is_some() {
        return None;
    }
    let mut renamed = false;
    let array = array::parse(held, Type::Text).ok()?;
    let new = array.map(Type::Text, &mut |value| {
        let has = matches!(value, Value::Text(text) if text == from);
        renamed |= has;
        Ok(if has { Value::from(to) } else { value.clone() })
    });
    new.ok().filter(|_| renamed).map(|new| new.to_string())
}
