//! A client of PostgreSQL's simple protocol: one statement in, its [`Outcome`] out, with the texts, types and positions
//! that the server sent.
//!
//! | message | is |
//! |---|---|
//! | `Q` | a statement |
//! | `T`, `D`, `C`, `I` | columns, a row, a command's tag, an empty statement |
//! | `E` | an error, in fields that begin with a letter: `C` the SQLSTATE, `M` the message, `P` the position |
//! | `Z` | ready for the next statement |
//!
//! Limits: trust and a socket file only; COPY is not spoken.

use super::outcome::{Answer, Failure, Outcome};
use super::types;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

const PROTOCOL: i32 = 3 << 16;

/// A session with a server.
pub struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects to the server behind a socket file, as its superuser.
    pub fn connect(socket: &Path) -> io::Result<Client> {
        let mut client = Client { stream: BufReader::new(UnixStream::connect(socket)?) };
        let mut body = PROTOCOL.to_be_bytes().to_vec();
        body.extend(b"user\0postgres\0database\0postgres\0client_encoding\0UTF8\0\0");
        client.send(&body)?;
        match client.answer()? {
            Err(failure) => Err(io::Error::other(failure.message)),
            Ok(_) => Ok(client),
        }
    }

    /// What a statement comes to.
    ///
    /// # Panics
    /// Where the connection breaks.
    pub fn run(&mut self, sql: &str) -> Outcome {
        let mut message = vec![b'Q'];
        message.extend((sql.len() as i32 + 5).to_be_bytes());
        message.extend(sql.as_bytes());
        message.push(0);
        let sent = self.stream.get_mut().write_all(&message);
        sent.and_then(|()| self.answer()).unwrap_or_else(|error| panic!("{error} after {sql}"))
    }

    /// A message without a letter.
    fn send(&mut self, body: &[u8]) -> io::Result<()> {
        let length = (body.len() as i32 + 4).to_be_bytes();
        self.stream.get_mut().write_all(&length)?;
        self.stream.get_mut().write_all(body)
    }

    /// Reads up to where the server is ready again; the first error counts.
    fn answer(&mut self) -> io::Result<Outcome> {
        let (mut answer, mut failure) = (Answer::default(), None);
        loop {
            let (letter, body) = self.message()?;
            let mut body = Body(&body);
            match letter {
                b'T' => {
                    answer.rows = Some(Vec::new());
                    answer.columns = body.columns();
                }
                b'D' => answer.rows.get_or_insert_default().push(body.row()),
                b'C' => {
                    let tag = body.text();
                    answer.count = tag.rsplit(' ').next().and_then(|last| last.parse().ok()).unwrap_or(0);
                }
                b'E' => failure = failure.or(Some(body.failure())),
                b'Z' => return Ok(failure.map_or(Ok(answer), Err)),
                _ => {}
            }
        }
    }

    fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = i32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length - 4).map_err(io::Error::other)?];
        self.stream.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

/// What is left of a message.
struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk::<N>().expect("the server writes whole messages");
        self.0 = rest;
        *head
    }

    fn int(&mut self) -> i32 {
        i32::from_be_bytes(self.bytes())
    }

    fn short(&mut self) -> i16 {
        i16::from_be_bytes(self.bytes())
    }

    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).expect("a text ends");
        let text = String::from_utf8_lossy(&self.0[..end]).into_owned();
        self.0 = &self.0[end + 1..];
        text
    }

    fn columns(&mut self) -> Vec<(String, String)> {
        let count = self.short();
        let column = |_| {
            let name = self.text();
            let (_table, _column) = (self.int(), self.short());
            let oid = self.int();
            let (_size, modifier, _format) = (self.short(), self.int(), self.short());
            (name, types::named(oid, modifier))
        };
        (0..count).map(column).collect()
    }

    fn row(&mut self) -> Vec<Option<String>> {
        let count = self.short();
        let value = |_| {
            let length = usize::try_from(self.int()).ok()?;
            let (value, rest) = self.0.split_at(length);
            self.0 = rest;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        (0..count).map(value).collect()
    }

    fn failure(&mut self) -> Failure {
        let mut failure = Failure::default();
        while let Some((letter, rest)) = self.0.split_first().filter(|(letter, _)| **letter != 0) {
            self.0 = rest;
            let text = self.text();
            match letter {
                b'C' => failure.code = text,
                b'M' => failure.message = text,
                b'P' => failure.position = text.parse().ok(),
                _ => {}
            }
        }
        failure
    }
}
