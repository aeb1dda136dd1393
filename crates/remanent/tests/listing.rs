//! The page `docs/functions.md`, made of the registries, and the test that it is up to date.

use remanent::sql::bind::window_functions;
use remanent::sql::functions::aggregate::all_aggregates;
use remanent::sql::functions::json::record::RECORDS;
use remanent::sql::functions::series::set_functions;
use remanent::sql::functions::{Arg, Function, Signature, TOPICS};
use remanent_storage::value::Type;
use std::fmt::Write;

const HEAD: &str = "\
# Functions and operators

Made of the registries in `crates/remanent/src/sql/functions`; a test keeps it so
(`REMANENT_UPDATE_GOLDEN=1 cargo test -p remanent --test listing` writes it anew). They mean what PostgreSQL 15's mean; what differs
stands at the head of the file of the topic. `any`: a value of any type; `…`: the argument before may be repeated.
What has a syntax of its own is not listed: CASE, COALESCE, IN, BETWEEN, IS …, EXISTS, CAST, EXTRACT and their kin.
";

fn argument(arg: &Arg) -> String {
    match arg {
        Arg::Is(ty) => ty.to_string(),
        Arg::Enum => "anyenum".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn call(name: &str, (args, ty): &Signature, variadic: bool) -> String {
    let mut args: Vec<String> = args.iter().map(argument).collect();
    let symbol = name.bytes().all(|b| b.is_ascii_punctuation() && b != b'_');
    let shown = match (symbol, args.as_slice()) {
        (true, [one]) => format!("{name} {one}"),
        (true, [left, right]) => format!("{left} {name} {right}"),
        _ => {
            if variadic {
                args.push("…".to_owned());
            }
            format!("{name}({})", args.join(", "))
        }
    };
    // The result of what takes anything is of its arguments' type.
    let of_arguments =
        *ty == Type::Text && args.iter().all(|arg| arg == "any" || arg == "…") && !args.is_empty();
    let ty =
        if of_arguments && name != "concat" { "the arguments' type".to_owned() } else { format!("`{ty}`") };
    format!("- `{shown}` → {ty}\n")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (heading, functions) in TOPICS {
        let _ = write!(page, "\n## {heading}\n\n");
        let mut functions: Vec<&Function> = functions.iter().collect();
        functions.sort_by_key(|function| function.name);
        for function in functions {
            function
                .signatures
                .iter()
                .for_each(|s| page.push_str(&call(function.name, s, function.variadic)));
        }
    }
    page.push_str("\n## Aggregates\n\nAlso with DISTINCT, ORDER BY, FILTER and OVER.\n\n");
    let mut aggregates: Vec<_> = all_aggregates().collect();
    aggregates.sort_by_key(|aggregate| aggregate.name);
    for aggregate in aggregates {
        aggregate.signatures.iter().for_each(|s| page.push_str(&call(aggregate.name, s, false)));
    }
    page.push_str("\n## Window functions\n\n");
    window_functions().for_each(|name| _ = writeln!(page, "- `{name}`"));
    page.push_str("\n## Functions that return rows\n\n");
    // What a query writes otherwise has a name that begins with @.
    for function in set_functions().filter(|function| !function.name.starts_with('@')) {
        function.signatures.iter().for_each(|s| page.push_str(&call(function.name, s, false)));
    }
    for (name, _) in RECORDS {
        let ty = if name.starts_with("jsonb") { "jsonb" } else { "json" };
        _ = writeln!(page, "- `{name}({ty}) AS (column type, …)`");
    }
    page
}

#[test]
fn the_page_of_functions_lists_what_there_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/functions.md");
    let page = page();
    if std::env::var_os("REMANENT_UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/functions.md is out of date: REMANENT_UPDATE_GOLDEN=1 writes it");
}
