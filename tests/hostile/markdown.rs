//! Markdown: what a page is made of, and what a forge makes of it.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::tags::tags;

/// Events of a Markdown page without their text.
pub fn events(page: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut found: Vec<String> = Vec::new();
    for event in Parser::new_ext(page, options) {
        let shown = match event {
            Event::Text(_) => continue,
            Event::Code(_) => "code".to_owned(),
            Event::InlineMath(_) | Event::DisplayMath(_) => "math".to_owned(),
            Event::Html(html) | Event::InlineHtml(html) => {
                // What is folded, and the mark by which a comment is found again.
                tags(&html).join(" ")
            }
            Event::FootnoteReference(_) => "footnote".to_owned(),
            Event::TaskListMarker(_) => "task".to_owned(),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                format!("link {dest_url}")
            }
            other => format!("{other:?}"),
        };
        found.push(shown);
    }
    found
}

/// An address or a mention that a forge makes of plain text; code and comments it leaves alone.
pub fn forged(page: &str) -> Option<String> {
    let mut left = page.as_bytes().to_vec();
    let mut code = 0;
    for (event, range) in
        Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_GFM).into_offset_iter()
    {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            Event::Html(ref html) | Event::InlineHtml(ref html) if !html.starts_with("<!--") => {
                continue;
            }
            Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Text(_) if code > 0 => {}
            _ => continue,
        }
        left[range].fill(b' ');
    }
    let left = String::from_utf8_lossy(&left);
    // A line that only Bitbucket's pages have, and nobody sees.
    for line in left.lines().filter(|line| !line.starts_with("[//]: # (")) {
        let after = |mark: &str| line.match_indices(mark).map(|(at, _)| at).collect::<Vec<_>>();
        let mention = |at: &usize| line[at + 1..].starts_with(|c: char| c.is_alphanumeric());
        let linked = |at: &usize| !line[..*at].ends_with('\\');
        if after("@").iter().any(mention) {
            return Some(format!("a mention: {line}"));
        }
        if after("://").iter().any(linked) || line.contains("www.evil") {
            return Some(format!("an address: {line}"));
        }
    }
    None
}
