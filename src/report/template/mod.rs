//! Templates of reports: those of this program, and a plan's own in their place.
//!
//! The text of a plan's templates goes in, read elsewhere; [`check`] gives a set that renders, with every
//! path, partial and raw value looked at, or says what is wrong and where. One registry an output, each with
//! its own escape, all strict. A template that fails is a diagnostic, and never another template in its
//! place. Absent: files, and anything a template could compute.

mod built_in;
mod codes;
mod markup;
mod parse;
mod shape;
mod style;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output as Out, RenderContext, RenderError,
    RenderErrorReason,
};
use serde::Serialize;

pub use built_in::{BUILT_IN, BuiltIn, Output, find};
pub use codes::CODES;
pub(super) use shape::{ADDRESS, CODE, MARKDOWN, MARKUP, STYLE, TEXT};
#[cfg(test)]
pub(super) use shape::{beyond, gap};

use super::chart::escape as escape_html;
use super::document::sample;
use super::prose::{self, Prose, escape as escape_markdown, or_bug};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, SourceFile, Sources, Span};
use codes::{
    TEMPLATE_CYCLE, TEMPLATE_FAILED, TEMPLATE_FEATURE, TEMPLATE_PARTIAL, TEMPLATE_SYNTAX,
    TEMPLATE_UNUSED,
};
use markup::Page;
use parse::Parsed;
use shape::Shape;
use walk::Walk;

/// The most bytes a page may have.
const MAX_PAGE_BYTES: usize = 64_000_000;

/// What templates are called below the plan's folder.
pub const FOLDER: &str = "templates/";

/// Whose a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This program's.
    BuiltIn,
    /// The plan's.
    Plan,
}

/// A template as read.
struct Entry {
    file: FileId,
    output: Output,
    origin: Origin,
    text: Arc<str>,
    parsed: Parsed,
    page: Page,
}

/// Templates that render.
#[derive(Debug, Clone)]
pub struct Templates {
    html: Handlebars<'static>,
    markdown: Handlebars<'static>,
    prose: Handlebars<'static>,
    styles: BTreeMap<String, Arc<str>>,
    files: BTreeMap<(Output, String), (FileId, Origin)>,
    sources: Sources,
}

/// A template failed; what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(pub Box<Diagnostic>);

/// A text that a template made.
pub type Made<T> = Result<T, Broken>;

/// What looking at templates came to.
#[derive(Debug)]
pub struct Checked {
    /// The set, where nothing is wrong with it.
    pub templates: Option<Templates>,
    /// What is wrong, or odd.
    pub diagnostics: Vec<Diagnostic>,
    /// Every template, in the order of outputs; partials of the plan after what this program has.
    pub list: Vec<Listed>,
    /// The text of every template, the plan's and the built-in ones.
    pub sources: Sources,
}

/// One template of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its place below `templates/`.
    pub path: String,
    /// What it is rendered into.
    pub output: Output,
    /// Whose it is.
    pub origin: Origin,
    /// What it shows; nothing for a partial of the plan.
    pub shows: &'static str,
}

impl Templates {
    /// Those of this program alone.
    ///
    /// # Panics
    /// If one of them is wrong, which the tests exclude.
    #[must_use]
    pub fn built_in() -> Self {
        let checked = check(&Sources::default());
        match checked.templates {
            Some(templates) => templates,
            None => panic!("an embedded template is wrong: {:?}", checked.diagnostics),
        }
    }

    /// The text of every template, for diagnostics.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The style sheet of this name.
    pub(super) fn style(&self, name: &str) -> &str {
        self.styles.get(name).map_or("", |text| text)
    }

    /// A page, or a part of one.
    pub(super) fn html(&self, name: &str, data: &impl Serialize) -> Made<String> {
        self.render(Output::Html, name, data)
    }

    /// Markdown.
    pub(super) fn markdown(&self, name: &str, data: &impl Serialize) -> Made<String> {
        self.render(Output::Markdown, name, data)
    }

    /// Prose as Markdown, without space around it.
    pub(super) fn prose(&self, prose: &Prose) -> Made<String> {
        match prose {
            Prose::Markdown(text) => Ok(text.clone()),
            Prose::Template { name, data } => {
                self.render(Output::Prose, name, data).map(|text| text.trim().to_owned())
            }
        }
    }

    fn render(&self, output: Output, name: &str, data: &impl Serialize) -> Made<String> {
        let registry = match output {
            Output::Html | Output::Style => &self.html,
            Output::Markdown => &self.markdown,
            Output::Prose => &self.prose,
        };
        let mut page = Capped { bytes: Vec::new() };
        registry
            .render_to_write(name, data, &mut page)
            .map_err(|error| self.broken(output, name, &error))?;
        Ok(String::from_utf8_lossy(&page.bytes).into_owned())
    }

    /// A template that says more than its text may.
    pub(super) fn too_much(&self, output: Output, name: &str, message: String) -> Broken {
        let mut diagnostic =
            Diagnostic::new(&TEMPLATE_FAILED, message).help("say less in this template");
        if let Some((file, _)) = self.files.get(&(output, name.to_owned())) {
            diagnostic = diagnostic.at(Span { file: *file, start: 0, len: 0 }, "this template");
        }
        Broken(Box::new(diagnostic))
    }

    /// Where and why the engine stopped.
    fn broken(&self, output: Output, name: &str, error: &RenderError) -> Broken {
        let name = error.template_name.as_deref().unwrap_or(name);
        let (message, help) = reason(error.reason());
        let mut diagnostic = Diagnostic::new(&TEMPLATE_FAILED, message).help(help);
        if let Some((file, _)) = self.files.get(&(output, name.to_owned())) {
            let (line, column) = (error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
            let span = tag_at(&self.sources.file(*file).text, *file, line, column);
            diagnostic = diagnostic.at(span, "rendering stops here");
        }
        Broken(Box::new(diagnostic))
    }
}

/// A page that cannot become larger than any report is.
struct Capped {
    bytes: Vec<u8>,
}

impl std::io::Write for Capped {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + more.len() > MAX_PAGE_BYTES {
            return Err(std::io::Error::other("the page is larger than 64 MB"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn reason(reason: &RenderErrorReason) -> (String, String) {
    match reason {
        RenderErrorReason::MissingVariable(path) => {
            let path = path.as_deref().unwrap_or("this");
            let first = path.split(['.', '/']).find(|part| !part.is_empty()).unwrap_or(path);
            (
                format!("`{path}` has no value in this report"),
                format!("ask for it first: `{{{{#if {first}}}}}…{{{{/if}}}}`"),
            )
        }
        RenderErrorReason::IOError(error) => {
            (error.to_string(), "show less inside of `{{#each}}`".to_owned())
        }
        other => {
            let said = other.to_string();
            let mut letters = said.chars();
            let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            (
                format!("{first}{}", letters.as_str()),
                "`capplan template check` looks at every path and helper".to_owned(),
            )
        }
    }
}

/// The tag that begins at a line and column, both from 1.
fn tag_at(text: &str, file: FileId, line: usize, column: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let ahead = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    let tag = rest.get(ahead..).unwrap_or_default();
    let len = tag.find("}}").map_or(0, |end| {
        let braces = tag[end..].len() - tag[end..].trim_start_matches('}').len();
        end + braces
    });
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: place(start + ahead), len: place(len) }
}

/// Looks at a plan's templates, together with the built-in ones that they do not replace.
///
/// Files of `own` are named as seen from the plan's folder: `templates/html/report.html.hbs`.
#[must_use]
pub fn check(own: &Sources) -> Checked {
    let mut set = Set::read(own);
    // What is no template, or never ends, is not walked.
    if !set.has([&TEMPLATE_SYNTAX, &TEMPLATE_FEATURE]) {
        set.partials();
        if !set.has([&TEMPLATE_CYCLE]) {
            set.walk();
        }
    }
    let registries = set.registries();
    let list = set.list();
    let Set { entries, styles, sources, found } = set;
    let mut diagnostics = found;
    diagnostics.sort_by_key(|found| found.label.as_ref().map(|label| label.span));
    let templates = registries.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    let templates = templates.map(|[html, markdown, prose]| {
        let files = entries.iter().map(|(key, entry)| (key.clone(), (entry.file, entry.origin)));
        let mut files: BTreeMap<_, _> = files.collect();
        files.extend(
            styles
                .iter()
                .map(|(name, sheet)| ((Output::Style, name.clone()), (sheet.file, sheet.origin))),
        );
        let styles = styles.into_iter().map(|(name, sheet)| (name, sheet.text)).collect();
        Templates { html, markdown, prose, styles, files, sources: sources.clone() }
    });
    Checked { templates, diagnostics, list, sources }
}

/// Every path that a built-in template may name, with what is there.
#[must_use]
pub fn paths(output: Output, name: &str) -> Vec<(String, String)> {
    let partials: Vec<(&str, Shape)> = match output {
        Output::Html | Output::Markdown => {
            sample::parts().into_iter().map(|(name, sample)| (name, Shape::of(&sample))).collect()
        }
        Output::Prose | Output::Style => Vec::new(),
    };
    let shapes = entry_points(output).into_iter().chain(partials.clone());
    let shape = shapes.into_iter().find(|(entry, _)| *entry == name);
    shape.map(|(_, shape)| shape::paths(&shape, &partials)).unwrap_or_default()
}

/// The templates that reports begin with, and what they are given.
fn entry_points(output: Output) -> Vec<(&'static str, Shape)> {
    let shapes = match output {
        Output::Html => sample::html(),
        Output::Markdown => sample::markdown(),
        Output::Prose => sample::prose(),
        Output::Style => Vec::new(),
    };
    shapes.into_iter().map(|(name, sample)| (name, Shape::of(&sample))).collect()
}

struct Sheet {
    file: FileId,
    origin: Origin,
    text: Arc<str>,
}

struct Set {
    entries: BTreeMap<(Output, String), Entry>,
    styles: BTreeMap<String, Sheet>,
    sources: Sources,
    found: Vec<Diagnostic>,
}

impl Set {
    fn read(own: &Sources) -> Self {
        let mut set = Self {
            entries: BTreeMap::new(),
            styles: BTreeMap::new(),
            sources: own.clone(),
            found: Vec::new(),
        };
        for (file, source) in own.iter() {
            let path = source.path.strip_prefix(FOLDER).unwrap_or(&source.path);
            match Output::of(path) {
                Some((output, name)) => {
                    set.add(output, name, file, Origin::Plan, Arc::clone(&source.text));
                }
                None => set.misnamed(path, file),
            }
        }
        for one in BUILT_IN {
            let taken = match one.output {
                Output::Style => set.styles.contains_key(one.name),
                output => set.entries.contains_key(&(output, one.name.to_owned())),
            };
            if !taken {
                let text: Arc<str> = Arc::from(one.text);
                let shown = format!("{FOLDER}{} (built in)", one.path());
                let file = set.sources.add(SourceFile::new(shown, Arc::clone(&text)));
                set.add(one.output, one.name, file, Origin::BuiltIn, text);
            }
        }
        set
    }

    fn list(&self) -> Vec<Listed> {
        let entries = self.entries.iter().map(|(key, entry)| (key.clone(), entry.origin));
        let styles = self.styles.iter();
        let styles = styles.map(|(name, sheet)| ((Output::Style, name.clone()), sheet.origin));
        let origins: BTreeMap<(Output, String), Origin> = entries.chain(styles).collect();
        let built_in = BUILT_IN.iter().map(|one| {
            let origin = origins.get(&(one.output, one.name.to_owned()));
            let origin = origin.copied().unwrap_or(Origin::BuiltIn);
            Listed { path: one.path(), output: one.output, origin, shows: one.shows }
        });
        let own = origins.keys().filter(|(output, name)| find(*output, name).is_none());
        let own = own.map(|(output, name)| Listed {
            path: format!("{}/{name}{}", output.folder(), output.suffix()),
            output: *output,
            origin: Origin::Plan,
            shows: "",
        });
        let mut all: Vec<Listed> = built_in.chain(own).collect();
        all.sort_by_key(|one| one.output);
        all
    }

    fn has<const N: usize>(&self, codes: [&'static Code; N]) -> bool {
        self.found.iter().any(|found| codes.contains(&found.code))
    }

    fn is_broken(&self) -> bool {
        self.found.iter().any(Diagnostic::is_error)
    }

    fn add(&mut self, output: Output, name: &str, file: FileId, origin: Origin, text: Arc<str>) {
        if output == Output::Style {
            if find(output, name).is_none() {
                let message = format!("no page has a style sheet `{name}`");
                self.unused(file, message, "there are `style.css`, `sheet.css` and `page.css`");
                return;
            }
            self.found.extend(style::check(&text, file));
            self.styles.insert(name.to_owned(), Sheet { file, origin, text });
            return;
        }
        let parsed = match parse::parse(&text, file) {
            Ok(parsed) => parsed,
            Err(wrong) => {
                self.found.push(*wrong);
                Parsed::default()
            }
        };
        let mut page = Page::default();
        if output == Output::Html {
            page = markup::read(&text, file, &parsed.tags);
            self.found.append(&mut page.found);
            if matches!(name, "report" | "page") {
                self.found.extend(markup::policy(&page, file));
            }
        }
        let entry = Entry { file, output, origin, text, parsed, page };
        self.entries.insert((output, name.to_owned()), entry);
    }

    fn misnamed(&mut self, path: &str, file: FileId) {
        let meant = [".hbs", ".html.hbs", ".md.hbs"].map(|end| format!("{path}{end}"));
        let stem = path.strip_suffix(".hbs").unwrap_or(path);
        let more = [".html.hbs", ".md.hbs"].map(|end| format!("{stem}{end}"));
        let meant = meant
            .iter()
            .chain(&more)
            .find(|path| Output::of(path).is_some_and(|(o, n)| find(o, n).is_some()));
        if let Some(meant) = meant {
            let message = format!("`{path}` is no template");
            self.unused(file, message, &format!("call it `{FOLDER}{meant}`"));
        } else if stem != path {
            let message = format!("`{path}` is no template");
            self.unused(
                file,
                message,
                "pages end with `.html.hbs`, Markdown and prose with `.md.hbs`",
            );
        }
    }

    fn unused(&mut self, file: FileId, message: String, help: &str) {
        let start = Span { file, start: 0, len: 0 };
        self.found.push(
            Diagnostic::new(&TEMPLATE_UNUSED, message).at(start, "no report reads this").help(help),
        );
    }

    /// Partials that are not there, and those that include each other.
    fn partials(&mut self) {
        let mut graph: BTreeMap<(Output, &str), Vec<(&str, Span)>> = BTreeMap::new();
        let mut found = Vec::new();
        for ((output, name), entry) in &self.entries {
            let mut targets = Vec::new();
            for include in entry.parsed.includes() {
                let target = include.name.text.as_str();
                if self.entries.contains_key(&(*output, target.to_owned())) {
                    targets.push((target, include.name.span));
                } else {
                    found.push(self.no_partial(*output, target, include.name.span));
                }
            }
            graph.insert((*output, name), targets);
        }
        let cycles = cycles(&graph);
        found.extend(cycles);
        self.found.extend(found);
    }

    fn no_partial(&self, output: Output, name: &str, span: Span) -> Diagnostic {
        let names: Vec<&str> = self
            .entries
            .keys()
            .filter(|(of, _)| *of == output)
            .map(|(_, name)| name.as_str())
            .collect();
        let bare = name.strip_suffix(output.suffix()).unwrap_or(name);
        let near = crate::language::suggest::nearest(bare, names.iter().copied());
        let help = near.map_or_else(
            || format!("write it as `{FOLDER}{}/{bare}{}`", output.folder(), output.suffix()),
            |near| format!("did you mean `{{{{> {near}}}}}`?"),
        );
        Diagnostic::new(&TEMPLATE_PARTIAL, format!("there is no partial `{name}`"))
            .at(span, format!("no template of {} has this name", output.word()))
            .help(help)
    }

    /// Every path, from the templates that reports begin with.
    fn walk(&mut self) {
        let mut found = Vec::new();
        let mut reached: BTreeSet<(Output, String)> = BTreeSet::new();
        for output in [Output::Html, Output::Markdown, Output::Prose] {
            let mut walk = Walk::new(&self.entries, output);
            for (name, shape) in entry_points(output) {
                walk.from(name, shape);
            }
            found.append(&mut walk.found);
            reached.extend(walk.reached.into_iter().map(|name| (output, name)));
        }
        self.found.extend(found);
        let idle: Vec<(FileId, String)> = self
            .entries
            .iter()
            .filter(|(key, entry)| entry.origin == Origin::Plan && !reached.contains(*key))
            .map(|((_, name), entry)| (entry.file, name.clone()))
            .collect();
        for (file, name) in idle {
            let message = format!("no template includes `{name}`");
            self.unused(file, message, &format!("include it where it belongs: `{{{{> {name}}}}}`"));
        }
    }

    /// One registry an output.
    fn registries(&mut self) -> Option<[Handlebars<'static>; 3]> {
        if self.is_broken() {
            return None;
        }
        let mut registries = BUILT.clone();
        let own = self.entries.iter().filter(|(_, entry)| entry.origin == Origin::Plan);
        for ((output, name), entry) in own {
            let Some(place) = ENGINES.iter().position(|one| one == output) else { continue };
            if let Err(error) = registries[place].register_template_string(name, &*entry.text) {
                let (line, column) = error.pos().unwrap_or((1, 1));
                let span = tag_at(&entry.text, entry.file, line, column);
                self.found.push(walk::refused(span, &error.reason().to_string()));
            }
        }
        Some(registries)
    }
}

/// The outputs that have a registry.
const ENGINES: [Output; 3] = [Output::Html, Output::Markdown, Output::Prose];

/// A registry an output, with the built-in templates in it.
static BUILT: LazyLock<[Handlebars<'static>; 3]> = LazyLock::new(|| {
    ENGINES.map(|output| {
        let mut registry = registry(output);
        for one in BUILT_IN.iter().filter(|one| one.output == output) {
            or_bug(registry.register_template_string(one.name, one.text));
        }
        registry
    })
});

/// The first way round from every template that is on one, each told once.
fn cycles(graph: &BTreeMap<(Output, &str), Vec<(&str, Span)>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut done: BTreeSet<(Output, &str)> = BTreeSet::new();
    for start in graph.keys() {
        let mut chain: Vec<((Output, &str), usize)> = Vec::new();
        if !done.contains(start) {
            chain.push((*start, 0));
        }
        while let Some((node, next)) = chain.last_mut() {
            let (output, _) = *node;
            let Some((target, span)) = graph.get(node).and_then(|targets| targets.get(*next))
            else {
                done.insert(*node);
                chain.pop();
                continue;
            };
            *next += 1;
            let target = (output, *target);
            if let Some(from) = chain.iter().position(|(node, _)| *node == target) {
                let mut names: Vec<&str> =
                    chain[from..].iter().map(|((_, name), _)| *name).collect();
                names.push(target.1);
                let message = format!("partials include each other: {}", names.join(" → "));
                found.push(
                    Diagnostic::new(&TEMPLATE_CYCLE, message)
                        .at(*span, "this closes the circle")
                        .help("put what both need into a third partial"),
                );
            } else if !done.contains(&target) {
                chain.push((target, 0));
            }
        }
    }
    found
}

fn registry(output: Output) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    match output {
        Output::Html | Output::Style => {
            registry.set_prevent_indent(true);
            registry.register_escape_fn(escape_html);
            registry.register_helper("prose_html", Box::new(prose_html));
        }
        Output::Markdown => {
            registry.set_prevent_indent(true);
            registry.register_escape_fn(escape_markdown);
        }
        Output::Prose => registry.register_escape_fn(escape_markdown),
    }
    registry
}

/// Prose in Markdown, as HTML.
fn prose_html(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Out,
) -> HelperResult {
    let markdown = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    out.write(&prose::to_html(markdown, "prose"))?;
    Ok(())
}
