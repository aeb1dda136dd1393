//! Places, time, text, documents and vectors of one table, asked for in one statement.
//!
//! The flight gives places and times; WordNet gives texts and their embeddings, which stand in for what a model on board would
//! say of a camera's pictures: one thing every 1.2 ms of the flight. The texts and the vectors are real, the pictures are not.
//! What the answers showed is said below each; `tests/demo.rs` holds these sentences against the answers.

use super::Screen;
use crate::failure::{Failure, Result};
use crate::term;
use remanent::{Connection, Value};
use std::time::Instant;

/// 5,000 lines: id, words, gloss; examples/data/README.md tells where they come from.
const SENSES: &str = include_str!("../../../../examples/data/senses.tsv");
/// The embedding of each, a byte a dimension.
const EMBEDDINGS: &[u8] = include_bytes!("../../../../examples/data/senses.i8");
const DIMENSIONS: usize = 384;

/// A statement, what it is for and what it showed.
struct Step {
    text: &'static str,
    sql: &'static str,
    showed: &'static str,
}

const TRACK: &[&str] = &[
    "CREATE TABLE track (at timestamptz PRIMARY KEY, place geography(PointZ))",
    "\
INSERT INTO track
SELECT p.ts, ST_MakePoint(g.lon / 1e7, g.lat / 1e7, -p.z)::geography
FROM   vehicle_local_position AS p ASOF JOIN vehicle_gps_position AS g ON p.ts >= g.ts",
    "CREATE INDEX track_place ON track USING gist (place)",
];

const OF_TRACK: &[Step] = &[
    Step {
        text: "How far was it from where it began, second by second?",
        sql: "\
SELECT time_bucket('1 second', at) AS second, count(*) AS points,
       round(max(ST_Distance(place, start))::numeric, 2) AS metres_away,
       round(max(ST_Z(place::geometry))::numeric, 2) AS height_m
FROM   track, (SELECT first(place, at) AS start FROM track) AS begin
GROUP  BY 1
ORDER  BY 1",
        showed: "Its GPS wandered by two metres while it came down by one.",
    },
    Step {
        text: "When was it within 30 cm of where it detected its landing?",
        sql: "\
SELECT min(at) AS first_there, max(at) AS last_there, count(*) AS points
FROM   track
WHERE  ST_DWithin(place, (SELECT t.place
                          FROM   log_messages AS m ASOF JOIN track AS t ON m.ts >= t.at
                          WHERE  m.message LIKE '%Landing detected'), 0.3)",
        showed: "For 1.8 seconds around it: metres on the globe, of degrees that the GPS gave.",
    },
    Step {
        text: "Which of its places are nearest to one on the map?",
        sql: "\
SELECT   ST_AsText(place) AS place,
         round((place <-> 'POINT(10.40822 63.41705)')::numeric, 3) AS metres, at
FROM     track
ORDER BY place <-> 'POINT(10.40822 63.41705)'
LIMIT    3",
        showed: "The spatial index walks outwards from the point, and stops where nothing nearer is left.",
    },
];

const CREATE: &str = "CREATE TEMPORARY TABLE senses (id int, words text, gloss text, embedding vector(384))";

const SIGHTINGS: &[&str] = &[
    "\
CREATE TABLE sightings (id int PRIMARY KEY, at timestamptz, place geography(PointZ),
                        label jsonb, note text, embedding vector(384))",
    "\
INSERT INTO sightings
SELECT s.id, s.at, t.place, s.label, s.gloss, l2_normalize(s.embedding)
FROM  (SELECT *, timestamptz '2021-04-21 06:30:58.7 UTC' + id * 1237 % 5000 * interval '1.2 ms' AS at,
              jsonb_build_object('names', string_to_array(words, ', '), 'example', gloss LIKE '%\"%') AS label
       FROM   senses) AS s
       ASOF JOIN track AS t ON s.at >= t.at",
    "CREATE INDEX sightings_at ON sightings (at)",
    "CREATE INDEX sightings_place ON sightings USING gist (place)",
    "CREATE INDEX sightings_label ON sightings USING gin (label jsonb_path_ops)",
    "CREATE INDEX sightings_note ON sightings USING gin (to_tsvector('english', note))",
    "CREATE INDEX sightings_meaning ON sightings USING hnsw (embedding vector_cosine_ops)",
];

const ALL: &str = "\
SELECT   at, label -> 'names' ->> 0 AS name,
         round(ST_Distance(place, 'POINT(10.40822 63.41705)')::numeric, 2) AS metres,
         round((embedding <=> (SELECT embedding FROM sightings WHERE id = 7388))::numeric, 3) AS distance, note
FROM     sightings
WHERE    at BETWEEN '2021-04-21 06:31:00.8 UTC' AND '2021-04-21 06:31:04 UTC'
AND      ST_DWithin(place, 'POINT(10.40822 63.41705)', 0.2)
AND      to_tsvector('english', note) @@ to_tsquery('english', 'aircraft | airplane | fly | air')
AND      label @> '{\"example\": false}'
ORDER BY embedding <=> (SELECT embedding FROM sightings WHERE id = 7388)
LIMIT    4";

const OF_SIGHTINGS: &[Step] = &[
    Step {
        text: "What means much the same as \"drone\" and has to do with water? (Vectors; the filter comes first.)",
        sql: "\
SELECT   label -> 'names' ->> 0 AS name, note,
         round((embedding <=> (SELECT embedding FROM sightings WHERE id = 7388))::numeric, 3) AS distance
FROM     sightings
WHERE    to_tsvector('english', note) @@ to_tsquery('english', 'water')
ORDER BY embedding <=> (SELECT embedding FROM sightings WHERE id = 7388)
LIMIT    5",
        showed: "A seaplane is the drone of the water, and there are five rows because five were asked for: \
                 the filter is applied before the ranking.",
    },
    Step {
        text: "Which notes speak of rotating blades, or of what is propelled by something but sails?",
        sql: "\
SELECT label -> 'names' ->> 0 AS name,
       ts_headline('english', note, query, 'StartSel=[, StopSel=], MaxWords=14, MinWords=7') AS note,
       round(ts_rank(to_tsvector('english', note), query)::numeric, 3) AS rank
FROM   sightings, websearch_to_tsquery('english', 'rotating blades or \"propelled by\" -sails') AS query
WHERE  to_tsvector('english', note) @@ query
ORDER  BY rank DESC, id
LIMIT  5",
        showed: "Words are found in all their forms: rotating finds rotates and rotation.",
    },
    Step {
        text: "And both together: rotor or rotating blades by words, \"drone\" by meaning, fused by their ranks.",
        sql: "\
WITH by_meaning AS (
  SELECT id, row_number() OVER (ORDER BY far) AS rank
  FROM  (SELECT id, embedding <=> (SELECT embedding FROM sightings WHERE id = 7388) AS far
         FROM   sightings ORDER BY far LIMIT 20) AS near),
by_words AS (
  SELECT id, row_number() OVER (ORDER BY fit DESC, id) AS rank
  FROM  (SELECT id, ts_rank(to_tsvector('english', note), query) AS fit
         FROM   sightings, websearch_to_tsquery('english', 'rotor or rotating blades') AS query
         WHERE  to_tsvector('english', note) @@ query ORDER BY fit DESC, id LIMIT 20) AS found)
SELECT label -> 'names' ->> 0 AS name, m.rank AS by_meaning, w.rank AS by_words,
       round(coalesce(1.0 / (60 + m.rank), 0) + coalesce(1.0 / (60 + w.rank), 0), 4) AS score
FROM   by_meaning AS m FULL JOIN by_words AS w USING (id) JOIN sightings USING (id)
ORDER  BY score DESC, id
LIMIT  5",
        showed: "The helicopter comes first: it leads neither list but stands high in both.",
    },
    Step {
        text: "What is like a drone, of what was seen near the landing? By time, place, words, document and meaning.",
        sql: ALL,
        showed: "One statement, one snapshot: there is no second store, and nothing to keep in step.",
    },
];

/// Makes the tables and asks them.
pub fn show(conn: &Connection, screen: &mut Screen) -> Result<()> {
    screen.heading("Where and when")?;
    screen.make(conn, TRACK)?;
    ask(conn, screen, OF_TRACK)?;
    screen.heading("What was seen: places, time, text, documents and vectors in one table")?;
    screen.note(
        "5,000 glosses of WordNet with the embeddings of a language model stand in for what a model on board",
    )?;
    screen.note(
        "would say of a camera's pictures: the texts and the vectors are real, the pictures are not.",
    )?;
    screen.make(conn, &[CREATE])?;
    let started = Instant::now();
    load(conn)?;
    screen.note(&format!("5,000 rows by an appender, {}", term::time(started.elapsed())))?;
    screen.make(conn, SIGHTINGS)?;
    ask(conn, screen, OF_SIGHTINGS)?;
    let explain = format!("EXPLAIN {ALL}");
    screen.ask(conn, "How is that found?", &[], &explain, Vec::new())?;
    screen.showed("Words and places are looked up in their indexes, what both leave is filtered, then ranked by meaning.")
}

fn ask(conn: &Connection, screen: &mut Screen, steps: &[Step]) -> Result<()> {
    for step in steps {
        screen.ask(conn, step.text, &[], step.sql, Vec::new())?;
        screen.showed(step.showed)?;
    }
    Ok(())
}

/// The senses into a table of their own.
fn load(conn: &Connection) -> Result<()> {
    let mut rows = conn.appender("senses")?;
    for (line, embedding) in SENSES.lines().zip(EMBEDDINGS.chunks_exact(DIMENSIONS)) {
        let mut fields = line.split('\t');
        let (Some(id), Some(words), Some(gloss)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(Failure::other("a line of senses.tsv is not whole"));
        };
        let id: i32 = id.parse().map_err(|_| Failure::other("a line of senses.tsv has no number"))?;
        let embedding = embedding.iter().map(|&byte| f32::from(byte.cast_signed())).collect();
        rows.append(vec![Value::Int4(id), words.into(), gloss.into(), Value::Vector(embedding)])?;
    }
    rows.finish()?;
    Ok(())
}
