//! Answers as PostgreSQL 15 gave them (in a database of LC_CTYPE C.UTF-8), a line each: what was asked, its arguments, the answer.

use remanent_text::config::Config;
use remanent_text::document::{Notation, to_query, to_vector};
use remanent_text::error::Result;
use remanent_text::headline::{Options, headline};
use remanent_text::{matching, parser, query, rank, vector};

fn query_of(text: &str) -> Result<Vec<u8>> {
    Ok(query::parse(text)?.0)
}

fn converted(notation: Notation, config: &str, text: &str) -> Result<String> {
    Ok(query::print(&to_query(Config::named(config).unwrap(), notation, text)?.0))
}

fn answer(asked: &str, a: &[String]) -> Result<String> {
    let truth = |truth| if truth { "t" } else { "f" }.to_owned();
    let sign = |order: std::cmp::Ordering| (order as i8).to_string();
    Ok(match asked {
        "tokens" => {
            let tokens: Vec<String> = parser::Parser::new(&a[0])
                .map(|token| format!("{} {}", token.kind as u8, token.text))
                .collect();
            tokens.join(" | ")
        }
        "to_tsvector" => vector::print(&to_vector(Config::named(&a[0]).unwrap(), &[&a[1]])?),
        "tsquery" => query::print(&query_of(&a[0])?),
        "to_tsquery" => converted(Notation::Query, &a[0], &a[1])?,
        "plainto_tsquery" => converted(Notation::Plain, &a[0], &a[1])?,
        "phraseto_tsquery" => converted(Notation::Phrase, &a[0], &a[1])?,
        "websearch_to_tsquery" => converted(Notation::Web, &a[0], &a[1])?,
        "@@" => truth(matching::matches(&vector::parse(&a[0])?, &query_of(&a[1])?)),
        "ts_rank" | "ts_rank_cd" => {
            let rank = if asked == "ts_rank" { rank::rank } else { rank::rank_covers };
            let method = a[2].parse().unwrap();
            rank(&rank::WEIGHTS, &vector::parse(&a[0])?, &query_of(&a[1])?, method).to_string()
        }
        "ts_rewrite" => {
            query::print(&query::rewrite(&query_of(&a[0])?, &query_of(&a[1])?, &query_of(&a[2])?)?)
        }
        "querytree" => query::required(&query_of(&a[0])?),
        "tsquery @>" => truth(query::contains(&query_of(&a[0])?, &query_of(&a[1])?)),
        "tsvector_cmp" => sign(vector::parse(&a[0])?.cmp(&vector::parse(&a[1])?)),
        "tsvector ||" => vector::print(&vector::concat(&vector::parse(&a[0])?, &vector::parse(&a[1])?)?),
        "ts_headline" => {
            let options = Options::parse(&a[2])?;
            headline(Config::standard(), &a[0], &query_of(&a[1])?, &options)
        }
        other => panic!("{other}"),
    })
}

#[test]
fn answers_are_postgresqls() {
    let mut wrong = Vec::new();
    for (number, line) in include_str!("answers.txt").lines().enumerate() {
        let fields: Vec<String> = line.split('\t').map(|field| field.replace("\\n", "\n")).collect();
        let [asked, arguments @ .., expected] = fields.as_slice() else { continue };
        let answer = match answer(asked, arguments) {
            Ok(answer) => answer,
            Err(error) => format!("{} {}", error.code, error.message),
        };
        let equal = match asked.starts_with("ts_rank") {
            true => answer.parse::<f32>() == expected.parse::<f32>(),
            false => answer == *expected,
        };
        if !equal {
            wrong.push(format!("{}: {line}\n  is {answer}", number + 1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Stemmers see what nobody wrote.
#[test]
fn no_word_is_too_strange() {
    let mut state = 7u64;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as u32 % below
    };
    let scripts = [
        (0x61, 26),
        (0xc0, 96),
        (0x100, 128),
        (0x370, 128),
        (0x400, 128),
        (0x620, 96),
        (0xb80, 128),
        (0x300, 96),
    ];
    let ends = [
        "s",
        "ing",
        "ation",
        "en",
        "e",
        "ed",
        "ement",
        "ность",
        "ами",
        "கள்",
        "lar",
        "ة",
        "ال",
        "é",
        "ï",
        "ß",
    ];
    for config in Config::all() {
        for _ in 0..2000 {
            let mut word = String::new();
            for _ in 0..next(8) + 1 {
                let (first, count) = scripts[next(8) as usize];
                word.extend(char::from_u32(first + next(count)));
                word.push_str(if next(2) == 0 { "" } else { ends[next(16) as usize] });
            }
            config.lex(parser::Kind::Word, &word);
        }
    }
}
