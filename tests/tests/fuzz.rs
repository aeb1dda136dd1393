//! Untrusted bytes for every parser, without a fuzzer: seeded changes of valid inputs, and every input that once failed.
//!
//! The targets and what they reach: `fuzz/src/lib.rs`. `REMANENT_SEEDS` multiplies how much is tried;
//! `REMANENT_FUZZ=target:seed` replays one input, and a failure prints it. `REMANENT_FUZZ_SEEDS=folder` with test `seeds`
//! writes the valid inputs there, for a fuzzer to begin with.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use fuzz::mutate::mutate;
use fuzz::{TARGETS, Target};
use remanent_storage::world::sim::Rng;
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most that one allocation may take: beyond it a number in the bytes was believed.
const ALLOCATION_MAX: usize = 64 << 20;

/// The system's allocator, which remembers the largest request. No other way tells how much a parser asked for: an
/// allocation that is far too large and never touched costs no memory, so no limit of the system would notice it.
struct Watched;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: a block comes from `System` and goes back to `System`, with the layout and the pointer that the caller gave, so
// what `GlobalAlloc` asks of callers holds for the inner call and what it promises to them is what `System` promises.
// `fetch_max` on a static neither allocates nor panics, so nothing unwinds and nothing is entered again. In this test
// program only; the database sets no allocator.
#[allow(unsafe_code, reason = "an allocator is unsafe by its signature; this one only looks at sizes")]
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// The variable that chooses one input: a seed or a file behind the target's name.
const REPLAY: &str = "REMANENT_FUZZ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Says which input it was when a panic passes, and leaves it in a file.
struct Input<'a> {
    target: &'a str,
    what: String,
    bytes: &'a [u8],
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let file = std::env::temp_dir().join(format!("remanent-fuzz-{}", self.target));
            let kept = std::fs::write(&file, self.bytes).map(|()| file.display().to_string());
            eprintln!("the input: {}", kept.unwrap_or_default());
            eprintln!(
                "replay: REMANENT_FUZZ={}:{} cargo test -p remanent-tests --test fuzz",
                self.target, self.what
            );
        }
    }
}

fn run(target: &Target, what: String, bytes: &[u8]) {
    let _input = Input { target: target.name, what, bytes };
    (target.run)(bytes);
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest <= ALLOCATION_MAX, "one allocation took {largest} bytes");
}

fn drive(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    let seeds = (target.seeds)();
    let changed = |seed: u64| mutate(&seeds, &mut Rng::new(seed));
    if let Ok(wanted) = std::env::var(REPLAY) {
        let Some(wanted) = wanted.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')) else { return };
        let bytes = match wanted.parse() {
            Ok(seed) => changed(seed),
            Err(_) => std::fs::read(wanted).expect("a seed or a file"),
        };
        return run(target, wanted.to_owned(), &bytes);
    }
    for (i, seed) in seeds.iter().enumerate() {
        run(target, format!("valid input {i}"), seed);
    }
    for file in std::fs::read_dir(root().join("fuzz/regressions").join(name)).into_iter().flatten().flatten()
    {
        let bytes = std::fs::read(file.path()).expect("an input that once failed");
        run(target, file.path().display().to_string(), &bytes);
    }
    let effort = std::env::var("REMANENT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in 0..target.rounds.saturating_mul(effort) {
        run(target, seed.to_string(), &changed(seed));
    }
}

/// A test for each target, under its name.
macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            drive(stringify!($name));
        })*

        #[test]
        fn every_target_has_its_test() {
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), [$(stringify!($name)),*]);
        }
    };
}

targets! { sql change values encodings kernels manifest log segment part marks readers ulog copy text shapes }

#[test]
fn seeds() {
    let Some(folder) = std::env::var_os("REMANENT_FUZZ_SEEDS") else { return };
    for target in TARGETS {
        let folder = Path::new(&folder).join(target.name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (i, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(i.to_string()), seed).expect("a file");
        }
    }
}
