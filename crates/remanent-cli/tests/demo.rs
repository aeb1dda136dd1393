//! The demo: it ends well, and what it says of its answers is so.

mod common;

use common::{Place, Ran};

/// What is asked in the demo's last question, by whichever indexes.
const TOGETHER: &str = "
    SELECT   id FROM sightings
    WHERE    at BETWEEN '2021-04-21 06:31:00.8 UTC' AND '2021-04-21 06:31:04 UTC'
    AND      ST_DWithin(place, 'POINT(10.40822 63.41705)', 0.2)
    AND      to_tsvector('english', note) @@ to_tsquery('english', 'aircraft | airplane | fly | air')
    AND      label @> '{\"example\": false}'
    ORDER BY embedding <=> (SELECT embedding FROM sightings WHERE id = 7388) LIMIT 4";

const WATER: &str = "
    SELECT   label -> 'names' ->> 0 FROM sightings
    WHERE    to_tsvector('english', note) @@ to_tsquery('english', 'water')
    ORDER BY embedding <=> (SELECT embedding FROM sightings WHERE id = 7388) LIMIT 5";

fn ask(place: &Place, sql: &str) -> Vec<String> {
    let ran = place.run(&["flight.rem", "--csv", "-c", sql]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{sql}");
    ran.out.lines().skip(1).map(str::to_owned).collect()
}

/// The lines of the answer to a question, without its heading.
fn answer<'a>(out: &'a str, question: &str) -> Vec<&'a str> {
    let lines = out.lines().skip_while(|line| !line.starts_with(question));
    let lines = lines.skip_while(|line| !line.contains("-+-")).skip(1);
    lines.take_while(|line| !line.starts_with('(')).map(str::trim).collect()
}

#[test]
fn the_demo_shows_what_it_says() {
    let place = Place::new();
    let Ran { status, out, err } = place.run(&["demo", "--keep", "flight.rem"]);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("acknowledged, 0 lost"), "{out}");

    // A time, a place and how far it wandered.
    let seconds = answer(&out, "How far was it");
    assert_eq!(seconds.len(), 7, "{seconds:?}");
    assert!(seconds[6].contains("| ") && seconds[6].contains("1.93"), "{seconds:?}");
    assert_eq!(answer(&out, "Which of its places").len(), 3);
    assert_eq!(ask(&place, "SELECT count(*) FROM sightings WHERE place IS NOT NULL"), ["5000"]);

    // Meaning, filtered: five were asked for.
    assert_eq!(ask(&place, WATER), ["seaplane", "screw", "amphibian", "surface ship", "dry fly"]);
    assert!(answer(&out, "What means much the same")[0].starts_with("seaplane"), "{out}");
    // Words, in all their forms.
    let words = answer(&out, "Which notes speak");
    assert!(words.iter().any(|line| line.contains("[rotates]") || line.contains("[rotation]")), "{words:?}");
    // Both: first in the sum, first in neither.
    let both = answer(&out, "And both together");
    let fields: Vec<&str> = both[0].split('|').map(str::trim).collect();
    assert!(fields[0] == "helicopter" && fields[1] != "1" && fields[2] != "1", "{both:?}");
    assert!(!fields[1].is_empty() && !fields[2].is_empty(), "{both:?}");

    // All at once: by several indexes, and as without any.
    let plan: String = out.lines().skip_while(|line| !line.starts_with("How is that found")).collect();
    for index in ["sightings_meaning", "sightings_note", "sightings_place"] {
        assert!(
            plan.contains(&format!("{index},")) || plan.contains(&format!("{index} on")),
            "{index}: {plan}"
        );
    }
    let found = ask(&place, TOGETHER);
    assert!(!found.is_empty());
    let program =
        place.run(&["flight.rem", "--csv", "-c", &format!("SET enable_indexscan = off; {TOGETHER}")]);
    assert_eq!(program.out.lines().filter(|line| line.parse::<i64>().is_ok()).collect::<Vec<_>>(), found);
}
