//! How many edits make one word of another: a character added, taken out or replaced, or two neighbours swapped (optimal string
//! alignment: Damerau's distance where nothing is edited twice).
//!
//! ```text
//! robot → robots  1     robot → rboot  1     robot → cobalt  3
//! ```

/// A word is compared only if it has at most so many characters.
const CHARS_MAX: usize = 64;

/// True if at most so many edits make the one UTF-8 text of the other. Longer words are near to themselves only.
pub(super) fn is_near(a: &[u8], b: &[u8], edits: usize) -> bool {
    if a == b {
        return true;
    }
    // A character is at most four bytes.
    if a.len().abs_diff(b.len()) > 4 * edits {
        return false;
    }
    let (mut left, mut right) = (['\0'; CHARS_MAX], ['\0'; CHARS_MAX]);
    match (chars(a, &mut left), chars(b, &mut right)) {
        (Some(n), Some(m)) => n.abs_diff(m) <= edits && distance(&left[..n], &right[..m], edits) <= edits,
        _ => false,
    }
}

fn chars(bytes: &[u8], out: &mut [char; CHARS_MAX]) -> Option<usize> {
    let mut len = 0;
    for c in std::str::from_utf8(bytes).ok()?.chars() {
        *out.get_mut(len)? = c;
        len += 1;
    }
    Some(len)
}

/// How many edits; where they are more than `most`, any number above it.
fn distance(a: &[char], b: &[char], most: usize) -> usize {
    // Of the row in hand and the two before: how far the beginning of `a` is from each beginning of `b`.
    let mut rows = [[0usize; CHARS_MAX + 1]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let replaced = rows[last][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cell = replaced.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cell = cell.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = cell;
            least = least.min(cell);
        }
        if least > most {
            return least;
        }
    }
    rows[a.len() % 3][b.len()]
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn edits_are_counted() {
        let cases: &[(&str, &str, usize)] = &[
            ("robot", "robot", 0),
            ("robot", "robots", 1),
            ("robot", "obot", 1),
            ("robot", "rabot", 1),
            ("robot", "rboot", 1),
            ("robot", "rbt", 2),
            ("robot", "cobalt", 3),
            ("crème", "creme", 1),
            ("ab", "ba", 1),
            ("a", "", 1),
            ("kitten", "sitting", 3),
        ];
        for &(a, b, edits) in cases {
            for allowed in 0..=3 {
                let near = is_near(a.as_bytes(), b.as_bytes(), allowed);
                assert_eq!(near, edits <= allowed, "{a} {b} {allowed}");
                assert_eq!(is_near(b.as_bytes(), a.as_bytes(), allowed), near);
            }
        }
        let long = "x".repeat(100);
        assert!(is_near(long.as_bytes(), long.as_bytes(), 1));
        assert!(!is_near(long.as_bytes(), &long.as_bytes()[1..], 2));
    }
}
