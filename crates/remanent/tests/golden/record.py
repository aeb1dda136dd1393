#!/usr/bin/env python3
"""Records what a PostgreSQL 15 (initdb --locale=C, timezone UTC) says to the expressions of *.sql, into *.txt.

    ./record.py 'host=/tmp/pg port=5432 user=postgres dbname=postgres' functions columns

Lines keep their order. Behind an expression stand, with tabs between:
- its type and its text, or "!", the SQLSTATE and the message;
- for "each" and "sum" (see columns.sql) the texts of all rows, or the error.
"""
import re, subprocess, sys

def queries(line):
    """The statements that answer one line; None for a line without an answer."""
    kind, _, rest = line.partition(" ")
    if not line or line.startswith("#"):
        return None
    if kind == "table":
        types = rest.split(" | ")
        columns = ", ".join(f"c{i} {ty}" for i, ty in enumerate(types))
        return [f"create temp table t (id serial, {columns})"]
    if kind == "row":
        values = ", ".join("null" if v == "NULL" else "'%s'" % v for v in rest.split(" | "))
        names = ", ".join(f"c{i}" for i in range(len(rest.split(" | "))))
        return [f"insert into t ({names}) values ({values})"]
    if kind == "each":
        return [f"select {rest} from t order by id"]
    if kind == "sum":
        return [f"select {rest} from t", f"select {rest} from t group by c8 order by c8"]
    return [f"select pg_typeof({line}), {line}"]

def record(connection, name):
    lines = open(f"{name}.sql").read().splitlines()
    script = ["\\set VERBOSITY verbose", "\\pset null NULL", "\\pset fieldsep '\\t'", "\\set QUIET 1",
              "set client_min_messages = warning;"]
    for line in lines:
        script += ["\\echo @@"] + [f"{q};" for q in queries(line) or []]
    # Errors come in order only in the same stream.
    run = subprocess.run(["psql", "-X", "-At", connection], input="\n".join(script), text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    answers = re.split(r"^@@\n", run.stdout, flags=re.M)[1:]
    assert len(answers) == len(lines), (len(answers), len(lines))
    with open(f"{name}.txt", "w") as out:
        for line, answer in zip(lines, answers):
            error = re.search(r"ERROR:  (\w{5}): (.*)", answer)
            if queries(line) is None or line.startswith(("table ", "row ")):
                assert not error, (line, error)
                print(line, file=out)
            elif error:
                print(f"{line}\t!\t{error[1]}\t{error[2]}", file=out)
            else:
                print(line, " | ".join(answer.removesuffix("\n").split("\n")), sep="\t", file=out)

for name in sys.argv[2:]:
    record(sys.argv[1], name)
