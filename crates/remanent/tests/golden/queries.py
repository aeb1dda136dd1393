#!/usr/bin/env python3
"""Random statements over three small tables, and their answers beside PostgreSQL's.

    cd crates/remanent/tests/golden
    ./queries.py make 7 2500 > statements/random.sql            # seed, how many queries
    ./queries.py make 7 300 writes > statements/random.sql      # or writes, with a look at the tables in between
    REMANENT_UPDATE_GOLDEN=1 cargo test -p remanent --test golden
    PGHOST=/tmp/pg PGUSER=postgres ./queries.py compare statements/random.sql
    rm statements/random.sql

`compare` runs the script in a new database `remanent_random` of the server that libpq's environment names
(initdb --locale=C) and prints where rows or SQLSTATEs differ. The order of rows counts where the query gives one.
"""

import random
import re
import subprocess
import sys

TABLES = {
    "t": {"id": "int", "a": "int", "b": "big", "s": "text", "f": "float"},
    "u": {"x": "int", "y": "int", "z": "small", "w": "text"},
    "v": {"k": "int", "s": "text", "n": "numeric"},
}
CREATE = [
    "CREATE TABLE t (id int PRIMARY KEY, a int, b bigint, s text, f float8)",
    "CREATE TABLE u (x int, y int, z smallint, w text NOT NULL, PRIMARY KEY (x, y))",
    "CREATE TABLE v (k int, s text, n numeric(8,2))",
]
KEYS = {"t": "id", "u": "x, y", "v": "k, s, n"}
INTEGERS = ("int", "small")
COMPARISONS = ["=", "<", ">", "<=", ">=", "<>"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.aliases = 0

    def chance(self, p):
        return self.r.random() < p

    def literal(self, ty):
        if self.chance(0.15):
            return "NULL"
        return {
            "int": lambda: str(self.r.randint(-2, 12)),
            "big": lambda: self.r.choice(["0", "1", "2", "3", "5", "10000000000"]),
            "small": lambda: str(self.r.randint(0, 5)),
            "text": lambda: "'%s'" % self.r.choice(["a", "b", "ab", "abc", "B", "xy"]),
            "float": lambda: self.r.choice(["0.5", "1.5", "2", "-1.25", "0"]),
            "numeric": lambda: self.r.choice(["1", "1.50", "2.25", "0.1"]),
        }[ty]()

    def rows(self):
        row = lambda values: "(%s)" % ", ".join(values)
        yield "INSERT INTO t VALUES " + ", ".join(
            row([str(i)] + [self.literal(ty) for ty in ("int", "big", "text", "float")]) for i in range(30)
        )
        pairs = [(x, y) for x in range(8) for y in range(self.r.randint(1, 4))]
        yield "INSERT INTO u VALUES " + ", ".join(
            row([str(x), str(y), self.literal("small"), self.literal("text").replace("NULL", "'q'")])
            for x, y in pairs
        )
        yield "INSERT INTO v VALUES " + ", ".join(
            row([self.literal(ty) for ty in ("int", "text", "numeric")]) for _ in range(25)
        )

    def number(self, columns, depth):
        usable = [name for name, ty in columns if ty in INTEGERS]
        k = self.r.random()
        if not usable or k < 0.2:
            return str(self.r.randint(-2, 9))
        if k < 0.7 or depth <= 0:
            return self.r.choice(usable)
        one, other = self.number(columns, depth - 1), self.number(columns, depth - 1)
        if k < 0.85:
            return f"({one} {self.r.choice('+-*')} {other})"
        if k < 0.9:
            return f"coalesce({one}, {other})"
        if k < 0.95:
            return f"CASE WHEN {self.condition(columns, depth - 1)} THEN {one} ELSE {other} END"
        return f"abs({one})"

    def condition(self, columns, depth):
        k = self.r.random()
        if depth > 0 and k < 0.38:
            one = self.condition(columns, depth - 1)
            if k < 0.3:
                return f"({one} {'AND' if k < 0.15 else 'OR'} {self.condition(columns, depth - 1)})"
            return f"NOT {one}"
        k = self.r.random()
        name, ty = self.r.choice(columns)
        op, no = self.r.choice(COMPARISONS), self.r.choice(["", "NOT "])
        if k < 0.45:
            return f"{self.number(columns, 1)} {op} {self.number(columns, 1)}"
        if k < 0.6:
            return f"{name} {op} {self.literal(ty)}"
        if k < 0.7:
            return f"{name} IS {no}NULL"
        if k < 0.8:
            return f"{name} {no}IN ({', '.join(self.literal(ty) for _ in range(self.r.randint(1, 4)))})"
        if k < 0.88:
            return f"{self.number(columns, 1)} {no}BETWEEN {self.number(columns, 0)} AND {self.number(columns, 0)}"
        texts = [name for name, ty in columns if ty == "text"]
        pattern = self.r.choice(["a%", "%b", "ab%", "_", "%", "b_"])
        return f"{self.r.choice(texts)} {no}LIKE '{pattern}'" if texts else "true"

    def relation(self, depth):
        self.aliases += 1
        alias = f"r{self.aliases}"
        k = self.r.random()
        if k < 0.75 or depth <= 0:
            table = self.r.choice(list(TABLES))
            return f"{table} AS {alias}", [(f"{alias}.{c}", ty) for c, ty in TABLES[table].items()]
        source, columns = self.source(depth - 1)
        if k < 0.9:
            picked = [self.r.choice(columns) for _ in range(self.r.randint(1, 3))]
            items = ", ".join(f"{name} AS c{i}" for i, (name, _) in enumerate(picked))
            where = f" WHERE {self.condition(columns, 1)}" if self.chance(0.5) else ""
            distinct = "DISTINCT " if self.chance(0.3) else ""
            fields = [(f"{alias}.c{i}", ty) for i, (_, ty) in enumerate(picked)]
            return f"(SELECT {distinct}{items} FROM {source}{where}) AS {alias}", fields
        name, ty = self.r.choice(columns)
        items = f"{name} AS g, count(*) AS c, max({self.number(columns, 0)}) AS m"
        return f"(SELECT {items} FROM {source} GROUP BY {name}) AS {alias}", [(f"{alias}.g", ty), (f"{alias}.m", "int")]

    def source(self, depth):
        source, columns = self.relation(depth)
        for _ in range(self.r.choice([0, 0, 1, 1, 2])):
            right, more = self.relation(depth - 1)
            whole = lambda columns: [name for name, ty in columns if ty in INTEGERS + ("big",)]
            if whole(columns) and whole(more) and self.chance(0.85):
                on = f"{self.r.choice(whole(columns))} = {self.r.choice(whole(more))}"
            else:
                on = self.condition(columns + more, 1)
            if self.chance(0.3):
                on += f" AND {self.condition(columns + more, 1)}"
            kind = self.r.choice(["JOIN"] * 6 + ["LEFT JOIN"] * 2 + ["RIGHT JOIN", "CROSS JOIN"])
            source += f" {kind} {right}" + ("" if kind == "CROSS JOIN" else f" ON {on}")
            columns = columns + more
        return source, columns

    def aggregate(self, columns):
        name, number = self.r.choice(columns)[0], self.number(columns, 1)
        distinct = self.r.choice(["", "", "DISTINCT "])
        return self.r.choice(
            [
                "count(*)",
                f"count({distinct}{name})",
                f"sum({distinct}{number})",
                f"{self.r.choice(['min', 'max'])}({name})",
                f"avg({number})",
                f"count(*) FILTER (WHERE {self.condition(columns, 1)})",
            ]
        )

    def where(self, columns, chance):
        parts = [self.condition(columns, 2)] if self.chance(chance) else []
        number, no = self.number(columns, 0), self.r.choice(["", "NOT "])
        if self.chance(0.15):
            inner = self.r.choice(["id FROM t", "a FROM t", "x FROM u WHERE y > 1", "k FROM v WHERE k IS NOT NULL"])
            parts.append(f"{number} {no}IN (SELECT {inner})")
        if self.chance(0.1):
            parts.append(self.r.choice(["EXISTS (SELECT 1 FROM t WHERE a = 3)", f"{number} > (SELECT min(a) FROM t)"]))
        return " WHERE " + " AND ".join(parts) if parts else ""

    def order(self, items):
        ways = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]
        text = " ORDER BY " + ", ".join(f"{i + 1}{self.r.choice(ways)}" for i in range(items))
        text += f" LIMIT {self.r.randint(0, 6)}" if self.chance(0.5) else ""
        return text + (f" OFFSET {self.r.randint(0, 4)}" if self.chance(0.3) else "")

    def query(self):
        source, columns = self.source(1)
        tail = f" FROM {source}{self.where(columns, 0.7)}"
        k = self.r.random()
        if k < 0.45:
            pick = lambda: self.r.choice(columns)[0] if self.chance(0.6) else self.number(columns, 2)
            items = [pick() for _ in range(self.r.randint(1, 4))]
            text = f"SELECT {'DISTINCT ' if self.chance(0.2) else ''}{', '.join(items)}{tail}"
            order = self.order(len(items)) if self.chance(0.4) else ""
        elif k < 0.6:
            text = f"SELECT {', '.join(self.aggregate(columns) for _ in range(self.r.randint(1, 3)))}{tail}"
            order = ""
        else:
            pick = lambda: self.r.choice(columns)[0] if self.chance(0.7) else self.number(columns, 1)
            group = dict.fromkeys(pick() for _ in range(self.r.randint(1, 2)))
            group = [g for g in group if not g.lstrip("-").isdigit()] or [columns[0][0]]
            items = group + [self.aggregate(columns) for _ in range(self.r.randint(0, 2))]
            text = f"SELECT {', '.join(items)}{tail} GROUP BY {', '.join(group)}"
            if self.chance(0.3):
                text += f" HAVING {self.r.choice(['count(*)', f'sum({self.number(columns, 0)})'])} > {self.r.randint(0, 4)}"
            order = self.order(len(items)) if self.chance(0.3) else ""
        return text + order if order else "-- any order\n" + text

    def write(self):
        table = self.r.choice(list(TABLES))
        columns = list(TABLES[table].items())
        where = self.where(columns, 1)
        k = self.r.random()
        if k < 0.45:
            number = self.number(columns, 1)
            sets = {
                "t": [f"a = {number}", "s = s || 'x'", "f = f + 1", "id = id + 1000", "b = NULL"],
                "u": [f"z = {number} % 100", "w = 'n'", "y = y + 50", "w = NULL"],
                "v": [f"k = {number}", "n = n * 2", "s = DEFAULT"],
            }[table]
            return f"UPDATE {table} SET {', '.join(self.r.sample(sets, self.r.randint(1, 2)))}{where}"
        if k < 0.6:
            return f"DELETE FROM {table}{where} AND {self.condition(columns, 1)}"
        if k < 0.8:
            return f"SELECT * FROM {table} ORDER BY {KEYS[table]}"
        shift = self.r.randint(100, 100_000)
        return {
            "t": f"INSERT INTO t SELECT id + {shift}, a, b, s, f FROM t{where} AND id < 40",
            "u": f"INSERT INTO u VALUES ({self.r.randint(0, 20)}, {self.r.randint(0, 20)}, {self.literal('small')}, 'w')",
            "v": f"INSERT INTO v (n, k) SELECT n + 0.1, k + 1 FROM v{where} AND k < 4",
        }[table]


def make(seed, count, writes):
    maker = Maker(seed)
    script = CREATE + list(maker.rows())
    script += [maker.write() if writes else maker.query() for _ in range(count)]
    print("\n\n".join(script))


def psql(script, database):
    command = ["psql", "-d", database, "-XqAt", "-F", " | ", "-P", "null=NULL", "-v", "VERBOSITY=sqlstate"]
    return subprocess.run(command, input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def compare(file):
    blocks = [block.split("\n----\n", 1) for block in open(file).read().split("\n\n") if "\n----\n" in block]
    psql("DROP DATABASE IF EXISTS remanent_random", "postgres")
    complaint = psql("CREATE DATABASE remanent_random", "postgres")
    if complaint:
        sys.exit(complaint)
    script = "".join(f"\\echo @@{i}\n{sql};\n" for i, (sql, _) in enumerate(blocks))
    answers = dict(part.split("\n", 1) for part in psql(script, "remanent_random").split("@@")[1:])
    same = compared = 0
    for i, (sql, recorded) in enumerate(blocks):
        ours, theirs = recorded.strip("\n").split("\n"), answers[str(i)].rstrip("\n").split("\n")
        error = re.match(r"ERROR:\s+(\w+)", theirs[0])
        if ours[0].startswith("ERROR") or error:
            ours, theirs = ours[0].split()[:2], ["ERROR", error and error.group(1)]
            ours[-1] = ours[-1].rstrip(":")
        elif re.match(r"CREATE|INSERT|UPDATE|DELETE", sql):
            continue
        else:
            ours = [] if ours[1:] == ["(no rows)"] else ours[1:]
            theirs = [] if theirs == [""] else theirs
            if sql.startswith("-- any order"):
                ours, theirs = sorted(ours), sorted(theirs)
        compared += 1
        if ours == theirs:
            same += 1
        else:
            print(f"{sql}\n  ours:       {ours[:5]} of {len(ours)}\n  PostgreSQL: {theirs[:5]} of {len(theirs)}\n")
    print(f"{same} of {compared} the same")


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["writes"])
    elif sys.argv[1:2] == ["compare"]:
        compare(sys.argv[2])
    else:
        sys.exit(__doc__)
