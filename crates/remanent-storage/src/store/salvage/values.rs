//! Large values of saved rows: a row whose value is damaged is lost, and is reported.

use super::rows::{Loss, Rows};
use crate::segment::blob::{self, BlobFiles, Uses};
use crate::table::TableDef;
use crate::value::blob::{Blobs, Hold, Reference};
use crate::value::{Column, Value};
use crate::world::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Verifies large values, and makes them readable.
pub struct Values {
    world: World,
    dir: PathBuf,
    blobs: Blobs,
}

impl Values {
    pub fn new(world: &World, dir: &Path) -> Self {
        let files = Arc::new(BlobFiles::new(Arc::clone(&world.disk), dir, 1));
        let hold: Hold = Arc::new(Uses::new(&files));
        Values { world: world.clone(), dir: dir.to_path_buf(), blobs: Blobs::new(files, hold) }
    }

    /// The rows that are kept and whose large values are whole, and columns that can read them. The others are losses.
    pub fn whole(
        &self,
        def: &TableDef,
        rows: &Rows<'_>,
        losses: &mut Vec<Loss>,
    ) -> (Vec<Column>, Vec<usize>) {
        let mut keep = rows.keep.to_vec();
        let columns = rows.columns.iter().map(|column| {
            let references = column.references();
            if references.is_empty() {
                return column.clone();
            }
            for (row, reference) in references {
                if !keep.contains(&row) {
                    continue;
                }
                if let Err(e) = reference.and_then(|r| self.verify(&r)) {
                    keep.retain(|&i| i != row);
                    losses.push(lost_value(def, e, rows.columns, row));
                }
            }
            column.clone().with_blobs(&self.blobs)
        });
        let columns = columns.collect();
        (columns, keep)
    }

    fn verify(&self, reference: &Reference) -> crate::error::Result<()> {
        blob::verify(&*self.world.disk, &blob::blob_file(&self.dir, reference.file), reference)
    }
}

/// One row that is lost with its large value.
pub fn lost_value(def: &TableDef, error: crate::error::Error, columns: &[Column], row: usize) -> Loss {
    let mut loss = Loss::of(error).rows(def.id, 1).because("its large value cannot be read");
    loss.table = Some(def.name.clone());
    let key = def.key_columns().first().and_then(|&k| columns.get(k)).filter(|c| row < c.len());
    let text = key.map(|column| match column.value(row) {
        Value::Null => "(null)".to_owned(),
        value => format!("({value})"),
    });
    loss.keys = text.clone().zip(text);
    loss
}
