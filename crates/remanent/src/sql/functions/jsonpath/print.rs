//! A path as PostgreSQL prints it: all in parentheses that binds less than what is around it, names in quotes.
//!
//! ```text
//! $.a[*] ? (@.b == 1 && !(@.c > 2)) .size()      $."a"[*]?(@."b" == 1 && !(@."c" > 2)).size()
//! ```

use super::parse::{Path, Step, Test};
use crate::sql::functions::Cmp;
use remanent_storage::value::json::write_string;
use std::fmt::{Display, Formatter, Result, Write};

impl Display for Path {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        if self.strict {
            out.write_str("strict ")?;
        }
        chain(out, &self.chain, true)
    }
}

/// How tightly the first step of a chain holds together.
fn binds(chain: &[Step]) -> u8 {
    match chain.first() {
        Some(Step::Truth(test)) => test_binds(test),
        Some(Step::Arithmetic('+' | '-', ..)) => 3,
        Some(Step::Arithmetic(..)) => 4,
        Some(Step::Sign(..)) => 5,
        _ => 6,
    }
}

fn test_binds(test: &Test) -> u8 {
    match test {
        Test::Or(..) => 0,
        Test::And(..) => 1,
        Test::Compare(..) | Test::Starts(..) => 2,
        _ => 6,
    }
}

/// `enclosed`: an operation at its head stands in parentheses.
fn chain(out: &mut dyn Write, steps: &[Step], enclosed: bool) -> Result {
    for (i, step) in steps.iter().enumerate() {
        write_step(out, step, (i > 0, i + 1 < steps.len()), enclosed || i > 0)?;
    }
    Ok(())
}

/// A path of its own within something else.
fn inner(out: &mut dyn Write, steps: &[Step]) -> Result {
    chain(out, steps, false)
}

fn binary(out: &mut dyn Write, left: &[Step], op: &str, right: &[Step], than: u8) -> Result {
    chain(out, left, binds(left) <= than)?;
    write!(out, " {op} ")?;
    chain(out, right, binds(right) <= than)
}

/// Whether there is a step before it, and one behind.
type Between = (bool, bool);

fn write_step(out: &mut dyn Write, step: &Step, (behind, more): Between, enclosed: bool) -> Result {
    if behind && matches!(step, Step::Key(_) | Step::Members | Step::Below(..)) {
        out.write_str(".")?;
    }
    let operation = matches!(step, Step::Arithmetic(..) | Step::Sign(..));
    if operation && enclosed {
        out.write_str("(")?;
    }
    match step {
        Step::Root => out.write_str("$")?,
        Step::Current => out.write_str("@")?,
        Step::Last => out.write_str("last")?,
        Step::Value(value) if more && value.view().number().is_some() => write!(out, "({value})")?,
        Step::Value(value) => write!(out, "{value}")?,
        Step::Variable(name) => {
            out.write_str("$")?;
            write_string(out, name)?;
        }
        Step::Key(key) => write_string(out, key)?,
        Step::Members => out.write_str("*")?,
        Step::Elements => out.write_str("[*]")?,
        Step::At(places) => {
            for (i, (from, to)) in places.iter().enumerate() {
                out.write_str(if i == 0 { "[" } else { "," })?;
                inner(out, from)?;
                if let Some(to) = to {
                    out.write_str(" to ")?;
                    inner(out, to)?;
                }
            }
            out.write_str("]")?;
        }
        Step::Below(0, u32::MAX) => out.write_str("**")?,
        Step::Below(first, last) => {
            out.write_str("**{")?;
            level(out, *first)?;
            if first != last {
                out.write_str(" to ")?;
                level(out, *last)?;
            }
            out.write_str("}")?;
        }
        Step::Filter(held) => {
            out.write_str("?(")?;
            test(out, held, false)?;
            out.write_str(")")?;
        }
        Step::Method(method, template) => {
            write!(out, ".{}(", method.name())?;
            if let Some(template) = template {
                write_string(out, template)?;
            }
            out.write_str(")")?;
        }
        Step::Arithmetic(op, left, right) => {
            binary(out, left, op.encode_utf8(&mut [0; 4]), right, binds(std::slice::from_ref(step)))?;
        }
        Step::Sign(sign, operand) => {
            out.write_char(*sign)?;
            chain(out, operand, binds(operand) <= 5)?;
        }
        Step::Truth(held) => test(out, held, enclosed)?,
    }
    if operation && enclosed {
        out.write_str(")")?;
    }
    Ok(())
}

fn level(out: &mut dyn Write, level: u32) -> Result {
    if level == u32::MAX { out.write_str("last") } else { write!(out, "{level}") }
}

fn test(out: &mut dyn Write, held: &Test, enclosed: bool) -> Result {
    let than = test_binds(held);
    let enclosed = enclosed && (than < 6 || matches!(held, Test::Like(..)));
    if enclosed {
        out.write_str("(")?;
    }
    match held {
        Test::And(left, right) | Test::Or(left, right) => {
            test(out, left, test_binds(left) <= than)?;
            out.write_str(if than == 1 { " && " } else { " || " })?;
            test(out, right, test_binds(right) <= than)?;
        }
        Test::Compare(cmp, left, right) => binary(out, left, symbol(*cmp), right, than)?,
        Test::Starts(left, right) => binary(out, left, "starts with", right, than)?,
        Test::Like(left, _, pattern, flags) => {
            chain(out, left, binds(left) <= than)?;
            out.write_str(" like_regex ")?;
            write_string(out, pattern)?;
            if !flags.is_empty() {
                let flags: String = "ismxq".chars().filter(|flag| flags.contains(*flag)).collect();
                write!(out, " flag \"{flags}\"")?;
            }
        }
        Test::Not(held) => {
            out.write_str("!(")?;
            test(out, held, false)?;
            out.write_str(")")?;
        }
        Test::IsUnknown(held) => {
            out.write_str("(")?;
            test(out, held, false)?;
            out.write_str(") is unknown")?;
        }
        Test::Exists(path) => {
            out.write_str("exists (")?;
            inner(out, path)?;
            out.write_str(")")?;
        }
    }
    if enclosed {
        out.write_str(")")?;
    }
    Ok(())
}

fn symbol(cmp: Cmp) -> &'static str {
    match cmp {
        Cmp::Eq => "==",
        Cmp::Ne => "!=",
        Cmp::Lt => "<",
        Cmp::Le => "<=",
        Cmp::Gt => ">",
        Cmp::Ge => ">=",
    }
}
