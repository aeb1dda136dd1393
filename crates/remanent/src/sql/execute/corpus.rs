//! `bm25_corpus` of a table that an index counts: what its parts say, and what is read of rows that are in none.

use super::project::evaluate;
use super::{Input, Operator, Run};
use crate::sql::functions::aggregate::corpus::{NUMBERS, array};
use crate::sql::functions::text_search::bm25::numbers;
use crate::sql::plan::strategy::best_words;
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::{Error, Result};
use remanent_storage::index::{BestWords, Probe};
use remanent_storage::table::ScanRequest;
use remanent_storage::table::scan::no_sieve;
use remanent_storage::txn::{Scan, Txn};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Batch, Column, Value};
use std::sync::Arc;

struct Corpus {
    /// None once it was asked.
    scan: Option<Scan>,
    call: AggregateCall,
}

/// The one row of a grouping over a scan that an index counts.
pub fn open(txn: &Txn, scan: &Plan, calls: &[AggregateCall], env: &Run<'_>) -> Result<Input> {
    let (Plan::Scan { table, columns, counted: Some(counted), .. }, [call]) = (scan, calls) else {
        return Err(Error::internal("nothing to count"));
    };
    let mut request = ScanRequest { columns: columns.clone(), ..ScanRequest::default() };
    if let Value::Other(Kind::TsQuery, query) = counted.query.value(&env.eval())?.loaded()? {
        let field = best_words(counted.column, 1.0, &query, Vec::new());
        let probe = field.map(|field| Probe::BestWords(BestWords { fields: vec![field], count: 0 }));
        request.counted = probe.map(|probe| (Arc::clone(&counted.index), probe));
    }
    Ok(Box::new(Corpus { scan: Some(txn.scan(table, &request)?), call: call.clone() }))
}

impl Operator for Corpus {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(mut scan) = self.scan.take() else { return Ok(None) };
        let mut state = self.call.aggregate.accumulator();
        state.resize(1);
        while let Some(batch) = scan.next_sieved(&mut no_sieve)? {
            env.context.interrupt.check()?;
            env.context.interrupt.count(batch.rows);
            let batch = batch.compact();
            let args = evaluate(&self.call.aggregate.args, &batch, env)?;
            state.update(None, &args, batch.rows)?;
        }
        let read = state.finish()?.value(0);
        let mut sums = scan.counts().to_vec();
        let read = numbers(&read).unwrap_or_default();
        sums.resize(sums.len().max(read.len()), 0);
        sums.iter_mut().zip(read).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        // Of no document nothing is known.
        let value =
            if sums.first().is_none_or(|&documents| documents == 0) { Value::Null } else { array(&sums)? };
        Ok(Some(Batch::new(vec![Column::from_values(NUMBERS, [value])?], 1)))
    }
}
