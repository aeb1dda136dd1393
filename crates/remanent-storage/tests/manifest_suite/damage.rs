//! Wrong bytes.

use super::{FILE, check, create, every_kind, open, segment};
use remanent_storage::store::manifest::{Edit, State};
use remanent_storage::world::sim::{Rng, SimDisk};

/// A manifest of three frames, where they begin, and the state after each.
fn three_frames() -> (SimDisk, Vec<usize>, Vec<State>) {
    let disk = SimDisk::new(1);
    let (first, second) = every_kind();
    let manifest = create(&disk, &first).unwrap();
    let len = || disk.contents(FILE).unwrap().len();
    let (mut starts, mut states) = (vec![16, len()], vec![manifest.state()]);
    manifest.commit(&second).unwrap();
    starts.push(len());
    states.push(manifest.state());
    manifest.commit(&[Edit::AddSegment { table: 3, segment: segment(20) }]).unwrap();
    starts.push(len());
    states.push(manifest.state());
    (disk, starts, states)
}

#[test]
fn a_flip_of_any_bit_before_the_last_frame_is_damage_with_its_place() {
    let (disk, starts, _) = three_frames();
    for bit in 0..starts[2] as u64 * 8 {
        let fork = disk.fork(1);
        fork.flip_bit(FILE, bit);
        let error = open(&fork).unwrap_err();
        assert_eq!(error.code(), "XX001", "bit {bit}: {error}");
        let at = match bit / 8 {
            0..8 => 0,
            8..16 => 8,
            byte => *starts.iter().rev().find(|&&s| s as u64 <= byte).unwrap(),
        };
        assert!(
            error.message().starts_with(&format!("\"/db/MANIFEST\" is damaged at byte {at}:")),
            "{bit} {error}"
        );
        let (state, errors) = check(&fork);
        assert_eq!((state, errors.len()), (None, 1));
    }
}

#[test]
fn a_bad_last_frame_is_cut_and_the_next_one_stands_in_its_place() {
    let (disk, starts, states) = three_frames();
    for bit in starts[2] as u64 * 8..starts[3] as u64 * 8 {
        let fork = disk.fork(1);
        fork.flip_bit(FILE, bit);
        let (manifest, state) = open(&fork).unwrap();
        assert_eq!(state, states[1], "bit {bit}");
        assert_eq!(fork.contents(FILE).unwrap().len(), starts[2]);
        manifest.commit(&[Edit::Epoch { epoch: 8 }]).unwrap();
        assert_eq!(open(&fork).unwrap().1.epoch, 8);
    }
    for len in starts[2]..starts[3] {
        let fork = disk.fork(1);
        fork.truncate(FILE, len as u64);
        assert_eq!(open(&fork).unwrap().1, states[1], "length {len}");
    }
}

#[test]
fn an_empty_commit_guards_what_is_before_it() {
    let (disk, starts, states) = three_frames();
    open(&disk).unwrap().0.commit(&[]).unwrap();
    assert_eq!(open(&disk).unwrap().1, states[2]);
    disk.flip_bit(FILE, starts[2] as u64 * 8 + 100);
    assert_eq!(open(&disk).unwrap_err().code(), "XX001");
}

#[test]
fn a_bad_first_frame_is_damage_even_if_it_is_the_only_one() {
    let disk = SimDisk::new(1);
    create(&disk, &[Edit::Epoch { epoch: 1 }]).unwrap();
    let len = disk.contents(FILE).unwrap().len() as u64;
    for bit in 16 * 8..len * 8 {
        let fork = disk.fork(1);
        fork.flip_bit(FILE, bit);
        assert_eq!(open(&fork).unwrap_err().code(), "XX001");
    }
    for len in 16..len {
        let fork = disk.fork(1);
        fork.truncate(FILE, len);
        assert_eq!(open(&fork).unwrap_err().code(), "XX001");
    }
}

#[test]
fn sealed_nonsense_is_damage() {
    // Frames whose checksums are right and whose edits are not.
    let frame = |chain: u32, edits: &[u8]| {
        let mut b = (edits.len() as u32).to_le_bytes().to_vec();
        b.extend(chain.to_le_bytes());
        b.extend(crc32c::crc32c(edits).to_le_bytes());
        let crc = crc32c::crc32c(&b);
        b.extend(crc.to_le_bytes());
        b.extend(edits);
        b
    };
    for edits in [
        &[99, 0][..],
        &[9, 2, 1, 1],
        &[9, 200],
        &[2, 1, 5],
        &[1, 3, 1, 1, 1],
        &[10, 6, 255, 255, 255, 255, 255, 1],
    ] {
        let disk = SimDisk::new(1);
        create(&disk, &[]).unwrap();
        let mut bytes = disk.contents(FILE).unwrap();
        let chain = u32::from_le_bytes(bytes[28..32].try_into().unwrap());
        bytes.extend(frame(chain, edits));
        disk.put(FILE, &bytes);
        let error = open(&disk).unwrap_err();
        assert_eq!(error.code(), "XX001", "{edits:?}");
        assert!(error.message().contains("damaged at byte 32"), "{error}");
    }
}

#[test]
fn mutated_bytes_never_panic_and_never_yield_a_state_that_never_was() {
    let (disk, _, states) = three_frames();
    let good = disk.contents(FILE).unwrap();
    for seed in 0..5000 {
        let mut rng = Rng::new(seed);
        let mut bytes = good.clone();
        for _ in 0..=rng.below(3) {
            let (at, len) = (rng.below(bytes.len() as u64 + 1) as usize, rng.below(40) as usize);
            let to = (at + len).min(bytes.len());
            match rng.below(4) {
                0 => bytes[at..to].fill(0),
                1 => bytes[at..to].iter_mut().for_each(|b| *b = rng.below(256) as u8),
                2 => bytes.truncate(at),
                _ => {
                    let piece = bytes[at..to].to_vec();
                    bytes.extend(piece);
                }
            }
        }
        let fork = SimDisk::new(seed);
        fork.put(FILE, &bytes);
        check(&fork);
        match open(&fork) {
            Ok((_, state)) => assert!(states.contains(&state), "seed {seed}"),
            Err(error) => assert!(["XX001", "3D000"].contains(&error.code()), "seed {seed}: {error}"),
        }
    }
}

#[test]
fn a_frame_of_another_history_does_not_join_the_chain() {
    let manifest = |epoch| {
        let disk = SimDisk::new(1);
        let manifest = create(&disk, &[Edit::Epoch { epoch }]).unwrap();
        manifest.commit(&[Edit::NextFile { id: 5 }]).unwrap();
        manifest.commit(&[Edit::NextFile { id: 6 }]).unwrap();
        disk
    };
    let (a, b) = (manifest(1), manifest(2));
    let mut spliced = a.contents(FILE).unwrap();
    let first = 16 + 16 + 3;
    spliced[first..].copy_from_slice(&b.contents(FILE).unwrap()[first..]);
    a.put(FILE, &spliced);
    let error = open(&a).unwrap_err();
    assert!(error.message().contains("does not follow the one before it"), "{error}");
}
