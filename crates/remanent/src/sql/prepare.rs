//! Statements ready to run: bound and optimized once, executed often.
//!
//! ```text
//! let prepared = prepare(&statement, &catalog, &[], &context)?;        // names, types, plan
//! if let Some(point) = prepared.point() {                              // the short path of a read by key
//!     let row: Option<Vec<Value>> = point.read(&txn, &params)?;
//! }
//! let mut execution = prepared.execute(&mut txn, params, &context)?;   // writes are done here, reads begin
//! while let Some(batch) = execution.next()? { … }                      // and go on without the transaction
//! ```
//!
//! A prepared statement holds the definitions of its tables, so it is good for as long as the catalog's version is the
//! one it was made with ([`Prepared::catalog_version`]); who keeps it compares.

use super::ast::{Statement, StatementKind};
use super::bind;
use super::execute::{self, Context, Env, Input, Run, Watch, Written};
use super::expr::coerce::can_convert;
use super::expr::enums::type_name;
use super::expr::{CastContext, EvalContext};
use super::functions::cast::cast_value;
use super::functions::reference;
use super::functions::zone::value_in;
use super::optimize::{optimize, optimize_subqueries, share};
use super::plan::{ExplainOptions, Field, Measured, Plan, Rules, SubPlan};
use super::short::{InsertRow, Point, UpdateRow};
use crate::settings::Settings;
use remanent_storage::catalog::Catalog;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::Txn;
use remanent_storage::txn::locker::{Locker, SessionLocks};
use remanent_storage::value::{Batch, ColumnBuilder, Element, Type, Value, Zone};
use std::sync::Arc;
use std::time::Duration;

/// One column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// Its type. Values of enum types are delivered as texts, their labels, numbers of objects as their names.
    pub ty: Type,
    /// The type whose values are delivered as texts, or of its arrays' elements, as SQL calls it.
    enumeration: Option<Arc<str>>,
}

impl ResultColumn {
    /// Of a type whose values are delivered as they are.
    pub(crate) fn new(name: impl Into<String>, ty: Type) -> Self {
        ResultColumn { name: name.into(), ty, enumeration: None }
    }

    /// What SQL calls its type.
    pub fn type_name(&self) -> String {
        match &self.enumeration {
            Some(name) if matches!(self.ty, Type::Array(_)) => format!("{name}[]"),
            Some(name) => name.to_string(),
            None => self.ty.to_string(),
        }
    }
}

/// The columns of a result whose values only the catalog can spell.
type Spelled = Arc<[(usize, Spelling)]>;

/// What stands in the place of such values.
#[derive(Debug)]
enum Spelling {
    /// Labels of an enum type.
    Labels(Arc<EnumDef>),
    /// Names of objects: regclass or regtype.
    Names(Type),
}

/// A statement ready to run.
#[derive(Debug)]
pub struct Prepared {
    plan: Plan,
    subplans: Vec<SubPlan>,
    columns: Vec<ResultColumn>,
    spelled: Spelled,
    params: Vec<Type>,
    catalog_version: u64,
    point: Option<Point>,
    insert_row: Option<InsertRow>,
    update_row: Option<UpdateRow>,
    at_once: bool,
    opens_late: bool,
    locked: Option<&'static str>,
    names: Vec<String>,
    /// The session's time zone.
    zone: Zone,
    /// The session's configuration of text search, where the plan was made for it.
    text_config: Option<String>,
    /// How long it took to prepare, of EXPLAIN.
    planning: Duration,
}

/// Prepares a statement that reads or writes tables. `params` are the types of parameters known beforehand, which may be
/// none. Statements of the session (BEGIN, SET, SHOW, …) are not prepared: an internal error.
pub fn prepare(
    statement: &Statement,
    catalog: &Catalog,
    params: &[Option<Type>],
    context: &Context,
) -> Result<Prepared> {
    prepare_watched(statement, catalog, params, context, &mut |_, _| {})
}

/// As [`prepare`]; `watch` sees the plan as bound (`bind`) and after each pass.
pub fn prepare_watched(
    statement: &Statement,
    catalog: &Catalog,
    params: &[Option<Type>],
    context: &Context,
    watch: &mut dyn FnMut(&str, &Plan),
) -> Result<Prepared> {
    // Only EXPLAIN asks how long it took.
    let clock = matches!(statement.kind, StatementKind::Explain(_)).then_some(&context.world.clock);
    let begun = clock.map(|clock| clock.monotonic());
    let bound = bind::bind(statement, catalog, params, &context.path, &context.zone)?;
    let env = Env::new(context.clone(), Vec::new(), None);
    let ctx = env.eval();
    // Passes drop and rename columns below the root; what the result's are called was settled by the binder.
    let (columns, spelled) = result_columns(bound.columns, catalog, &context.path);
    watch("bind", &bound.plan);
    let text_config = text_config(&bound.plan, context);
    let mut plan = optimize(bound.plan, &ctx, watch);
    let mut slots = bound.slots;
    let mut subplans = optimize_subqueries(&mut plan, &ctx, &mut slots);
    share(&plan, &mut subplans);
    if let Plan::Explain { subplans: printed, .. } = &mut plan {
        std::mem::swap(printed, &mut subplans);
    }
    let point = Point::of(&plan, &bound.params).filter(|_| subplans.is_empty() && spelled.is_empty());
    let alone = subplans.is_empty() && !bound.at_once;
    let insert_row = InsertRow::of(&plan, &bound.params).filter(|_| alone);
    let update_row = UpdateRow::of(&plan, &bound.params).filter(|_| alone);
    let (params, catalog_version) = (bound.params, catalog.version());
    let (at_once, locked, opens_late) = (bound.at_once, bound.locked, plan.opens_late());
    let names = bound.names;
    let planning = clock.zip(begun).map(|(clock, begun)| clock.monotonic().saturating_sub(begun));
    Ok(Prepared {
        planning: planning.unwrap_or_default(),
        plan,
        subplans,
        columns,
        spelled,
        params,
        catalog_version,
        point,
        insert_row,
        update_row,
        at_once,
        opens_late,
        locked,
        names,
        zone: context.zone.clone(),
        text_config,
    })
}

/// The session's configuration of text search, where a plan depends on it.
#[cfg(feature = "text")]
fn text_config(plan: &Plan, context: &Context) -> Option<String> {
    let settings = context.settings.as_ref()?;
    super::optimize::texts::depends(plan).then(|| settings.text_search_config())
}

#[cfg(not(feature = "text"))]
fn text_config(_: &Plan, _: &Context) -> Option<String> {
    None
}

#[cfg(feature = "text")]
fn is_configuration(config: &str, settings: Option<&Settings>) -> bool {
    settings.is_some_and(|settings| settings.text_search_config() == config)
}

#[cfg(not(feature = "text"))]
fn is_configuration(_: &str, _: Option<&Settings>) -> bool {
    true
}

fn result_columns(fields: Vec<Field>, catalog: &Catalog, path: &[String]) -> (Vec<ResultColumn>, Spelled) {
    let mut spelled = Vec::new();
    let column = |(i, field): (usize, Field)| {
        let of = if let Type::Array(element) = field.ty { element.ty() } else { field.ty };
        if of.is_reference() {
            spelled.push((i, Spelling::Names(of)));
            let ty = if field.ty == of { Type::Text } else { Type::Array(Element::of(Type::Text)) };
            return ResultColumn { name: field.name, ty, enumeration: Some(of.to_string().into()) };
        }
        let def = field.ty.enumeration().and_then(|id| catalog.enums().get(&id));
        spelled.extend(def.map(|def| (i, Spelling::Labels(Arc::clone(def)))));
        let enumeration = def.map(|def| type_name(def, path).into());
        ResultColumn { name: field.name, ty: field.ty.with_enum_as(Type::Text), enumeration }
    };
    let columns = fields.into_iter().enumerate().map(column).collect();
    (columns, spelled.into())
}

/// A text in which enum types and their values are spelled, where it has any.
pub(crate) fn spelled(text: &str, catalog: &Catalog, path: &[String]) -> Option<String> {
    catalog.spelled(text, &|def| type_name(def, path))
}

/// An error whose texts are.
pub(crate) fn spelled_error(error: Error, catalog: &Catalog, path: &[String]) -> Error {
    error.map_texts(&|text| spelled(text, catalog, path))
}

/// Rows with their generated columns, for who inserts them without a statement; 23514 where one fails a CHECK.
pub(crate) fn obeyed(rules: &Rules, rows: Batch, context: &Context) -> Result<Batch> {
    let env = Env::new(context.clone(), Vec::new(), None);
    execute::obeyed(Some(rules), rows, &Run::new(&env, None))
}

/// True if a statement is one that [`prepare`] takes.
pub fn is_preparable(statement: &Statement) -> bool {
    !matches!(
        statement.kind,
        StatementKind::Transaction(_)
            | StatementKind::Set(_)
            | StatementKind::Show(_)
            | StatementKind::Reset(_)
            | StatementKind::Alter(_)
            | StatementKind::SetConstraints(_)
            | StatementKind::Discard(_)
            | StatementKind::Maintain(_)
            | StatementKind::Copy(_)
            | StatementKind::Backup(_)
    )
}

impl Prepared {
    /// The result's columns; empty for a statement that returns no rows.
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    /// True if it returns rows (which may have no columns: `SELECT FROM t`).
    pub fn returns_rows(&self) -> bool {
        self.plan.returns_rows()
    }

    /// True if it changes the database.
    pub fn writes(&self) -> bool {
        self.plan.writes()
    }

    /// What in it locks rows, as SQL writes it: `FOR UPDATE`.
    pub fn locks_rows(&self) -> Option<&'static str> {
        self.locked
    }

    /// The tables that were looked up to prepare it, whether they are there or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// True if it changes what tables there are.
    pub fn defines(&self) -> bool {
        matches!(self.plan, Plan::Define(_))
    }

    /// The types of `$1, $2, …`.
    pub fn params(&self) -> &[Type] {
        &self.params
    }

    /// The time zone it was made for.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// True if it was made for the session's configuration of text search, or for any.
    pub(crate) fn searches_as(&self, settings: Option<&Settings>) -> bool {
        self.text_config.as_ref().is_none_or(|config| is_configuration(config, settings))
    }

    /// The version of the catalog it was made with.
    pub fn catalog_version(&self) -> u64 {
        self.catalog_version
    }

    /// The optimized plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The short path, where the statement reads one row by its whole primary key.
    pub fn point(&self) -> Option<&Point> {
        self.point.as_ref()
    }

    /// True if it writes one row that is named by its key.
    pub fn writes_row(&self) -> bool {
        self.insert_row.is_some() || self.update_row.is_some()
    }

    /// True if it inserts one row and reads nothing.
    pub fn inserts_row(&self) -> bool {
        self.insert_row.is_some()
    }

    /// The short path of a statement that writes one row, and commits if it can where it is `alone`: how many it wrote; None, and
    /// nothing happened, where it has none for these parameters. An error that [`Error::is_restart`] asks for the long path.
    pub fn write_row(
        &self,
        txn: &mut Txn,
        params: &[Value],
        ctx: &EvalContext<'_>,
        alone: bool,
    ) -> Result<Option<u64>> {
        match (&self.insert_row, &self.update_row) {
            (Some(insert), _) => Ok(insert.run(self, txn, params, alone)?.then_some(1)),
            (None, Some(update)) => update.run(self, txn, params, ctx, alone),
            (None, None) => Ok(None),
        }
    }

    /// True if values can be used as the parameters without conversion.
    pub(super) fn takes(&self, params: &[Value]) -> bool {
        params.len() == self.params.len()
            && params.iter().zip(&self.params).all(|(value, &ty)| is_of(value, ty))
    }

    /// Runs it. What writes is done when this returns; what reads has begun, sees the transaction as it is now, and goes
    /// on without it. An error that [`Error::is_restart`] asks to run the statement again on a new snapshot.
    pub fn execute(&self, txn: &mut Txn, params: Vec<Value>, context: &Context) -> Result<Execution> {
        let mut params = self.coerce(params)?;
        for param in params.iter_mut().filter(|param| matches!(param, Value::Blob(_))) {
            match self.plan.writes() {
                true => txn.settle(param)?,
                false => *param = param.loaded()?,
            }
        }
        if !self.at_once {
            return self.run(txn, params, context, None);
        }
        let locker = Arc::clone(txn.locker());
        locker.session().into_iter().for_each(SessionLocks::begin_statement);
        let done = self.run(txn, params, context, Some(Arc::clone(&locker)));
        if matches!(&done, Err(error) if error.is_restart()) {
            locker.session().into_iter().for_each(SessionLocks::undo_statement);
        }
        done
    }

    fn run(
        &self,
        txn: &mut Txn,
        params: Vec<Value>,
        context: &Context,
        locks: Option<Arc<Locker>>,
    ) -> Result<Execution> {
        let mut env = Env::new(context.clone(), params, locks);
        env.catalog = Some(Arc::clone(txn.catalog()));
        if let Plan::Explain { plan, subplans, options } = &self.plan
            && options.analyze
        {
            let text = self.analyze((plan, subplans), *options, Some(txn), &mut env)?;
            return Ok(self.execution(Some(execute::lines(&text)), env, 0));
        }
        execute::run_subplans(&self.subplans, Some(txn), &mut env)?;
        if self.plan.writes() {
            let Written { affected, rows } = execute::write(&self.plan, txn, &env)?;
            return Ok(self.execution(rows, env, affected));
        }
        let root = self.open(Some(txn), &env)?;
        if self.at_once {
            env.locks = None;
        }
        Ok(self.execution(Some(root), env, 0))
    }

    fn execution(&self, root: Option<Input>, env: Env, affected: u64) -> Execution {
        Execution { root, env, affected, spelled: Arc::clone(&self.spelled) }
    }

    /// Runs a statement that reads no table (`SELECT 1`, VALUES); an internal error where it does.
    pub fn execute_without_tables(&self, params: Vec<Value>, context: &Context) -> Result<Execution> {
        let mut params = self.coerce(params)?;
        params.iter_mut().try_for_each(|param| param.loaded().map(|value| *param = value))?;
        let mut env = Env::new(context.clone(), params, None);
        if let Plan::Explain { plan, subplans, options } = &self.plan
            && options.analyze
        {
            let text = self.analyze((plan, subplans), *options, None, &mut env)?;
            return Ok(self.execution(Some(execute::lines(&text)), env, 0));
        }
        execute::run_subplans(&self.subplans, None, &mut env)?;
        let root = self.open(None, &env)?;
        Ok(self.execution(Some(root), env, 0))
    }

    /// EXPLAIN ANALYZE: runs a plan to its end, and says what it took.
    fn analyze(
        &self,
        (plan, subplans): (&Plan, &[SubPlan]),
        options: ExplainOptions,
        mut txn: Option<&mut Txn>,
        env: &mut Env,
    ) -> Result<String> {
        let watch = Watch::new(&env.context.world);
        env.watch = Some(Arc::clone(&watch));
        let begun = watch.now();
        execute::run_subplans(subplans, txn.as_deref(), env)?;
        let rest = match (plan.writes(), &mut txn) {
            (true, Some(txn)) => {
                let Written { affected, rows } = execute::write(plan, txn, env)?;
                let total = watch.now().saturating_sub(begun);
                watch.add(
                    plan,
                    Measured { loops: 1, rows: affected, first: total, total, ..Measured::default() },
                );
                rows
            }
            _ => Some(execute::open(plan, &Run::new(env, txn.as_deref()))?),
        };
        if let Some(mut rest) = rest {
            let run = Run::new(env, txn.as_deref());
            while execute::pull(&mut rest, &run)?.is_some() {}
        }
        let execution = watch.now().saturating_sub(begun);
        let text = execute::explained(plan, subplans, options, self.planning, Some((&watch, execution)));
        Ok(Run::new(env, None).spelled(text))
    }

    /// Begins to read. What takes locks may have to run again, and what opens plans as it goes needs the transaction,
    /// which may end before its rows are read: both are run to their end now.
    fn open(&self, txn: Option<&Txn>, env: &Env) -> Result<Input> {
        let run = Run::new(env, txn);
        let root = execute::open(&self.plan, &run)?;
        match self.at_once || self.opens_late {
            true => execute::gather(root, &run),
            false => Ok(root),
        }
    }

    /// The given values as the parameters' types: text is read as its type's text form, other types convert as on
    /// assignment.
    pub(super) fn coerce(&self, mut params: Vec<Value>) -> Result<Vec<Value>> {
        if params.len() != self.params.len() {
            let (given, wanted) = (params.len(), self.params.len());
            let message = format!("{given} parameters are given, but the statement has {wanted}");
            return Err(Error::new(state::UNDEFINED_PARAMETER, message));
        }
        for (i, (value, &ty)) in params.iter_mut().zip(&self.params).enumerate() {
            check_text(value)?;
            if !is_of(value, ty) {
                *value = convert(std::mem::replace(value, Value::Null), ty, i, &self.zone)?;
            }
        }
        Ok(params)
    }
}

/// True if a value needs no conversion to be of a type.
pub(super) fn is_of(value: &Value, ty: Type) -> bool {
    match (value, ty) {
        (Value::Null, _) => true,
        (Value::Numeric(_), Type::Numeric(limits)) => limits.is_none(),
        (Value::Vector(_), Type::Vector(length)) => length.is_none(),
        (value, ty) => value.type_of() == Some(ty),
    }
}

#[cold]
fn convert(value: Value, to: Type, index: usize, zone: &Zone) -> Result<Value> {
    let from = value.type_of();
    let readable = matches!(value, Value::Text(_)) || can_convert(from, to, CastContext::Assignment);
    if !readable {
        let from = from.map_or_else(String::new, |from| from.to_string());
        let message =
            format!("parameter ${} is of type {to} but the value given is of type {from}", index + 1);
        return Err(Error::new(state::DATATYPE_MISMATCH, message));
    }
    let whole = matches!(to, Type::Int2 | Type::Int4 | Type::Int8 | Type::Date);
    let given = value.clone();
    let converted = value_in(value, to, zone)?;
    if let Some(from) = from.filter(|from| whole && *from != Type::Text)
        && cast_value(converted.clone(), from)? != given
    {
        // Rounded, it would be another value: a key that was not asked for.
        let message =
            format!("parameter ${} is of type {to}, which cannot hold the value given, {given}", index + 1);
        let hint =
            format!("Cast the parameter, as in ${}::{from}, or give a value without a fraction.", index + 1);
        return Err(Error::new(state::DATATYPE_MISMATCH, message).with_hint(hint));
    }
    Ok(converted)
}

/// 22021 for a text with a NUL in it, which no text can hold.
pub(super) fn check_text(value: &Value) -> Result<()> {
    match value {
        Value::Text(text) if text.contains('\0') => Err(Error::new(
            state::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        )),
        _ => Ok(()),
    }
}

/// A running statement.
pub struct Execution {
    root: Option<Input>,
    env: Env,
    affected: u64,
    spelled: Spelled,
}

impl Execution {
    /// The next rows, at most 2,048, never an empty batch; None at the end.
    #[allow(
        clippy::should_implement_trait,
        reason = "batches are fallible and pulled, as everywhere in the executor"
    )]
    pub fn next(&mut self) -> Result<Option<Batch>> {
        let Some(root) = &mut self.root else { return Ok(None) };
        let batch = execute::pull(root, &Run::new(&self.env, None));
        if !matches!(batch, Ok(Some(_))) {
            self.root = None;
        }
        match (batch, &self.env.catalog) {
            (Ok(Some(batch)), Some(catalog)) if !self.spelled.is_empty() => {
                shown(batch, &self.spelled, catalog, &self.env.context.path).map(Some)
            }
            (Err(error), Some(catalog)) => Err(spelled_error(error, catalog, &self.env.context.path)),
            (batch, _) => batch,
        }
    }

    /// How many rows a statement that writes has inserted, updated or deleted.
    pub fn affected(&self) -> u64 {
        self.affected
    }
}

/// A batch with labels and names in the place of what only the catalog can spell.
fn shown(batch: Batch, spelled: &Spelled, catalog: &Catalog, path: &[String]) -> Result<Batch> {
    let mut batch = batch.compact();
    for (i, spelling) in spelled.iter() {
        let Some(column) = batch.columns.get_mut(*i) else { continue };
        let ty = match (spelling, column.ty()) {
            (Spelling::Labels(_), ty) => ty.with_enum_as(Type::Text),
            (Spelling::Names(_), Type::Array(_)) => Type::Array(Element::of(Type::Text)),
            (Spelling::Names(_), _) => Type::Text,
        };
        let mut labels = ColumnBuilder::with_capacity(ty, column.len());
        for row in 0..column.len() {
            let value = column.value(row);
            labels.push(&match spelling {
                Spelling::Labels(def) => def.show(&value)?,
                Spelling::Names(of) => named(&value, *of, catalog, path)?,
            })?;
        }
        *column = labels.finish();
    }
    Ok(batch)
}

/// The name of an object's number; of an array, the names of its elements.
fn named(value: &Value, of: Type, catalog: &Catalog, path: &[String]) -> Result<Value> {
    Ok(match value {
        Value::Int8(oid) => Value::Text(reference::name(catalog, path, of, *oid)),
        Value::Array(array) => array.map(Type::Text, &mut |value| named(value, of, catalog, path))?.into(),
        _ => Value::Null,
    })
}
