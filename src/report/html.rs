//! The report as one HTML file: no script, nothing loaded, styles pinned by their digest.

use std::fmt::Write as _;

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::chart::escape;
use super::document::{Document, document};
use super::prose::{self, or_bug};
use super::view::BudgetView;

/// The page and its parts, by name.
const TEMPLATES: [(&str, &str); 4] = [
    ("report", include_str!("../../templates/html/report.html.hbs")),
    ("block", include_str!("../../templates/html/block.html.hbs")),
    ("figure", include_str!("../../templates/html/figure.html.hbs")),
    ("table", include_str!("../../templates/html/table.html.hbs")),
];

/// Colours, type, layouts for screens, phones and paper.
const STYLE: &str = include_str!("../../templates/html/style.css");

/// What a page that must fit on one sheet does differently.
const SHEET: &str = include_str!("../../templates/html/sheet.css");

/// What a page of panels does differently.
const DASHBOARD: &str = include_str!("../../templates/html/dashboard.css");

#[derive(Serialize)]
struct Page {
    document: Document,
    style: String,
    style_digest: String,
}

/// Renders a report as a self-contained HTML page. Text of the plan shows as text.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    page(document(view), &switch_style(view.scenarios.len()))
}

/// One page without anything to switch, that fits on one sheet of paper.
pub(super) fn sheet(document: Document) -> String {
    page(document, SHEET)
}

/// One page of panels side by side.
pub(super) fn dashboard(document: Document) -> String {
    page(document, DASHBOARD)
}

/// One page without anything to switch.
pub(super) fn plain_page(document: Document) -> String {
    page(document, "")
}

fn page(document: Document, more_style: &str) -> String {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escape);
    registry.register_helper("prose_html", Box::new(prose_html));
    for (name, template) in TEMPLATES {
        or_bug(registry.register_template_string(name, template));
    }
    let style = format!("{STYLE}{more_style}{}", running_style(&document));
    let style_digest = base64(&Sha256::digest(style.as_bytes()));
    or_bug(registry.render("report", &Page { document, style, style_digest }))
}

/// Prose in Markdown, as HTML.
fn prose_html(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let markdown = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    out.write(&prose::to_html(markdown, "prose"))?;
    Ok(())
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
