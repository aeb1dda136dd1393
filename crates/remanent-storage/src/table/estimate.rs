//! How many rows an index will name, from the parts themselves: on disk the count is exact, for the price of the two leaves
//! where a span begins and ends.

use super::IndexProbe;
use super::hot::HotSegment;
use super::version::Table;
use crate::index::{HotPart, PRIMARY, Part};

/// What is known of an index before it is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexEstimate {
    /// Rows that it names, deleted ones included.
    pub rows: f64,
    /// Rows of the table, deleted ones included.
    pub all: f64,
    /// Distinct keys, at least.
    pub distinct: f64,
}

impl Table {
    /// What an index will name; None where a segment has no part of it, or one that does not answer this.
    pub fn estimate(&self, probe: &IndexProbe) -> Option<IndexEstimate> {
        let version = self.version();
        let mut estimate = IndexEstimate { rows: 0.0, all: 0.0, distinct: 1.0 };
        for cold in &version.cold {
            let (secondary, part): (_, &dyn Part);
            part = match probe.index.id {
                PRIMARY => cold.primary.as_ref(),
                id => {
                    secondary = cold.parts.get(id)?;
                    secondary.open(&probe.index, &cold.segment).ok()?
                }
            };
            estimate.rows += rows(part, probe)?;
            estimate.all += f64::from(cold.segment.rows());
            estimate.distinct = estimate.distinct.max(part.distinct().unwrap_or(0.0));
        }
        for hot in version.hots() {
            let (rows, distinct) = hot.segment.estimate(probe)?;
            estimate.rows += rows;
            estimate.distinct = estimate.distinct.max(distinct);
            estimate.all += hot.segment.rows() as f64;
        }
        Some(estimate)
    }
}

impl HotSegment {
    /// About how many rows a probe finds here, and how many distinct keys there are; None where it has no part of the index.
    fn estimate(&self, probe: &IndexProbe) -> Option<(f64, f64)> {
        let look = &mut |part: &dyn HotPart| Some((rows(part, probe)?, part.distinct().unwrap_or(0.0)));
        self.with_index(probe.index.id, look).flatten()
    }
}

/// About how many rows a part names; None where it cannot say.
fn rows(part: &(impl Part + ?Sized), probe: &IndexProbe) -> Option<f64> {
    probe.probes.iter().map(|probe| part.cost(probe).map(|cost| cost.rows)).sum()
}
