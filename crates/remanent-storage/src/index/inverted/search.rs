//! Which rows have the items that are asked for.
//!
//! Of `All`, the shortest list is read whole; what is in it is looked for in the others, which are read where those rows are.

use super::items::Items;
use crate::error::Result;
use crate::segment::RowSet;
use remanent_kernels::sort::sort_by;

/// The rows of an item, ascending.
pub(super) trait Postings {
    /// How many.
    fn count(&self) -> u32;

    /// Appends all of them.
    fn all(&self, out: &mut Vec<u32>) -> Result<()>;

    /// Appends those that are among `rows`, which ascend.
    fn among(&self, rows: &[u32], out: &mut Vec<u32>) -> Result<()>;
}

/// A part as lists.
pub(super) trait Lists {
    /// How many rows its segment has.
    fn rows(&self) -> u32;

    /// The list of an item; None where no row has it.
    fn find<'a>(&'a self, item: &[u8]) -> Result<Option<Box<dyn Postings + 'a>>>;

    /// All items that begin so, and their lists, until `each` is false.
    fn prefixed(&self, prefix: &[u8], each: EachList<'_>) -> Result<()>;
}

/// Takes an item and its list.
pub(super) type EachList<'a> = &'a mut dyn FnMut(&[u8], &dyn Postings) -> Result<bool>;

/// Where a part of the rows that is so large has an item, it is not looked for beside others.
const MOST: f64 = 0.9;
/// So many items of a prefix are looked at for an estimate.
const LOOKED_AT: usize = 256;

/// About how many rows there are.
pub(super) fn estimate(lists: &dyn Lists, items: &Items) -> Result<f64> {
    let all = f64::from(lists.rows());
    Ok(match items {
        Items::Item(item) => lists.find(item)?.map_or(0.0, |list| list.count().into()),
        Items::Prefix(prefix) => {
            let (mut rows, mut seen) = (0.0, 0);
            lists.prefixed(prefix, &mut |_, list| {
                rows += f64::from(list.count());
                seen += 1;
                Ok(seen < LOOKED_AT)
            })?;
            // Who looked at some only does not know how many more there are.
            if seen < LOOKED_AT { rows.min(all) } else { (rows * 4.0).min(all) }
        }
        // Few of them are.
        Items::Like(..) => all / 100.0,
        Items::Not(_) => all,
        Items::All(parts) => {
            parts.iter().try_fold(all, |least, part| estimate(lists, part).map(|rows| rows.min(least)))?
        }
        Items::Any(parts) => {
            parts.iter().try_fold(0.0, |sum, part| estimate(lists, part).map(|rows| rows + sum))?.min(all)
        }
    })
}

/// The rows, ascending; only those that are among `rows`, which ascend, where such are given. Not `exact`: and maybe others.
pub(super) fn find(lists: &dyn Lists, items: &Items, rows: Option<&[u32]>, exact: bool) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    match items {
        Items::Item(item) => {
            if let Some(list) = lists.find(item)? {
                read(&*list, rows, &mut found)?;
            }
        }
        Items::Prefix(prefix) => {
            found = beginning(lists, prefix, rows, &mut |_| true)?;
        }
        Items::Like(prefix, like) => {
            found = beginning(lists, prefix, rows, &mut |item| like.admits(item, prefix.len(), exact))?;
        }
        Items::Any(parts) => {
            let mut set = RowSet::new();
            for part in parts {
                set.insert_all(&find(lists, part, rows, exact)?);
            }
            found = set.iter().collect();
        }
        Items::All(parts) => return all(lists, parts, rows, exact),
        Items::Not(items) => {
            let gone = find(lists, items, rows, true)?;
            let mut gone = gone.into_iter().peekable();
            let mut left = |row: &u32| {
                while gone.next_if(|at| at < row).is_some() {}
                gone.peek() != Some(row)
            };
            match rows {
                Some(rows) => found.extend(rows.iter().copied().filter(&mut left)),
                None => found.extend((0..lists.rows()).filter(&mut left)),
            }
        }
    }
    Ok(found)
}

/// The rows of those items that begin so and are meant.
fn beginning(
    lists: &dyn Lists,
    prefix: &[u8],
    rows: Option<&[u32]>,
    meant: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Vec<u32>> {
    let (mut set, mut found) = (RowSet::new(), Vec::new());
    lists.prefixed(prefix, &mut |item, list| {
        if meant(item) {
            found.clear();
            read(list, rows, &mut found)?;
            set.insert_all(&found);
        }
        Ok(true)
    })?;
    Ok(set.iter().collect())
}

fn read(list: &dyn Postings, rows: Option<&[u32]>, out: &mut Vec<u32>) -> Result<()> {
    match rows {
        Some(rows) => list.among(rows, out),
        None => list.all(out),
    }
}

fn all(lists: &dyn Lists, parts: &[Items], rows: Option<&[u32]>, exact: bool) -> Result<Vec<u32>> {
    if let [one] = parts {
        return find(lists, one, rows, exact);
    }
    let mut priced: Vec<(f64, &Items)> = Vec::with_capacity(parts.len());
    for part in parts {
        priced.push((estimate(lists, part)?, part));
    }
    sort_by(&mut priced, &|a, b| a.0.total_cmp(&b.0));
    let mut left: Option<Vec<u32>> = None;
    for (count, part) in priced {
        // What most rows have takes few of them out.
        if !exact && left.is_some() && count >= f64::from(lists.rows()) * MOST {
            break;
        }
        let found = find(lists, part, left.as_deref().or(rows), exact)?;
        if found.is_empty() {
            return Ok(found);
        }
        left = Some(found);
    }
    Ok(match (left, rows) {
        (Some(left), _) => left,
        (None, Some(rows)) => rows.to_vec(),
        (None, None) => (0..lists.rows()).collect(),
    })
}

/// The rows of one ascending list that are in another: by steps that double, from where the last was found.
pub(super) fn common(list: &[u32], rows: &[u32], out: &mut Vec<u32>) {
    let mut rest = list;
    for &row in rows {
        let mut reach = 1;
        while rest.get(reach).is_some_and(|&at| at < row) {
            reach *= 2;
        }
        let (known, end) = (reach / 2, rest.len().min(reach + 1));
        let below = rest.get(known..end).unwrap_or_default().partition_point(|&at| at < row);
        rest = rest.get(known + below..).unwrap_or_default();
        match rest.first() {
            Some(&at) if at == row => out.push(row),
            Some(_) => {}
            None => return,
        }
    }
}
