//! Braces: every block closed, none too deep, and the right one blamed.
//!
//! A missing `}` shows only at the end of the file, but people see it where the indentation stops
//! fitting. So every `}` that begins a line is held against the line its block begins on.

use super::{MAX_NESTING, Token, TokenKind, codes};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// A block that is open.
struct Block {
    brace: Token,
    /// The first token of the line that the brace stands on.
    head: Token,
    /// How far that line is indented, in bytes.
    indent: usize,
    /// The first line inside that is indented no further than the line of the brace.
    dedented: Option<Token>,
}

/// Checks that braces match.
///
/// # Errors
/// The first mistake, at the block whose indentation betrays it.
pub(super) fn check(text: &str, tokens: &[Token], file: FileId) -> Result<(), Box<Diagnostic>> {
    let mut open: Vec<Block> = Vec::new();
    // Closings that stand elsewhere than their block: left of it, or right of it.
    let mut left_open: Option<Block> = None;
    let mut closed_early: Option<Token> = None;
    let mut line = Line::default();
    for token in tokens {
        let first = line.begins(text, *token);
        match token.kind {
            TokenKind::Newline => line.ended = true,
            TokenKind::Open => {
                if open.len() == MAX_NESTING {
                    return Err(Box::new(too_deep(token.span(file))));
                }
                if first {
                    note_dedent(&mut open, *token, line.indent);
                }
                let head = line.head.unwrap_or(*token);
                open.push(Block { brace: *token, head, indent: line.indent, dedented: None });
            }
            TokenKind::Close => {
                let Some(block) = open.pop() else {
                    return Err(Box::new(stray(closed_early.unwrap_or(*token).span(file))));
                };
                if first && line.indent < block.indent && left_open.is_none() {
                    left_open = Some(block);
                } else if first && line.indent > block.indent && closed_early.is_none() {
                    closed_early = Some(*token);
                }
            }
            TokenKind::LineComment | TokenKind::BlockComment => {}
            _ if first => note_dedent(&mut open, *token, line.indent),
            _ => {}
        }
    }
    let innermost_dedented = open.iter().rposition(|block| block.dedented.is_some());
    let blamed = match (left_open, innermost_dedented) {
        _ if open.is_empty() => return Ok(()),
        (Some(block), _) => block,
        (None, Some(index)) => open.swap_remove(index),
        (None, None) => match open.pop() {
            Some(block) => block,
            None => return Ok(()),
        },
    };
    Err(Box::new(unclosed(text, &blamed, file)))
}

fn note_dedent(open: &mut [Block], token: Token, indent: usize) {
    if let Some(block) = open.last_mut()
        && indent <= block.indent
        && block.dedented.is_none()
    {
        block.dedented = Some(token);
    }
}

/// The line that tokens are on.
#[derive(Default)]
struct Line {
    head: Option<Token>,
    indent: usize,
    ended: bool,
    /// Up to where the text has been looked at.
    seen: usize,
}

impl Line {
    /// Whether a token is the first of its line; if so, the line is this one now.
    fn begins(&mut self, text: &str, token: Token) -> bool {
        let start = token.start as usize;
        let between = &text[self.seen..start];
        // A continued line end is no token, so the white space in between is looked at too.
        let broken = self.ended || self.head.is_none() || between.contains('\n');
        self.seen = token.end() as usize;
        if token.kind == TokenKind::Newline || !broken {
            return false;
        }
        self.ended = false;
        self.head = Some(token);
        self.indent = between.len() - between.rfind('\n').map_or(0, |at| at + 1);
        true
    }
}

fn too_deep(place: Span) -> Diagnostic {
    let message = format!("blocks are nested more than {MAX_NESTING} deep");
    Diagnostic::new(&codes::NESTING_TOO_DEEP, message)
        .at(place, "this one is too deep")
        .help("no plan needs more than a handful of levels: is a `}` missing above?")
}

fn stray(place: Span) -> Diagnostic {
    Diagnostic::new(&codes::STRAY_BRACE, "a `}` closes nothing")
        .at(place, "there is one `}` too many, probably this")
        .help("delete it, or look for a `{` that is missing above")
        .fix(place, "")
}

fn unclosed(text: &str, block: &Block, file: FileId) -> Diagnostic {
    let head = text[block.head.start as usize..block.brace.start as usize].trim_end();
    let name: String = head.lines().next().unwrap_or_default().chars().take(40).collect();
    let message = format!("the block of `{name}` is never closed");
    let message = if name.is_empty() { "a block is never closed".to_owned() } else { message };
    let diagnostic = Diagnostic::new(&codes::UNCLOSED_BLOCK, message)
        .at(block.brace.span(file), "no `}` closes this")
        .help("put a `}` where the block ends");
    match block.dedented {
        Some(token) => {
            diagnostic.also(token.span(file), "by its indentation, this stands after the block")
        }
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    /// The id, and the line that is blamed.
    fn blamed(text: &str) -> (&'static str, String) {
        let diagnostic = &scan(text.as_bytes(), FileId(0)).unwrap_err()[0];
        let at = diagnostic.label.as_ref().unwrap().span.start as usize;
        let line = text[..at].lines().count().max(1);
        (diagnostic.code.id, text.lines().nth(line - 1).unwrap().trim().to_owned())
    }

    #[test]
    fn the_block_that_the_indentation_betrays_is_blamed() {
        let text = "
workload \"x\" {
    demand \"5 req/s\" {
        growth
    replica {
        cpu 1
    }
}
pool \"y\" {
}
";
        assert_eq!(blamed(text), ("unclosed_block", "demand \"5 req/s\" {".to_owned()));
        let text = "
plan {
    a {
        b {
        c 1
    }
}
";
        assert_eq!(blamed(text).1, "b {");
        let text = "\npool \"a\" {\n    limit 4\nworkload \"b\" {\n}\n";
        assert_eq!(blamed(text).1, "pool \"a\" {");
        assert_eq!(blamed("a {\n  b {\n    c").1, "b {");
    }

    #[test]
    fn the_brace_that_closes_too_much_is_blamed() {
        let text = "a {\n    b {\n    }\n    }\n    d 1\n}\n";
        let diagnostic = &scan(text.as_bytes(), FileId(0)).unwrap_err()[0];
        assert_eq!(diagnostic.code.id, "stray_brace");
        assert_eq!(diagnostic.label.as_ref().unwrap().span.start, 22);
    }
}
