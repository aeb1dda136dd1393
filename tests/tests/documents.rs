//! The documents tell the truth where a machine can tell: files they name exist, faults they list are planted.

use remanent_tests::{files, root, text};
use std::collections::BTreeSet;

const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "examples/data/README.md"];

/// What stands in backticks outside of code blocks.
fn quoted(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            block = !block;
        } else if !block {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// True for text that names a file or folder of this repository.
fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let top = text.trim_start_matches("./").split('/').next().unwrap_or_default();
    let known = ["crates", "tests", "bench", "fuzz", "examples", ".ci"].contains(&top) && text.contains('/');
    let source = [".rs", ".toml", ".md"].iter().any(|end| text.ends_with(end) && text.len() > end.len());
    !text.is_empty() && text.chars().all(plain) && (known || source)
}

#[test]
fn paths_are_told_from_other_text() {
    let markdown =
        "`a/b.rs` and `SELECT 1` in `crates/remanent`\n```\n`x.rs`\n```\n`check.md`, `robot.rem/`, `tests/`";
    let paths: Vec<_> = quoted(markdown).into_iter().filter(|q| is_path(q)).collect();
    assert_eq!(paths, ["a/b.rs", "crates/remanent", "check.md", "tests/"]);
}

#[test]
fn files_that_documents_name_exist() {
    let all = files(".", "");
    let mut missing = Vec::new();
    for document in DOCUMENTS.iter().filter(|d| root().join(d).exists()) {
        for path in quoted(&text(document)).into_iter().filter(|q| is_path(q)) {
            let plain = path.trim_start_matches("./");
            // A path from the root, or from any folder: `store/mod.rs` names the one file that ends so.
            let there = root().join(plain).exists() || all.iter().any(|f| f.ends_with(&format!("/{plain}")));
            if !there {
                missing.push(format!("{document} names {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_deliberate_fault_has_its_test() {
    let mut planted = BTreeSet::new();
    for path in files("crates", "rs").iter().filter(|p| !p.ends_with("world/mutation.rs")) {
        let source = text(path);
        for (at, call) in source.match_indices("mutation(\"") {
            if source[..at].lines().last().is_some_and(|line| line.trim_start().starts_with("//")) {
                continue;
            }
            planted.extend(source[at + call.len()..].split('"').next().map(str::to_owned));
        }
    }
    let list = text("tests/mutations.txt");
    let listed: BTreeSet<_> = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(planted, listed, "planted in the source, and listed in tests/mutations.txt");
}
