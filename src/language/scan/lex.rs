//! Cuts a text into tokens, in one pass.

use super::{BOM, MAX_ERRORS, Token, TokenKind, codes, span};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;

/// The tokens of a text, and what cannot be one.
pub(super) fn lex(text: &str, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer =
        Lexer { text, at: 0, file, tokens: Vec::new(), diagnostics: Vec::new(), continued: None };
    lexer.eat(BOM);
    while lexer.diagnostics.len() < MAX_ERRORS && lexer.token() {}
    (lexer.tokens, lexer.diagnostics)
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) file: FileId,
    tokens: Vec<Token>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The place of a `\` whose line end has not come yet.
    continued: Option<usize>,
}

impl Lexer<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    /// Steps over characters of a class.
    pub(super) fn skip(&mut self, class: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !class(c)).unwrap_or(rest.len());
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Steps over white space and one token; false at the end.
    fn token(&mut self) -> bool {
        self.skip(is_space);
        let start = self.at;
        let Some(c) = self.peek() else {
            return false;
        };
        let kind = self.kind(c);
        self.continuation(kind, start);
        // A continued line end is white space.
        if kind != TokenKind::Newline || self.continued.take().is_none() {
            let place = span(self.file, start..self.at);
            self.tokens.push(Token { kind, start: place.start, len: place.len });
        }
        true
    }

    fn kind(&mut self, c: char) -> TokenKind {
        match c {
            '"' => self.quoted(),
            '#' => self.hash(),
            '/' => self.slash(),
            _ if is_newline(c) => {
                self.at += if self.rest().starts_with("\r\n") { 2 } else { c.len_utf8() };
                TokenKind::Newline
            }
            _ if is_word(c) => {
                self.skip(is_word);
                TokenKind::Word
            }
            _ => {
                self.at += c.len_utf8();
                match c {
                    '{' => TokenKind::Open,
                    '}' => TokenKind::Close,
                    '(' => TokenKind::OpenParen,
                    ')' => TokenKind::CloseParen,
                    '=' => TokenKind::Equals,
                    ';' => TokenKind::Semicolon,
                    '\\' => TokenKind::Continuation,
                    _ => {
                        self.forbidden(c);
                        TokenKind::Other
                    }
                }
            }
        }
    }

    /// After a `\` only comments may come before the line ends.
    fn continuation(&mut self, kind: TokenKind, start: usize) {
        use TokenKind::{BlockComment, Continuation, LineComment, Newline};
        match (kind, self.continued) {
            (Newline | LineComment | BlockComment, _) => {}
            (_, Some(at)) => {
                let diagnostic =
                    Diagnostic::new(&codes::MISPLACED_BACKSLASH, "`\\` stands inside a line")
                        .at(span(self.file, at..at + 1), "more follows on this line")
                        .help("`\\` continues a line only where it is the last thing on it");
                self.report(diagnostic);
                self.continued = (kind == Continuation).then_some(start);
            }
            (Continuation, None) => self.continued = Some(start),
            _ => {}
        }
    }

    /// `/`: a comment, a slashdash, or nothing known.
    fn slash(&mut self) -> TokenKind {
        let rest = self.rest();
        if rest.starts_with("//") {
            let (from, len) = (self.at, rest.find(is_newline).unwrap_or(rest.len()));
            self.at += len;
            self.check_characters(from);
            return TokenKind::LineComment;
        }
        if rest.starts_with("/*") {
            let from = self.at;
            self.block_comment();
            self.check_characters(from);
            return TokenKind::BlockComment;
        }
        if rest.starts_with("/-") {
            self.at += 2;
            return TokenKind::Slashdash;
        }
        self.at += 1;
        TokenKind::Other
    }

    fn block_comment(&mut self) {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut depth = 1;
        let mut at = start + 2;
        while depth > 0 {
            match bytes.get(at..at + 2) {
                Some(b"/*") => (depth, at) = (depth + 1, at + 2),
                Some(b"*/") => (depth, at) = (depth - 1, at + 2),
                Some(_) => at += 1,
                None => {
                    self.at = bytes.len();
                    let diagnostic =
                        Diagnostic::new(&codes::UNCLOSED_COMMENT, "a comment is never closed")
                            .at(span(self.file, start..start + 2), "it begins here")
                            .help("comments nest: every `/*` needs its own `*/`");
                    return self.report(diagnostic);
                }
            }
        }
        self.at = at;
    }

    /// `#`: a raw string or a keyword.
    fn hash(&mut self) -> TokenKind {
        let hashes = self.rest().bytes().take_while(|byte| *byte == b'#').count();
        if self.rest()[hashes..].starts_with('"') {
            self.raw(hashes);
            return TokenKind::Raw;
        }
        self.at += hashes;
        self.skip(is_word);
        TokenKind::Keyword
    }

    /// Reports characters that hide text or reorder it, from `from` to here.
    pub(super) fn check_characters(&mut self, from: usize) {
        let text = &self.text[from..self.at];
        if let Some((at, c)) = text.char_indices().find(|(_, c)| is_forbidden(*c)) {
            let at = from + at;
            self.report(forbidden(c, at, self.file));
        }
    }

    fn forbidden(&mut self, c: char) {
        if is_forbidden(c) {
            let at = self.at - c.len_utf8();
            self.report(forbidden(c, at, self.file));
        }
    }
}

fn forbidden(c: char, at: usize, file: FileId) -> Diagnostic {
    let message = format!("the character U+{:04X} cannot stand in a plan", u32::from(c));
    let place = span(file, at..at + c.len_utf8());
    Diagnostic::new(&codes::INVALID_CHARACTER, message)
        .at(place, "it is invisible, or turns the text around it")
        .help("delete it; in a string it may be written as an escape")
        .fix(place, "")
}

/// White space that ends no line, as KDL counts it.
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// Line ends, as KDL counts them.
pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{B}' | '\u{C}' | '\u{2028}' | '\u{2029}')
}

/// Characters that KDL forbids anywhere: controls, direction marks, a byte order mark inside.
fn is_forbidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{E}'..='\u{1F}'
            | '\u{7F}'
            | '\u{200E}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | BOM
    )
}

/// Characters of bare words and numbers.
fn is_word(c: char) -> bool {
    let meant = matches!(c, '\\' | '/' | '(' | ')' | '{' | '}' | '[' | ']' | ';' | '"' | '#' | '=');
    !(meant || is_space(c) || is_newline(c) || is_forbidden(c))
}
