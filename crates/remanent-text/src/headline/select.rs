//! What of a document is shown.

use super::{Document, Options};
use crate::matching::Matcher;

/// The longest cover that is considered.
fn longest(options: &Options) -> usize {
    let words = i64::from(options.max_words).saturating_mul(10).max(100);
    let fragments = i64::from(options.max_fragments).max(1);
    usize::try_from(words.saturating_mul(fragments)).unwrap_or(usize::MAX)
}

/// Shows the tokens from one to another.
fn show(document: &mut Document<'_>, begin: usize, end: usize) {
    let end = end.min(document.tokens.len().saturating_sub(1));
    for token in document.tokens.get_mut(begin..=end).unwrap_or_default() {
        token.shown = !token.repeated;
    }
}

/// Shows the first words of the document.
fn show_begin(document: &mut Document<'_>, words: i32) {
    let (mut length, mut end) = (0, 0);
    for (i, token) in document.tokens.iter().enumerate() {
        if length >= words {
            break;
        }
        length += i32::from(token.is_word());
        end = i;
    }
    show(document, 0, end);
}

/// A stretch of the document that might be shown.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    begin: usize,
    end: usize,
    /// How many words it has.
    words: i32,
    /// How many of them are hits.
    hits: i32,
}

impl Candidate {
    fn count(&mut self, document: &Document<'_>, i: usize, step: i32) {
        let token = &document.tokens[i];
        self.words += if token.is_word() { step } else { 0 };
        self.hits += if token.is_interesting() { step } else { 0 };
    }
}

/// Shows the best cover.
pub(super) fn show_best(document: &mut Document<'_>, matcher: &Matcher<'_>, options: &Options) {
    if options.highlight_all {
        show(document, 0, usize::MAX);
        return;
    }
    let mut best: Option<(Candidate, bool)> = None;
    let mut from = 0;
    while let Some((first, last)) = document.cover(matcher, from, longest(options)) {
        from = first + 1;
        let found = fitted(document, first, last, options);
        let whole = found.begin <= first && found.end >= last;
        let badly = |i: usize| document.tokens[i].ends_badly(options.short_word);
        let better = best.is_none_or(|(best, best_whole)| {
            (whole, found.hits) > (best_whole, best.hits)
                || (whole, found.hits) == (best_whole, best.hits) && !badly(found.end) && badly(best.end)
        });
        if better {
            best = Some((found, whole));
        }
    }
    match best {
        Some((best, _)) => show(document, best.begin, best.end),
        None => show_begin(document, options.min_words),
    }
}

/// A cover, made longer or shorter so that it has the right length and ends well.
fn fitted(document: &Document<'_>, first: usize, last: usize, options: &Options) -> Candidate {
    let badly = |i: usize| document.tokens[i].ends_badly(options.short_word);
    let mut found = Candidate { begin: first, end: first, words: 0, hits: 0 };
    let mut i = first;
    while i <= last && found.words < options.max_words {
        found.count(document, i, 1);
        found.end = i;
        i += 1;
    }
    if found.words >= options.max_words {
        let mut i = i.min(last);
        while found.words > options.min_words && badly(i) && i > 0 {
            found.count(document, i, -1);
            i -= 1;
            found.end = i;
        }
        return found;
    }
    // There is room: on to a good end.
    let mut i = i.saturating_sub(1);
    while i < document.tokens.len() && found.words < options.max_words {
        if i > last {
            found.count(document, i, 1);
        }
        found.end = i;
        if !badly(i) && found.words >= options.min_words {
            break;
        }
        i += 1;
    }
    if found.words < options.min_words {
        // The document ends: more from before.
        found.begin = 0;
        for i in (0..first).rev() {
            found.count(document, i, 1);
            let enough = !badly(i) && found.words >= options.min_words;
            if found.words >= options.max_words || enough {
                found.begin = i;
                break;
            }
        }
    }
    found
}

/// Shows the best fragments.
pub(super) fn show_fragments(document: &mut Document<'_>, matcher: &Matcher<'_>, options: &Options) {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut from = 0;
    while let Some((first, last)) = document.cover(matcher, from, longest(options)) {
        let mut begin = first;
        while begin <= last {
            let piece = piece(document, begin, last, options.max_words);
            begin = piece.end + 1;
            candidates.push(piece);
        }
        from = first + 1;
    }
    let mut shown = 0;
    while shown < options.max_fragments {
        // Most hits, then fewest words, then the first.
        let best = candidates.iter().enumerate().filter(|(_, c)| c.hits > 0 || c.words < i32::MAX);
        let best = best.fold(None, |best: Option<(usize, Candidate)>, (i, c)| match best {
            Some((_, b)) if (b.hits, -b.words) >= (c.hits, -c.words) => best,
            _ => Some((i, *c)),
        });
        let Some((_, best)) = best else { break };
        let (begin, end) = stretched(document, best, options);
        show(document, begin, end);
        shown += 1;
        candidates.retain(|c| c.end < begin || c.begin > end);
    }
    if shown == 0 {
        show_begin(document, options.min_words);
    }
}

/// The first piece of a cover, from hit to hit, that has at most so many words.
fn piece(document: &Document<'_>, begin: usize, last: usize, most: i32) -> Candidate {
    let interesting = |i: &usize| document.tokens[*i].is_interesting();
    let begin = (begin..=last).find(interesting).unwrap_or(last);
    let mut piece = Candidate { begin, end: last, words: 0, hits: 0 };
    let mut i = begin;
    while i <= last && piece.words < most {
        piece.count(document, i, 1);
        i += 1;
    }
    if last > i {
        // It was cut: back to a hit.
        for i in (begin..=i).rev() {
            piece.end = i;
            if interesting(&i) {
                break;
            }
            piece.words -= i32::from(document.tokens[i].is_word());
        }
    }
    piece
}

/// A fragment with what stands around it, as much on both sides as fits, up to others that are shown.
fn stretched(document: &Document<'_>, piece: Candidate, options: &Options) -> (usize, usize) {
    let tokens = &document.tokens;
    let badly = |i: usize| tokens[i].ends_badly(options.short_word);
    let word = |i: usize| i32::from(tokens[i].is_word());
    let Candidate { mut begin, mut end, mut words, .. } = piece;
    if words >= options.max_words {
        return (begin, end);
    }
    let room = (options.max_words - words) / 2;
    let mut farthest = begin;
    let mut more = 0;
    while farthest > 0 && more < room && !tokens[farthest - 1].shown {
        farthest -= 1;
        more += word(farthest);
    }
    words += more;
    while farthest < begin && badly(farthest) {
        words -= word(farthest);
        farthest += 1;
    }
    begin = farthest;
    let mut farthest = end;
    while farthest + 1 < tokens.len() && words < options.max_words && !tokens[farthest + 1].shown {
        farthest += 1;
        words += word(farthest);
    }
    while farthest > end && badly(farthest) {
        farthest -= 1;
    }
    end = farthest;
    (begin, end)
}
