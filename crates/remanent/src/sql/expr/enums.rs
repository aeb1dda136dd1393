//! Conversions to and from enum types, whose values only the catalog can read and spell: calls that carry the definition.

use super::{Expr, Resolver};
use crate::sql::ast::quote_ident;
use crate::sql::functions::{enums, lookup};
use remanent_storage::catalog::enums::{EnumDef, Enums};
use remanent_storage::error::{Error, Result};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

impl Resolver {
    /// The same with these enum types.
    pub fn with_enums(mut self, enums: &Arc<Enums>) -> Self {
        self.enums = Arc::clone(enums);
        self
    }

    /// Where literals were read as values of enum types since this was asked last, each with its type's number.
    pub fn labels(&mut self) -> Vec<(usize, u32)> {
        std::mem::take(&mut self.labels)
    }

    /// What [`labels`](Resolver::labels) says next.
    pub fn set_labels(&mut self, labels: Vec<(usize, u32)>) {
        self.labels = labels;
    }

    fn definition(&self, ty: Type) -> Result<&Arc<EnumDef>> {
        let def = ty.enumeration().and_then(|id| self.enums.get(&id));
        def.ok_or_else(|| Error::internal("an enum type is not in the catalog"))
    }

    /// A literal's text as a value of an enum type, or an array of them; None: the type is another one.
    pub(super) fn enum_literal(&self, text: &str, to: Type) -> Option<Result<Value>> {
        to.enumeration()?;
        let read = || self.definition(to)?.read(&Value::parse(text, to.with_enum_as(Type::Text))?);
        Some(read())
    }

    /// A conversion where either side is an enum type, or an array of one; `from` and `to` differ.
    pub(super) fn convert_enum(&mut self, expr: Expr, from: Type, to: Type) -> Result<Expr> {
        if from.enumeration().is_some() {
            let text = from.with_enum_as(Type::Text);
            let spelled = self.enum_call(enums::LABEL, expr, from, text)?;
            return self.convert(spelled, to);
        }
        let text = self.convert(expr, to.with_enum_as(Type::Text))?;
        self.enum_call(enums::VALUE, text, to, to)
    }

    fn enum_call(&self, name: &str, arg: Expr, of: Type, ty: Type) -> Result<Expr> {
        let [function, ..] = lookup(name) else {
            return Err(Error::internal(format!("function {name} is not in the registry")));
        };
        Ok(Expr::Call { function, args: vec![arg, self.definition_text(of)?], ty })
    }

    fn definition_text(&self, of: Type) -> Result<Expr> {
        Ok(Expr::literal(Value::Text(self.definition(of)?.text())))
    }

    /// Hands a call of `enum_first` and its kin the definition of its type.
    pub(super) fn with_definition(&self, mut call: Expr) -> Result<Expr> {
        if let Expr::Call { function, args, ty } = &mut call
            && function.name.starts_with("enum_")
        {
            args.push(self.definition_text(*ty)?);
        }
        Ok(call)
    }
}

/// An enum type's name as messages show it: with its schema where the path would not find it.
pub fn type_name(def: &EnumDef, path: &[String]) -> String {
    match path.contains(&def.schema) {
        true => quote_ident(&def.name),
        false => format!("{}.{}", quote_ident(&def.schema), quote_ident(&def.name)),
    }
}
