//! The one setting of every protocol that carries data: whether the data reaches rows.

/// Whether the values in statements and commands (SQL, Redis, ...) are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Literals {
    /// Values are `?`.
    #[default]
    Hidden,
    /// As on the wire.
    Shown,
}

impl Literals {
    /// Values are not to be shown.
    pub const fn hidden(self) -> bool {
        matches!(self, Self::Hidden)
    }
}
