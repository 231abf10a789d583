//! Strings: where they end, and whether everything in them is allowed.
//!
//! The parser decodes them; it must never meet one that is wrong, because it then reads the rest of
//! the string as if it were the plan.

use super::lex::{Lexer, is_newline, is_space};
use super::{TokenKind, codes, span};
use crate::diagnostic::Diagnostic;

const TRIPLE: &str = "\"\"\"";

impl Lexer<'_> {
    /// A string that begins with `"`.
    pub(super) fn quoted(&mut self) -> TokenKind {
        let start = self.at;
        if self.rest().starts_with(TRIPLE) {
            self.at += TRIPLE.len();
            self.lines(start, TRIPLE);
        } else {
            self.at += 1;
            self.line(start);
        }
        self.check_characters(start);
        TokenKind::Quoted
    }

    /// A raw string that begins with this many `#`.
    pub(super) fn raw(&mut self, hashes: usize) {
        let start = self.at;
        self.at += hashes;
        let hashes = &self.text[start..self.at];
        if self.rest().starts_with(TRIPLE) {
            self.at += TRIPLE.len();
            self.lines(start, &format!("{TRIPLE}{hashes}"));
        } else {
            self.at += 1;
            let closing = format!("\"{hashes}");
            let line = self.rest().find(is_newline).unwrap_or(self.rest().len());
            if let Some(end) = self.rest()[..line].find(&closing) {
                self.at += end + closing.len();
            } else {
                self.at += line;
                self.unclosed(start, &closing);
            }
        }
        self.check_characters(start);
    }

    /// The rest of a string of one line.
    fn line(&mut self, start: usize) {
        loop {
            self.skip(|c| !matches!(c, '"' | '\\') && !is_newline(c));
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return;
                }
                Some('\\') => self.escape(),
                _ => return self.unclosed(start, "\""),
            }
        }
    }

    /// One escape of a string of one line.
    fn escape(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.peek().is_some_and(|c| is_space(c) || is_newline(c)) {
            self.skip(|c| is_space(c) || is_newline(c));
            return;
        }
        self.character_escape(start);
    }

    /// An escape that stands for a character; the `\` is behind us.
    fn character_escape(&mut self, start: usize) {
        let Some(c) = self.peek() else {
            return;
        };
        let unicode = c == 'u' && self.rest().starts_with("u{");
        let known = matches!(c, '\\' | '"' | 'b' | 'f' | 'n' | 'r' | 't' | 's') || unicode;
        if !is_newline(c) {
            self.at += c.len_utf8();
        }
        if unicode {
            self.at += 1;
            self.skip(|c| c.is_ascii_hexdigit());
            let digits = &self.text[start + 3..self.at];
            let scalar = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            if self.eat('}') && digits.len() <= 6 && scalar.is_some() {
                return;
            }
        } else if known {
            return;
        }
        let place = span(self.file, start..self.at);
        let message = format!("`{}` is no escape", &self.text[start..self.at]);
        self.report(
            Diagnostic::new(&codes::INVALID_ESCAPE, message)
                .at(place, "in a quoted string `\\` begins an escape")
                .help("write `\\\\` for a backslash, or the string as `#\"…\"#`")
                .fix(span(self.file, start..start + 1), "\\\\"),
        );
    }

    /// The rest of a string of several lines, which `closing` ends.
    fn lines(&mut self, start: usize, closing: &str) {
        let raw = closing.len() > TRIPLE.len();
        let body = self.at;
        if !self.peek().is_some_and(is_newline) {
            let diagnostic =
                Diagnostic::new(&codes::INVALID_MULTILINE, "text follows `\"\"\"` on its line")
                    .at(span(self.file, start..body), "a line break must follow")
                    .help("a string of several lines begins on the line after `\"\"\"`");
            self.report(diagnostic);
        }
        let found = self.diagnostics.len();
        loop {
            let rest = self.rest();
            let next = if raw { rest.find(closing) } else { rest.find(['"', '\\']) };
            let Some(next) = next else {
                self.at = self.text.len();
                return self.unclosed(start, closing);
            };
            self.at += next;
            if self.rest().starts_with(closing) {
                break;
            }
            self.at += 1;
            if self.text[..self.at].ends_with('\\') {
                self.line_escape();
            }
        }
        let end = self.at;
        self.at += closing.len();
        if self.diagnostics.len() == found {
            self.indentation(start, body, end);
        }
    }

    /// An escape in a string of several lines; the `\` is behind us.
    fn line_escape(&mut self) {
        let start = self.at - 1;
        if self.peek().is_some_and(|c| is_space(c) || is_newline(c)) {
            let diagnostic =
                Diagnostic::new(&codes::INVALID_ESCAPE, "a `\\` joins lines inside `\"\"\"`")
                    .at(span(self.file, start..start + 1), "white space cannot be escaped here")
                    .help("write the line whole, or the string as `#\"\"\"`");
            return self.report(diagnostic);
        }
        self.character_escape(start);
    }

    /// Every line must begin with what stands before the closing quotes.
    fn indentation(&mut self, start: usize, body: usize, end: usize) {
        let text = &self.text[body..end];
        let last = text.char_indices().rev().find(|(_, c)| is_newline(*c));
        let Some((break_at, c)) = last else {
            return;
        };
        let prefix_at = break_at + c.len_utf8();
        let prefix = &text[prefix_at..];
        if !prefix.chars().all(is_space) {
            let diagnostic = Diagnostic::new(
                &codes::INVALID_MULTILINE,
                "text stands before the closing `\"\"\"`",
            )
            .at(span(self.file, end..end + 3), "this must stand on a line of its own")
            .also(span(self.file, start..body), "the string begins here")
            .help("move the closing quotes to the next line");
            return self.report(diagnostic);
        }
        let mut at = body;
        for line in text[..break_at].split(is_newline) {
            let ends = at + line.len();
            if !line.starts_with(prefix) && !line.chars().all(is_space) {
                let diagnostic = Diagnostic::new(
                    &codes::INVALID_MULTILINE,
                    "a line is indented less than the closing `\"\"\"`",
                )
                .at(span(self.file, at..ends), "it must begin with the same white space")
                .also(span(self.file, end..end + 3), "which stands before these quotes");
                return self.report(diagnostic);
            }
            at = ends + self.text[ends..].chars().next().map_or(1, char::len_utf8);
        }
    }

    fn unclosed(&mut self, start: usize, closing: &str) {
        let line = &self.text[start..self.at];
        let line = &line[..line.find(is_newline).unwrap_or(line.len())];
        let end = start + line.trim_end().len();
        let message = "a string is never closed";
        let mut diagnostic = Diagnostic::new(&codes::UNCLOSED_STRING, message)
            .at(span(self.file, start..end), format!("`{closing}` is missing"));
        let one_line = !closing.starts_with(TRIPLE);
        if one_line && !line.contains(['{', '}', ';', '=']) {
            let place = span(self.file, end..end);
            diagnostic =
                diagnostic.help(format!("put a `{closing}` at its end")).fix(place, closing);
        } else if one_line {
            diagnostic = diagnostic.help(format!("put a `{closing}` where it ends"));
        } else {
            let help = format!("it ends with `{closing}` on a line of its own");
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }
}
