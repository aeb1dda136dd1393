//! CREATE and ALTER SEQUENCE.

use super::define;
use super::names::kind_word;
use crate::sql::ast::{AlterSequence, CreateSequence, Name, SequenceOption, SequenceOptionKind as Says};
use crate::sql::bind::Binder;
use crate::sql::plan::{Define, Step};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{Generated, RelationKind, SequenceDef, TableDef};
use remanent_storage::txn::sequence;
use remanent_storage::value::Type;
use std::mem::discriminant;

fn invalid(message: String) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// The smallest and the largest number of a type.
fn limits(ty: Type) -> (i64, i64) {
    match ty {
        Type::Int2 => (i16::MIN.into(), i16::MAX.into()),
        Type::Int4 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

impl Binder<'_> {
    /// CREATE SEQUENCE.
    pub(super) fn create_sequence(&mut self, create: &CreateSequence) -> Result<Define> {
        let (schema, name) = self.target_of(&create.name, create.persistence, "sequence")?;
        if create.if_not_exists && self.catalog.relation(&schema, &name).is_some() {
            self.note(&name);
            return Ok(define("CREATE SEQUENCE", &name, Vec::new()));
        }
        if let Some(option) =
            create.options.iter().find(|option| matches!(option.kind, Says::Restart(_) | Says::Name(_)))
        {
            return Err(Error::new(state::SYNTAX_ERROR, "this option of a sequence is not allowed here")
                .at(option.span.at()));
        }
        let def = self.sequence(&schema, &name, &create.options, None, None)?;
        Ok(define("CREATE SEQUENCE", &name, vec![Step::Create { def, or_leave: create.if_not_exists }]))
    }

    /// A sequence as its options say; of a column, in the column's type and owned by it.
    pub(super) fn sequence(
        &mut self,
        schema: &str,
        name: &str,
        options: &[SequenceOption],
        ty: Option<Type>,
        owner: Option<[String; 3]>,
    ) -> Result<TableDef> {
        let ty = ty.unwrap_or(Type::Int8);
        let (start, increment, min, max) = (0, 1, 0, 0);
        let base = SequenceDef { ty, start, increment, min, max, cache: 1, cycle: false, owner };
        let rules = self.sequence_rules(base, options, true)?;
        let kind = RelationKind::Sequence(rules);
        let def = TableDef::new(0, name, sequence::columns(), vec![sequence::KEY]);
        Ok(TableDef { schema: schema.to_string(), kind, ..def })
    }

    /// What a sequence's options make of it. `new`: what they leave out is as usual; otherwise as it was.
    fn sequence_rules(
        &mut self,
        mut rules: SequenceDef,
        options: &[SequenceOption],
        new: bool,
    ) -> Result<SequenceDef> {
        for (i, option) in options.iter().enumerate() {
            if options[..i].iter().any(|held| discriminant(&held.kind) == discriminant(&option.kind)) {
                let message = "conflicting or redundant options";
                return Err(Error::new(state::SYNTAX_ERROR, message).at(option.span.at()));
            }
        }
        let (old_limits, ascending) = (limits(rules.ty), rules.increment > 0);
        let find = |wanted: fn(&Says) -> bool| options.iter().map(|o| &o.kind).find(|kind| wanted(kind));
        let mut retyped = false;
        if let Some(Says::As(name)) = find(|o| matches!(o, Says::As(_))) {
            let ty = self.resolve_type(name)?;
            if !matches!(ty, Type::Int2 | Type::Int4 | Type::Int8) {
                return Err(invalid("sequence type must be smallint, integer, or bigint".to_string()));
            }
            retyped = ty != rules.ty;
            rules.ty = ty;
        }
        if let Some(Says::Increment(by)) = find(|o| matches!(o, Says::Increment(_))) {
            if *by == 0 {
                return Err(invalid("INCREMENT must not be zero".to_string()));
            }
            rules.increment = *by;
        }
        if let Some(Says::Cycle(cycle)) = find(|o| matches!(o, Says::Cycle(_))) {
            rules.cycle = *cycle;
        }
        let (low, high) = limits(rules.ty);
        let up = rules.increment > 0;
        // A bound that was the type's own goes with the type.
        let loose = |bound: i64, of: i64| new || retyped && bound == of;
        rules.max = match find(|o| matches!(o, Says::MaxValue(_))) {
            Some(Says::MaxValue(Some(max))) => *max,
            Some(_) => {
                if up {
                    high
                } else {
                    -1
                }
            }
            None if loose(rules.max, if ascending { old_limits.1 } else { -1 }) => {
                if up {
                    high
                } else {
                    -1
                }
            }
            None => rules.max,
        };
        rules.min = match find(|o| matches!(o, Says::MinValue(_))) {
            Some(Says::MinValue(Some(min))) => *min,
            Some(_) => {
                if up {
                    1
                } else {
                    low
                }
            }
            None if loose(rules.min, if ascending { 1 } else { old_limits.0 }) => {
                if up {
                    1
                } else {
                    low
                }
            }
            None => rules.min,
        };
        for (what, bound) in [("MAXVALUE", rules.max), ("MINVALUE", rules.min)] {
            if !(low..=high).contains(&bound) {
                return Err(invalid(format!(
                    "{what} ({bound}) is out of range for sequence data type {}",
                    rules.ty
                )));
            }
        }
        if rules.min >= rules.max {
            let (min, max) = (rules.min, rules.max);
            return Err(invalid(format!("MINVALUE ({min}) must be less than MAXVALUE ({max})")));
        }
        match find(|o| matches!(o, Says::Start(_))) {
            Some(Says::Start(start)) => rules.start = *start,
            _ if new => rules.start = if up { rules.min } else { rules.max },
            _ => {}
        }
        within("START", rules.start, &rules)?;
        if let Some(Says::Cache(cache)) = find(|o| matches!(o, Says::Cache(_))) {
            if *cache <= 0 {
                return Err(invalid(format!("CACHE ({cache}) must be greater than zero")));
            }
            rules.cache = *cache;
        }
        if let Some(Says::OwnedBy(owner)) = find(|o| matches!(o, Says::OwnedBy(_))) {
            rules.owner = owner.as_ref().map(|column| self.owner(column)).transpose()?;
        }
        Ok(rules)
    }

    /// OWNED BY: schema, table and column.
    fn owner(&mut self, written: &Name) -> Result<[String; 3]> {
        let Some((column, table)) = written.parts.split_last().filter(|(_, table)| !table.is_empty()) else {
            let hint = "Specify OWNED BY table.column or OWNED BY NONE.";
            return Err(Error::new(state::SYNTAX_ERROR, "invalid OWNED BY option").with_hint(hint));
        };
        let name = Name { parts: table.to_vec(), span: written.span };
        let table = self.table(&name)?;
        if !table.is_table() {
            let message =
                format!("sequence cannot be owned by relation \"{}\", which is no table", table.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
        }
        if table.column(&column.name).is_none() {
            let message = format!("column \"{}\" of relation \"{}\" does not exist", column.name, table.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message));
        }
        Ok([table.schema.clone(), table.name.clone(), column.name.clone()])
    }

    /// ALTER SEQUENCE.
    pub(super) fn alter_sequence(&mut self, alter: &AlterSequence) -> Result<Define> {
        let name = alter.name.last();
        let Some(old) = self.look_up(&alter.name)? else {
            if alter.if_exists {
                return Ok(define("ALTER SEQUENCE", name, Vec::new()));
            }
            return Err(self.unknown_table(&alter.name));
        };
        let old = old.clone();
        let RelationKind::Sequence(rules) = &old.kind else {
            let message = format!("\"{}\" is not a sequence", old.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(alter.name.span.at()));
        };
        let owned = alter.options.iter().any(|option| matches!(option.kind, Says::OwnedBy(_)));
        if let Some([schema, table, column]) = rules.owner.as_ref().filter(|_| owned)
            && let Some(def) = self.catalog.relation(schema, table)
            && def
                .column(column)
                .is_some_and(|c| matches!(def.columns[c].generated, Generated::Always | Generated::ByDefault))
        {
            let message = "cannot change ownership of identity sequence";
            let detail = format!("Sequence \"{}\" is linked to {} \"{table}\".", old.name, kind_word(def));
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).with_detail(detail));
        }
        let step = self.altered_sequence(&old, rules.clone(), &alter.options)?;
        Ok(define("ALTER SEQUENCE", name, vec![step]))
    }

    /// The step that gives a sequence other options.
    pub(super) fn altered_sequence(
        &mut self,
        old: &std::sync::Arc<TableDef>,
        rules: SequenceDef,
        options: &[SequenceOption],
    ) -> Result<Step> {
        let rules = self.sequence_rules(rules, options, false)?;
        let restart = options.iter().find_map(|option| match option.kind {
            Says::Restart(at) => Some(at.unwrap_or(rules.start)),
            _ => None,
        });
        if let Some(at) = restart {
            within("RESTART", at, &rules)?;
        }
        let only_owner = options.iter().all(|option| matches!(option.kind, Says::OwnedBy(_)));
        let new = TableDef { kind: RelationKind::Sequence(rules), ..TableDef::clone(old) };
        Ok(match only_owner {
            true => Step::Alter { old: old.clone(), new },
            // Numbers go on from a place of their own, so that a rollback brings the old ones back.
            false => Step::Restart { old: old.clone(), new, at: restart.map(|at| (at, false)) },
        })
    }
}

fn within(what: &str, number: i64, rules: &SequenceDef) -> Result<()> {
    if number < rules.min {
        return Err(invalid(format!("{what} value ({number}) cannot be less than MINVALUE ({})", rules.min)));
    }
    if number > rules.max {
        return Err(invalid(format!(
            "{what} value ({number}) cannot be greater than MAXVALUE ({})",
            rules.max
        )));
    }
    Ok(())
}
