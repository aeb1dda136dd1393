#!/usr/bin/env python3
"""Records what a PostgreSQL 15 (initdb --locale=C, timezone UTC) says to the expressions of *.sql, into *.txt.
----
ERROR 42601 at 1: syntax error at or near "#!/"

    ./record.py 'host=/tmp/pg port=5432 user=postgres dbname=postgres' functions
----
ERROR 42601 at 5: syntax error at or near "."

One line an expression: the expression, its type and its text (or "!", the SQLSTATE and the message), tabs between.
"""
import re, subprocess, sys
----
ERROR 42601 at 1: syntax error at or near "One"

connection, name = sys.argv[1], sys.argv[2]
lines = open(f"{name}.sql").read().splitlines()
expressions = [l for l in lines if l and not l.startswith("#")]
script = ["\\set VERBOSITY verbose", "\\pset null NULL", "\\pset fieldsep '\\t'"]
for i, e in enumerate(expressions):
    script += [f"\\echo @@{i}", f"select pg_typeof({e}), {e};"]
# Errors come in order only in the same stream.
run = subprocess.run(["psql", "-X", "-At", connection], input="\n".join(script), text=True,
                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
answers = re.split(r"^@@\d+\n", run.stdout, flags=re.M)[1:]
assert len(answers) == len(expressions), (len(answers), len(expressions))
out, answers = [], iter(answers)
for line in lines:
    if not line or line.startswith("#"):
        out.append(line)
        continue
    answer = next(answers)
    error = re.search(r"ERROR:  (\w{5}): (.*)", answer)
    if error:
        out.append(f"{line}\t!\t{error[1]}\t{error[2]}")
    else:
        out.append(f"{line}\t{answer.rstrip(chr(10))}")
open(f"{name}.txt", "w").write("\n".join(out) + "\n")
----
ERROR 42601 at 1: syntax error at or near "connection"
