//! Every path of every template, held against what the template is given.
//!
//! Walks from the templates that reports begin with, through their partials, with the shape of what stands at
//! each level. What is found is a slip in a template: an unknown path (inside of `{{#if}}` too, where the
//! engine is silent), a helper that is none, text of the plan in a place where it would not show as text.
//! Partials are known to include no cycle by then.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{
    TEMPLATE_CYCLE, TEMPLATE_EMPTY, TEMPLATE_HELPER, TEMPLATE_PATH, TEMPLATE_SYNTAX,
    TEMPLATE_UNESCAPED,
};
use super::markup::Surrounding;
use super::parse::{Block, Call, Expr, Form, Include, Part, Value, Word};
use super::shape::Shape;
use super::{Entry, Output};
use crate::diagnostic::Diagnostic;
use crate::language::suggest::{list, nearest};
use crate::source::Span;

/// Blocks and partials inside of each other.
const MAX_DEPTH: usize = 64;
/// Partials that are followed, all in all.
const MAX_INCLUDES: usize = 10_000;

/// Helpers that open a block.
const BLOCKS: [&str; 4] = ["each", "if", "unless", "with"];
/// Helpers that give a value, with how many values they take.
const HELPERS: [(&str, std::ops::RangeInclusive<usize>); 11] = [
    ("and", 2..=16),
    ("eq", 2..=2),
    ("gt", 2..=2),
    ("gte", 2..=2),
    ("len", 1..=1),
    ("lookup", 2..=2),
    ("lt", 2..=2),
    ("lte", 2..=2),
    ("ne", 2..=2),
    ("not", 1..=1),
    ("or", 2..=16),
];
/// Prose as HTML, in pages alone.
const PROSE_HTML: &str = "prose_html";
/// What `{{#each}}` says of where it is.
const LOCALS: [&str; 4] = ["first", "index", "key", "last"];

/// What a template is for, where that is one field of what it is given.
const SHOWS: [(Output, &str, &str); 3] = [
    (Output::Html, "page", "body"),
    (Output::Markdown, "comment", "body"),
    (Output::Markdown, "explanation", "body"),
];

/// A level that paths begin at.
#[derive(Debug, Clone)]
struct Frame {
    shape: Shape,
    /// Names that its block gives: `as |value index|`.
    names: BTreeMap<String, Shape>,
    inside: Inside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Each,
    Other,
}

/// A walk through the templates of one output.
pub(super) struct Walk<'a> {
    entries: &'a BTreeMap<(Output, String), Entry>,
    output: Output,
    root: Shape,
    frames: Vec<Frame>,
    depth: usize,
    includes: usize,
    /// The partials that lead to where the walk is, in files of the user.
    via: Vec<Span>,
    seen: BTreeSet<(Span, String)>,
    /// Templates that were reached.
    pub(super) reached: BTreeSet<String>,
    /// Fields that are shown, by their last name, since the walk began at a template.
    shown: BTreeSet<String>,
    /// What is wrong.
    pub(super) found: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(entries: &'a BTreeMap<(Output, String), Entry>, output: Output) -> Self {
        Self {
            entries,
            output,
            root: Shape::Any,
            frames: Vec::new(),
            depth: 0,
            includes: 0,
            via: Vec::new(),
            seen: BTreeSet::new(),
            reached: BTreeSet::new(),
            shown: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// Walks a template that is given a value of this shape.
    pub(super) fn from(&mut self, name: &str, shape: Shape) {
        let Some(entry) = self.entries.get(&(self.output, name.to_owned())) else { return };
        self.reached.insert(name.to_owned());
        self.root = shape.clone();
        self.frames = vec![Frame { shape, names: BTreeMap::new(), inside: Inside::Other }];
        self.shown.clear();
        self.parts(entry, &entry.parsed.parts);
        let field = SHOWS.iter().find(|(output, of, _)| *output == self.output && *of == name);
        if let Some((_, _, field)) = field.filter(|(_, _, field)| !self.shown.contains(*field)) {
            let place = Span { file: entry.file, start: 0, len: 0 };
            let message =
                format!("this template never shows `{field}`, which is all that it is for");
            self.say(
                Diagnostic::new(&TEMPLATE_EMPTY, message)
                    .at(place, "nothing of what is asked for would be written")
                    .help(format!("add `{{{{{{{field}}}}}}}` where it belongs")),
            );
        }
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        let Some(label) = &diagnostic.label else { return };
        if self.seen.insert((label.span, diagnostic.message.clone())) {
            let via = self.via.last().copied();
            let diagnostic = match via.filter(|via| via.file != label.span.file) {
                Some(via) => diagnostic.also(via, "as it is included here"),
                None => diagnostic,
            };
            self.found.push(diagnostic);
        }
    }

    fn parts(&mut self, entry: &'a Entry, parts: &'a [Part]) {
        for part in parts {
            match part {
                Part::Value(value) => self.value(entry, value),
                Part::Block(block) => self.block(entry, block),
                Part::Include(include) => self.include(entry, include),
            }
        }
    }

    /// Steps into something, unless that is too deep.
    fn deeper(&mut self, at: Span, inside: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            let message = format!("blocks and partials nest more than {MAX_DEPTH} deep");
            let wrong = Diagnostic::new(&TEMPLATE_CYCLE, message).at(at, "this is too deep");
            self.say(wrong.help("include less inside of blocks"));
            return;
        }
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    fn block(&mut self, entry: &'a Entry, block: &'a Block) {
        let helper = &block.call.helper;
        if !BLOCKS.contains(&helper.text.as_str()) {
            let name = &helper.text;
            let near =
                nearest(name, BLOCKS).map(|near| format!("did you mean `{{{{#{near} …}}}}`?"));
            let help = near.unwrap_or_else(|| {
                format!(
                    "write `{{{{#if {name}}}}}`, `{{{{#each {name}}}}}` or `{{{{#with {name}}}}}`"
                )
            });
            let message = format!("there is no block `{{{{#{name} …}}}}`");
            self.say(
                Diagnostic::new(&TEMPLATE_HELPER, message).at(helper.span, "no block").help(help),
            );
            return;
        }
        let [of] = block.call.args.as_slice() else {
            let message = format!("`{{{{#{} …}}}}` takes one value", helper.text);
            let count = block.call.args.len();
            let wrong = Diagnostic::new(&TEMPLATE_HELPER, message)
                .at(helper.span, format!("{count} are given"))
                .help("put calls into brackets: `{{#if (eq kind \"total\")}}`");
            return self.say(wrong);
        };
        let shape = self.expr(of);
        self.deeper(helper.span, |walk| {
            let frame = match helper.text.as_str() {
                "with" => Some(with(shape, &block.names)),
                "each" => Some(walk.each(shape, of, &block.names)),
                _ => None,
            };
            let entered = frame.is_some();
            walk.frames.extend(frame);
            walk.parts(entry, &block.body);
            if entered {
                walk.frames.pop();
            }
            walk.parts(entry, &block.inverse);
        });
    }

    fn each(&mut self, shape: Shape, of: &Expr, names: &[Word]) -> Frame {
        let item = match shape {
            Shape::List(item) => *item,
            Shape::Any | Shape::Fields(_) => Shape::Any,
            other => {
                let wrong = Diagnostic::new(&TEMPLATE_PATH, "`{{#each}}` needs a list")
                    .at(place(of), format!("this is {}", other.words()))
                    .help("name a list, or write `{{#if …}}`");
                self.say(wrong);
                Shape::Any
            }
        };
        let given = [item.clone(), Shape::Plain];
        let names = names.iter().map(|name| name.text.clone()).zip(given).collect();
        Frame { shape: item, names, inside: Inside::Each }
    }

    fn include(&mut self, entry: &'a Entry, include: &'a Include) {
        let name = include.name.text.clone();
        let Some(target) = self.entries.get(&(self.output, name.clone())) else { return };
        self.reached.insert(name);
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            let message = format!("partials are included more than {MAX_INCLUDES} times");
            let wrong = Diagnostic::new(&TEMPLATE_CYCLE, message)
                .at(include.name.span, "this is one of them")
                .help("include a list's partial once, inside of `{{#each}}`");
            // One is enough to say.
            if self.includes == MAX_INCLUDES + 1 {
                self.say(wrong);
            }
            return;
        }
        let base = match &include.context {
            Some(context) => self.expr(context),
            None => self.frames.last().map_or(Shape::Any, |frame| frame.shape.clone()),
        };
        let named: Vec<(String, Shape)> =
            include.named.iter().map(|(name, expr)| (name.text.clone(), self.expr(expr))).collect();
        let names = named.iter().cloned().collect();
        let shape = if base == Shape::Any { base } else { base.with(named) };
        self.deeper(include.name.span, |walk| {
            let inside = walk.frames.last().map_or(Inside::Other, |frame| frame.inside);
            walk.frames.push(Frame { shape, names, inside });
            if entry.origin == super::Origin::Plan {
                walk.via.push(include.name.span);
            }
            walk.parts(target, &target.parsed.parts);
            if entry.origin == super::Origin::Plan {
                walk.via.pop();
            }
            walk.frames.pop();
        });
    }

    fn value(&mut self, entry: &'a Entry, value: &Value) {
        let words = match &value.expr {
            Expr::Path(word) => vec![word],
            Expr::Call(call) => call.args.iter().filter_map(path_of).collect(),
            Expr::Literal(_) => Vec::new(),
        };
        let last = |word: &Word| segments(&word.text).last().map(|last| (*last).to_owned());
        self.shown.extend(words.into_iter().filter_map(last));
        let shape = match &value.expr {
            Expr::Path(word) if is_helper(&word.text) => {
                let text = &word.text;
                let message = format!("`{text}` needs values");
                let wrong = Diagnostic::new(&TEMPLATE_HELPER, message)
                    .at(word.span, "a helper")
                    .help(format!("write `{{{{{text} path …}}}}`"));
                return self.say(wrong);
            }
            expr => self.expr(expr),
        };
        if let Shape::List(_) | Shape::Fields(_) = shape {
            let help = match shape {
                Shape::List(_) => "write `{{#each …}}…{{/each}}` around what is to be shown of one",
                _ => "name the field that is to be shown",
            };
            let message = format!("{} cannot be shown", shape.words());
            let wrong = Diagnostic::new(&TEMPLATE_PATH, message)
                .at(place(&value.expr), format!("this is {}", shape.words()));
            return self.say(wrong.help(help));
        }
        if let Some((label, help)) = unsafe_there(entry, value, &shape) {
            let message = "text of the plan would not show as text here";
            let wrong =
                Diagnostic::new(&TEMPLATE_UNESCAPED, message).at(value.tag, label).help(help);
            self.say(wrong);
        }
    }

    fn expr(&mut self, expr: &Expr) -> Shape {
        match expr {
            Expr::Literal(_) => Shape::Plain,
            Expr::Path(word) => match self.path(word) {
                Ok(shape) => shape,
                Err(wrong) => {
                    self.say(*wrong);
                    Shape::Any
                }
            },
            Expr::Call(call) => self.call(call),
        }
    }

    fn call(&mut self, call: &Call) -> Shape {
        let shapes: Vec<Shape> = call.args.iter().map(|arg| self.expr(arg)).collect();
        for (_, expr) in &call.named {
            self.expr(expr);
        }
        let name = call.helper.text.as_str();
        if name == PROSE_HTML && self.output == Output::Html {
            let other = |shape: &Shape| !matches!(shape, Shape::Markdown | Shape::Any);
            if shapes.first().is_some_and(other) {
                let message = "text of the plan would not show as text here";
                let wrong = Diagnostic::new(&TEMPLATE_UNESCAPED, message)
                    .at(place(&call.args[0]), "this is no Markdown, and would be read as such")
                    .help("write the path alone, without `prose_html`");
                self.say(wrong);
            }
            return Shape::Markup;
        }
        let Some((_, takes)) = HELPERS.iter().find(|(helper, _)| *helper == name) else {
            self.unknown_helper(&call.helper);
            return Shape::Any;
        };
        if !takes.contains(&shapes.len()) {
            let (least, most) = (takes.start(), takes.end());
            let count = if least == most { least.to_string() } else { format!("{least} or more") };
            let message = format!("`{name}` takes {count}");
            let wrong = Diagnostic::new(&TEMPLATE_HELPER, message)
                .at(call.helper.span, format!("{} are given", shapes.len()))
                .help(format!(
                    "`capplan explain-error {}` lists what each takes",
                    TEMPLATE_HELPER.id
                ));
            self.say(wrong);
        }
        match name {
            "lookup" => match shapes.into_iter().next() {
                Some(Shape::List(item)) => *item,
                _ => Shape::Text,
            },
            _ => Shape::Plain,
        }
    }

    fn unknown_helper(&mut self, helper: &Word) {
        let name = &helper.text;
        let mut names: Vec<&str> = HELPERS.iter().map(|(name, _)| *name).collect();
        if self.output == Output::Html {
            names.push(PROSE_HTML);
        }
        let help = if BLOCKS.contains(&name.as_str()) {
            format!("it is a block: `{{{{#{name} …}}}}…{{{{/{name}}}}}`")
        } else {
            nearest(name, names.iter().copied()).map_or_else(
                || format!("there are {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            )
        };
        let message = format!("there is no helper `{name}`");
        self.say(
            Diagnostic::new(&TEMPLATE_HELPER, message).at(helper.span, "no helper").help(help),
        );
    }

    /// What stands at a path.
    fn path(&self, word: &Word) -> Result<Shape, Box<Diagnostic>> {
        let wrong = |message: String, label: &str, help: String| {
            Box::new(Diagnostic::new(&TEMPLATE_PATH, message).at(word.span, label).help(help))
        };
        let mut rest = word.text.as_str();
        let mut up = 0;
        let mut local = false;
        let mut level = None;
        if let Some(below) = rest.strip_prefix("@root") {
            rest = below.trim_start_matches(['.', '/']);
            level = Some(self.root.clone());
        }
        loop {
            if let Some(below) = rest.strip_prefix("../") {
                up += 1;
                rest = below;
            } else if let Some(below) = rest.strip_prefix("./") {
                rest = below;
            } else if let Some(below) = rest.strip_prefix('@') {
                local = true;
                rest = below;
            } else {
                break;
            }
        }
        if local {
            let inside = self.frames.iter().any(|frame| frame.inside == Inside::Each);
            return match (LOCALS.contains(&rest), inside) {
                (true, true) => Ok(Shape::Plain),
                (true, false) => Err(wrong(
                    format!("`{}` stands outside of `{{{{#each}}}}`", word.text),
                    "it has no value here",
                    "delete it, or move it into the block".to_owned(),
                )),
                (false, _) => Err(wrong(
                    format!("there is no `{}`", word.text),
                    "not known",
                    "there are `@first`, `@last`, `@index`, `@key` and `@root`".to_owned(),
                )),
            };
        }
        let base = self.frames.len().checked_sub(1 + up);
        let Some(frame) = base.and_then(|base| self.frames.get(base)) else {
            return Err(wrong(
                format!("`{}` goes up further than there are levels", word.text),
                "there is nothing above",
                "`{{#with}}` and `{{#each}}` and partials make a level, `{{#if}}` makes none"
                    .to_owned(),
            ));
        };
        let mut segments = segments(rest);
        let named = segments.first().filter(|_| up == 0 && level.is_none());
        let named = named.and_then(|first| self.named(first));
        let mut shape = match (level, named) {
            (Some(root), _) => root,
            (None, Some(named)) => {
                segments.remove(0);
                named
            }
            (None, None) => frame.shape.clone(),
        };
        for segment in segments {
            shape = match shape {
                Shape::Any => return Ok(Shape::Any),
                Shape::Fields(mut fields) => match fields.remove(segment) {
                    Some(field) => field,
                    None => return Err(self.unknown(word, segment, &Shape::Fields(fields), up)),
                },
                Shape::List(item) if segment.bytes().all(|b| b.is_ascii_digit()) => *item,
                other => {
                    let help = match other {
                        Shape::List(_) => "write `{{#each …}}`, and the field inside",
                        _ => "name it alone",
                    };
                    return Err(wrong(
                        format!("there is no `{segment}` in {}", other.words()),
                        "not a field",
                        help.to_owned(),
                    ));
                }
            };
        }
        Ok(shape)
    }

    fn named(&self, name: &str) -> Option<Shape> {
        self.frames.iter().rev().find_map(|frame| frame.names.get(name).cloned())
    }

    fn unknown(&self, word: &Word, segment: &str, there: &Shape, up: usize) -> Box<Diagnostic> {
        let names = there.names();
        // A field of a level above is more likely meant than one of another name.
        let above = self.frames.iter().rev().skip(1 + up).position(
            |frame| matches!(&frame.shape, Shape::Fields(fields) if fields.contains_key(segment)),
        );
        let help = match (above, nearest(segment, names.iter().copied())) {
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (Some(levels), None) if word.text.ends_with(segment) => {
                format!("it is further up: `{}{segment}`", "../".repeat(up + levels + 1))
            }
            _ if names.is_empty() => {
                "this template is given nothing, and says the same always".to_owned()
            }
            _ => format!("here there is {}", list(names.iter().copied())),
        };
        let message = format!("the report has no `{}` here", word.text);
        let label = if segment == word.text { "no such field" } else { "one of these is no field" };
        Box::new(Diagnostic::new(&TEMPLATE_PATH, message).at(word.span, label).help(help))
    }
}

/// The level that `{{#with}}` makes.
fn path_of(expr: &Expr) -> Option<&Word> {
    match expr {
        Expr::Path(word) => Some(word),
        Expr::Call(_) | Expr::Literal(_) => None,
    }
}

fn with(shape: Shape, names: &[Word]) -> Frame {
    let names = names.first().map(|name| (name.text.clone(), shape.clone()));
    Frame { shape, names: names.into_iter().collect(), inside: Inside::Other }
}

fn is_helper(name: &str) -> bool {
    BLOCKS.contains(&name)
        || HELPERS.iter().any(|(helper, _)| *helper == name)
        || name == PROSE_HTML
}

fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (segment, after) = if let Some(inside) = rest.strip_prefix('[') {
            inside.split_once(']').unwrap_or((inside, ""))
        } else {
            rest.split_at(rest.find(['.', '/']).unwrap_or(rest.len()))
        };
        if !segment.is_empty() && segment != "this" {
            segments.push(segment);
        }
        rest = after.trim_start_matches(['.', '/']);
    }
    segments
}

fn place(expr: &Expr) -> Span {
    match expr {
        Expr::Path(word) => word.span,
        Expr::Literal(span) => *span,
        Expr::Call(call) => call.helper.span,
    }
}

/// Why a value would not show as text where it stands, and what to do; nothing where it would.
fn unsafe_there(
    entry: &Entry,
    value: &Value,
    shape: &Shape,
) -> Option<(&'static str, &'static str)> {
    match entry.output {
        Output::Html => unsafe_in_page(entry, value, shape),
        Output::Markdown | Output::Prose => unsafe_in_markdown(entry, value, shape),
        Output::Style => None,
    }
}

const TWO_BRACES: &str = "write `{{…}}`, with two braces";

fn unsafe_in_page(
    entry: &Entry,
    value: &Value,
    shape: &Shape,
) -> Option<(&'static str, &'static str)> {
    let around = entry.page.surroundings.get(&value.tag.start).unwrap_or(&Surrounding::Bare);
    let harmless = matches!(shape, Shape::Plain);
    match (around, value.form) {
        (Surrounding::Text, Form::Escaped) => None,
        (Surrounding::Text, Form::Raw) if matches!(shape, Shape::Markup | Shape::Plain) => None,
        (Surrounding::Style, Form::Raw) if *shape == Shape::Style => None,
        (Surrounding::Style, _) if *shape == Shape::Style => {
            Some(("a style sheet that is escaped does not keep its digest", "write `{{{style}}}`"))
        }
        (Surrounding::Attribute { name, before }, Form::Escaped) => {
            let address =
                name == "href" || name.ends_with(":href") || name == "src" || name == "srcset";
            let begins = before.trim().is_empty();
            if !address || !begins || matches!(shape, Shape::Address | Shape::Plain) {
                None
            } else {
                Some((
                    "this may be an address of any kind, as `javascript:…`",
                    "write its beginning: `href=\"https://example.com/{{…}}\"`",
                ))
            }
        }
        (_, Form::Raw) => Some(("nothing in this value is escaped", TWO_BRACES)),
        _ if harmless => None,
        (Surrounding::Bare, _) => Some((
            "inside of a tag and outside of quotes nothing is text",
            "put it in quotes: `class=\"{{…}}\"`",
        )),
        _ => Some(("nothing in a comment, script or style sheet is text", "move it out")),
    }
}

fn unsafe_in_markdown(
    entry: &Entry,
    value: &Value,
    shape: &Shape,
) -> Option<(&'static str, &'static str)> {
    let before = entry.text.get(..value.tag.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    if matches!(shape, Shape::Plain) {
        return None;
    }
    if line.trim_end().ends_with("](") {
        return (*shape != Shape::Address).then_some((
            "this may be an address of any kind",
            "write its beginning: `](https://example.com/{{…}})`",
        ));
    }
    if value.form == Form::Raw {
        let indented = line.len() >= 4 && line.chars().all(|c| c == ' ');
        let fits = match shape {
            Shape::Markdown => entry.output == Output::Markdown,
            Shape::Code => indented,
            Shape::Address => true,
            _ => false,
        };
        return (!fits).then_some(("nothing in this value is escaped", TWO_BRACES));
    }
    // Tags hold no backticks of the output.
    let ticks = line.split("{{").map(|part| part.rsplit("}}").next().unwrap_or_default());
    let ticks: usize = ticks.map(|text| text.matches('`').count()).sum();
    (ticks % 2 == 1).then_some(("between backticks nothing is escaped", "leave the backticks out"))
}

/// A diagnostic of text that the engine does not take.
pub(super) fn refused(span: Span, reason: &str) -> Diagnostic {
    Diagnostic::new(&TEMPLATE_SYNTAX, format!("this is no template: {reason}"))
        .at(span, "the engine stops here")
        .help("a tag is `{{path}}`, `{{#if path}}`, `{{#each path}}`, `{{> name}}`")
}
