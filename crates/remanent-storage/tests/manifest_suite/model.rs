//! Random edits against a naive model: a list of segments, and maps that are searched.

use super::{create, open};
use proptest::prelude::*;
use remanent_storage::map::SortedMap;
use remanent_storage::store::manifest::{Edit, SegmentMeta, State};
use remanent_storage::world::sim::SimDisk;
use std::collections::BTreeMap;

fn segments() -> impl Strategy<Value = SegmentMeta> {
    let key = || prop::collection::vec(any::<u8>(), 0..20);
    let numbers = (0u32..12, any::<u32>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u8>());
    let blobs = || prop::collection::vec(any::<(u32, u64)>(), 0..3);
    (numbers, key(), key(), prop::collection::vec(any::<u32>(), 0..4), any::<u32>(), blobs()).prop_map(
        |(numbers, min_key, max_key, parts, deletes, blobs)| {
            let (id, rows, bytes, created_min, created_max, level) = numbers;
            let (created, keys) = ((created_min, created_max), (min_key, max_key));
            SegmentMeta {
                id,
                rows,
                bytes,
                created_min: created.0,
                created_max: created.1,
                level,
                min_key: keys.0,
                max_key: keys.1,
                parts,
                deletes,
                blobs,
            }
        },
    )
}

fn edits() -> impl Strategy<Value = Edit> {
    let table = 0u32..4;
    prop_oneof![
        4 => (table.clone(), segments()).prop_map(|(table, segment)| Edit::AddSegment { table, segment }),
        2 => (0u32..12).prop_map(|segment| Edit::RemoveSegment { segment }),
        2 => (0u32..12, any::<u32>()).prop_map(|(segment, generation)| Edit::SetDeletes { segment, generation }),
        2 => (0u32..12, prop::collection::vec(any::<u32>(), 0..4))
            .prop_map(|(segment, parts)| Edit::SetParts { segment, parts }),
        2 => (0u32..6, any::<u64>()).prop_map(|(file, bytes)| Edit::AddMarks { file, bytes }),
        1 => (0u32..6).prop_map(|file| Edit::RemoveMarks { file }),
        1 => (table.clone(), any::<u64>()).prop_map(|(table, lsn)| Edit::Flushed { table, lsn }),
        1 => table.clone().prop_map(|table| Edit::DropTable { table }),
        1 => any::<u64>().prop_map(|lsn| Edit::LogFloor { lsn }),
        1 => any::<u64>().prop_map(|epoch| Edit::Epoch { epoch }),
        1 => any::<u32>().prop_map(|id| Edit::NextFile { id }),
        1 => (table, any::<i64>()).prop_map(|(table, id)| Edit::NextRowId { table, id }),
        1 => any::<u64>().prop_map(|id| Edit::Identity { id }),
        1 => prop::collection::vec(any::<u64>(), 0..9).prop_map(|bytes| Edit::Written { bytes }),
        1 => any::<(i64, i64)>().prop_map(|(known, doubted)| Edit::Clock { known, doubted }),
    ]
}

#[derive(Debug, Clone, Default)]
struct Model {
    segments: Vec<(u32, SegmentMeta)>,
    marks: Vec<(u32, u64)>,
    flushed: BTreeMap<u32, Vec<u64>>,
    row_ids: BTreeMap<u32, Vec<i64>>,
    epochs: Vec<u64>,
    floors: Vec<u64>,
    files: Vec<u32>,
    identity: u64,
    written: Vec<u64>,
    clock: Option<(i64, i64)>,
}

impl Model {
    /// False if the edit contradicts.
    fn apply(&mut self, edit: &Edit) -> bool {
        let has = |segments: &[(u32, SegmentMeta)], id| segments.iter().any(|(_, s)| s.id == id);
        match edit.clone() {
            Edit::AddSegment { table, segment } => {
                let fresh = !has(&self.segments, segment.id);
                self.segments.push((table, segment));
                return fresh;
            }
            Edit::RemoveSegment { segment } => {
                let there = has(&self.segments, segment);
                self.segments.retain(|(_, s)| s.id != segment);
                return there;
            }
            Edit::SetDeletes { segment, generation } => {
                let there = has(&self.segments, segment);
                self.segments
                    .iter_mut()
                    .filter(|(_, s)| s.id == segment)
                    .for_each(|(_, s)| s.deletes = generation);
                return there;
            }
            Edit::SetParts { segment, parts } => {
                let mut there = self.segments.iter_mut().filter(|(_, s)| s.id == segment).peekable();
                let found = there.peek().is_some();
                there.for_each(|(_, s)| s.parts.clone_from(&parts));
                return found;
            }
            Edit::AddMarks { file, bytes } => {
                let fresh = self.marks.iter().all(|(f, _)| *f != file);
                self.marks.push((file, bytes));
                return fresh;
            }
            Edit::RemoveMarks { file } => {
                let there = self.marks.iter().any(|(f, _)| *f == file);
                self.marks.retain(|(f, _)| *f != file);
                return there;
            }
            Edit::Flushed { table, lsn } => self.flushed.entry(table).or_default().push(lsn),
            Edit::DropTable { table } => {
                self.segments.retain(|(t, _)| *t != table);
                self.flushed.remove(&table);
                self.row_ids.remove(&table);
            }
            Edit::LogFloor { lsn } => self.floors.push(lsn),
            Edit::Epoch { epoch } => self.epochs.push(epoch),
            Edit::NextFile { id } => self.files.push(id),
            Edit::NextRowId { table, id } => self.row_ids.entry(table).or_default().push(id),
            Edit::Identity { id } => self.identity = id,
            Edit::Written { bytes } => self.written = bytes,
            Edit::Clock { known, doubted } => self.clock = Some((known, doubted)),
        }
        true
    }

    fn agrees(&self, state: &State) {
        let mut segments: Vec<_> = self.segments.clone();
        segments.sort_by_key(|(_, s)| s.id);
        let found: Vec<_> = state.segments.values().map(|e| (e.table, e.meta.clone())).collect();
        assert_eq!(found, segments);
        let mut marks = self.marks.clone();
        marks.sort_unstable();
        assert_eq!(state.marks.clone().into_iter().collect::<Vec<_>>(), marks);
        let highest = |map: &BTreeMap<u32, Vec<u64>>| -> SortedMap<u32, u64> {
            map.iter().map(|(t, v)| (*t, *v.iter().max().unwrap())).collect()
        };
        assert_eq!(state.flushed, highest(&self.flushed));
        let row_ids: SortedMap<u32, i64> =
            self.row_ids.iter().map(|(t, v)| (*t, *v.iter().max().unwrap())).collect();
        assert_eq!(state.next_row_id, row_ids);
        assert_eq!(state.epoch, self.epochs.iter().copied().max().unwrap_or(0));
        assert_eq!(state.log_floor, self.floors.iter().copied().max().unwrap_or(0));
        assert_eq!(state.next_file, self.files.iter().copied().max().unwrap_or(0));
        assert_eq!(state.identity, self.identity);
        assert_eq!(state.written, self.written);
        assert_eq!(state.clock, self.clock);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_commits_leave_what_the_model_says(commits in prop::collection::vec(prop::collection::vec(edits(), 0..6), 0..20)) {
        let disk = SimDisk::new(1);
        let mut manifest = create(&disk, &[]).unwrap();
        let mut model = Model::default();
        for (i, edits) in commits.iter().enumerate() {
            let mut next = model.clone();
            match edits.iter().all(|edit| next.apply(edit)) {
                true => {
                    manifest.commit(edits).unwrap();
                    model = next;
                }
                false => assert_eq!(manifest.commit(edits).unwrap_err().code(), "XX000"),
            }
            model.agrees(&manifest.state());
            if i % 5 == 4 {
                let (opened, state) = open(&disk).unwrap();
                model.agrees(&state);
                manifest = opened;
            }
        }
        // The state, said anew, is the same state.
        let state = manifest.state();
        let mut again = State::default();
        state.edits().iter().for_each(|edit| again.apply(edit).unwrap());
        prop_assert_eq!(again, state);
    }
}
