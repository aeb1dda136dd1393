//! Definitions as rows of the catalog's tables, and back.

use super::indexes;
use super::{COLUMNS, CONSTRAINTS, Delta, ENTRIES, SYSTEM_SCHEMA, TABLES, damaged};
use crate::error::Result;
use crate::map::SortedMap;
use crate::table::layout::Layout;
use crate::table::{ColumnDef, ConstraintDef, Generated, RelationKind, SequenceDef, TableDef, TableId};
use crate::value::types::MARK;
use crate::value::{Column, Type, Value};

/// The definitions of the catalog's own tables.
pub fn system_tables() -> [TableDef; 5] {
    let column = |name: &str, ty, not_null| ColumnDef { not_null, ..ColumnDef::new(name, ty) };
    let (number, position, text) = (Type::Int8, Type::Int4, Type::Text);
    let table = |id, name: &str, columns, key| {
        let schema = SYSTEM_SCHEMA.to_string();
        TableDef { schema, ..TableDef::new(id, name, columns, key) }
    };
    let tables = vec![
        column("id", number, true),
        column("schema", text, true),
        column("name", text, true),
        column("kind", text, true),
        column("key", text, true),
        column("definition", text, false),
    ];
    let columns = vec![
        column("table_id", number, true),
        column("position", position, true),
        column("name", text, true),
        column("type", text, true),
        column("not_null", Type::Bool, true),
        column("default_text", text, false),
        column("generated", text, false),
    ];
    let entries = vec![column("kind", text, true), column("name", text, true), column("value", text, true)];
    let constraints = vec![
        column("table_id", number, true),
        column("position", position, true),
        column("name", text, true),
        column("definition", text, true),
    ];
    [
        table(TABLES, "rem_table", tables, vec![0]),
        table(COLUMNS, "rem_column", columns, vec![0, 1]),
        table(ENTRIES, "rem_entry", entries, vec![0, 1]),
        table(CONSTRAINTS, "rem_constraint", constraints, vec![0, 1]),
        indexes::table(),
    ]
}

/// The rows that describe a relation, table by table; no entry where a table has none.
pub type Described = Vec<(TableId, Vec<Column>)>;

/// The rows of [`TABLES`], [`COLUMNS`] and [`CONSTRAINTS`] that describe a relation.
pub fn rows_of(def: &TableDef) -> Result<Described> {
    let (text, id) = (|text: &String| Value::Text(text.clone()), Value::Int8(def.id.into()));
    let key: Vec<String> = def.key.iter().map(usize::to_string).collect();
    let (kind, definition) = kind_texts(def);
    let table = vec![
        id.clone(),
        text(&def.schema),
        text(&def.name),
        Value::from(kind),
        Value::Text(key.join(",")),
        definition.map_or(Value::Null, Value::Text),
    ];
    let positions = || (0..).map(Value::Int4);
    let column = |(c, position): (&ColumnDef, Value)| {
        vec![
            id.clone(),
            position,
            text(&c.name),
            Value::Text(c.ty.to_string().replace(MARK, "")),
            Value::Bool(c.not_null),
            c.default.clone().map_or(Value::Null, Value::Text),
            generated_text(c.generated).map_or(Value::Null, Value::from),
        ]
    };
    let constraint =
        |(c, position): (&ConstraintDef, Value)| vec![id.clone(), position, text(&c.name), text(&c.text)];
    let of = [
        (TABLES, vec![table]),
        (COLUMNS, def.columns.iter().zip(positions()).map(column).collect()),
        (CONSTRAINTS, def.constraints.iter().zip(positions()).map(constraint).collect()),
    ];
    let mut described = Vec::new();
    for (table, rows) in of.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        let Some(system) = system_tables().into_iter().find(|system| system.id == table) else { continue };
        let column = |(i, c): (usize, &ColumnDef)| {
            Column::from_values(c.ty, rows.iter().map(|row| row.get(i).cloned().unwrap_or(Value::Null)))
        };
        described.push((table, system.columns.iter().enumerate().map(column).collect::<Result<_>>()?));
    }
    Ok(described)
}

/// The definitions that new rows make up.
pub(super) fn definitions(delta: &Delta) -> Result<SortedMap<TableId, TableDef>> {
    let mut new: SortedMap<TableId, TableDef> = SortedMap::new();
    each(delta, TABLES, &mut |rows, i| {
        let def = table_row(rows, i)?;
        new.insert(def.id, def);
        Ok(())
    })?;
    let mut columns: SortedMap<(TableId, i32), ColumnDef> = SortedMap::new();
    each(delta, COLUMNS, &mut |rows, i| {
        let (table, position, column) = column_row(rows, i)?;
        columns.insert((table, position), column);
        Ok(())
    })?;
    let mut constraints: SortedMap<(TableId, i32), ConstraintDef> = SortedMap::new();
    each(delta, CONSTRAINTS, &mut |rows, i| {
        let (table, position, constraint) = constraint_row(rows, i)?;
        constraints.insert((table, position), constraint);
        Ok(())
    })?;
    for ((table, _), column) in columns {
        new.get_mut(&table).into_iter().for_each(|def| def.columns.push(column.clone()));
    }
    for ((table, _), constraint) in constraints {
        new.get_mut(&table).into_iter().for_each(|def| def.constraints.push(constraint.clone()));
    }
    Ok(new)
}

fn each(delta: &Delta, table: TableId, read: &mut dyn FnMut(&[Column], usize) -> Result<()>) -> Result<()> {
    for (_, rows) in delta.rows.iter().filter(|(id, _)| *id == table) {
        (0..rows.first().map_or(0, Column::len)).try_for_each(|i| read(rows, i))?;
    }
    Ok(())
}

/// What a row of [`TABLES`] says; its columns and constraints are elsewhere.
pub fn table_row(rows: &[Column], i: usize) -> Result<TableDef> {
    let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
    let [id, Value::Text(schema), Value::Text(name), Value::Text(kind), Value::Text(key), definition] =
        values.as_slice()
    else {
        return Err(damaged("a row of rem_table has the wrong columns, or a NULL"));
    };
    let key = match key.is_empty() {
        true => Vec::new(),
        false => {
            let positions = key.split(',').map(str::parse).collect::<std::result::Result<_, _>>();
            positions.map_err(|_| damaged("a key in rem_table is no list of numbers"))?
        }
    };
    let kind =
        kind_of(kind, definition).ok_or_else(|| damaged("a definition in rem_table makes no sense"))?;
    let options =
        options_of(&kind, definition).ok_or_else(|| damaged("an option in rem_table has no value"))?;
    let (schema, columns) = (schema.clone(), Vec::new());
    let layout = layout_of(&kind, definition)
        .ok_or_else(|| damaged("the columns of rows in rem_table make no sense"))?;
    Ok(TableDef {
        schema,
        kind,
        options,
        layout,
        ..TableDef::new(table_id(Some(id))?, name.clone(), columns, key)
    })
}

/// What a row of [`COLUMNS`] says: of which table, at which position.
pub fn column_row(rows: &[Column], i: usize) -> Result<(TableId, i32, ColumnDef)> {
    let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
    let [
        table,
        Value::Int4(position),
        Value::Text(name),
        Value::Text(ty),
        Value::Bool(not_null),
        default,
        made,
    ] = values.as_slice()
    else {
        return Err(damaged("a row of rem_column has the wrong columns, or a NULL"));
    };
    let known = Type::from_name(ty);
    let ty = known.ok_or_else(|| damaged(&format!("rem_column has the unknown type \"{ty}\"")))?;
    let default = match default {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let generated = generated_of(made).ok_or_else(|| damaged("rem_column has an unknown way to generate"))?;
    let (name, not_null) = (name.clone(), *not_null);
    Ok((table_id(Some(table))?, *position, ColumnDef { name, ty, not_null, default, generated }))
}

/// What a row of [`CONSTRAINTS`] says: of which table, at which position.
pub fn constraint_row(rows: &[Column], i: usize) -> Result<(TableId, i32, ConstraintDef)> {
    let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
    match values.as_slice() {
        [table, Value::Int4(position), Value::Text(name), Value::Text(text)] => {
            let constraint = ConstraintDef { name: name.clone(), text: text.clone() };
            Ok((table_id(Some(table))?, *position, constraint))
        }
        _ => Err(damaged("a row of rem_constraint has the wrong columns, or a NULL")),
    }
}

pub(super) fn table_id(value: Option<&Value>) -> Result<TableId> {
    match value {
        Some(Value::Int8(id)) => {
            TableId::try_from(*id).map_err(|_| damaged("a table number is out of range"))
        }
        _ => Err(damaged("a table number is missing")),
    }
}

/// As stored. Do not change.
fn generated_text(generated: Generated) -> Option<&'static str> {
    match generated {
        Generated::No => None,
        Generated::Stored => Some("s"),
        Generated::Always => Some("a"),
        Generated::ByDefault => Some("d"),
    }
}

fn generated_of(value: &Value) -> Option<Generated> {
    let all = [Generated::No, Generated::Stored, Generated::Always, Generated::ByDefault];
    let text = match value {
        Value::Null => None,
        Value::Text(text) => Some(text.as_str()),
        _ => return None,
    };
    all.into_iter().find(|generated| generated_text(*generated) == text)
}

/// Kind and definition as stored. Do not change. A sequence's definition is its type, its numbers and, where it has an
/// owner, the owner's three names, a line each. A table's is its options, a line each, which hold no line's end, and under no name
/// its [`Layout`].
fn kind_texts(def: &TableDef) -> (&'static str, Option<String>) {
    match &def.kind {
        RelationKind::Table => {
            let mut lines: Vec<String> =
                def.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
            lines.extend(def.layout.as_ref().map(Layout::text));
            ("r", (!lines.is_empty()).then(|| lines.join("\n")))
        }
        RelationKind::View(query) => ("v", Some(query.clone())),
        RelationKind::Sequence(s) => {
            let mut text =
                format!("{} {} {} {} {} {} {}", s.ty, s.start, s.increment, s.min, s.max, s.cache, s.cycle);
            // A name may hold a line's end, so each comes with its length.
            s.owner.iter().flatten().for_each(|name| text.push_str(&format!("\n{} {name}", name.len())));
            ("S", Some(text))
        }
    }
}

fn kind_of(kind: &str, definition: &Value) -> Option<RelationKind> {
    match (kind, definition) {
        ("r", Value::Null | Value::Text(_)) => Some(RelationKind::Table),
        ("v", Value::Text(query)) => Some(RelationKind::View(query.clone())),
        ("S", Value::Text(text)) => sequence_of(text).map(RelationKind::Sequence),
        _ => None,
    }
}

fn options_of(kind: &RelationKind, definition: &Value) -> Option<Vec<(String, String)>> {
    let (RelationKind::Table, Value::Text(lines)) = (kind, definition) else { return Some(Vec::new()) };
    let option = |line: &str| line.split_once('=').map(|(name, value)| (name.to_string(), value.to_string()));
    lines.lines().filter(|line| !line.starts_with('=')).map(option).collect()
}

#[allow(clippy::option_option, reason = "a table without a layout makes sense")]
fn layout_of(kind: &RelationKind, definition: &Value) -> Option<Option<Layout>> {
    let (RelationKind::Table, Value::Text(lines)) = (kind, definition) else { return Some(None) };
    match lines.lines().find(|line| line.starts_with('=')) {
        Some(line) => Layout::parse(line).map(Some),
        None => Some(None),
    }
}

fn sequence_of(text: &str) -> Option<SequenceDef> {
    let (numbers, mut rest) = text.split_once('\n').unwrap_or((text, ""));
    let words: Vec<&str> = numbers.split(' ').collect();
    let [ty, start, increment, min, max, cache, cycle] = words.as_slice() else { return None };
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (len, behind) = rest.split_once(' ')?;
        let name = behind.get(..len.parse().ok()?)?;
        names.push(name.to_string());
        rest = behind.get(name.len()..)?.strip_prefix('\n').unwrap_or("");
    }
    let owner = match names.is_empty() {
        true => None,
        false => Some(<[String; 3]>::try_from(names).ok()?),
    };
    Some(SequenceDef {
        ty: Type::from_name(ty)?,
        start: start.parse().ok()?,
        increment: increment.parse().ok()?,
        min: min.parse().ok()?,
        max: max.parse().ok()?,
        cache: cache.parse().ok()?,
        cycle: cycle.parse().ok()?,
        owner,
    })
}
