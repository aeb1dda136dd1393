//! Where we differ from PostgreSQL on purpose. Short, and each line with its reason.

use super::outcome::Outcome;

/// A deliberate difference.
struct Known {
    /// What stands in the statement, in lower case.
    contains: &'static str,
    /// The SQLSTATEs of ours and of PostgreSQL, `ok` where there is an answer, `*` for anything.
    codes: (&'static str, &'static str),
    /// Why.
    #[allow(dead_code, reason = "for who reads the table")]
    why: &'static str,
}

static KNOWN: &[Known] = &[
    Known {
        contains: "make_interval(",
        codes: ("22008", "ok"),
        why: "PostgreSQL 15 lets years and weeks overflow into another interval (16 reports it, as we do)",
    },
    Known {
        contains: "timestamp",
        codes: ("22008", "ok"),
        why: "PostgreSQL 15 lets the difference of two timestamps overflow (17 reports it, as we do)",
    },
    Known {
        contains: "get_bit(",
        codes: ("*", "42725"),
        why: "there are no bit strings here, so a literal is a bytea",
    },
    Known { contains: "set_bit(", codes: ("*", "22P02"), why: "the same; there a literal is a bit string" },
    Known {
        contains: " && ",
        codes: ("42804", "42725"),
        why: "there, boxes and ranges overlap too, so that two literals are ambiguous",
    },
    Known {
        contains: "trunc(",
        codes: ("*", "42725"),
        why: "there, a literal may be a network address, too",
    },
    Known {
        contains: "array_fill(",
        codes: ("42883", "42704"),
        why: "an array of arrays is refused alike, under a name that says why",
    },
    Known {
        contains: "time",
        codes: ("22007", "22008"),
        why: "digits that are no date: there they count as a field out of its range",
    },
    Known {
        contains: "on conflict (v)",
        codes: ("42P10", "*"),
        why: "which index is meant is found after constants were computed there",
    },
    Known {
        contains: "width_bucket(",
        codes: ("ok", "ok"),
        why: "there, what is close below the next bucket may be rounded into it",
    },
    Known {
        contains: "avg(x)",
        codes: ("ok", "22003"),
        why: "there, an average of floats overflows where their variance would",
    },
    Known {
        contains: "to_char('-0'::float8",
        codes: ("ok", "ok"),
        why: "there, the zero below zero has a sign where it is printed by a template",
    },
    Known {
        contains: "jsonb_delete(",
        codes: ("*", "42883"),
        why: "declared VARIADIC there, it is not found for a literal and a text[]; here it is, as the operator - is",
    },
];

/// True if that difference is one of these.
pub fn is_known(sql: &str, ours: &Outcome, theirs: &Outcome) -> bool {
    let sql = sql.to_lowercase();
    let code =
        |outcome: &Outcome| outcome.as_ref().map_or_else(|failure| failure.code.clone(), |_| "ok".to_owned());
    let fits = |pattern: &str, outcome| pattern == "*" || pattern == code(outcome);
    KNOWN
        .iter()
        .any(|known| sql.contains(known.contains) && fits(known.codes.0, ours) && fits(known.codes.1, theirs))
}
