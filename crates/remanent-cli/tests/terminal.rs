//! The shell on a terminal: what a person sees who types.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests of real processes need real time")]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use common::Place;
use terminal::Terminal;

const UP: &str = "\x1b[A";

/// A shell that has shown its first prompt.
fn shell(place: &Place, columns: u16) -> Terminal {
    let mut terminal = Terminal::start(place, &["a.rem"], columns);
    terminal.expect("Type .help for help.");
    terminal.expect("a=# ");
    terminal
}

fn place() -> Place {
    let place = Place::new();
    let create = "CREATE TABLE flights (ts bigint PRIMARY KEY, height float8, note text); \
                  INSERT INTO flights VALUES (1, 0.5, 'up'), (2, 1.5, NULL)";
    place.run(&["a.rem", "-c", create]);
    place
}

#[test]
fn statements_of_several_lines_and_their_history() {
    let place = place();
    let mut shell = shell(&place, 80);
    shell.enter("SELECT ts,");
    shell.enter("  note");
    shell.enter("FROM flights ORDER BY ts;");
    shell.expect("(2 rows)");
    shell.expect("a=# ");
    // The whole statement comes back, and can be run again.
    shell.send(UP);
    shell.expect("FROM flights ORDER BY ts;");
    shell.send("\r");
    shell.expect("(2 rows)");
    shell.expect("a=# ");
    shell.send("\x04");
    assert_eq!(shell.end(), Some(0));
    // So does it in the next session.
    let mut shell = self::shell(&place, 80);
    shell.send(UP);
    shell.expect("FROM flights ORDER BY ts;");
    shell.send("\r");
    shell.expect("(2 rows)");
    shell.enter("\\q");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn the_tab_key_completes() {
    let place = place();
    let mut shell = shell(&place, 80);
    shell.send("sel\t hei\t from fli\t;");
    shell.expect("select height from flights;");
    shell.send("\r");
    shell.expect("(2 rows)");
    shell.expect("a=# ");
    shell.send("\\d fl\t");
    shell.expect("\\d flights");
    shell.send("\r");
    for line in ["Table \"public.flights\"", "double precision", "PRIMARY KEY, btree (ts)"] {
        shell.expect(line);
    }
    shell.enter("\\q");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn ctrl_c_stops_the_statement_and_drops_the_line() {
    let place = place();
    let mut shell = shell(&place, 80);
    shell.enter("SELECT count(*) FROM generate_series(1, 10000000) AS a, generate_series(1, 1000000) AS b;");
    // It says that it is at work.
    shell.expect(" s\x1b[K");
    shell.send("\x03");
    shell.expect("57014");
    shell.expect("a=# ");
    shell.send("SELECT nonsense");
    shell.expect("nonsense");
    shell.send("\x03");
    shell.expect("a=# ");
    shell.enter("SELECT 40 + 2 AS answer;");
    shell.expect("42");
    shell.expect("a=# ");
    shell.enter("\\q");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn the_prompt_tells_of_transactions() {
    let place = place();
    let mut shell = shell(&place, 80);
    shell.enter("BEGIN;");
    shell.expect("a=*# ");
    shell.enter("SELECT nope;");
    shell.expect("42703");
    shell.expect("a=!# ");
    shell.enter("COMMIT;");
    shell.expect("ROLLBACK");
    shell.expect("a=# ");
    shell.enter(".timer on");
    shell.expect("Timing is on.");
    shell.enter("SELECT 1;");
    shell.expect("Time: ");
    shell.enter(".quit");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn a_narrow_terminal_is_kept_to() {
    let place = place();
    let mut shell = shell(&place, 20);
    shell.enter("SELECT ts, height, note, 'a long text' AS more FROM flights;");
    shell.expect("more column");
    shell.expect("a=# ");
    shell.enter("\\x auto");
    shell.expect("automatically");
    shell.enter("SELECT 'a text that is too long' FROM flights;");
    shell.expect("RECORD 2");
    shell.expect("a=# ");
    shell.enter("\\q");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn the_last_statement_can_be_edited() {
    let place = place();
    place.write("edit.sh", b"sed -i s/40/41/ \"$1\"\n");
    let mut shell = shell(&place, 80);
    shell.enter("SELECT 40 AS n;");
    shell.expect("40");
    shell.expect("a=# ");
    shell.enter("\\e");
    shell.expect("SELECT 41 AS n;");
    shell.expect("(1 row)");
    shell.enter("\\q");
    assert_eq!(shell.end(), Some(0));
}
