//! The grammar of nodes over tokens: which may follow which, and what is meant where they do not.

use super::codes::{ASSIGNMENT, COMMA_OR_LIST, MISSING_SPACE, NODE_ANNOTATION, SYNTAX};
use super::unquoted;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::scan::{Scanned, Token, TokenKind};
use crate::source::{FileId, Span};

/// What is wrong, at most one mistake for every node.
pub(super) fn check(scanned: &Scanned, file: FileId) -> Vec<Diagnostic> {
    let blanked = scanned.blanked.as_bytes();
    let live = |token: &&Token| {
        let comment = matches!(
            token.kind,
            TokenKind::LineComment | TokenKind::BlockComment | TokenKind::Continuation
        );
        // Tokens never begin with a space, unless they are blanked.
        !comment && blanked[token.start as usize] != b' '
    };
    let tokens: Vec<Token> = scanned.tokens.iter().filter(live).copied().collect();
    let mut checker =
        Checker { text: &scanned.blanked, tokens, at: 0, file, diagnostics: Vec::new() };
    while checker.at < checker.tokens.len() && checker.diagnostics.len() < MAX_ERRORS {
        if let Err(diagnostic) = checker.node() {
            checker.diagnostics.push(*diagnostic);
            checker.recover();
        }
    }
    checker.diagnostics
}

/// Checking stops after so many errors in a file.
const MAX_ERRORS: usize = 100;

pub(super) type Checked = Result<(), Box<Diagnostic>>;

pub(super) struct Checker<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) file: FileId,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn token(&self, offset: usize) -> Option<Token> {
        self.tokens.get(self.at + offset).copied()
    }

    pub(super) fn kind(&self, offset: usize) -> Option<TokenKind> {
        self.token(offset).map(|token| token.kind)
    }

    pub(super) fn text(&self, token: Token) -> &'a str {
        &self.text[token.range()]
    }

    pub(super) fn span(&self, token: Token) -> Span {
        token.span(self.file)
    }

    /// A node up to its block, or what stands between nodes. Blocks are entered by going on.
    fn node(&mut self) -> Checked {
        use TokenKind::{Close, CloseParen, Equals, Keyword, Newline, Open, OpenParen, Semicolon};
        let Some(token) = self.token(0) else {
            return Ok(());
        };
        match token.kind {
            Newline => {
                self.at += 1;
                return Ok(());
            }
            Close => {
                self.at += 1;
                return self.after_block();
            }
            Semicolon => {
                let place = self.span(token);
                self.at += 1;
                let stray = wrong(&SYNTAX, "a `;` ends no node", place, "nothing stands before it");
                return Err(Box::new(stray.help("delete it").fix(place, "")));
            }
            OpenParen => return Err(self.annotated_node(token)),
            Open => return Err(self.unexpected(token, "a block needs a node before it")),
            CloseParen | Equals | Keyword | TokenKind::Other | TokenKind::Slashdash => {
                return Err(self.unexpected(token, "a node begins with its name"));
            }
            _ => self.name(token)?,
        }
        self.at += 1;
        self.assignment()?;
        loop {
            match self.kind(0) {
                None | Some(Close) => return Ok(()),
                Some(Newline | Semicolon | Open) => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => self.entry()?,
            }
        }
    }

    /// `name = value`, right after the name.
    fn assignment(&self) -> Checked {
        let Some(token) = self.token(0).filter(|token| token.kind == TokenKind::Equals) else {
            return Ok(());
        };
        let name = self.tokens[self.at - 1];
        let value = self.token(1).filter(|value| {
            use TokenKind::{Keyword, OpenParen, Quoted, Raw, Word};
            matches!(value.kind, Keyword | OpenParen | Quoted | Raw | Word)
        });
        let error = wrong(
            &ASSIGNMENT,
            "a setting takes no `=`",
            self.span(token),
            "only properties have one",
        )
        .help(format!("write `{} VALUE`", self.text(name)));
        let Some(value) = value else {
            return Err(Box::new(error));
        };
        let between = Span { start: name.end(), len: value.start - name.end(), file: self.file };
        Err(Box::new(error.fix(between, " ")))
    }

    /// An argument or a property.
    fn entry(&mut self) -> Checked {
        use TokenKind::{Equals, OpenParen, Quoted, Raw, Word};
        self.gap()?;
        let Some(token) = self.token(0) else {
            return Ok(());
        };
        let named = matches!(token.kind, Word | Quoted | Raw) && self.kind(1) == Some(Equals);
        if named {
            self.word(token)?;
            let equals = self.tokens[self.at + 1];
            self.at += 2;
            if self.kind(0).is_none_or(ends_node) {
                return Err(self.unexpected(equals, "a value is missing after `=`"));
            }
            return self.value();
        }
        let start = self.at;
        self.value()?;
        if token.kind == OpenParen && self.kind(0) == Some(Equals) {
            let close = self.tokens[start + 2];
            let place = self.span(token).to(self.span(close));
            return Err(Box::new(annotation_error(place)));
        }
        Ok(())
    }

    /// A value, an annotation before it perhaps.
    fn value(&mut self) -> Checked {
        use TokenKind::{CloseParen, Keyword, OpenParen, Quoted, Raw, Word};
        if let Some(open) = self.token(0).filter(|token| token.kind == OpenParen) {
            let word = matches!(self.kind(1), Some(Word | Quoted | Raw));
            if !word || self.kind(2) != Some(CloseParen) {
                return Err(self.unexpected(open, "an annotation is one word in parentheses"));
            }
            self.word(self.tokens[self.at + 1])?;
            self.at += 3;
            if self.kind(0).is_none_or(ends_node) {
                return Err(self.unexpected(open, "an annotation needs a value after it"));
            }
        }
        let Some(token) = self.token(0) else {
            return Ok(());
        };
        match token.kind {
            Word => {
                unquoted::check(self, token)?;
                self.word(token)?;
            }
            Quoted | Raw => {}
            Keyword => self.keyword(token)?,
            _ => return Err(self.unexpected(token, "no value begins like this")),
        }
        self.at += 1;
        Ok(())
    }

    /// What stands in a row needs white space between.
    fn gap(&self) -> Checked {
        let (Some(token), Some(before)) = (self.token(0), self.at.checked_sub(1)) else {
            return Ok(());
        };
        let before = self.tokens[before];
        if before.end() < token.start || token.kind == TokenKind::Equals {
            return Ok(());
        }
        let place = self.span(token);
        if self.text(token).starts_with(',') && token.kind == TokenKind::Word {
            return Err(Box::new(comma(Span { len: 1, ..place }, token)));
        }
        if token.kind == TokenKind::Other {
            return Err(self.unexpected(token, "no value begins like this"));
        }
        let message = format!("a space is missing before `{}`", short(self.text(token)));
        let insert = Span { len: 0, ..place };
        Err(Box::new(
            wrong(&MISSING_SPACE, &message, place, "this begins another value")
                .help("values are separated by spaces")
                .fix(insert, " "),
        ))
    }

    /// After a block only the end of its node may come.
    fn after_block(&mut self) -> Checked {
        let Some(token) = self.token(0) else {
            return Ok(());
        };
        match token.kind {
            TokenKind::Newline | TokenKind::Close => return Ok(()),
            TokenKind::Semicolon => {
                self.at += 1;
                return Ok(());
            }
            _ => {}
        }
        let place = self.span(token);
        let message = format!("a `;` is missing before `{}`", short(self.text(token)));
        let insert = Span { len: 0, ..place };
        Err(Box::new(
            wrong(
                &MISSING_SPACE,
                &message,
                place,
                "a block ends its node, and this begins another",
            )
            .help("nodes are separated by line ends or `;`")
            .fix(insert, ";"),
        ))
    }

    fn annotated_node(&mut self, open: Token) -> Box<Diagnostic> {
        let close = self.tokens[self.at..].iter().take_while(|token| !ends_node(token.kind));
        let close = close.copied().find(|token| token.kind == TokenKind::CloseParen);
        match close {
            Some(close) => Box::new(annotation_error(self.span(open).to(self.span(close)))),
            None => self.unexpected(open, "no node begins like this"),
        }
    }

    pub(super) fn unexpected(&self, token: Token, label: &str) -> Box<Diagnostic> {
        let text = short(self.text(token));
        let place = self.span(token);
        let message = format!("`{text}` does not belong here");
        let error = wrong(&SYNTAX, &message, place, label);
        Box::new(match text.as_str() {
            "[" | "]" => wrong(
                &COMMA_OR_LIST,
                "values are not put in brackets",
                place,
                "no bracket stands here",
            )
            .help("values stand side by side, with spaces between"),
            "/" => error.help("quote it: a quantity or a path is one quoted string"),
            "=" => error.help("a property is `name=value`"),
            _ => error,
        })
    }

    /// Goes on after the node that was wrong, into its block if it has one.
    fn recover(&mut self) {
        while let Some(kind) = self.kind(0) {
            match kind {
                TokenKind::Close => return,
                _ => self.at += 1,
            }
            if ends_node(kind) {
                return;
            }
        }
    }
}

/// A mistake of a code at a place.
pub(super) fn wrong(code: &'static Code, message: &str, place: Span, label: &str) -> Diagnostic {
    Diagnostic::new(code, message).at(place, label)
}

/// A comma between values.
pub(super) fn comma(place: Span, token: Token) -> Diagnostic {
    let error =
        wrong(&COMMA_OR_LIST, "values are not separated by commas", place, "no comma stands here")
            .help("values stand side by side, with spaces between");
    // `a,b` needs a space in its place; `a, b` has one.
    let inside = place.end() < token.end();
    error.fix(place, if inside { " " } else { "" })
}

/// An annotation before a name.
fn annotation_error(place: Span) -> Diagnostic {
    wrong(&NODE_ANNOTATION, "only values have annotations", place, "a name follows")
        .help("put it directly before the value that it is about, or delete it")
        .fix(place, "")
}

/// Whether a token ends the values of a node.
pub(super) fn ends_node(kind: TokenKind) -> bool {
    use TokenKind::{Close, Newline, Open, Semicolon};
    matches!(kind, Newline | Semicolon | Open | Close)
}

/// Whether a word begins as numbers do.
pub(super) fn is_numeric(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(24).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
