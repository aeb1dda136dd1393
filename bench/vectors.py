"""Peers of the scenario `vectors`, one thread: prints peer, figure, value, recall, tabs between.

The arguments are a file of 32-bit floats and how many are a row, the last 500 of which ask for their 10 nearest among the others.
"""

import sqlite3
import sys
import time

import numpy

DIM, QUERIES, K, WANTED = int(sys.argv[2]), 500, 10, 0.985
data = numpy.fromfile(sys.argv[1], dtype=numpy.float32).reshape(-1, DIM)
rows, queries = data[:-QUERIES], data[-QUERIES:]
part = ((numpy.arange(len(rows), dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)) >> numpy.uint64(33)) % 1000


def nearest(of):
    squares = (of * of).sum(axis=1)
    distances = squares[None, :] - 2 * queries @ of.T
    return numpy.argsort(distances, axis=1)[:, :K]


truth = nearest(rows)


def say(peer, what, value, recall=0.0):
    print(f"{peer}\t{what}\t{value}\t{recall}", flush=True)


def measure(search):
    """Median microseconds a query, and the recall."""
    times, found = [], 0
    for query, exact in zip(queries, truth):
        begin = time.perf_counter()
        got = search(query)
        times.append(time.perf_counter() - begin)
        found += len(set(exact.tolist()) & set(int(i) for i in got))
    return sorted(times)[len(times) // 2] * 1e6, found / (K * len(queries))


def sweep(peer, efforts, use, search):
    """The least effort that reaches the recall."""
    for effort in efforts:
        use(effort)
        measure(search)
        value, recall = measure(search)
        if recall >= WANTED:
            break
    say(peer, "search", value, recall)


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
    for name, limit in [("part < 500", 500), ("part < 100", 100), ("part < 10", 10)]:
        allowed = set(numpy.nonzero(part < limit)[0].tolist())
        inside = numpy.nonzero(part < limit)[0]
        exact = inside[nearest(rows[inside])]
        times, found, short = [], 0, 0
        for query, true in zip(queries[:100], exact):
            begin = time.perf_counter()
            try:
                got = index.knn_query(query, k=K, num_threads=1, filter=lambda i: i in allowed)[0][0]
            except RuntimeError:
                got, short = [], short + 1
            times.append(time.perf_counter() - begin)
            found += len(set(true.tolist()) & set(int(i) for i in got))
        note = f", {short} of 100 short of rows" if short else ""
        say("hnswlib" + note, name, sorted(times)[len(times) // 2] * 1e6, found / (K * 100))


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
    global queries, truth
    saved, queries, truth = (queries, truth), queries[:50], truth[:50]
    say("sqlite-vec 0.1", "search", *measure(lambda q: [r[0] for r in db.execute(sql, (q.tobytes(),))]))
    queries, truth = saved


for peer in (hnswlib, usearch, faiss, sqlite_vec):
    try:
        peer()
    except (ImportError, AttributeError, sqlite3.Error) as error:
        print(f"vectors: {peer.__name__} is left out: {error}", file=sys.stderr)
