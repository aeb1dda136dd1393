//! Values for `$1, $2, …`.

use crate::Value;

/// Values for the parameters of a statement, in order: what [`params!`](crate::params!) makes, arrays, slices and
/// vectors of [`Value`], `()` for none.
pub trait Params {
    /// The values.
    fn values(&self) -> &[Value];
}

/// Values for the parameters of a statement; each argument is anything that a [`Value`](crate::Value) can be made from.
///
/// ```
/// use remanent::{Params, Value, params};
/// let given = params![1i64, 0.5, "text", None::<bool>];
/// assert_eq!(given.values().len(), 4);
/// assert!(matches!(given.values()[0], Value::Int8(1)));
/// ```
#[macro_export]
macro_rules! params {
    () => { [] as [$crate::Value; 0] };
    ($($value:expr),+ $(,)?) => { [$($crate::Value::from($value)),+] };
}

impl<const N: usize> Params for [Value; N] {
    fn values(&self) -> &[Value] {
        self
    }
}

impl Params for [Value] {
    fn values(&self) -> &[Value] {
        self
    }
}

impl Params for Vec<Value> {
    fn values(&self) -> &[Value] {
        self
    }
}

impl Params for () {
    fn values(&self) -> &[Value] {
        &[]
    }
}

impl<P: Params + ?Sized> Params for &P {
    fn values(&self) -> &[Value] {
        (**self).values()
    }
}
