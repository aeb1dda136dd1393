//! Indexes as rows of the catalog, and back.

use super::rows::table_id;
use super::{Delta, INDEXES, SYSTEM_SCHEMA, damaged};
use crate::error::Result;
use crate::index::{IndexDef, IndexId, KeyOrder};
use crate::map::SortedMap;
use crate::table::version::Table;
use crate::table::{ColumnDef, TableDef, TableId};
use crate::value::{Column, Key, Type, Value, key};
use remanent_kernels::sort::sort_by;
use std::sync::Arc;

/// The indexes of all tables.
#[derive(Default, Clone)]
pub(super) struct IndexCatalog(SortedMap<TableId, Vec<Arc<IndexDef>>>);

/// Flags as they are stored. Do not change.
const UNIQUE: &str = "unique";
const NULLS_NOT_DISTINCT: &str = "nulls_not_distinct";
const CONSTRAINT: &str = "constraint";
/// Before the position of a partial index's condition.
const FILTER: &str = "where=";
/// Before a storage parameter, its name and value escaped.
const SET: &str = "with:";

/// The definition of the table of indexes.
pub(super) fn table() -> TableDef {
    let column = |name: &str, ty| ColumnDef { not_null: true, ..ColumnDef::new(name, ty) };
    let numbers = ["id", "table_id"].map(|name| column(name, Type::Int8));
    let texts = ["name", "kind", "columns", "include", "flags"].map(|name| column(name, Type::Text));
    let columns = numbers.into_iter().chain(texts).collect();
    let schema = SYSTEM_SCHEMA.to_string();
    TableDef { schema, ..TableDef::new(INDEXES, "rem_index", columns, vec![0]) }
}

/// The key of an index's row.
pub fn index_key(id: IndexId) -> Key {
    Key::encode(&[Value::Int8(id.into())])
}

/// The row that describes an index.
pub fn row_of_index(def: &IndexDef) -> Result<Vec<Column>> {
    let order = |(i, (column, order)): (usize, (&usize, &KeyOrder))| {
        let direction = if order.descending { "desc" } else { "asc" };
        let nulls = if order.nulls_first { "first" } else { "last" };
        let class = def.classes.get(i).filter(|class| !class.is_empty());
        format!("{column} {direction} {nulls}{}", class.map_or_else(String::new, |class| format!(" {class}")))
    };
    let columns: Vec<String> = def.columns.iter().zip(&def.orders).enumerate().map(order).collect();
    let include: Vec<String> = def.include.iter().map(usize::to_string).collect();
    let flags =
        [(def.unique, UNIQUE), (def.nulls_not_distinct, NULLS_NOT_DISTINCT), (def.constraint, CONSTRAINT)];
    let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_string());
    let set = def.parameters.iter().map(|(name, value)| format!("{SET}{}={}", escaped(name), escaped(value)));
    let flags: Vec<String> =
        flags.chain(def.filter.map(|column| format!("{FILTER}{column}"))).chain(set).collect();
    let numbers = [def.id, def.table].map(|id| Column::from_values(Type::Int8, [Value::Int8(id.into())]));
    let texts = [def.name.clone(), def.kind.clone(), columns.join(","), include.join(","), flags.join(" ")];
    let texts = texts.map(|text| Column::from_values(Type::Text, [Value::Text(text)]));
    numbers.into_iter().chain(texts).collect()
}

/// What a row of [`INDEXES`] says; the types of its columns are elsewhere.
pub fn index_row(rows: &[Column], i: usize) -> Result<IndexDef> {
    let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
    let [
        id,
        table,
        Value::Text(name),
        Value::Text(kind),
        Value::Text(columns),
        Value::Text(include),
        Value::Text(flags),
    ] = values.as_slice()
    else {
        return Err(damaged("a row of rem_index has the wrong columns, or a NULL"));
    };
    let wrong = || damaged("the columns of an index make no sense");
    let list = |text: &str| -> Vec<String> {
        text.split(',').filter(|part| !part.is_empty()).map(str::to_string).collect()
    };
    let (mut positions, mut orders, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    for part in list(columns) {
        let words: Vec<&str> = part.split(' ').collect();
        let [position, direction, nulls, class @ ..] = words.as_slice() else { return Err(wrong()) };
        classes.push(class.first().map_or_else(String::new, |class| class.to_string()));
        positions.push(position.parse().map_err(|_| wrong())?);
        orders.push(KeyOrder { descending: *direction == "desc", nulls_first: *nulls == "first" });
    }
    let include =
        list(include).iter().map(|part| part.parse().map_err(|_| wrong())).collect::<Result<_>>()?;
    let flag = |name| flags.split(' ').any(|flag| flag == name);
    let filter = flags.split(' ').find_map(|flag| flag.strip_prefix(FILTER));
    let filter = filter.map(|column| column.parse().map_err(|_| wrong())).transpose()?;
    let parameter = |flag: &str| {
        let (name, value) = flag.strip_prefix(SET)?.split_once('=')?;
        Some((unescaped(name), unescaped(value)))
    };
    Ok(IndexDef {
        id: table_id(Some(id))?,
        table: table_id(Some(table))?,
        name: name.clone(),
        kind: kind.clone(),
        columns: positions,
        types: Vec::new(),
        orders,
        classes,
        parameters: flags.split(' ').filter_map(parameter).collect(),
        include,
        unique: flag(UNIQUE),
        nulls_not_distinct: flag(NULLS_NOT_DISTINCT),
        constraint: flag(CONSTRAINT),
        filter,
    })
}

/// What separates flags in the text of a storage parameter, and `%`, as `%` and two hex digits.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20").replace('=', "%3d")
}

fn unescaped(text: &str) -> String {
    text.replace("%3d", "=").replace("%20", " ").replace("%25", "%")
}

impl IndexCatalog {
    /// Those of a table, in the order they were made.
    pub fn of(&self, table: TableId) -> &[Arc<IndexDef>] {
        self.0.get(&table).map_or(&[], Vec::as_slice)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<IndexDef>> {
        self.0.values().flatten()
    }

    /// What there is after rows came and went. Indexes of tables that are gone are gone too.
    pub fn with(
        before: &Arc<IndexCatalog>,
        delta: &Delta,
        tables: &SortedMap<TableId, Arc<Table>>,
    ) -> Result<Arc<IndexCatalog>> {
        let mut all = Arc::clone(before);
        for (_, key) in delta.deletes.iter().filter(|(table, _)| *table == INDEXES) {
            let id = table_id(key::decode(key.as_bytes(), &[Type::Int8])?.first())?;
            Arc::make_mut(&mut all).0.values_mut().for_each(|defs| defs.retain(|def| def.id != id));
        }
        for (_, rows) in delta.rows.iter().filter(|(table, _)| *table == INDEXES) {
            for i in 0..rows.first().map_or(0, Column::len) {
                let mut def = index_row(rows, i)?;
                let Some(table) = tables.get(&def.table) else { continue };
                let ty = |&column: &usize| table.types.get(column).copied();
                let types = def.columns.iter().map(ty).collect::<Option<Vec<_>>>();
                let filter = def.filter.iter().all(|&column| table.types.get(column) == Some(&Type::Bool));
                let there = filter && def.include.iter().all(|&column| column < table.types.len());
                def.types = types
                    .filter(|types| !types.is_empty() && there)
                    .ok_or_else(|| damaged("an index has a column that its table has not"))?;
                let defs = Arc::make_mut(&mut all).0.or_default(def.table);
                defs.push(Arc::new(def));
                sort_by(defs, &|a, b| a.id.cmp(&b.id));
            }
        }
        if all.0.iter().any(|(table, defs)| defs.is_empty() || !tables.contains_key(table)) {
            Arc::make_mut(&mut all).0.retain(|table, defs| !defs.is_empty() && tables.contains_key(table));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def() -> IndexDef {
        IndexDef {
            id: 7,
            table: 3,
            name: "i".into(),
            kind: "btree".into(),
            columns: vec![4, 0],
            types: Vec::new(),
            orders: vec![KeyOrder { descending: true, nulls_first: false }, KeyOrder::default()],
            classes: vec![String::new(), "text_pattern_ops".into()],
            parameters: vec![("a b%".into(), "x = %20 y".into()), ("empty".into(), String::new())],
            include: vec![2],
            unique: true,
            nulls_not_distinct: false,
            constraint: true,
            filter: Some(9),
        }
    }

    #[test]
    fn an_index_is_what_its_row_says() {
        let def = def();
        assert_eq!(index_row(&row_of_index(&def).unwrap(), 0).unwrap(), def);
    }

    #[test]
    fn rows_without_classes_and_parameters_are_as_they_were_written_before_there_were_any() {
        let (classes, parameters) = (vec![String::new(); 2], Vec::new());
        let row = row_of_index(&IndexDef { classes, parameters, ..def() }).unwrap();
        let text = |column: usize| row[column].value(0).to_string();
        assert_eq!(
            (text(4).as_str(), text(6).as_str()),
            ("4 desc last,0 asc last", "unique constraint where=9")
        );
    }
}
