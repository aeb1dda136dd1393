//! What every world promises: one suite, run on the real machine and in simulations.
//!
//! Each test is a function of a [`World`] and an empty directory in it. [`each`] runs it on the real one and on
//! simulated ones of several seeds.

use remanent_storage::world::sim::SimWorld;
use remanent_storage::world::sync::{Condvar, Mutex, RwLock, Turn};
use remanent_storage::world::{Disk, Entry, OpenMode, World, copy};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Runs a test of the contract in the real world and in simulated ones.
fn each(test: fn(&World, &Path)) {
    let dir = tempfile::tempdir().unwrap();
    test(&World::real(), dir.path());
    for seed in 0..50 {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let dir = PathBuf::from("/sim/db");
            world.disk.create_dir(&dir).unwrap();
            test(&world, &dir);
        });
    }
}

/// A new file with these bytes.
fn put(disk: &dyn Disk, path: &Path, bytes: &[u8]) {
    disk.open(path, OpenMode::CreateNew).unwrap().write_at(bytes, 0).unwrap();
}

/// All bytes of a file.
fn get(disk: &dyn Disk, path: &Path) -> Vec<u8> {
    let file = disk.open(path, OpenMode::Read).unwrap();
    let mut bytes = vec![0; file.len().unwrap() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

fn kind<T>(result: std::io::Result<T>) -> ErrorKind {
    match result {
        Ok(_) => panic!("this should have failed"),
        Err(e) => e.kind(),
    }
}

#[test]
fn pieces_that_are_put_are_read_and_synced() {
    each(|world, dir| {
        let file = world.disk.open(&dir.join("a"), OpenMode::CreateNew).unwrap();
        let len = 600_000;
        file.prefill_at(&vec![0; len], 0).unwrap();
        let mut model = vec![0; len];
        let (mut at, mut size) = (0, 1);
        // Behind each other over several stretches of memory, across their ends, up to the file's and beyond it; between
        // them syncs, plain writes, and other readers.
        for i in 0u32.. {
            if at + size > model.len() {
                model.resize(at + size, 0);
            }
            let piece = vec![i as u8 | 1; size];
            model[at..at + size].copy_from_slice(&piece);
            match i % 5 {
                4 => file.write_at(&piece, at as u64).unwrap(),
                _ => file.put_at(&piece, at as u64).unwrap(),
            }
            match i % 7 {
                0 => file.sync().unwrap(),
                1 => file.put_end(),
                2 => assert_eq!(get(&*world.disk, &dir.join("a")), model, "after piece {i}"),
                _ => {}
            }
            if at > len {
                break;
            }
            at += size;
            size = (size * 7 + 13) % 9000 + 1;
            if i % 50 == 30 {
                // Too large to be a piece.
                size = 70_000;
            }
        }
        // A shorter file is never stored into where it has no bytes any more.
        file.set_len(5000).unwrap();
        file.put_at(b"behind", 8000).unwrap();
        assert_eq!(file.len().unwrap(), 8006);
        model.truncate(5000);
        model.resize(8000, 0);
        model.extend(b"behind");
        assert_eq!(get(&*world.disk, &dir.join("a")), model);
    });
}

#[test]
fn what_is_written_is_read() {
    each(|world, dir| {
        let file = world.disk.open(&dir.join("a"), OpenMode::CreateNew).unwrap();
        assert!(file.is_empty().unwrap());
        file.write_at(b"hello world", 0).unwrap();
        file.write_at(b"W", 6).unwrap();
        file.sync().unwrap();
        assert_eq!(file.len().unwrap(), 11);
        let mut word = [0; 5];
        file.read_exact_at(&mut word, 6).unwrap();
        assert_eq!(&word, b"World");
        assert_eq!(get(&*world.disk, &dir.join("a")), b"hello World");
    });
}

#[test]
fn reads_are_short_only_at_the_end() {
    each(|world, dir| {
        put(&*world.disk, &dir.join("a"), b"0123456789");
        let file = world.disk.open(&dir.join("a"), OpenMode::Read).unwrap();
        let mut buf = [b'x'; 8];
        assert_eq!(file.read_at(&mut buf, 0).unwrap(), 8);
        assert_eq!(file.read_at(&mut buf, 7).unwrap(), 3);
        assert_eq!(&buf, b"78934567");
        assert_eq!(file.read_at(&mut buf, 10).unwrap(), 0);
        assert_eq!(file.read_at(&mut buf, 1 << 40).unwrap(), 0);
        assert_eq!(file.read_at(&mut [], 3).unwrap(), 0);
        assert_eq!(kind(file.read_exact_at(&mut buf, 3)), ErrorKind::UnexpectedEof);
        file.read_exact_at(&mut [], 1 << 40).unwrap();
    });
}

#[test]
fn a_gap_reads_as_zeros() {
    each(|world, dir| {
        let file = world.disk.open(&dir.join("a"), OpenMode::CreateNew).unwrap();
        file.write_at(b"end", 10_000).unwrap();
        assert_eq!(file.len().unwrap(), 10_003);
        let mut buf = vec![1; 10_000];
        file.read_exact_at(&mut buf, 0).unwrap();
        assert!(buf.iter().all(|b| *b == 0));
        file.write_at(&[7; 5000], 3000).unwrap();
        file.read_exact_at(&mut buf, 0).unwrap();
        let expected = |i| if (3000..8000).contains(&i) { 7 } else { 0 };
        assert!(buf.iter().enumerate().all(|(i, b)| *b == expected(i)));
    });
}

#[test]
fn set_len_cuts_and_extends_with_zeros() {
    each(|world, dir| {
        let file = world.disk.open(&dir.join("a"), OpenMode::CreateNew).unwrap();
        file.write_at(&[1; 9000], 0).unwrap();
        file.set_len(4100).unwrap();
        assert_eq!(file.len().unwrap(), 4100);
        file.set_len(9000).unwrap();
        let mut buf = vec![9; 9000];
        file.read_exact_at(&mut buf, 0).unwrap();
        assert!(buf[..4100].iter().all(|b| *b == 1) && buf[4100..].iter().all(|b| *b == 0));
        file.write_at(b"", 1 << 20).unwrap();
        assert_eq!(file.len().unwrap(), 9000);
        file.set_len(0).unwrap();
        assert!(file.is_empty().unwrap());
    });
}

#[test]
fn a_hard_link_is_a_second_name_of_the_same_bytes() {
    each(|world, dir| {
        let disk = &world.disk;
        let (a, b) = (dir.join("a"), dir.join("b"));
        put(&**disk, &a, b"before");
        disk.hard_link(&a, &b).unwrap();
        disk.open(&a, OpenMode::ReadWrite).unwrap().write_at(b"B", 0).unwrap();
        assert_eq!(get(&**disk, &b), b"Before");
        assert_eq!(kind(disk.hard_link(&a, &b)), ErrorKind::AlreadyExists);
        assert_eq!(kind(disk.hard_link(&dir.join("none"), &dir.join("c"))), ErrorKind::NotFound);
        assert_eq!(kind(disk.hard_link(&a, &dir.join("none/c"))), ErrorKind::NotFound);
        // Either name may go; the bytes go with the last.
        disk.remove(&a).unwrap();
        assert_eq!(get(&**disk, &b), b"Before");
        disk.rename(&b, &a).unwrap();
        assert_eq!(get(&**disk, &a), b"Before");
        assert!(!disk.exists(&b).unwrap());
    });
}

#[test]
fn a_copy_has_bytes_of_its_own() {
    each(|world, dir| {
        let disk = &world.disk;
        let (a, b) = (dir.join("a"), dir.join("b"));
        let bytes: Vec<u8> = (0..(1 << 20) + 77).map(|i| (i * 7 / 3) as u8).collect();
        put(&**disk, &a, &bytes);
        let mut steps = 0;
        let mut step = || {
            steps += 1;
            Ok(())
        };
        copy(&**disk, &a, &b, bytes.len() as u64, &mut step).unwrap();
        assert_eq!(steps, 3);
        disk.open(&a, OpenMode::ReadWrite).unwrap().write_at(b"changed", 0).unwrap();
        assert!(get(&**disk, &b) == bytes);
        let never = &mut || Ok(());
        assert_eq!(kind(copy(&**disk, &a, &b, 1, never)), ErrorKind::AlreadyExists);
        assert_eq!(kind(copy(&**disk, &a, &dir.join("c"), 2 << 20, never)), ErrorKind::UnexpectedEof);
        copy(&**disk, &a, &dir.join("d"), 0, never).unwrap();
        assert_eq!(get(&**disk, &dir.join("d")), b"");
        let refused = &mut || Err(ErrorKind::Interrupted.into());
        assert_eq!(kind(copy(&**disk, &a, &dir.join("e"), 1, refused)), ErrorKind::Interrupted);
    });
}

#[test]
fn open_says_what_is_wrong() {
    each(|world, dir| {
        let disk = &world.disk;
        assert_eq!(kind(disk.open(&dir.join("a"), OpenMode::Read)), ErrorKind::NotFound);
        assert_eq!(kind(disk.open(&dir.join("a"), OpenMode::ReadWrite)), ErrorKind::NotFound);
        assert_eq!(kind(disk.open(&dir.join("no/a"), OpenMode::CreateNew)), ErrorKind::NotFound);
        put(&**disk, &dir.join("a"), b"first");
        assert_eq!(kind(disk.open(&dir.join("a"), OpenMode::CreateNew)), ErrorKind::AlreadyExists);
        assert_eq!(get(&**disk, &dir.join("a")), b"first");
        let reader = disk.open(&dir.join("a"), OpenMode::Read).unwrap();
        assert!(reader.write_at(b"x", 0).is_err());
        disk.open(&dir.join("a"), OpenMode::ReadWrite).unwrap().write_at(b"F", 0).unwrap();
        assert_eq!(get(&**disk, &dir.join("a")), b"First");
    });
}

#[test]
fn directories_are_created_listed_and_tested_for() {
    each(|world, dir| {
        let disk = &world.disk;
        let sub = dir.join("wal/old");
        assert_eq!(kind(disk.list(&sub)), ErrorKind::NotFound);
        disk.create_dir(&sub).unwrap();
        disk.create_dir(&sub).unwrap();
        assert!(disk.exists(&sub).unwrap() && disk.exists(&dir.join("wal")).unwrap());
        assert_eq!(disk.list(&sub).unwrap(), []);
        put(&**disk, &sub.join("b"), b"22");
        put(&**disk, &sub.join("a"), b"1");
        put(&**disk, &sub.join("a.tmp"), b"");
        let entry = |name: &str, len| Entry { name: name.to_owned(), len };
        assert_eq!(disk.list(&sub).unwrap(), [entry("a", 1), entry("a.tmp", 0), entry("b", 2)]);
        assert_eq!(disk.list(&dir.join("wal")).unwrap(), []);
        assert!(!disk.exists(&sub.join("c")).unwrap());
        assert!(disk.create_dir(&sub.join("a")).is_err());
        assert!(disk.create_dir(&sub.join("a/b")).is_err());
    });
}

#[test]
fn rename_replaces_and_remove_removes() {
    each(|world, dir| {
        let disk = &world.disk;
        let (a, b) = (dir.join("a"), dir.join("b"));
        put(&**disk, &a, b"new");
        put(&**disk, &b, b"old");
        let old = disk.open(&b, OpenMode::Read).unwrap();
        disk.rename(&a, &b).unwrap();
        disk.sync_dir(dir).unwrap();
        assert!(!disk.exists(&a).unwrap());
        assert_eq!(get(&**disk, &b), b"new");
        let mut buf = [0; 3];
        old.read_exact_at(&mut buf, 0).unwrap();
        assert_eq!(&buf, b"old"); // an open file outlives its name
        assert_eq!(kind(disk.rename(&a, &b)), ErrorKind::NotFound);
        disk.remove(&b).unwrap();
        disk.sync_dir(dir).unwrap();
        old.read_exact_at(&mut buf, 0).unwrap();
        assert_eq!(kind(disk.remove(&b)), ErrorKind::NotFound);
        assert_eq!(disk.list(dir).unwrap(), []);
    });
}

#[test]
fn a_lock_file_admits_one_and_names_it() {
    each(|world, dir| {
        let disk = &world.disk;
        let path = dir.join("LOCK");
        assert_eq!(disk.holder(&path).unwrap(), None);
        let held = disk.lock(&path, "pid 41, a long name").unwrap();
        assert_eq!(disk.holder(&path).unwrap().unwrap(), "pid 41, a long name");
        let refused = disk.lock(&path, "pid 42").err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.to_string(), "pid 41, a long name");
        drop(held);
        assert_eq!(disk.holder(&path).unwrap(), None);
        let _held = disk.lock(&path, "pid 43").unwrap();
        assert_eq!(disk.lock(&path, "pid 44").err().unwrap().to_string(), "pid 43");
    });
}

#[test]
fn free_space_is_told() {
    each(|world, dir| assert!(world.disk.free_space(dir).unwrap().is_some_and(|free| free > 0)));
}

#[test]
fn clocks_go_forward_and_sleep_lasts() {
    each(|world, _| {
        // 2024-01-01 in microseconds since 2000-01-01.
        assert!(world.now() > 757_382_400_000_000);
        let before = world.monotonic();
        world.sleep(Duration::from_millis(2));
        assert!(world.monotonic() >= before + Duration::from_millis(2));
    });
}

#[test]
fn threads_run_and_join() {
    each(|world, _| {
        let sum = Arc::new(AtomicUsize::new(0));
        let add = |n| {
            let sum = sum.clone();
            world.spawn("adder", move || _ = sum.fetch_add(n, Ordering::SeqCst)).unwrap()
        };
        let threads: Vec<_> = (1..=4).map(add).collect();
        threads.into_iter().for_each(|t| t.join());
        assert_eq!(sum.load(Ordering::SeqCst), 10);
    });
}

#[test]
fn join_resumes_a_panic() {
    each(|world, _| {
        let thread = world.spawn("fails", || panic!("the reason")).unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| thread.join()));
        assert_eq!(*caught.unwrap_err().downcast_ref::<&str>().unwrap(), "the reason");
    });
}

#[test]
fn a_mutex_excludes_and_survives_a_panic() {
    each(|world, _| {
        let sum = Arc::new(Mutex::new((0, 0)));
        let work = || {
            let sum = sum.clone();
            move || {
                for _ in 0..20 {
                    let mut both = sum.lock();
                    both.0 += 1;
                    both.1 += 1;
                    assert_eq!(both.0, both.1);
                }
            }
        };
        let threads: Vec<_> = (0..3).map(|_| world.spawn("adder", work()).unwrap()).collect();
        threads.into_iter().for_each(|t| t.join());
        let held = sum.clone();
        let failing = world.spawn("fails", move || {
            let _guard = held.lock();
            panic!("while it holds the lock");
        });
        let failing = failing.unwrap();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| failing.join())).is_err());
        assert_eq!(*sum.lock(), (60, 60));
    });
}

#[test]
fn a_rwlock_shares_and_excludes() {
    each(|world, _| {
        let pair = Arc::new(RwLock::new((0, 0)));
        let (one, two) = (pair.clone(), pair.clone());
        let writer = world.spawn("writer", move || {
            for _ in 0..20 {
                let mut both = one.write();
                both.0 += 1;
                both.1 += 1;
            }
        });
        let reader = world.spawn("reader", move || {
            for _ in 0..20 {
                let both = two.read();
                assert_eq!(both.0, both.1);
            }
        });
        writer.unwrap().join();
        reader.unwrap().join();
        assert_eq!(*pair.read(), (20, 20));
    });
}

#[test]
fn two_readers_hold_a_rwlock_at_once() {
    each(|world, _| {
        let shared = Arc::new((RwLock::new(5), Mutex::new(0), Condvar::new()));
        let both = |shared: Arc<(RwLock<i32>, Mutex<i32>, Condvar)>| {
            move || {
                let value = shared.0.read();
                let mut inside = shared.1.lock();
                *inside += 1;
                shared.2.notify_all();
                while *inside < 2 {
                    inside = shared.2.wait(inside); // ends only if the other got in too
                }
                assert_eq!(*value, 5);
            }
        };
        let other = world.spawn("reader", both(shared.clone())).unwrap();
        both(shared.clone())();
        other.join();
    });
}

#[test]
fn a_queue_passes_everything_in_order() {
    each(|world, _| {
        let queue = Arc::new((Mutex::new(Vec::new()), Condvar::new(), Condvar::new()));
        let from = queue.clone();
        let producer = world.spawn("producer", move || {
            for n in 0..30 {
                let mut items = from.0.lock();
                while items.len() >= 2 {
                    items = from.2.wait(items);
                }
                items.push(n);
                from.1.notify_one();
            }
        });
        let mut got = Vec::new();
        while got.len() < 30 {
            let mut items = queue.0.lock();
            while items.is_empty() {
                items = queue.1.wait(items);
            }
            got.append(&mut items);
            queue.2.notify_one();
        }
        producer.unwrap().join();
        assert_eq!(got, (0..30).collect::<Vec<_>>());
    });
}

#[test]
fn a_wait_ends_at_its_time_or_at_the_notice() {
    each(|world, _| {
        let ready = Arc::new((Mutex::new(false), Condvar::new()));
        let start = world.monotonic();
        let mut guard = ready.0.lock();
        loop {
            let (again, timed_out) = ready.1.wait_timeout(guard, Duration::from_millis(3));
            guard = again;
            if timed_out {
                break;
            }
        }
        drop(guard);
        assert!(world.monotonic() >= start + Duration::from_millis(3));
        let setter = ready.clone();
        let thread = world.spawn("setter", move || {
            *setter.0.lock() = true;
            setter.1.notify_all();
        });
        let mut guard = ready.0.lock();
        while !*guard {
            let (again, timed_out) = ready.1.wait_timeout(guard, Duration::from_secs(3600));
            assert!(!timed_out || *again);
            guard = again;
        }
        drop(guard);
        thread.unwrap().join();
    });
}

#[test]
fn a_turn_may_be_held_across_io() {
    each(|world, dir| {
        let turn = Arc::new(Turn::new());
        let path = dir.join("log");
        put(&*world.disk, &path, b"");
        let append = |n: u8| {
            let (world, turn, path) = (world.clone(), turn.clone(), path.clone());
            move || {
                let _turn = turn.take();
                let file = world.disk.open(&path, OpenMode::ReadWrite).unwrap();
                let end = file.len().unwrap();
                file.write_at(&[n; 3], end).unwrap();
                file.sync().unwrap();
            }
        };
        let threads: Vec<_> = (1..=3).map(|n| world.spawn("appender", append(n)).unwrap()).collect();
        threads.into_iter().for_each(|t| t.join());
        let mut bytes = get(&*world.disk, &path);
        bytes.sort_unstable();
        assert_eq!(bytes, [1, 1, 1, 2, 2, 2, 3, 3, 3]);
        assert!(turn.try_take().is_some());
    });
}

#[test]
fn random_numbers_differ() {
    each(|world, _| assert_ne!(world.random(), world.random()));
}
