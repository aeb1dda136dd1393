#!/bin/sh
# Fetches the peers that are not Rust crates: DuckDB's shared library, as its package for Node.js carries it (MIT).
# Usage: bench/peers.sh     needs npm. Without it the bench runs, and says that DuckDB is absent.
# BENCH_DUCKDB=/path/to/libduckdb.so names another one.
set -eu
version=1.5.6-r.1
cd "$(dirname "$0")"
mkdir -p target/peers
cd target/peers
npm pack --silent "@duckdb/node-bindings-linux-x64@$version" >/dev/null
tar xzf duckdb-node-bindings-linux-x64-"$version".tgz --strip-components=1 package/libduckdb.so package/LICENSE
rm duckdb-node-bindings-linux-x64-"$version".tgz
ls -l libduckdb.so
