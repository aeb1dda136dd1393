"""A peer of the scenario `text`, one thread: prints peer, figure, value and 0, tabs between.

The arguments are a CSV file with columns `id` and `gloss`, and a file of questions: the figure's name, a tab, and the question in the
language of queries of tantivy, whose words are joined like those that SQLite is asked. Beside each figure's median microseconds it prints
how many texts answer its questions, all together. The process has one processor.
"""

import csv
import os
import pathlib
import sys
import tempfile
import time

# Before libraries count processors for their threads.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

K, PEER = 10, "tantivy 0.27"
with open(sys.argv[1], newline="") as file:
    glosses = [(int(row["id"]), row["gloss"]) for row in csv.DictReader(file)]
questions = {}
with open(sys.argv[2]) as file:
    for line in file:
        figure, question = line.rstrip("\n").split("\t")
        questions.setdefault(figure, []).append(question)


def say(what, value):
    print(f"{PEER}\t{what}\t{value}\t0", flush=True)


def tantivy():
    import tantivy as lib

    builder = lib.SchemaBuilder()
    # The words with their positions, as FTS5 keeps them; the texts themselves are not kept.
    builder.add_text_field("gloss", tokenizer_name="en_stem")
    builder.add_integer_field("id", indexed=True, fast=True)
    schema = builder.build()
    with tempfile.TemporaryDirectory() as dir:
        begin = time.perf_counter()
        writer = lib.Index(schema, path=dir).writer(heap_size=256 << 20, num_threads=1)
        for id, gloss in glosses:
            writer.add_document(lib.Document(gloss=gloss, id=id))
        writer.commit()
        writer.wait_merging_threads()
        say("build", time.perf_counter() - begin)
        say("bytes", sum(file.stat().st_size for file in pathlib.Path(dir).iterdir()) / len(glosses))
        index = lib.Index.open(dir)
        searcher = index.searcher()

        def search(question):
            hits = searcher.search(index.parse_query(question, ["gloss"]), K, count=False).hits
            return searcher.fast_field_values("id", [address for _, address in hits])

        for figure, some in questions.items():
            times, answers = [], 0
            for question in some:
                search(question)
                begin = time.perf_counter()
                search(question)
                times.append(time.perf_counter() - begin)
                answers += searcher.search(index.parse_query(question, ["gloss"]), 1).count
            say(figure, sorted(times)[len(times) // 2] * 1e6)
            say(f"{figure}, answers", answers)


try:
    tantivy()
except ImportError as error:
    print(f"text: tantivy is left out: {error}", file=sys.stderr)
