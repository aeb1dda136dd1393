//! The house keeps its floors: who may import whom (design section 3), and who may touch the outside world.

use remanent_tests::{code, files, text};

/// The layers of remanent-storage, top first: a module imports only those listed after it.
const LAYERS: [&str; 11] =
    ["store", "txn", "catalog", "table", "index", "segment", "log", "value", "world", "map", "error"];

/// The folders or files of the engine and the library (not of the programs around them).
const ENGINE: [&str; 5] = [
    "crates/remanent-kernels/src",
    "crates/remanent-shapes/src",
    "crates/remanent-text/src",
    "crates/remanent-storage/src",
    "crates/remanent/src",
];

/// The only files that may hold `unsafe`, each with its proof as a comment (design rule 11).
const UNSAFE: &[&str] = &[
    "crates/remanent-kernels/src/nibbles.rs",
    "crates/remanent-kernels/src/prefetch.rs",
    "crates/remanent-kernels/src/quantized.rs",
    "crates/remanent-kernels/src/short.rs",
    "crates/remanent-kernels/src/wide.rs",
    "crates/remanent-storage/src/value/column/views.rs",
    "crates/remanent-storage/src/world/real/window.rs",
];

fn sources(dir: &str) -> Vec<String> {
    files(dir, "rs").into_iter().filter(|path| !is_test(path)).collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("_tests.rs")
}

/// The layer that a file of remanent-storage belongs to.
fn layer(path: &str) -> Option<usize> {
    let name = path.strip_prefix("crates/remanent-storage/src/")?.split(['/', '.']).next()?;
    LAYERS.iter().position(|layer| *layer == name)
}

/// Names that follow `crate::`, alone or in braces, with the line they are on.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue; // $crate is fine, other_crate:: is not ours
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| {
            text.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned)
        };
        match rest.strip_prefix('{') {
            None => found.extend(word(rest).map(|w| (line, w))),
            Some(group) => {
                let mut depth = 0;
                let mut begin = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begin = true,
                        c if begin && !c.is_whitespace() => {
                            found.extend(word(&group[i..]).map(|w| (line, w)));
                            begin = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn imports_are_found() {
    let source = "use crate::value::{Type, Value};\nuse crate::{\n  error::{self, x}, Lsn,\n  log,\n};\nfn f() { crate::world::join() }";
    let found = imports(source);
    let expected = [(1, "value"), (2, "error"), (2, "Lsn"), (2, "log"), (6, "world")];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
}

#[test]
fn storage_imports_point_down() {
    let mut wrong = Vec::new();
    for path in sources("crates/remanent-storage/src") {
        let Some(own) = layer(&path) else { continue };
        let source = code(&text(&path));
        for (line, name) in imports(&source) {
            if let Some(other) = LAYERS.iter().position(|layer| *layer == name)
                && other < own
            {
                wrong.push(format!("{path}:{line}: {} imports {name}, which lies above it", LAYERS[own]));
            }
        }
        // The way around: from a layer's own file to a sister through super.
        if path.ends_with("/mod.rs") || !path["crates/remanent-storage/src/".len()..].contains('/') {
            for name in LAYERS.iter().take(own) {
                if source.contains(&format!("super::{name}")) {
                    wrong.push(format!("{path}: {} imports super::{name}, which lies above it", LAYERS[own]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_of_storage_has_its_floor() {
    for path in sources("crates/remanent-storage/src") {
        assert!(layer(&path).is_some() || path.ends_with("/lib.rs"), "{path} is in no layer");
    }
}

/// The names under `[dependencies]` of a crate.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest = text(manifest);
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn crates_depend_downwards() {
    let kernels = dependencies("crates/remanent-kernels/Cargo.toml");
    let storage = dependencies("crates/remanent-storage/Cargo.toml");
    let library = dependencies("crates/remanent/Cargo.toml");
    assert_eq!(kernels, Vec::<String>::new(), "the kernels are a leaf");
    assert_eq!(dependencies("crates/remanent-text/Cargo.toml"), ["rust-stemmers"], "text search is a leaf");
    assert!(
        storage.contains(&"remanent-kernels".to_owned()) && library.contains(&"remanent-storage".to_owned())
    );
    for (name, own) in [("remanent-storage", &storage), ("remanent", &library)] {
        for heavy in
            ["remanent-cli", "tokio", "mio", "socket2", "rustls", "arrow", "pyo3", "indicatif", "rayon"]
        {
            assert!(!own.contains(&heavy.to_owned()), "{name} depends on {heavy}");
        }
    }
    assert!(!storage.contains(&"remanent".to_owned()), "the storage knows no SQL");
}

/// Every line of the engine outside `allowed` that contains one of these.
fn uses(of: &[&str], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in ENGINE.iter().flat_map(|dir| sources(dir)).filter(|path| !allowed(path)) {
        for (i, line) in code(&text(&path)).lines().enumerate() {
            found.extend(
                of.iter().filter(|word| has(line, word)).map(|word| format!("{path}:{}: {word}", i + 1)),
            );
        }
    }
    found
}

/// True if the line contains those words, not as a part of longer ones.
fn has(line: &str, words: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(words)
        .any(|(at, _)| !line[..at].ends_with(inner) && !line[at + words.len()..].starts_with(inner))
}

#[test]
fn the_world_is_reached_through_world_only() {
    let outside = [
        "std::fs",
        "std::thread",
        "std::env",
        "std::process",
        "std::net",
        "std::os",
        "Instant",
        "SystemTime",
        "RandomState",
        "parking_lot",
    ];
    let wrong = uses(&outside, |path| path.starts_with("crates/remanent-storage/src/world/"));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_library_knows_no_sockets() {
    let wrong =
        uses(&["std::net", "TcpListener", "TcpStream", "UdpSocket", "UnixStream", "UnixListener"], |_| false);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_stays_in_named_leaf_files() {
    let wrong = uses(&["unsafe"], |path| UNSAFE.contains(&path));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    for path in UNSAFE {
        let source = text(path);
        assert!(has(&source, "unsafe"), "{path} holds no unsafe code any more: take it off the list");
        assert!(source.contains("SAFETY"), "{path} gives no proof: a comment that begins with SAFETY");
    }
}
