#!/usr/bin/env python3
"""What the embedded program consists of, by crate and module. Prints rows of a Markdown table.

    CARGO_PROFILE_RELEASE_STRIP=none cargo build --release -p remanent-examples --example embedded
    python3 bench/weights.py target/release/examples/embedded

Needs nm and readelf (binutils). Code is counted by symbol. What the compiler has put into its only caller counts for that, and
generic code of the standard library for the standard library, whatever types it was made for, but for what drops our types.
"""

import collections, re, subprocess, sys

# The first that is found in a symbol's name says whose it is.
OWNERS = [
    ("std: backtraces of panics", r"gimli|addr2line|rustc_demangle|miniz_oxide|backtrace|\bobject::"),
    ("std: sorting", r"core::slice::sort"),
    ("std: B-trees", r"collections::btree"),
    ("std: hash tables", r"hashbrown|collections::hash"),
    ("dropping our types", r"^core::ptr::drop_in_place<.*remanent"),
]
CRATES = r"remanent(?:_storage|_kernels|_shapes|_text)?|rust_stemmers|geographiclib_rs|embedded|jiff(?:_core)?|roaring|regex_lite|sha2|digest|lz4_flex|rustix|crc32c|fearless_simd"
PATH = re.compile(rf"^[<&*\[(]*(?:mut |dyn |impl )?({CRATES})(?:::(\w+))?(?:::(\w+))?")


def owner(name):
    for whose, pattern in OWNERS:
        if re.search(pattern, name):
            return whose
    found = PATH.match(name)
    if not found:
        return "std: the rest"
    crate, module, below = found.groups()
    if crate == "remanent":
        return f"remanent: {module}::{below}" if module == "sql" and below else "remanent: the rest"
    return f"remanent-storage: {module}" if crate == "remanent_storage" else crate.replace("_", "-")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main(program):
    sections = {}
    for line in run("readelf", "-SW", program).splitlines():
        found = re.match(r"\s*\[ *\d+\] (\.\S+)\s+(\S+)\s+\S+ \S+ (\S+) \S+\s+(\w*A\w*)", line)
        if found and found[2] != "NOBITS":
            sections[found[1]] = int(found[3], 16)
    sizes, at = collections.Counter(), set()
    for line in run("nm", "-S", "-C", program).splitlines():
        found = re.match(r"([0-9a-f]{16}) ([0-9a-f]{16}) [tTwW] (.*)", line)
        # Functions that are the same lie in one place.
        if found and found[1] not in at:
            at.add(found[1])
            sizes[owner(found[3])] += int(found[2], 16)
    code = sections.pop(".text")
    rows = [(f"code: {whose}", size) for whose, size in sizes.most_common()]
    rows.append(("code: without a name", code - sum(sizes.values())))
    rows.append(("texts and constants", sections.pop(".rodata")))
    rows.append(("tables that hold pointers", sections.pop(".data.rel.ro")))
    rows.append(("everything else in memory", sum(sections.values())))
    print("| what | bytes |\n|---|---|")
    for what, size in rows:
        print(f"| {what} | {size:,} |")
    print(f"| all | {sum(size for _, size in rows):,} |")


main(*sys.argv[1:])
