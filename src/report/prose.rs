//! The sentences of a report, as Markdown that templates make, and that Markdown as HTML.
//!
//! Both renderings share the prose: Markdown prints it, HTML passes it through a parser that knows only
//! tables, footnotes, strikethrough, task lists and GitHub's alerts, that turns raw HTML into text, and
//! that keeps links only where their scheme is harmless.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

/// Words of a report: Markdown, or the template that makes it.
///
/// A document is laid out with templates named and what they say; [`super::template::Templates`] puts them into
/// words when it is rendered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Prose {
    /// A template of prose, and what it says.
    Template {
        /// Its name.
        name: &'static str,
        /// Every value is escaped when it is rendered.
        data: serde_json::Value,
    },
    /// Markdown, escaped already.
    Markdown(String),
}

impl From<String> for Prose {
    fn from(markdown: String) -> Self {
        Self::Markdown(markdown)
    }
}

impl Serialize for Prose {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Markdown(text) => to.serialize_str(text),
            Self::Template { name, .. } => {
                Err(serde::ser::Error::custom(format!("`{name}` is still to be put into words")))
            }
        }
    }
}

/// A piece of prose that is still to be put into words.
pub(super) fn render(name: &'static str, data: &impl Serialize) -> Prose {
    Prose::Template { name, data: or_bug(serde_json::to_value(data)) }
}

/// The value, since an embedded template that fails is a wrong program.
///
/// # Panics
/// If it is an error.
pub(super) fn or_bug<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("an embedded template is wrong: {error}"))
}

/// Text as Markdown that shows as that text: no emphasis, code, HTML, link, mention, table cell or list.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut previous = '\n';
    for (index, c) in text.char_indices() {
        let rest = &text[index..];
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' if !quiet(c, rest) => {
                escaped.extend(['\\', c]);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // An invisible space keeps a mention from notifying anyone.
            '@' => escaped.push_str("@\u{200b}"),
            ':' if rest.starts_with("://") => escaped.push_str("\\:"),
            '.' if ends_with_www(&text[..index]) => escaped.push_str("\\."),
            '-' | '+' | '=' if previous == '\n' => escaped.extend(['\\', c]),
            '.' | ')' if digits > 0 && index == digits && alone(c, rest) => {
                escaped.extend(['\\', c]);
            }
            c => escaped.push(c),
        }
        previous = c;
    }
    escaped
}

/// A dollar sign before a space is an amount, not mathematics.
fn quiet(c: char, rest: &str) -> bool {
    (c == '$' || c == '!') && alone(c, rest)
}

/// Whether nothing but a space follows `c`, with which `rest` begins.
fn alone(c: char, rest: &str) -> bool {
    rest[c.len_utf8()..].chars().next().is_none_or(char::is_whitespace)
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.as_bytes()[text.len() - 3..].eq_ignore_ascii_case(b"www")
}

/// Markdown prose as HTML. Heading ids are `prefix` and the heading's words.
pub(super) fn to_html(markdown: &str, prefix: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, options).map(harmless).collect();
    name_headings(&mut events, prefix);
    let mut kept = Vec::with_capacity(events.len());
    let mut dropped_links = Vec::new();
    for event in events {
        match event {
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let keeps = allowed(dest_url);
                dropped_links.push(!keeps);
                kept.extend(keeps.then_some(event));
            }
            Event::End(TagEnd::Link) => {
                kept.extend((!dropped_links.pop().unwrap_or(true)).then_some(event));
            }
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            event => kept.push(event),
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, kept.into_iter());
    page
}

/// Markdown prose as plain text, paragraphs on one line each.
pub(super) fn to_text(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Text(words)
            | Event::Code(words)
            | Event::Html(words)
            | Event::InlineHtml(words) => {
                text.push_str(&words);
            }
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Paragraph) => text.push('\n'),
            _ => {}
        }
    }
    text.replace('\u{200b}', "").trim_end().to_owned()
}

/// Raw HTML as the text it is written with.
fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        event => event,
    }
}

fn allowed(url: &str) -> bool {
    ["https://", "http://", "mailto:", "#"].iter().any(|scheme| url.starts_with(scheme))
}

fn name_headings(events: &mut [Event<'_>], prefix: &str) {
    for start in 0..events.len() {
        if !matches!(events[start], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let mut words = String::from(prefix);
        for event in &events[start + 1..] {
            match event {
                Event::Text(text) | Event::Code(text) => {
                    let slug = text.chars().map(|c| if c.is_alphanumeric() { c } else { '-' });
                    words.push('-');
                    words.extend(slug.flat_map(char::to_lowercase));
                }
                Event::End(TagEnd::Heading(_)) => break,
                _ => {}
            }
        }
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(CowStr::from(words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_the_text_it_was_given() {
        let hostile =
            "a|b *c* <img src=x> [d](javascript:e) @team #1 `f` $g$ https://h www.i.example";
        let html = to_html(&escape(hostile), "p");
        let text = html.replace("&lt;", "<").replace("&gt;", ">").replace('\u{200b}', "");
        assert_eq!(text.trim(), format!("<p>{hostile}</p>"));
    }

    #[test]
    fn amounts_stay_readable() {
        assert_eq!(escape("US$ 15.3m (p10–p90)"), "US$ 15.3m (p10–p90)");
        assert_eq!(escape("- item"), "\\- item");
        assert_eq!(escape("1. item"), "1\\. item");
    }

    #[test]
    fn raw_html_becomes_text_and_odd_links_go() {
        let html = to_html("<b>x</b> [y](javascript:z) [a](https://b.example) ![c](d.png)", "p");
        assert_eq!(
            html.trim(),
            "<p>&lt;b&gt;x&lt;/b&gt; y <a href=\"https://b.example\">a</a> c</p>"
        );
        assert!(to_html("<script>alert(1)</script>", "p").contains("&lt;script&gt;"));
        assert_eq!(
            to_html("# x {onclick=y}", "p").trim(),
            "<h1 id=\"p-x--onclick-y-\">x {onclick=y}</h1>"
        );
    }
}
