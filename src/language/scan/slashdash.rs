//! What `/-` comments out: a node, an argument or property, a block.
//!
//! The parser takes exponential time over nested ones, so they are taken out before it.

use std::ops::Range;

use super::{MAX_SLASHDASH, Token, TokenKind, codes};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;

/// The bytes that every `/-` takes out. Braces are known to match.
///
/// # Errors
/// A `/-` before nothing, or one too deep inside of others.
pub(super) fn ranges(tokens: &[Token], file: FileId) -> Result<Vec<Range<usize>>, Box<Diagnostic>> {
    let mut ranges = Vec::new();
    // Whether a node has begun, for every open block.
    let mut in_node = vec![false];
    // The ends of the ranges that we are inside of.
    let mut enclosing: Vec<usize> = Vec::new();
    let mut skip_to = 0;
    for (index, token) in tokens.iter().enumerate() {
        if index < skip_to {
            continue;
        }
        match token.kind {
            TokenKind::LineComment | TokenKind::BlockComment | TokenKind::Continuation => {}
            TokenKind::Newline | TokenKind::Semicolon => set(&mut in_node, false),
            TokenKind::Open => in_node.push(false),
            TokenKind::Close => {
                in_node.pop();
                set(&mut in_node, true);
            }
            TokenKind::Slashdash => {
                let start = token.start as usize;
                enclosing.retain(|end| *end > start);
                if enclosing.len() == MAX_SLASHDASH {
                    return Err(Box::new(too_deep(*token, file)));
                }
                let inside = in_node.last().copied().unwrap_or(false);
                let target = next(tokens, index + 1, true);
                let end = target
                    .and_then(|at| if inside { entry(tokens, at) } else { node(tokens, at) })
                    .ok_or_else(|| Box::new(dangling(*token, file)))?;
                enclosing.push(end);
                ranges.push(start..end);
                skip_to = target.unwrap_or(index + 1);
            }
            _ => set(&mut in_node, true),
        }
    }
    Ok(ranges)
}

fn set(in_node: &mut [bool], value: bool) {
    if let Some(last) = in_node.last_mut() {
        *last = value;
    }
}

/// The next token that is no comment, perhaps over line ends.
fn next(tokens: &[Token], from: usize, over_lines: bool) -> Option<usize> {
    let skipped = |kind| match kind {
        TokenKind::LineComment | TokenKind::BlockComment | TokenKind::Continuation => true,
        TokenKind::Newline => over_lines,
        _ => false,
    };
    (from..tokens.len()).find(|index| !skipped(tokens[*index].kind))
}

/// Where the node ends that begins with this token: before its line end, after its `;`.
fn node(tokens: &[Token], from: usize) -> Option<usize> {
    let kind = tokens[from].kind;
    if matches!(kind, TokenKind::Close | TokenKind::Semicolon | TokenKind::Slashdash) {
        return None;
    }
    let mut depth = 0_usize;
    let mut end = tokens[from].end();
    for token in &tokens[from..] {
        match token.kind {
            TokenKind::Newline | TokenKind::Close if depth == 0 => break,
            TokenKind::Semicolon if depth == 0 => return Some(token.end() as usize),
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        end = token.end();
    }
    Some(end as usize)
}

/// Where the argument, property or block ends that begins with this token.
fn entry(tokens: &[Token], from: usize) -> Option<usize> {
    if tokens[from].kind == TokenKind::Open {
        let mut depth = 0_usize;
        for token in &tokens[from..] {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 1 => return Some(token.end() as usize),
                TokenKind::Close => depth -= 1,
                _ => {}
            }
        }
        return None;
    }
    let first = value(tokens, from)?;
    let equals = next(tokens, first + 1, false);
    let Some(equals) = equals.filter(|index| tokens[*index].kind == TokenKind::Equals) else {
        return Some(tokens[first].end() as usize);
    };
    let last = next(tokens, equals + 1, false).and_then(|index| value(tokens, index))?;
    Some(tokens[last].end() as usize)
}

/// The last token of the value that begins with this one: an annotation may come first.
fn value(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    if tokens[at].kind == TokenKind::OpenParen {
        let close = |index: &usize| tokens[*index].kind == TokenKind::CloseParen;
        let close = (at..tokens.len().min(at + 8)).find(close)?;
        at = next(tokens, close + 1, false)?;
    }
    let is_value = matches!(
        tokens[at].kind,
        TokenKind::Word | TokenKind::Quoted | TokenKind::Raw | TokenKind::Keyword
    );
    is_value.then_some(at)
}

fn dangling(token: Token, file: FileId) -> Diagnostic {
    Diagnostic::new(&codes::DANGLING_SLASHDASH, "nothing follows `/-` that it could comment out")
        .at(token.span(file), "this comments out the node, value or block after it")
        .help("put it directly before what it comments out, or use `//`")
}

fn too_deep(token: Token, file: FileId) -> Diagnostic {
    let message = format!("`/-` is nested more than {MAX_SLASHDASH} deep");
    Diagnostic::new(&codes::SLASHDASH_TOO_DEEP, message)
        .at(token.span(file), "what it comments out is commented out already")
        .help("delete it, or use `//`")
}
