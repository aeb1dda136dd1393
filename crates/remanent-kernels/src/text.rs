//! Looking through text for the few bytes that mean something.

/// Bytes looked at together.
const LANES: usize = 16;

/// How many bytes come before the first that is one of four; all of them where there is none.
pub fn before_any(bytes: &[u8], of: [u8; 4]) -> usize {
    let [a, b, c, d] = of;
    let is = |byte: u8| byte == a || byte == b || byte == c || byte == d;
    let mut at = 0;
    for lanes in bytes.chunks_exact(LANES) {
        if lanes.iter().fold(false, |any, &byte| any | is(byte)) {
            break;
        }
        at += LANES;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| is(byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_is() {
        for len in 0..70 {
            let plain = vec![b'x'; len];
            assert_eq!(before_any(&plain, *b",\"\r\n"), len);
            for at in 0..len {
                for special in *b",\"\r\n" {
                    let mut text = plain.clone();
                    text[at..].fill(special);
                    assert_eq!(before_any(&text, *b",\"\r\n"), at);
                }
            }
        }
    }
}
