//! The target of COPY's data: lines and fields must be the same, however the bytes are cut into pieces.

use remanent::sql::bind::CopyFormat;
use remanent::sql::execute::{CopyNext, CopyReader};

/// The first byte says which format, the second how long pieces are, the rest is data.
pub fn run(data: &[u8]) {
    let [format, piece, data @ ..] = data else { return };
    let format = match format % 4 {
        0 => CopyFormat::csv(b','),
        1 => CopyFormat { escape: b'\\', quote: b'\'', ..CopyFormat::csv(b';') },
        2 => CopyFormat { csv: false, null: "\\N".into(), ..CopyFormat::csv(b'\t') },
        _ => CopyFormat { csv: false, null: String::new(), ..CopyFormat::csv(b'|') },
    };
    let whole = read(&format, data, data.len().max(1));
    let pieces = read(&format, data, usize::from(*piece).max(1));
    assert_eq!(whole, pieces, "in pieces of {piece}");
}

/// The lines with their numbers and fields, or what is wrong.
fn read(format: &CopyFormat, data: &[u8], piece: usize) -> Vec<String> {
    let mut reader = CopyReader::new(format);
    let mut lines = Vec::new();
    let mut pieces = data.chunks(piece);
    loop {
        let piece = pieces.next();
        reader.push(piece.unwrap_or_default());
        loop {
            match reader.next(piece.is_none()) {
                Ok(CopyNext::Line) => {}
                Ok(CopyNext::More) => break,
                Ok(CopyNext::End) => return lines,
                Err(error) => {
                    lines.push(error.to_string());
                    return lines;
                }
            }
            let fields = match reader.split() {
                Ok(()) => (0..reader.len())
                    .map(|i| format!("{:?}", reader.value(i, i % 2 == 0, i % 3 == 0)))
                    .collect(),
                Err(error) => vec![error.to_string()],
            };
            lines.push(format!("{} {}", reader.line(), fields.join(" ")));
        }
    }
}

/// Data of each format.
pub fn seeds() -> Vec<Vec<u8>> {
    let data: [(u8, &str); 6] = [
        (0, "a,b\r\n1,\"x\r\n\"\"y\"\"\"\r\n,\"\"\r\n"),
        (0, "1,x\n\\.\n2,é\n"),
        (1, "1;'a\\'b\\\\;'\n2;a'b'c\n"),
        (2, "1\tx\\ty\\\\\t\\N\n2\t\\x41\\101\\303\\251\t\n\\.\nrest"),
        (2, "1\ta\\\nb\r2\r"),
        (3, "1|a\\|b|\n||\r\n"),
    ];
    data.iter().map(|(format, text)| [&[*format, 3], text.as_bytes()].concat()).collect()
}
