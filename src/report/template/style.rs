//! Whether a style sheet would load anything, or end before its time.

use super::codes::TEMPLATE_LOADS;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// What must not stand in a style sheet, and what to do instead.
const LOADING: [(&str, &str); 6] = [
    ("@import", "copy the rules into this file"),
    ("@font-face", "name fonts that readers have: `font-family: system-ui, sans-serif`"),
    ("url(", "use colours and gradients, or an `<svg>` in a template"),
    ("image-set(", "use colours and gradients, or an `<svg>` in a template"),
    ("src(", "use colours and gradients, or an `<svg>` in a template"),
    ("</", "write it without the slash: it would end the style sheet inside of the page"),
];

/// What is wrong with a style sheet.
pub(super) fn check(text: &str, file: FileId) -> Vec<Diagnostic> {
    let read = unescaped(text);
    let letters: String = read.iter().map(|(_, c)| *c).collect();
    // Which character of `read` each byte of `letters` belongs to.
    let widths = read.iter().enumerate();
    let owner: Vec<usize> =
        widths.flat_map(|(place, (_, c))| std::iter::repeat_n(place, c.len_utf8())).collect();
    let mut found = Vec::new();
    for (token, help) in LOADING {
        let mut from = 0;
        while let Some(ahead) = letters[from..].find(token) {
            let at = from + ahead;
            from = at + token.len();
            let (first, last) = (read[owner[at]], read[owner[from - 1]]);
            let (start, end) = (first.0, last.0 + last.1.len_utf8());
            // A picture inside of the sheet loads nothing.
            let inside =
                letters[from..].trim_start_matches(['"', '\'', ' ']).starts_with("data:image/");
            // `var(--src)` and the like name a variable.
            let longer = token == "src("
                && letters[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
            if (token == "url(" && inside) || longer {
                continue;
            }
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { file, start: place(start), len: place(end.saturating_sub(start)) };
            found.push(
                Diagnostic::new(
                    &TEMPLATE_LOADS,
                    format!("`{token}` cannot stand in a style sheet"),
                )
                .at(span, "a report is one file that loads and runs nothing")
                .help(help),
            );
        }
    }
    found
}

/// The characters that a browser sees, in lower case, each with where it is written; without comments.
fn unescaped(text: &str) -> Vec<(usize, char)> {
    let mut read = Vec::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    let mut quote = None;
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open || c == '\n' => quote = None,
            _ => {}
        }
        if quote.is_none() && c == '/' && chars.peek().is_some_and(|(_, next)| *next == '*') {
            let end = text[at + 2..].find("*/").map_or(text.len(), |ahead| at + 2 + ahead + 2);
            while chars.peek().is_some_and(|(place, _)| *place < end) {
                chars.next();
            }
            continue;
        }
        if c != '\\' {
            read.extend(c.to_lowercase().take(1).map(|c| (at, c)));
            continue;
        }
        let mut code = String::new();
        while code.len() < 6 && chars.peek().is_some_and(|(_, c)| c.is_ascii_hexdigit()) {
            code.extend(chars.next().map(|(_, c)| c));
        }
        if code.is_empty() {
            read.extend(chars.next().map(|(_, c)| (at, c.to_ascii_lowercase())));
            continue;
        }
        if chars.peek().is_some_and(|(_, c)| c.is_whitespace()) {
            chars.next();
        }
        let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
        read.push((at, c.to_ascii_lowercase()));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        check(text, FileId(0)).into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_style_sheet_loads_nothing() {
        for text in [
            "@import 'a.css';",
            "p { background: url(https://x.example/a.png) }",
            "p { background: URL( 'a.png' ) }",
            "p { background: \\75 rl(a.png) }",
            "p { background: u\\72l(a.png) }",
            "@font-face { font-family: x }",
            "</style><script>",
            "p { content: \"\\3c/style>\" }",
            "p { content: \"/*\"; background: url(a.png); content: \"*/\" }",
        ] {
            assert_eq!(said(text).len(), 1, "{text}");
        }
        for text in [
            "p { content: \"\\201c\"; color: var(--src) }",
            "/* url(a) @import */ p { }",
            "p { background: url(data:image/png;base64,AAAA) }",
        ] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
        for text in [
            include_str!("../../../templates/html/style.css"),
            include_str!("../../../templates/html/sheet.css"),
        ] {
            assert_eq!(said(text), Vec::<String>::new());
        }
    }
}
