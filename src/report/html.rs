//! The report as one HTML file: no script, nothing loaded, styles pinned by their digest.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::document::{Document, document};
use super::prose::or_bug;
use super::template::{Made, Templates};
use super::view::BudgetView;

/// What `report.html.hbs` is given.
#[derive(Serialize)]
pub(super) struct Page {
    pub(super) document: Document,
    pub(super) style: String,
    /// Of the style, for the page's policy.
    pub(super) style_digest: String,
}

/// Renders a report as a self-contained HTML page, with this program's own templates. Text of the plan shows
/// as text.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    or_bug(budget(view, &Templates::built_in()).map_err(|broken| broken.0.message))
}

/// The budget report as one page.
pub(super) fn budget(view: &BudgetView, templates: &Templates) -> Made<String> {
    page(document(view), &switch_style(view.scenarios.len()), templates)
}

/// One page without anything to switch, that fits on one sheet of paper.
pub(super) fn sheet(document: Document, templates: &Templates) -> Made<String> {
    page(document, templates.style("sheet"), templates)
}

/// One page of panels side by side.
pub(super) fn dashboard(document: Document, templates: &Templates) -> Made<String> {
    page(document, templates.style("dashboard"), templates)
}

/// One page without anything to switch.
pub(super) fn plain_page(document: Document, templates: &Templates) -> Made<String> {
    page(document, "", templates)
}

fn page(document: Document, more_style: &str, templates: &Templates) -> Made<String> {
    let document = document.written(templates)?;
    let style = format!("{}{more_style}{}", templates.style("style"), running_style(&document));
    let style_digest = digest(&style);
    templates.html("report", &Page { document, style, style_digest })
}

/// The digest of a style sheet, as a policy names it.
pub(super) fn digest(style: &str) -> String {
    base64(&Sha256::digest(style.as_bytes()))
}

/// Shows the chosen panel of a switch, where the browser can tell; else all panels show.
fn switch_style(panels: usize) -> String {
    let mut style = String::from("@supports selector(:has(a)) { @media screen { ");
    style.push_str(".switch fieldset { display: flex; } .switch .panel { display: none; } ");
    for panel in 1..=panels {
        // Writing to a string cannot fail.
        let _ = write!(
            style,
            ".switch:has(.pick-{panel}:checked) .panel-{panel} {{ display: block; }} "
        );
    }
    style.push_str("} }\n");
    style
}

/// What stands at the edges of every printed page.
fn running_style(document: &Document) -> String {
    format!(
        concat!(
            "@page {{ size: A4; margin: 16mm 13mm 16mm; ",
            "@top-left {{ content: {title}; font: 8pt sans-serif; color: #444c55; }} ",
            "@bottom-left {{ content: {byline}; font: 8pt sans-serif; color: #444c55; }} ",
            "@bottom-right {{ content: \"page \" counter(page) \" of \" counter(pages); ",
            "font: 8pt sans-serif; color: #444c55; }} }}\n",
            "@page :first {{ @top-left {{ content: none; }} }}\n"
        ),
        title = css_string(&document.title),
        byline = css_string(&document.byline[..document.byline.len().min(3)].join(" · ")),
    )
}

/// Text as a CSS string: whatever is no letter, digit or space is written by its code point.
fn css_string(text: &str) -> String {
    let mut string = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            string.push(c);
        } else {
            let _ = write!(string, "\\{:x} ", u32::from(c));
        }
    }
    string.push('"');
    string
}

/// Base64 with padding, RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let padding = place > chunk.len();
            text.push(if padding { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let encoded =
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|t| base64(t.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn a_css_string_cannot_end_early() {
        assert_eq!(css_string("a\"}</style>"), "\"a\\22 \\7d \\3c \\2f style\\3e \"");
    }
}
