//! The text of a template as tags with places, before it is given to the engine.
//!
//! What goes in is any text; what comes out is either a tree no deeper than [`MAX_DEPTH`] or what is wrong
//! with it. Only values, blocks, partials by name and comments pass: what can be known of a template before
//! it is rendered rests on that. Whether a path exists, or a helper, is not asked here.

use super::codes::{TEMPLATE_FEATURE, TEMPLATE_SYNTAX};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Blocks inside of blocks, and calls inside of calls.
pub(super) const MAX_DEPTH: usize = 32;

/// A word and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
}

/// What gives a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    Path(Word),
    Literal(Span),
    Call(Call),
}

/// A helper with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) helper: Word,
    pub(super) args: Vec<Expr>,
    pub(super) named: Vec<(Word, Expr)>,
}

/// `{{value}}`, or `{{{value}}}` where it is raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) tag: Span,
    pub(super) form: Form,
    pub(super) expr: Expr,
}

/// Whether a value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Escaped,
    Raw,
}

/// `{{#helper …}} … {{else}} … {{/helper}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) call: Call,
    /// The names of `as |value index|`.
    pub(super) names: Vec<Word>,
    pub(super) body: Vec<Part>,
    pub(super) inverse: Vec<Part>,
}

/// `{{> name}}`, with another context and further fields where they are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Include {
    pub(super) tag: Span,
    pub(super) name: Word,
    pub(super) context: Option<Expr>,
    pub(super) named: Vec<(Word, Expr)>,
}

/// A part of a template that is no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Value(Value),
    Block(Block),
    Include(Include),
}

/// A template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) parts: Vec<Part>,
    /// Every tag with its braces, comments too, in the order of the text.
    pub(super) tags: Vec<Span>,
}

impl Parsed {
    /// Every partial that is named anywhere.
    pub(super) fn includes(&self) -> Vec<&Include> {
        let mut found = Vec::new();
        let mut left: Vec<&Part> = self.parts.iter().rev().collect();
        while let Some(part) = left.pop() {
            match part {
                Part::Value(_) => {}
                Part::Include(include) => found.push(include),
                Part::Block(block) => {
                    left.extend(block.inverse.iter().rev());
                    left.extend(block.body.iter().rev());
                }
            }
        }
        found
    }
}

/// Reads a template.
pub(super) fn parse(text: &str, file: FileId) -> Result<Parsed, Box<Diagnostic>> {
    let mut reader = Reader { text, file, at: 0, tags: Vec::new() };
    let mut nest = Nest::default();
    while let Some((tag, span)) = reader.next_tag()? {
        nest.take(tag, span)?;
    }
    let parts = nest.finish()?;
    Ok(Parsed { parts, tags: reader.tags })
}

enum Tag {
    Comment,
    Value(Form, Expr),
    Open(Call, Vec<Word>),
    Else,
    ElseIf(Call, Vec<Word>),
    Close(Word),
    Include(Include),
}

/// A block that is not closed yet.
struct Open {
    tag: Span,
    block: Block,
    inverse: Option<Span>,
    /// Opened by `{{else if …}}`, and closed with the block it is the rest of.
    chained: Chained,
}

#[derive(PartialEq, Eq)]
enum Chained {
    Yes,
    No,
}

#[derive(Default)]
struct Nest {
    root: Vec<Part>,
    open: Vec<Open>,
}

impl Nest {
    fn push(&mut self, part: Part) {
        match self.open.last_mut() {
            None => self.root.push(part),
            Some(open) if open.inverse.is_some() => open.block.inverse.push(part),
            Some(open) => open.block.body.push(part),
        }
    }

    fn open(
        &mut self,
        tag: Span,
        call: Call,
        names: Vec<Word>,
        chained: Chained,
    ) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(wrong(tag, format!("blocks nest more than {MAX_DEPTH} deep"))
                .help("move the inner blocks into a partial, `{{> name}}`")
                .into());
        }
        let block = Block { call, names, body: Vec::new(), inverse: Vec::new() };
        self.open.push(Open { tag, block, inverse: None, chained });
        Ok(())
    }

    fn turn(&mut self, tag: Span) -> Result<(), Box<Diagnostic>> {
        let Some(open) = self.open.last_mut() else {
            return Err(wrong(tag, "`{{else}}` stands outside of any block")
                .help("it belongs between `{{#if …}}` and `{{/if}}`")
                .into());
        };
        if let Some(before) = open.inverse.replace(tag) {
            return Err(wrong(tag, "a block has one `{{else}}`")
                .also(before, "the first is here")
                .help("delete one of them, or write `{{else if …}}` for the first")
                .into());
        }
        Ok(())
    }

    fn close(&mut self, name: &Word, tag: Span) -> Result<(), Box<Diagnostic>> {
        while let Some(open) = self.open.pop() {
            let helper = open.block.call.helper.text.clone();
            let done = open.chained == Chained::No;
            self.push(Part::Block(open.block));
            if done && helper == name.text {
                return Ok(());
            }
            if done {
                let name = &name.text;
                let message =
                    format!("`{{{{/{name}}}}}` closes the block of `{{{{#{helper} …}}}}`");
                return Err(wrong(tag, message)
                    .also(open.tag, "which is opened here")
                    .help(format!("write `{{{{/{helper}}}}}` here, or close it before"))
                    .into());
            }
        }
        let name = &name.text;
        Err(wrong(tag, format!("`{{{{/{name}}}}}` closes nothing"))
            .help(format!("delete it, or open the block: `{{{{#{name} …}}}}`"))
            .into())
    }

    fn take(&mut self, tag: Tag, span: Span) -> Result<(), Box<Diagnostic>> {
        match tag {
            Tag::Comment => {}
            Tag::Value(form, expr) => self.push(Part::Value(Value { tag: span, form, expr })),
            Tag::Include(include) => self.push(Part::Include(include)),
            Tag::Open(call, names) => self.open(span, call, names, Chained::No)?,
            Tag::Else => self.turn(span)?,
            Tag::ElseIf(call, names) => {
                self.turn(span)?;
                self.open(span, call, names, Chained::Yes)?;
            }
            Tag::Close(name) => self.close(&name, span)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Part>, Box<Diagnostic>> {
        let unclosed = self.open.iter().rev().find(|open| open.chained == Chained::No);
        let Some(open) = unclosed else { return Ok(self.root) };
        let helper = &open.block.call.helper.text;
        Err(wrong(open.tag, format!("the block `{{{{#{helper} …}}}}` is not closed"))
            .help(format!("write `{{{{/{helper}}}}}` where it ends"))
            .into())
    }
}

fn wrong(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&TEMPLATE_SYNTAX, message).at(span, "here")
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    tags: Vec<Span>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(from), len: place(to - from) }
    }

    fn here(&self) -> Span {
        let len = self.rest().chars().next().map_or(0, char::len_utf8);
        self.span(self.at, self.at + len)
    }

    fn eat(&mut self, token: &str) -> bool {
        let eaten = self.rest().starts_with(token);
        self.at += if eaten { token.len() } else { 0 };
        eaten
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// The next tag, and where it stands.
    fn next_tag(&mut self) -> Result<Option<(Tag, Span)>, Box<Diagnostic>> {
        let Some(ahead) = self.rest().find("{{") else { return Ok(None) };
        let start = self.at + ahead;
        if self.text[..start].ends_with('\\') {
            let span = self.span(start - 1, start + 2);
            return Err(Diagnostic::new(&TEMPLATE_FEATURE, "braces are not escaped here")
                .at(span, "a backslash before braces")
                .help("in HTML write `&#123;&#123;`")
                .into());
        }
        self.at = start + 2;
        let tag =
            if self.rest().starts_with('!') { self.comment(start)? } else { self.tag(start)? };
        let span = self.span(start, self.at);
        self.tags.push(span);
        Ok(Some((tag, span)))
    }

    fn comment(&mut self, start: usize) -> Result<Tag, Box<Diagnostic>> {
        let end = if self.rest().starts_with("!--") { "--}}" } else { "}}" };
        let Some(ahead) = self.rest().find(end) else {
            let span = self.span(start, start + 3);
            let message = "the comment is not closed";
            return Err(wrong(span, message).help(format!("write `{end}` where it ends")).into());
        };
        self.at += ahead + end.len();
        Ok(Tag::Comment)
    }

    fn tag(&mut self, start: usize) -> Result<Tag, Box<Diagnostic>> {
        if self.rest().starts_with("{{") {
            return Err(self.feature(start, "a raw block, `{{{{name}}}}`"));
        }
        let legacy = self.eat("{");
        self.eat("~");
        let braced = !legacy && self.eat("{");
        self.spaces();
        if legacy || braced {
            let expr = self.value()?;
            self.end(start, if legacy { "}}}" } else { "}" })?;
            if braced {
                self.end(start, "}}")?;
            }
            return Ok(Tag::Value(Form::Raw, expr));
        }
        let tag = if self.eat("&") {
            Tag::Value(Form::Raw, self.value()?)
        } else if self.eat("#") {
            if self.rest().starts_with('*') || self.rest().starts_with('>') {
                return Err(self.feature(start, "a block around a partial, or an inline partial"));
            }
            let (call, names) = self.call()?;
            Tag::Open(call, names)
        } else if self.eat("/") {
            Tag::Close(self.word()?)
        } else if self.eat(">") {
            self.include(start)?
        } else if self.eat("*") {
            return Err(self.feature(start, "a decorator"));
        } else if self.eat("^") || self.eats_else() {
            self.spaces();
            if self.rest().starts_with(['}', '~']) {
                Tag::Else
            } else {
                let (call, names) = self.call()?;
                Tag::ElseIf(call, names)
            }
        } else {
            Tag::Value(Form::Escaped, self.value()?)
        };
        self.end(start, "}}")?;
        Ok(tag)
    }

    fn feature(&self, start: usize, what: &str) -> Box<Diagnostic> {
        let end = self.text[start..].find("}}").map_or(start + 2, |ahead| start + ahead + 2);
        Diagnostic::new(&TEMPLATE_FEATURE, format!("{what} cannot stand in a template"))
            .at(self.span(start, end), "this is not known before it is rendered")
            .help("put the part into a file of its own and name it: `{{> name}}`")
            .into()
    }

    fn eats_else(&mut self) -> bool {
        let rest = self.rest();
        let is = rest.starts_with("else")
            && rest[4..].starts_with(|c: char| c.is_whitespace() || c == '}' || c == '~');
        self.at += if is { 4 } else { 0 };
        is
    }

    /// The end of a tag.
    fn end(&mut self, start: usize, token: &str) -> Result<(), Box<Diagnostic>> {
        self.spaces();
        if token != "}" {
            self.eat("~");
        }
        if self.eat(token) || (token == "}}}" && (self.eat("}~}}"))) {
            return Ok(());
        }
        if self.rest().is_empty() {
            let message = "the tag is not closed";
            return Err(wrong(self.span(start, start + 2), message)
                .help(format!("write `{token}` where it ends"))
                .into());
        }
        Err(wrong(self.here(), "this does not belong into a tag")
            .help("a tag is `{{path}}`, `{{#if path}}`, `{{#each path}}`, `{{> name}}`")
            .into())
    }

    /// A path alone, a literal, or a helper with values.
    fn value(&mut self) -> Result<Expr, Box<Diagnostic>> {
        self.spaces();
        if self.rest().starts_with(['(', '"', '\'']) {
            return self.expr(0);
        }
        let helper = self.word()?;
        let (args, named) = self.args(0)?;
        if args.is_empty() && named.is_empty() {
            return Ok(Expr::Path(helper));
        }
        Ok(Expr::Call(Call { helper, args, named }))
    }

    /// A helper, its values, and names for what it gives.
    fn call(&mut self) -> Result<(Call, Vec<Word>), Box<Diagnostic>> {
        self.spaces();
        let helper = self.word()?;
        let (args, named) = self.args(0)?;
        let mut names = Vec::new();
        if self.eats_as() {
            loop {
                self.spaces();
                if self.eat("|") {
                    break;
                }
                names.push(self.word()?);
            }
        }
        Ok((Call { helper, args, named }, names))
    }

    fn eats_as(&mut self) -> bool {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix("as").map(str::trim_start) else { return false };
        let is = after.starts_with('|');
        self.at += if is { rest.len() - after.len() + 1 } else { 0 };
        is
    }

    fn include(&mut self, start: usize) -> Result<Tag, Box<Diagnostic>> {
        self.spaces();
        if self.rest().starts_with(['(', '@', '"', '\'', '[']) {
            return Err(self.feature(start, "a partial whose name is found while rendering"));
        }
        let name = self.word()?;
        let (mut args, named) = self.args(0)?;
        self.spaces();
        if args.len() > 1 {
            return Err(wrong(name.span, "a partial takes one context")
                .help("give further values a name: `{{> name key=value}}`")
                .into());
        }
        let context = args.pop();
        // The end is only known to the caller; the tag's place begins here.
        let tag = self.span(start, self.at);
        Ok(Tag::Include(Include { tag, name, context, named }))
    }

    #[expect(clippy::type_complexity, reason = "values by place and by name, taken apart at once")]
    fn args(&mut self, depth: usize) -> Result<(Vec<Expr>, Vec<(Word, Expr)>), Box<Diagnostic>> {
        let (mut args, mut named) = (Vec::new(), Vec::new());
        loop {
            self.spaces();
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with(['}', '~', ')', '|']) {
                return Ok((args, named));
            }
            let is_as = rest.strip_prefix("as").map(str::trim_start);
            if is_as.is_some_and(|after| after.starts_with('|')) {
                return Ok((args, named));
            }
            let expr = self.expr(depth)?;
            if self.eat("=") {
                let Expr::Path(name) = expr else {
                    return Err(wrong(self.here(), "a name stands before `=`")
                        .help("write `name=value`")
                        .into());
                };
                named.push((name, self.expr(depth)?));
            } else {
                args.push(expr);
            }
        }
    }

    fn expr(&mut self, depth: usize) -> Result<Expr, Box<Diagnostic>> {
        self.spaces();
        let start = self.at;
        if depth >= MAX_DEPTH {
            return Err(wrong(self.here(), format!("calls nest more than {MAX_DEPTH} deep"))
                .help("take a part of it out")
                .into());
        }
        if self.eat("(") {
            self.spaces();
            let helper = self.word()?;
            let (args, named) = self.args(depth + 1)?;
            if !self.eat(")") {
                return Err(wrong(self.span(start, start + 1), "the call is not closed")
                    .help("write `)` where it ends")
                    .into());
            }
            return Ok(Expr::Call(Call { helper, args, named }));
        }
        for quote in ['"', '\''] {
            if self.rest().starts_with(quote) {
                return self.string(quote);
            }
        }
        let word = self.word()?;
        let number = word.text.strip_prefix('-').unwrap_or(&word.text);
        let literal = matches!(word.text.as_str(), "true" | "false" | "null")
            || number.starts_with(|c: char| c.is_ascii_digit());
        Ok(if literal { Expr::Literal(word.span) } else { Expr::Path(word) })
    }

    fn string(&mut self, quote: char) -> Result<Expr, Box<Diagnostic>> {
        let start = self.at;
        let mut escaped = false;
        for (ahead, c) in self.rest().char_indices().skip(1) {
            match c {
                '\\' if !escaped => escaped = true,
                c if c == quote && !escaped => {
                    self.at += ahead + 1;
                    return Ok(Expr::Literal(self.span(start, self.at)));
                }
                _ => escaped = false,
            }
        }
        let message = "the text in quotes is not closed";
        Err(wrong(self.span(start, start + 1), message)
            .help(format!("write `{quote}` where it ends"))
            .into())
    }

    /// A name or path: everything up to a space or a mark of the language; `[…]` may hold any of them.
    fn word(&mut self) -> Result<Word, Box<Diagnostic>> {
        let start = self.at;
        let mut bracket = false;
        let mut end = self.text.len();
        for (ahead, c) in self.rest().char_indices() {
            let mark = c.is_whitespace() || "{}()=|~\"'`<>#&*^!\\".contains(c);
            if mark && !bracket {
                end = start + ahead;
                break;
            }
            bracket = (bracket || c == '[') && c != ']';
        }
        if end == start {
            let end = self.rest().is_empty();
            let message = if end { "the template ends inside a tag" } else { "a name is missing" };
            let span = if end { self.span(start.saturating_sub(1), start) } else { self.here() };
            return Err(wrong(span, message)
                .help("a tag is `{{path}}`, `{{#if path}}`, `{{#each path}}`, `{{> name}}`")
                .into());
        }
        self.at = end;
        Ok(Word { text: self.text[start..end].to_owned(), span: self.span(start, end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Parsed, String> {
        parse(text, FileId(0)).map_err(|wrong| wrong.message)
    }

    #[test]
    fn a_template_is_values_blocks_and_partials() {
        let parsed =
            read("a {{b.c}} {{#if (eq d \"}}\")}}{{{e}}}{{else if f}}{{> g h k=1}}{{/if}}");
        let parsed = parsed.unwrap();
        assert_eq!(parsed.parts.len(), 2);
        let Part::Block(block) = &parsed.parts[1] else { panic!("{parsed:?}") };
        assert!(matches!(&block.body[0], Part::Value(value) if value.form == Form::Raw));
        let Part::Block(rest) = &block.inverse[0] else { panic!("{block:?}") };
        let Part::Include(include) = &rest.body[0] else { panic!("{rest:?}") };
        assert_eq!((include.name.text.as_str(), include.named.len()), ("g", 1));
        assert_eq!(parsed.tags.len(), 6);
        assert_eq!(parsed.includes().len(), 1);
    }

    #[test]
    fn what_is_open_is_named() {
        assert_eq!(read("{{#if a}}").unwrap_err(), "the block `{{#if …}}` is not closed");
        assert_eq!(
            read("{{#if a}}{{/each}}").unwrap_err(),
            "`{{/each}}` closes the block of `{{#if …}}`"
        );
        assert_eq!(read("{{/if}}").unwrap_err(), "`{{/if}}` closes nothing");
        assert_eq!(read("{{else}}").unwrap_err(), "`{{else}}` stands outside of any block");
        assert_eq!(read("{{a").unwrap_err(), "the tag is not closed");
        assert_eq!(read("{{!-- a }}").unwrap_err(), "the comment is not closed");
        assert_eq!(read("{{eq \"a}}").unwrap_err(), "the text in quotes is not closed");
    }

    #[test]
    fn what_is_only_known_while_rendering_is_refused() {
        for text in [
            "{{> (lookup . \"x\")}}",
            "{{#*inline \"x\"}}{{/inline}}",
            "{{#> layout}}{{/layout}}",
            "{{> @partial-block}}",
            "{{{{raw}}}}{{{{/raw}}}}",
            "{{* d}}",
            "\\{{a}}",
        ] {
            let wrong = parse(text, FileId(0)).unwrap_err();
            assert_eq!(wrong.code.id, "template_feature", "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}", "{{#if a}}".repeat(10_000), "{{/if}}".repeat(10_000));
        assert_eq!(read(&deep).unwrap_err(), "blocks nest more than 32 deep");
        let calls =
            format!("{{{{#if {}a{}}}}}{{{{/if}}}}", "(not ".repeat(9_000), ")".repeat(9_000));
        assert_eq!(read(&calls).unwrap_err(), "calls nest more than 32 deep");
        let chain = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if b}}".repeat(9_000));
        assert_eq!(read(&chain).unwrap_err(), "blocks nest more than 32 deep");
    }
}
