//! ST_AsMVT: the row that it is of becomes columns.
//!
//! ```text
//! ST_AsMVT(q, 'roads', 4096, 'geom', 'id')
//! →  st_asmvt('roads', 4096, '{name,lanes}', q.geom, q.id, q.name, q.lanes)
//! ```
//!
//! Without a name the geometry is the first column that is one. What has no form of its own in a tile is a text. Limits: which columns
//! are the geometry and the id is said by constants.

use super::Binder;
use super::expr::Place;
use super::refuse;
use crate::sql::ast::{ExprKind, FunctionCall};
use crate::sql::expr::{CastContext, Expr};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Array, Element, Type, Value};

/// The aggregate's name.
pub(super) const TILE: &str = "st_asmvt";

fn wrong(message: &str, at: usize) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message).at(at)
}

impl Binder<'_> {
    /// The arguments of a call.
    pub(super) fn tile(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Vec<Expr>> {
        let at = call.name.span.at();
        let types = [Type::Text, Type::Int4, Type::Text, Type::Text];
        let (row, rest) = match call.args.split_first() {
            Some((row, rest)) if rest.len() <= types.len() => (row, rest),
            _ => return Err(self.unknown_call(call)),
        };
        let place_of_row = row.span.at();
        let mut columns: Vec<(String, Expr)> = match &row.kind {
            ExprKind::Star(Some(name)) => self.starred(place.scope.star(Some(name))?, place),
            ExprKind::Column(name)
                if name
                    .simple()
                    .is_some_and(|name| !place.scope.has(name) && place.scope.has_relation(name)) =>
            {
                self.starred(place.scope.star(Some(name))?, place)
            }
            ExprKind::Row(parts) => {
                let parts = self.exprs(parts, place)?;
                parts.into_iter().enumerate().map(|(i, part)| (format!("f{}", i + 1), part)).collect()
            }
            _ => {
                self.expr(row, place)?;
                let message = "pgis_asmvt_transfn: parameter row cannot be other than a rowtype";
                return Err(wrong(message, place_of_row));
            }
        };
        let mut settings = Vec::with_capacity(types.len());
        for (i, ty) in types.into_iter().enumerate() {
            settings.push(match rest.get(i) {
                Some(written) => {
                    let expr = self.expr(written, place)?;
                    self.resolver.cast(expr, ty, CastContext::Implicit, written.span.at())?
                }
                None => Expr::Literal { value: Value::Null, ty },
            });
        }
        let named = |i: usize| match settings.get(i) {
            Some(Expr::Literal { value: Value::Text(name), .. }) => Ok(Some(name.as_str())),
            Some(Expr::Literal { value: Value::Null, .. }) | None => Ok(None),
            Some(_) => Err(refuse("the name of a column that is no constant", call.name.span)),
        };
        let geometry = named(2)?;
        let is_geometry = |(name, expr): &(String, Expr)| {
            geometry.is_none_or(|wanted| wanted == name)
                && matches!(expr.ty(), Type::Other(Kind::Geometry, _))
        };
        let Some(found) = columns.iter().position(is_geometry) else {
            return Err(wrong("parse_column_keys: no geometry column found", at));
        };
        let (_, geometry) = columns.remove(found);
        let id = match named(3)? {
            None => Expr::Literal { value: Value::Null, ty: Type::Int8 },
            Some(wanted) => {
                let is_id = |(name, expr): &(String, Expr)| {
                    name == wanted && matches!(expr.ty(), Type::Int2 | Type::Int4 | Type::Int8)
                };
                let Some(found) = columns.iter().position(is_id) else {
                    let message =
                        format!("mvt_agg_transfn: Could not find column '{wanted}' of integer type");
                    return Err(wrong(&message, at));
                };
                columns.remove(found).1
            }
        };
        settings.truncate(2);
        let names = columns.iter().map(|(name, _)| Value::from(name.as_str())).collect();
        let names = Value::from(Array::list(Type::Text, names)?);
        settings.extend([
            Expr::Literal { value: names, ty: Type::Array(Element::of(Type::Text)) },
            geometry,
            id,
        ]);
        for (_, column) in columns {
            let ty = column.ty();
            let has_form = matches!(
                ty,
                Type::Bool | Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Jsonb
            );
            settings.push(match has_form || ty.is_text() || matches!(ty, Type::Char(_)) {
                true => column,
                false => self.resolver.cast(column, Type::Text, CastContext::Explicit, place_of_row)?,
            });
        }
        Ok(settings)
    }

    fn starred(&self, columns: Vec<(usize, String)>, place: &Place<'_>) -> Vec<(String, Expr)> {
        columns.into_iter().map(|(position, name)| (name, place.scope.column(position))).collect()
    }
}
