//! Statements from a seed: the same seed, the same statements.
//!
//! | module | makes |
//! |---|---|
//! | [`schema`] | tables with keys, constraints, defaults, generated columns, and rows for them |
//! | [`expr`] | expressions of a type over the columns in scope, by filling [`template`]s |
//! | [`functions`], [`pools`] | the templates: all of `docs/functions.md`, and syntax |
//! | [`from`], [`query`], [`grouping`], [`windows`] | joins, queries, groupings, windows |
//! | [`write`] | INSERT, UPDATE, DELETE, WITH that writes, transactions |
//! | [`invalid`] | statements with one thing wrong |
//!
//! What an engine may answer in several ways is not generated: LIMIT and windows stand on total orders, aggregates that
//! show an order have one, an UPDATE ... FROM finds each row once. A [`Statement`] says how it is to be judged.

mod expr;
mod from;
mod functions;
mod grouping;
mod invalid;
mod pools;
mod query;
mod schema;
mod template;
mod windows;
mod write;

use super::tree::Sql;
use super::types::Ty;
use remanent_storage::world::sim::Rng;
pub use schema::Table;
use template::Templates;

/// How errors of the data (classes 21, 22, 23) are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// It is certain what is evaluated, and once: both have the same error.
    Certain,
    /// One expression, for all rows of a table: both fail or none; which error is seen row by row.
    Rowwise,
    /// An engine may evaluate what another filters away.
    Any,
}

/// A statement and how it is to be judged.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement.
    pub sql: Sql,
    /// What is allowed of errors of the data.
    pub errors: Errors,
    /// True if floats are added up, in whatever order: the last digits may differ.
    pub approximate: bool,
    /// True if equal values that print differently (1.0 and 1.00) may stand for each other: groups, DISTINCT, set operations.
    pub representative: bool,
    /// True if it changes something: both sides must have run it, or none.
    pub writes: bool,
    /// True if it is to run in a transaction that is rolled back: it might do something after all.
    pub undone: bool,
    /// The table whose rows are to be looked at afterwards.
    pub looks_at: Option<String>,
}

/// A column in scope.
#[derive(Debug, Clone)]
struct Column {
    /// How it is written.
    sql: String,
    ty: Ty,
    /// True if it belongs to what tells its relation's rows apart.
    key: bool,
}

/// Seeds below this are those of `./check`.
pub const FIXED_SEEDS: u64 = 1_000_000;

/// The sets of templates, made once.
pub struct Vocabulary {
    total: Templates,
    free: Templates,
    aggregates: Templates,
}

impl Vocabulary {
    /// What a seed knows: below [`FIXED_SEEDS`] the functions of then, otherwise those of now.
    pub fn of(seed: u64) -> Vocabulary {
        let list = if seed < FIXED_SEEDS { functions::FIXED } else { functions::LIVING };
        Vocabulary {
            total: Templates::new(&functions::total()),
            free: Templates::new(&functions::free(list)),
            aggregates: Templates::new(&functions::aggregates(list)),
        }
    }
}

/// Functions that Rust computes itself, as exactly as the C library, but not always to the same last digit.
const HYPERBOLIC: [&str; 3] = ["asinh(", "acosh(", "atanh("];

/// Makes statements.
pub struct Maker<'a> {
    rng: Rng,
    /// For foreign keys, which came later: the rest of a seed is what it was. Of the seeds of then the even ones have them.
    keys: Option<Rng>,
    words: &'a Vocabulary,
    /// The tables that are there.
    pub tables: Vec<Table>,
    /// What expressions may use.
    scope: Vec<Column>,
    /// Within a grouped query, what aggregates may use.
    grouped: Option<Vec<Column>>,
    /// True if only what cannot fail may be used.
    total: bool,
    /// One hole in so many is filled with something of a wrong type; 0: none.
    wild: u64,
    aliases: usize,
    approximate: bool,
    representative: bool,
}

impl<'a> Maker<'a> {
    /// Of a seed.
    pub fn new(seed: u64, words: &'a Vocabulary) -> Maker<'a> {
        Maker {
            rng: Rng::new(seed),
            keys: (seed >= FIXED_SEEDS || seed.is_multiple_of(2)).then(|| Rng::new(seed ^ 0x6b65_7973)),
            words,
            tables: Vec::new(),
            scope: Vec::new(),
            grouped: None,
            total: true,
            wild: 0,
            aliases: 0,
            approximate: false,
            representative: false,
        }
    }

    /// True in so many of a hundred calls.
    fn chance(&mut self, percent: u64) -> bool {
        self.rng.below(100) < percent
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.below(n as u64) as usize
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        self.rng.pick(items)
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("r{}", self.aliases)
    }

    /// Begins a statement.
    fn begin(&mut self, total: bool, wild: u64) {
        (self.total, self.wild, self.aliases) = (total, wild, 0);
        (self.approximate, self.representative) = (false, false);
        self.scope.clear();
        self.grouped = None;
    }

    fn statement(&self, sql: Sql, errors: Errors) -> Statement {
        let text = sql.to_string();
        Statement {
            sql,
            errors,
            approximate: self.approximate || HYPERBOLIC.iter().any(|name| text.contains(name)),
            representative: self.representative,
            writes: false,
            undone: false,
            looks_at: None,
        }
    }

    /// A statement that reads; now and then one that is wrong.
    pub fn reading(&mut self) -> Statement {
        match self.below(20) {
            0..5 => self.lone_expression(),
            5..8 => self.rowwise_expression(),
            8..10 => self.invalid(),
            _ => {
                let wild = if self.chance(5) { 15 } else { 0 };
                let total = !self.chance(8);
                self.begin(total, wild);
                let sql = self.whole_query();
                self.statement(sql, Errors::Any)
            }
        }
    }

    /// `SELECT expression`: every error is certain.
    pub fn lone_expression(&mut self) -> Statement {
        let wild = if self.chance(25) { 6 } else { 0 };
        self.begin(false, wild);
        let ty = self.any_type();
        let depth = 1 + self.below(3);
        let sql = Sql::Seq(vec![Sql::text("SELECT "), self.expr(ty, depth)]);
        self.statement(sql, Errors::Certain)
    }

    /// An expression for each row of a table.
    fn rowwise_expression(&mut self) -> Statement {
        self.begin(false, 0);
        let table = self.some_table();
        self.scope = table.columns("r1");
        let ty = self.any_type();
        let depth = 1 + self.below(2);
        let parts = vec![
            Sql::text("SELECT r1.id, "),
            self.expr(ty, depth),
            Sql::text(format!(" FROM {} AS r1", table.name)),
        ];
        self.statement(Sql::Seq(parts), Errors::Rowwise)
    }
}
