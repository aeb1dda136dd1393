//! Expressions.

use super::{Ident, Name, OrderBy, Query, Span, TypeName};

/// An expression and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it was written. For an operator: from its first operand to its last.
    pub span: Span,
}

impl Expr {
    /// What it sets a setting or a storage parameter to.
    pub fn as_setting(&self) -> String {
        match &self.kind {
            ExprKind::Literal(Literal::String(text)) => text.clone(),
            _ => self.to_string(),
        }
    }
}

/// What an expression can be.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `a`, `t.a`, `s.t.a`
    Column(Name),
    /// `*` or `t.*`, in a select list, in RETURNING and in `ROW(t.*)`.
    Star(Option<Name>),
    /// A constant.
    Literal(Literal),
    /// `$1` is 1.
    Param(u32),
    /// DEFAULT as a value: in INSERT … VALUES and in UPDATE … SET only.
    Default,
    /// A prefix operator: `- x`, `@ x`.
    Unary {
        /// The operator.
        op: Op,
        /// Its operand.
        expr: Box<Expr>,
    },
    /// An infix operator, comparisons included (`!=` is spelled `<>`).
    Binary {
        /// The operator.
        op: Op,
        /// The operand before it.
        left: Box<Expr>,
        /// The operand behind it.
        right: Box<Expr>,
    },
    /// Two or more conditions joined by AND, in order.
    And(Vec<Expr>),
    /// Two or more conditions joined by OR, in order.
    Or(Vec<Expr>),
    /// `NOT x`
    Not(Box<Expr>),
    /// `CAST(x AS t)`, `x::t`, `t 'literal'`
    Cast {
        /// What is cast.
        expr: Box<Expr>,
        /// To which type.
        ty: TypeName,
        /// Where `::`, `CAST` or the type's name stands: the position to report when there is no such conversion.
        by: Span,
    },
    /// `x COLLATE c`
    Collate {
        /// What is collated.
        expr: Box<Expr>,
        /// The collation.
        collation: Name,
    },
    /// `CASE [operand] WHEN … THEN … [ELSE …] END`
    Case {
        /// What the conditions are compared with; None: they are conditions themselves.
        operand: Option<Box<Expr>>,
        /// Condition and result. Never empty.
        branches: Vec<(Expr, Expr)>,
        /// The result otherwise; None: NULL.
        otherwise: Option<Box<Expr>>,
        /// Where each WHEN stands.
        whens: Vec<Span>,
    },
    /// `x (NOT) IN (a, b, …)`
    In {
        /// What is looked for.
        expr: Box<Expr>,
        /// Where. Never empty.
        list: Vec<Expr>,
        /// NOT IN.
        negated: bool,
        /// Where the operator stands, its NOT included: the position to report when the operands do not fit.
        by: Span,
    },
    /// `x (NOT) IN (SELECT …)`
    InQuery {
        /// What is looked for.
        expr: Box<Expr>,
        /// Where.
        query: Box<Query>,
        /// NOT IN.
        negated: bool,
        /// Where the operator stands, its NOT included: the position to report when the operands do not fit.
        by: Span,
    },
    /// `x op ANY (…)`, `x op ALL (…)`; LIKE and ILIKE come as the operators `~~`, `~~*` and their negations.
    Quantified {
        /// The operand before the operator.
        left: Box<Expr>,
        /// The operator.
        op: Op,
        /// ALL; otherwise ANY or SOME.
        all: bool,
        /// An array, or a [`ExprKind::Subquery`].
        right: Box<Expr>,
    },
    /// `x (NOT) BETWEEN [SYMMETRIC] low AND high`
    Between {
        /// What is compared.
        expr: Box<Expr>,
        /// The one end.
        low: Box<Expr>,
        /// The other end.
        high: Box<Expr>,
        /// NOT BETWEEN.
        negated: bool,
        /// The ends may come in any order.
        symmetric: bool,
        /// Where the operator stands, its NOT included: the position to report when the operands do not fit.
        by: Span,
    },
    /// `x (NOT) LIKE pattern [ESCAPE e]` and its kin.
    Like {
        /// Which of them.
        kind: LikeKind,
        /// What is matched.
        expr: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character; None: backslash.
        escape: Option<Box<Expr>>,
        /// NOT LIKE.
        negated: bool,
        /// Where the operator stands, its NOT included: the position to report when the operands do not fit.
        by: Span,
    },
    /// `x IS (NOT) NULL`
    IsNull {
        /// What is tested.
        expr: Box<Expr>,
        /// IS NOT NULL.
        negated: bool,
    },
    /// `x IS (NOT) TRUE`, FALSE, UNKNOWN
    IsBool {
        /// What is tested.
        expr: Box<Expr>,
        /// TRUE or FALSE; None: UNKNOWN.
        value: Option<bool>,
        /// IS NOT.
        negated: bool,
    },
    /// `a IS (NOT) DISTINCT FROM b`
    IsDistinct {
        /// The one.
        left: Box<Expr>,
        /// The other.
        right: Box<Expr>,
        /// IS NOT DISTINCT FROM.
        negated: bool,
        /// Where the operator stands, its NOT included: the position to report when the operands do not fit.
        by: Span,
    },
    /// A call of a function, an aggregate or a window function.
    Function(Box<FunctionCall>),
    /// `name => value`, as an argument of a call only.
    NamedArg {
        /// The parameter's name.
        name: Ident,
        /// Its value.
        value: Box<Expr>,
    },
    /// `(SELECT …)` as a value.
    Subquery(Box<Query>),
    /// `EXISTS (SELECT …)`
    Exists(Box<Query>),
    /// `(a, b)` or `ROW(a, b)`
    Row(Vec<Expr>),
    /// `ARRAY[a, b]`; nested brackets are nested nodes.
    Array(Vec<Expr>),
    /// `ARRAY(SELECT …)`
    ArrayQuery(Box<Query>),
    /// `x[1]`, `x[1:2][3]`: brackets that follow one another are one place.
    Subscript {
        /// The array.
        expr: Box<Expr>,
        /// The place in it; at least one.
        subscripts: Vec<Subscript>,
    },
    /// `(x).field`; None: `(x).*`
    Field {
        /// The composite value.
        expr: Box<Expr>,
        /// Its field.
        field: Option<Ident>,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// NULL
    Null,
    /// TRUE, FALSE
    Bool(bool),
    /// Digits that fit 64 bits; a minus before them is folded in.
    Integer(i64),
    /// Any other number as written, a minus before it included: `1.50`, `-1e10`.
    Numeric(String),
    /// A string of unknown type: `'…'`, `E'…'`, `U&'…'`, `$$…$$`, decoded.
    String(String),
    /// A bit string: `B'101'` is `b101`, `X'1F'` is `x1F`.
    Bits(String),
}

/// An operator as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    /// `+`, `<=`, `||`, `<->`, …
    pub name: String,
    /// The schema of `OPERATOR(schema.+)`. Written so, every operator has the precedence of "other" ones.
    pub schema: Option<Ident>,
    /// Where it was written: the position to report when there is no such operator for the operands.
    pub span: Span,
}

/// Which pattern language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeKind {
    /// LIKE
    Like,
    /// ILIKE: case does not matter
    ILike,
    /// SIMILAR TO
    Similar,
}

/// `x[at]` or `x[low:high]`
#[derive(Debug, Clone, PartialEq)]
pub enum Subscript {
    /// One element.
    At(Expr),
    /// A slice; an end left out is the array's.
    Slice(Option<Expr>, Option<Expr>),
}

/// A call of a function, an aggregate or a window function.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionCall {
    /// The function.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// `count(*)`: no arguments, but a star.
    pub star: bool,
    /// `count(DISTINCT x)`
    pub distinct: bool,
    /// `f(VARIADIC array)`: the last argument is spread.
    pub variadic: bool,
    /// `array_agg(x ORDER BY y)`
    pub order_by: Vec<OrderBy>,
    /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`
    pub within_group: Vec<OrderBy>,
    /// `count(*) FILTER (WHERE x)`
    pub filter: Option<Expr>,
    /// `OVER w`, `OVER (…)`
    pub over: Option<Over>,
}

/// The window of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    /// One of the WINDOW clause.
    Name(Ident),
    /// Written in place.
    Window(Window),
}

/// A window's definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The window it starts from.
    pub base: Option<Ident>,
    /// PARTITION BY
    pub partition_by: Vec<Expr>,
    /// ORDER BY
    pub order_by: Vec<OrderBy>,
    /// ROWS, RANGE or GROUPS …
    pub frame: Option<Frame>,
    /// Where it was written.
    pub span: Span,
}

/// The frame of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// What offsets count.
    pub unit: FrameUnit,
    /// Where it starts.
    pub start: FrameBound,
    /// Where it ends; None: at the current row.
    pub end: Option<FrameBound>,
    /// What is left out of it.
    pub exclude: FrameExclude,
}

/// What a frame's offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// An end of a frame.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum FrameExclude {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}
