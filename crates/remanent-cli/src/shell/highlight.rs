//! Colours of SQL while it is typed.

use super::commands;
use super::complete::Names;
use crate::script::{Kind, pieces};
use crate::term::Paint;

/// The text with colours; what is seen is as wide as before.
pub fn highlight(text: &str, names: &Names, paint: Paint) -> String {
    if let Some(line) = commands::command(text) {
        let name = line.split(char::is_whitespace).next().unwrap_or_default();
        let at = text.find(name).unwrap_or(0);
        let (before, rest) = text.split_at(at);
        let (name, rest) = rest.split_at(name.len());
        return match commands::find(name) {
            Some(_) => format!("{before}{}{rest}", paint.keyword(name)),
            None => text.to_owned(),
        };
    }
    let parts = pieces(text);
    let mut out = String::with_capacity(text.len() * 2);
    for (i, (part, kind)) in parts.iter().enumerate() {
        out.push_str(&match kind {
            Kind::String => paint.good(part),
            Kind::Comment => paint.dim(part),
            Kind::Number => paint.number(part),
            Kind::Word => {
                let word = part.to_lowercase();
                let called = parts.get(i + 1).is_some_and(|(next, _)| next.trim_start().starts_with('('));
                if called && names.is_function(&word) {
                    paint.name(part)
                } else if names.is_keyword(&word) {
                    paint.keyword(part)
                } else {
                    (*part).to_owned()
                }
            }
            Kind::Other | Kind::Quoted => (*part).to_owned(),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_their_colour() {
        let (names, paint) = (Names::default(), Paint::always());
        let seen = highlight("select abs(1), 'x' from t --c", &names, paint);
        let expected = [
            paint.keyword("select"),
            " ".into(),
            paint.name("abs"),
            "(".into(),
            paint.number("1"),
            "), ".into(),
            paint.good("'x'"),
            " ".into(),
            paint.keyword("from"),
            " t ".into(),
            paint.dim("--c"),
        ];
        assert_eq!(seen, expected.concat());
        assert_eq!(highlight("\\dt x", &names, paint), format!("{} x", paint.keyword("\\dt")));
        assert_eq!(highlight("\\nope", &names, paint), "\\nope");
    }
}
