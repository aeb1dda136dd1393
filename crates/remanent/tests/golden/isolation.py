#!/usr/bin/env python3
"""Runs the scripts of tests/isolation against a PostgreSQL 15 and prints where it answers otherwise.

    ./isolation.py PORT [rows locks …]     a server on 127.0.0.1 that trusts postgres, with deadlock_timeout = 10ms

Speaks the wire protocol itself, so that a session can be left waiting. Compares codes of errors, not their words.
"""
import re, select, socket, struct, sys, time
from pathlib import Path

PORT = int(sys.argv[1])
TAGS = {"INSERT", "UPDATE", "DELETE"}


class Session:
    def __init__(self, database="postgres"):
        self.sock = socket.create_connection(("127.0.0.1", PORT))
        body = struct.pack("!I", 196608) + b"user\0postgres\0database\0" + database.encode() + b"\0\0"
        self.sock.sendall(struct.pack("!I", len(body) + 4) + body)
        self.buffer, self.waits, self.gone = b"", False, False
        self.lines, self.reads = [], False
        while not self.poll(True):
            pass

    def send(self, sql):
        self.lines, self.affected, self.waits, self.reads = [], 0, True, False
        body = sql.encode() + b"\0"
        try:
            self.sock.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
        except OSError:
            self.gone = True

    def poll(self, block=False):
        """True once the server is ready for the next query."""
        while True:
            while len(self.buffer) >= 5:
                size = struct.unpack("!I", self.buffer[1:5])[0] + 1
                if len(self.buffer) < size:
                    break
                kind, body, self.buffer = self.buffer[:1], self.buffer[5:size], self.buffer[size:]
                if kind == b"T":
                    self.reads, self.lines = True, []
                elif kind == b"D":
                    self.lines.append(" | ".join(self.row(body)))
                elif kind == b"C":
                    words = body[:-1].decode().split()
                    if words and words[0] in TAGS:
                        self.affected, self.reads = self.affected + int(words[-1]), False
                    elif words and words[0] != "SELECT" and words[0] != "SHOW":
                        self.reads = False
                elif kind == b"E":
                    code = re.search(rb"\0C([0-9A-Z]{5})\0", b"\0" + body).group(1).decode()
                    self.lines, self.reads, self.affected = [f"ERROR {code}"], True, 0
                elif kind == b"K":
                    self.pid = struct.unpack("!II", body)
                elif kind == b"Z":
                    self.waits = False
                    return True
            if not block and not select.select([self.sock], [], [], 0)[0]:
                return False
            data = self.sock.recv(65536)
            if not data:
                self.gone = self.gone or True
                self.waits = False
                return True
            self.buffer += data

    @staticmethod
    def row(body):
        count, at, values = struct.unpack("!H", body[:2])[0], 2, []
        for _ in range(count):
            size = struct.unpack("!i", body[at:at + 4])[0]
            at += 4
            values.append("" if size < 0 else body[at:at + size].decode() or "''")
            at += max(size, 0)
        return values

    def answer(self):
        if self.reads:
            return self.lines or ["no rows"]
        return ["ok"] if not self.affected else [f"{self.affected} row" + "s" * (self.affected != 1)]

    def cancel(self):
        sock = socket.create_connection(("127.0.0.1", PORT))
        sock.sendall(struct.pack("!IIII", 16, 80877102, *self.pid))
        sock.close()


def run(path):
    admin, sessions, differing = Session(), {}, 0

    def ask(sql):
        admin.send(sql)
        admin.poll(True)
        return admin.lines

    def blocked():
        return int(ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")[0])

    def settle(first, patient):
        own, out, stable = None, [], 0
        for _ in range(4000):
            waiting = 0
            for name, session in sorted(sessions.items()):
                if session.waits:
                    if session.poll():
                        if name == first:
                            own = session.answer()
                        else:
                            out.append((name, session.answer()))
                    else:
                        waiting += 1
            answered = own is not None if first else bool(out)
            # A deadlock shows as a wait for some time.
            stable = stable + 1 if waiting == blocked() and (answered or not patient) else 0
            if stable > 25:
                break
            time.sleep(0.002)
        lines = own if own is not None else (["waits"] if first else [])
        return lines + [f"{name}: {line}" for name, answer in sorted(out) for line in answer]

    lines, number = path.read_text().split("\n"), 0
    heading = ""
    while number < len(lines):
        line, at = lines[number], number + 1
        number += 1
        if line.startswith("=="):
            heading, sessions = line, {n: s for n, s in sessions.items() if s.sock.close()}
            time.sleep(0.05)
            ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = 'iso'")
            ask("DROP DATABASE IF EXISTS iso WITH (FORCE)")
            ask("CREATE DATABASE iso TEMPLATE template0")
            continue
        if not line or line.startswith(("#", "   ")):
            continue
        expected = []
        while number < len(lines) and lines[number].startswith("   "):
            expected.append(re.sub(r"(ERROR \w{5}).*", r"\1", lines[number][3:]))
            number += 1
        if line.startswith("cancel "):
            sessions[line[7:]].cancel()
            actual = settle(None, True)
        elif line.startswith("end "):
            sessions.pop(line[4:]).sock.close()
            actual = settle(None, False)
        else:
            name, how, sql = re.match(r"(\w+)([:!])\s*(.*)", line).groups()
            if name not in sessions:
                sessions[name] = Session("iso")
            if sessions[name].waits:
                print(f"{path.name}:{at}: {name} still waits: {line}")
                differing += 1
                continue
            sessions[name].send(sql)
            actual = settle(name, how == "!")
        if actual != expected and "EXPLAIN" not in line:
            differing += 1
            print(f"{path.name}:{at}: {heading}\n  {line}\n    ours:       {expected}\n    PostgreSQL: {actual}")
    return differing


folder = Path(__file__).parent.parent / "isolation"
names = sys.argv[2:] or [path.stem for path in sorted(folder.glob("*.txt"))]
print(sum(run(folder / f"{name}.txt") for name in names), "steps differ")
