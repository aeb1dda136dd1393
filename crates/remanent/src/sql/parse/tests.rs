use super::*;
#[test]
fn corpus_scratch() {
    let text = std::fs::read_to_string("/work/shared/data/postgres/accepted-statements.jsonl").unwrap();
    let mut groups: std::collections::BTreeMap<String, (usize, usize, usize)> = Default::default();
    let mut out = String::new();
    for line in text.lines() {
        let sql = unjson(line);
        let p = match statements(&sql).next() {
            Some(p) => p,
            None => continue,
        };
        let mut l = Lexer::new(&sql);
        let mut word = l.next();
        while word.is("(") {
            word = l.next();
        }
        let g = groups.entry(word.text.to_string()).or_default();
        g.0 += 1;
        match p {
            Ok(s) => {
                g.1 += 1;
                let printed = s.to_string();
                match parse(&printed) {
                    Ok(again) if again.len() == 1 && again[0].kind == s.kind => {}
                    Ok(_) => out += &format!("DIFF {sql}\n  -> {printed}\n"),
                    Err(e) => out += &format!("REPRINT {e:?} {sql}\n  -> {printed}\n"),
                }
            }
            Err(e) if e.code() == "0A000" => g.2 += 1,
            Err(e) => out += &format!("ERR {e:?} :: {sql}\n"),
        }
    }
    for (k, v) in groups {
        out += &format!("{k}: {v:?}\n");
    }
    std::fs::write("/tmp/corpus.out", out).unwrap();
}
fn unjson(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.trim().trim_start_matches('"').chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some('u') => {
                    let hex: String = chars.by_ref().take(4).collect();
                    out.push(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32).unwrap_or('?'));
                }
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[test]
fn mutated_scratch() {
    let text = std::fs::read_to_string("/tmp/mut.jsonl").unwrap();
    let mut out = String::new();
    for line in text.lines() {
        let sql = unjson(line);
        std::fs::write("/tmp/mut.cur", &sql).unwrap();
        out += &match parse(&sql) {
            Ok(_) => "ok\n".to_string(),
            Err(e) => format!("{} {}\n", e.code(), e.message().replace('\n', "\\n")),
        };
    }
    std::fs::write("/tmp/mut.out", out).unwrap();
}
