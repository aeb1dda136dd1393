#!/bin/sh
# Fetches the peers that are not Rust crates: DuckDB's shared library, as its package for Node.js carries it (MIT).
# and libraries for vectors from PyPI.
# Usage: bench/peers.sh     needs npm and python3. Without it the bench runs, and says what is absent.
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

# Libraries for vectors, in a Python environment of their own.
python3 -m venv python
python/bin/pip install --quiet numpy==2.* hnswlib==0.8.0 usearch==2.* faiss-cpu==1.15.* sqlite-vec==0.1.*
