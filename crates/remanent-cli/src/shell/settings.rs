//! What a user of the shell has set.

use crate::output::{Format, Style};
use crate::term::Paint;

/// `\x`: one line a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expanded {
    #[default]
    Off,
    On,
    /// Where a table would be wider than the terminal.
    Auto,
}

/// What the commands of the shell set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `.mode`
    pub format: Format,
    /// `\x`
    pub expanded: Expanded,
    /// `.timer`, `\timing`
    pub timing: bool,
}

impl Settings {
    /// How answers look.
    pub fn style(&self, paint: Paint, width: Option<usize>) -> Style {
        let expands = self.format == Format::Table;
        let format = if expands && self.expanded == Expanded::On { Format::Line } else { self.format };
        Style { format, auto: expands && self.expanded == Expanded::Auto, paint, width }
    }
}
