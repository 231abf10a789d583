//! The language reference, from the table.

/// The reference as Markdown.
#[must_use]
pub fn reference() -> String {
    String::new()
}
