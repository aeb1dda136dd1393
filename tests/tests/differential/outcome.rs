//! What a statement came to, on either side, in one form.

use std::fmt;

/// An answer, or an error.
pub type Outcome = Result<Answer, Failure>;

/// What a statement without an error answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The columns' names and types.
    pub columns: Vec<(String, String)>,
    /// The rows as texts, None for NULL; None where the statement answers none.
    pub rows: Option<Vec<Vec<Option<String>>>>,
    /// How many rows were written.
    pub count: u64,
}

/// An error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Failure {
    /// The SQLSTATE.
    pub code: String,
    /// The words, which are shown and not compared.
    pub message: String,
    /// The character it points at, from 1.
    pub position: Option<usize>,
}

impl Failure {
    /// True if the rows at hand decided that it came (classes 21, 22, 23): not the statement alone.
    pub fn is_of_data(&self) -> bool {
        ["21", "22", "23"].iter().any(|class| self.code.starts_with(class))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ERROR {}", self.code)?;
        if let Some(position) = self.position {
            write!(f, " at {position}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// How many rows a report shows.
const SHOWN: usize = 12;

/// An outcome for people.
pub fn show(outcome: &Outcome) -> String {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(failure) => return format!("{failure}\n"),
    };
    let columns: Vec<_> = answer.columns.iter().map(|(name, ty)| format!("{name} {ty}")).collect();
    let mut out = match &answer.rows {
        None => format!("{} written\n", answer.count),
        Some(rows) => format!("{}\n{} rows\n", columns.join(" | "), rows.len()),
    };
    for row in answer.rows.iter().flatten().take(SHOWN) {
        let values: Vec<_> = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
        out += &format!("{}\n", values.join(" | "));
    }
    out
}
