//! Words where names and values stand: what reads like something else.

use super::codes::{ASSIGNMENT, BARE_KEYWORD, INVALID_NUMBER};
use super::grammar::{Checked, Checker, comma, is_numeric, wrong};
use crate::language::scan::{Token, TokenKind};
use crate::source::Span;

impl Checker<'_> {
    /// The name of a node.
    pub(super) fn name(&self, token: Token) -> Checked {
        let text = self.text(token);
        if token.kind != TokenKind::Word {
            return Ok(());
        }
        if let Some(name) = text.strip_suffix(':').filter(|name| !name.is_empty()) {
            let place = self.span(token);
            let message = format!("`{text}` ends with a colon");
            return Err(Box::new(
                wrong(&ASSIGNMENT, &message, place, "a setting is a name, a space and a value")
                    .help(format!("write `{name}`, without the colon"))
                    .fix(place, name),
            ));
        }
        if is_numeric(text) {
            return Err(self.unexpected(token, "a node begins with its name, not with a number"));
        }
        self.keyword_like(token)
    }

    /// A bare word where a name or a value stands.
    pub(super) fn word(&self, token: Token) -> Checked {
        if token.kind != TokenKind::Word {
            return Ok(());
        }
        let text = self.text(token);
        if let Some(at) = text.find(',') {
            let place = Span { start: token.start + offset(at), len: 1, file: self.file };
            return Err(Box::new(comma(place, token)));
        }
        self.keyword_like(token)
    }

    /// `true` and the like, which are no words.
    fn keyword_like(&self, token: Token) -> Checked {
        let text = self.text(token);
        let place = self.span(token);
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "inf" | "-inf" | "nan" => {
                let message = format!("`{text}` is no number of a plan");
                let error = wrong(&INVALID_NUMBER, &message, place, "no finite number");
                Err(Box::new(error.help("leave the setting out where there is no bound")))
            }
            "true" | "false" | "null" => {
                let message = format!("`{text}` is written `#{lower}`");
                let error = wrong(&BARE_KEYWORD, &message, place, "the hash is missing");
                Err(Box::new(
                    error.help(format!("write `#{lower}`")).fix(place, format!("#{lower}")),
                ))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn keyword(&self, token: Token) -> Checked {
        let text = self.text(token);
        let place = self.span(token);
        match text {
            "#true" | "#false" | "#null" => Ok(()),
            "#inf" | "#-inf" | "#nan" => {
                let message = format!("`{text}` is no number of a plan");
                let error = wrong(&INVALID_NUMBER, &message, place, "no finite number");
                Err(Box::new(error.help("leave the setting out where there is no bound")))
            }
            _ => {
                let message = format!("`{text}` is no keyword");
                let error = wrong(&BARE_KEYWORD, &message, place, "after `#` comes a keyword");
                let lower = text.to_ascii_lowercase();
                let help =
                    "the keywords are `#true`, `#false` and `#null`; a comment begins with `//`";
                Err(Box::new(match lower.as_str() {
                    "#true" | "#false" | "#null" => error.help(help).fix(place, lower),
                    _ => error.help(help),
                }))
            }
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
