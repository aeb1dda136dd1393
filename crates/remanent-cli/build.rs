//! What the linker is told of our programs, so that they are small: no tables for unwinding, relocations packed.
//!
//! Programs that abort on a panic need no tables for unwinding: 450 KB of 3.7 in the smallest program.
//! With `panic = "abort"`, as the release profile has it, nothing unwinds, but the compiler still emits `.eh_frame` on
//! x86-64 and aarch64, and the standard library comes with it. The linker is told to leave it out. What that costs: the
//! addresses of callers in a panic's message, which a stripped program has no names for anyway, and call stacks of core dumps
//! without debug information.
//!
//! A program that may be loaded anywhere has a list of the pointers within it, of which most say "add where the program is":
//! 24 bytes each, 155 KB in all. Packed (`DT_RELR`, a bitmap) they take a thirtieth. The loader must know the form: glibc does
//! from 2.36 on (Debian 12), and an older one refuses the program and says which version it misses. So they are packed where
//! the C library that is linked against knows the form. Who builds on a new system for an older one says so:
//! `RUSTFLAGS="-C link-arg=-Wl,-z,nopack-relative-relocs"`.
//!
//! Rust's own linker, which x86-64 links with anyway, also makes one of functions and constants that are the same (`--icf`):
//! 22 KB. It is taken where it is installed and no other was asked for.
//!
//! Limits: Linux, where linkers understand the script; other systems link as they always do. With musl nothing is packed.

use std::env::var;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    if is("CARGO_CFG_TARGET_ENV", "gnu") && !asked("pack-relative-relocs") && loader_unpacks() {
        println!("cargo::rustc-link-arg-{programs}=-Wl,-z,pack-relative-relocs");
    }
    if let Some(folder) = own_linker() {
        println!("cargo::rustc-link-arg-{programs}=-B{}", folder.display());
        println!("cargo::rustc-link-arg-{programs}=-fuse-ld=lld");
        println!("cargo::rustc-link-arg-{programs}=-Wl,--icf=all");
    }
    Ok(())
}

/// Whether who builds says something of that.
fn asked(flag: &str) -> bool {
    var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains(flag))
}

/// Where the linker is that comes with the compiler, if it may be taken: programs for this system, nobody chose another.
fn own_linker() -> Option<PathBuf> {
    let (host, target) = (var("HOST").ok()?, var("TARGET").ok()?);
    if host != target || var("RUSTC_LINKER").is_ok() || asked("fuse-ld") || asked("linker") {
        return None;
    }
    let found = Command::new(var("RUSTC").ok()?).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
    let folder = sysroot.join("lib/rustlib").join(host).join("bin/gcc-ld");
    folder.join("ld.lld").exists().then_some(folder)
}

/// Whether the C library that the linker takes knows packed relocations: it says so by the name of a version.
fn loader_unpacks() -> bool {
    const VERSION: &[u8] = b"\0GLIBC_ABI_DT_RELR\0";
    let linker = var("RUSTC_LINKER").unwrap_or_else(|_| "cc".into());
    let Ok(found) = Command::new(linker).arg("-print-file-name=libc.so.6").output() else { return false };
    let path = String::from_utf8_lossy(&found.stdout);
    std::fs::read(path.trim()).is_ok_and(|libc| libc.windows(VERSION.len()).any(|at| at == VERSION))
}
