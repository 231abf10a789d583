//! The guard before the parser: bytes in, text that `kdl` reads in linear time and bounded depth out.
//!
//! One pass cuts the text into tokens and checks every string; then braces are matched, and comments
//! and what `/-` comments out are blanked, byte for byte, so that every place stays true. A line break
//! inside of what is blanked becomes a space too, because it ends no node there. Nothing here recurses.

mod braces;
mod codes;
mod lex;
mod slashdash;
mod strings;

pub use codes::CODES;

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The most bytes a file may have.
pub const MAX_FILE_BYTES: usize = 1_000_000;
/// The most blocks inside each other.
pub const MAX_NESTING: usize = 64;
/// The most `/-` inside of what `/-` comments out.
pub const MAX_SLASHDASH: usize = 4;
/// Scanning stops after so many errors in a file.
const MAX_ERRORS: usize = 100;

/// A file that `kdl` can read safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The text as read.
    pub text: String,
    /// The text with comments, and what is commented out, as spaces: equally long.
    pub blanked: String,
    /// Every token in order, comments included. What lies between is white space.
    pub tokens: Vec<Token>,
}

/// A run of the text that belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The first byte.
    pub start: u32,
    /// How many bytes.
    pub len: u32,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A bare word or a number.
    Word,
    /// A quoted string, of one line or more.
    Quoted,
    /// A raw string: `#"…"#`.
    Raw,
    /// `#true` and the like.
    Keyword,
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `(`.
    OpenParen,
    /// `)`.
    CloseParen,
    /// `=`.
    Equals,
    /// `;`.
    Semicolon,
    /// A line end that is not continued by `\`.
    Newline,
    /// `\` at a line end.
    Continuation,
    /// `/-`.
    Slashdash,
    /// `// …`, without the line end.
    LineComment,
    /// `/* … */`.
    BlockComment,
    /// A character that has no meaning there.
    Other,
}

impl Token {
    /// The first byte after it.
    #[must_use]
    pub fn end(self) -> u32 {
        self.start + self.len
    }

    /// Its bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end() as usize
    }

    /// Its place.
    #[must_use]
    pub fn span(self, file: FileId) -> Span {
        Span { file, start: self.start, len: self.len }
    }
}

/// Scans a file.
///
/// # Errors
/// Everything in it that no parser should see: too long, no UTF-8, unclosed strings, comments and
/// blocks, wrong escapes, too deep nesting.
pub fn scan(bytes: &[u8], file: FileId) -> Result<Scanned, Vec<Diagnostic>> {
    let text = decode(bytes, file).map_err(|diagnostic| vec![*diagnostic])?;
    let (tokens, mut diagnostics) = lex::lex(text, file);
    // A string that never ends has swallowed braces: counting them would blame the innocent.
    if diagnostics.is_empty() {
        diagnostics.extend(braces::check(text, &tokens, file).err().map(|diagnostic| *diagnostic));
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let blanks = slashdash::ranges(&tokens, file).map_err(|diagnostic| vec![*diagnostic])?;
    let blanked = blank(text, &tokens, &blanks);
    Ok(Scanned { text: text.to_owned(), blanked, tokens })
}

fn decode(bytes: &[u8], file: FileId) -> Result<&str, Box<Diagnostic>> {
    if bytes.len() > MAX_FILE_BYTES {
        let diagnostic = Diagnostic::new(&codes::FILE_TOO_LARGE, "the file has more than 1 MB")
            .at(span(file, 0..0), "this file")
            .help("usage history belongs in CSV or Parquet files, which `history` names");
        return Err(Box::new(diagnostic));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = String::from_utf8_lossy(&bytes[..at]).split('\n').count();
        let message =
            format!("byte {at}, in line {line}, is `0x{:02X}`, which is no UTF-8", bytes[at]);
        let diagnostic = Diagnostic::new(&codes::INVALID_UTF8, message)
            .at(span(file, at..at), "the text is readable up to here")
            .help("save the file as UTF-8");
        Box::new(diagnostic)
    })
}

/// The text with these ranges, comments and the byte order mark as spaces.
fn blank(text: &str, tokens: &[Token], ranges: &[Range<usize>]) -> String {
    let comments = tokens
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::LineComment | TokenKind::BlockComment));
    let mut holes: Vec<Range<usize>> = ranges.to_vec();
    holes.extend(comments.map(|token| token.range()));
    if text.starts_with(BOM) {
        holes.push(0..BOM.len_utf8());
    }
    holes.sort_by_key(|hole| hole.start);
    let mut blanked = String::with_capacity(text.len());
    for hole in holes {
        if hole.start >= blanked.len() {
            blanked.push_str(&text[blanked.len()..hole.start]);
        }
        let missing = hole.end.saturating_sub(blanked.len());
        blanked.extend(std::iter::repeat_n(' ', missing));
    }
    blanked.push_str(&text[blanked.len()..]);
    blanked
}

/// The byte order mark that some editors put first.
const BOM: char = '\u{FEFF}';

fn span(file: FileId, range: Range<usize>) -> Span {
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { file, start: at(range.start), len: at(range.len()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blanked(text: &str) -> String {
        scan(text.as_bytes(), FileId(0)).unwrap().blanked
    }

    fn codes(text: &str) -> Vec<&'static str> {
        let diagnostics = scan(text.as_bytes(), FileId(0)).unwrap_err();
        diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect()
    }

    #[test]
    fn comments_become_spaces_and_strings_stay() {
        assert_eq!(blanked("a 1 // b\nc"), "a 1     \nc");
        assert_eq!(blanked("a /* x /* é */\n */ 1"), "a                   1");
        assert_eq!(blanked("a \"// no\" #\"/* no\"#"), "a \"// no\" #\"/* no\"#");
        assert_eq!(blanked("\u{FEFF}a"), "   a");
        assert_eq!(blanked("a \\ // on\n  b"), "a \\      \n  b");
    }

    #[test]
    fn what_a_slashdash_removes_becomes_spaces() {
        assert_eq!(blanked("a /-1 2"), "a     2");
        assert_eq!(blanked("a /-b=\"x y\" 2"), "a           2");
        assert_eq!(blanked("a /- (ref)b = 1 2"), "a               2");
        assert_eq!(blanked("a /-{ b; } { c; }"), "a          { c; }");
        assert_eq!(blanked("/-a { b\n }; c"), "            c");
        assert_eq!(blanked("a {/-b}"), "a {   }");
        assert_eq!(blanked("/-\na 1\nb"), "      \nb");
        assert_eq!(blanked("/-a /-b /-{ /-c }\nd"), "                 \nd");
    }

    #[test]
    fn hostile_text_is_an_error_and_quickly() {
        assert_eq!(codes(&"a {".repeat(400)), ["nesting_too_deep"]);
        assert_eq!(codes(&"a /-{ ".repeat(30)), ["unclosed_block"]);
        let tower = format!("{}{}", "a /-{ ".repeat(30), "}".repeat(30));
        assert_eq!(codes(&tower), ["slashdash_too_deep"]);
        assert_eq!(codes(&"x".repeat(1_000_001)), ["file_too_large"]);
        assert_eq!(codes("a \u{202E}b"), ["invalid_character"]);
        let banner = format!("/{}/\na", "*".repeat(8_000));
        assert!(blanked(&banner).ends_with("\na"));
        let nested = format!("{}{} a", "/*".repeat(100_000), "*/".repeat(100_000));
        assert!(blanked(&nested).ends_with(" a"));
        for unit in ["a;", "\"", "{", "}", "/*", "/-", "\\", "#", "(", "\"\"\"\n", "a=", "é"] {
            let text = unit.repeat(MAX_FILE_BYTES / unit.len());
            let _ = scan(text.as_bytes(), FileId(0));
        }
    }

    #[test]
    fn a_byte_that_is_no_utf8_is_named() {
        let diagnostic = &scan(b"a 1\nb \xFF", FileId(0)).unwrap_err()[0];
        assert_eq!(diagnostic.message, "byte 6, in line 2, is `0xFF`, which is no UTF-8");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_nothing_moves(text in "([a-c ;\n\"#{}=()/*\\\\-]|//|/\\*|\\*/|/-|\"\"\"|é){0,60}") {
            if let Ok(scanned) = scan(text.as_bytes(), FileId(0)) {
                prop_assert_eq!(scanned.blanked.len(), text.len());
                for (blank, byte) in scanned.blanked.bytes().zip(text.bytes()) {
                    prop_assert!(blank == byte || blank == b' ');
                }
                let ends = scanned.tokens.windows(2).all(|pair| pair[0].end() <= pair[1].start);
                prop_assert!(ends);
            }
        }
    }
}
