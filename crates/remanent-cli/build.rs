//! Programs that abort on a panic need no tables for unwinding: 450 KB of 3.7 in the smallest program.
//!
//! With `panic = "abort"`, as the release profile has it, nothing unwinds, but the compiler still emits `.eh_frame` on
//! x86-64 and aarch64, and the standard library comes with it. The linker is told to leave it out. What that costs: the
//! addresses of callers in a panic's message, which a stripped program has no names for anyway, and call stacks of core dumps
//! without debug information.
//!
//! Limits: Linux, where linkers understand the script; other systems link as they always do.

use std::env::var;
use std::path::{Path, PathBuf};

const SCRIPT: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame.*) *(.gcc_except_table) *(.gcc_except_table.*) } } INSERT AFTER .text;\n";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| var(name).is_ok_and(|v| v == value);
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") {
        return Ok(());
    }
    let script = PathBuf::from(var("OUT_DIR").unwrap_or_default()).join("no_unwinding.ld");
    std::fs::write(&script, SCRIPT)?;
    // The examples are built with this script, too.
    let programs = if Path::new("src/main.rs").exists() { "bins" } else { "examples" };
    println!("cargo::rustc-link-arg-{programs}=-Wl,-T,{}", script.display());
    println!("cargo::rustc-link-arg-{programs}=-Wl,--no-eh-frame-hdr");
    Ok(())
}
