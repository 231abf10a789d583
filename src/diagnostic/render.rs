//! Diagnostics for people: what, where with the source around it, and what to do.
//!
//! Drawn by miette, behind an adapter, so that its types stay in this file.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SpanContents};

use super::place::{Place, count, sorted};
use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Sources};

/// Whether the output may have terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// With ANSI escapes.
    Always,
}

/// After so many the reader has enough to do.
const MAX_SHOWN: usize = 100;
/// Lines longer than this are named, not shown.
const MAX_LINE_BYTES: usize = 1_000;
/// Texts longer than this are cut.
const MAX_TEXT_CHARS: usize = 2_000;
const MIN_WIDTH: usize = 40;

/// Every error and warning as a picture, every note as a line, and a line that counts them; empty if there
/// is none.
#[must_use]
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, color: Color, width: usize) -> String {
    let theme = match color {
        Color::Never => GraphicalTheme::unicode_nocolor(),
        Color::Always => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(MIN_WIDTH))
        .with_links(false)
        .with_show_related_as_nested(true)
        .without_syntax_highlighting();
    let sorted = sorted(diagnostics);
    let mut out = String::new();
    let (notes, pictures): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        sorted.iter().take(MAX_SHOWN).partition(|one| one.code.severity == Severity::Note);
    for diagnostic in pictures {
        let picture = Picture::of(diagnostic, sources);
        if handler.render_report(&mut out, &picture).is_err() {
            // Writing to a string does not fail; but a diagnostic must never get lost.
            out.push_str(&picture.message);
        }
        out.push('\n');
    }
    for note in &notes {
        let _ = writeln!(out, "{}", note_line(note, sources));
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    if sorted.len() > MAX_SHOWN {
        let _ = writeln!(out, "… and {} more\n", sorted.len() - MAX_SHOWN);
    }
    if !sorted.is_empty() {
        out.push_str(&summary(diagnostics, &sorted[..sorted.len().min(MAX_SHOWN)]));
    }
    out
}

/// A note in a line: where, what, and where else. Nothing is to be done about it, so it takes no more room.
fn note_line(note: &Diagnostic, sources: &Sources) -> String {
    let place = |label: &Label| {
        let at = Place::of(label.span, sources);
        format!("{}:{}:{}", at.file, at.line, at.column)
    };
    let mut line = "note: ".to_owned();
    if let Some(label) = &note.label {
        let _ = write!(line, "{}: ", place(label));
    }
    line.push_str(&readable(&note.message));
    if let Some(label) = note.label.as_ref().filter(|label| !label.text.is_empty()) {
        let _ = write!(line, ": {}", readable(&label.text));
    }
    if !note.others.is_empty() {
        let others: Vec<String> = note.others.iter().map(place).collect();
        let _ = write!(line, " (also {})", others.join(", "));
    }
    if let Some(help) = &note.help {
        let _ = write!(line, "; {}", readable(help));
    }
    line
}

/// How many there are, and where they are explained.
fn summary(diagnostics: &[Diagnostic], shown: &[&Diagnostic]) -> String {
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let (count, word) = (count(diagnostics, severity), severity.word());
        (count > 0).then(|| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let mut ids: Vec<&str> = shown.iter().map(|diagnostic| diagnostic.code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let explain = match ids.as_slice() {
        [only] => format!("capplan explain-error {only}"),
        several => format!("capplan explain-error CODE, for {}", several.join(", ")),
    };
    format!("{}\nexplain: {explain}\n", counts.join(", "))
}

/// A diagnostic as miette wants it. The labels of one file each; other files are related pictures.
#[derive(Debug)]
struct Picture<'a> {
    code: Option<String>,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    source: Option<Window<'a>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Self>,
}

impl<'a> Picture<'a> {
    fn of(diagnostic: &Diagnostic, sources: &'a Sources) -> Self {
        let all: Vec<&Label> = diagnostic.label.iter().chain(&diagnostic.others).collect();
        let mut files: Vec<FileId> = Vec::new();
        for label in &all {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        let of_file = |file: FileId| all.iter().copied().filter(move |l| l.span.file == file);
        let mut pictures = files.iter().map(|file| {
            let labels: Vec<&Label> = of_file(*file).collect();
            Self::labels(&labels, sources)
        });
        let mut picture = pictures.next().unwrap_or_else(|| Self::labels(&[], sources));
        // Without a main label the first file is only related, but there is nothing else to show.
        picture.related = pictures.collect();
        picture.code = Some(format!("capplan::{}", diagnostic.code.id));
        picture.severity = match diagnostic.code.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        };
        let whereabouts = std::mem::take(&mut picture.message);
        picture.message = readable(&diagnostic.message);
        if picture.source.is_none() && !whereabouts.is_empty() {
            let _ = write!(picture.message, " ({whereabouts})");
        }
        picture.help = diagnostic.help.as_deref().map(readable);
        picture
    }

    /// The picture of labels that are all in one file. Its message says where that is.
    fn labels(labels: &[&Label], sources: &'a Sources) -> Self {
        let mut picture = Self {
            code: None,
            severity: miette::Severity::Advice,
            message: String::new(),
            help: None,
            source: None,
            labels: Vec::new(),
            related: Vec::new(),
        };
        let Some(first) = labels.first() else {
            return picture;
        };
        let file = sources.file(first.span.file);
        let at = Place::of(first.span, sources);
        picture.message = format!("{}:{}:{}", at.file, at.line, at.column);
        // miette reads from the start of what it is given, so it is given only what it shows.
        let len = file.text.len();
        let start = labels.iter().map(|label| label.span.start as usize).min().unwrap_or(0);
        let end = labels.iter().map(|label| label.span.end() as usize).max().unwrap_or(0);
        let window = surroundings(&file.text, start.min(len), end.min(len));
        let shown = file.text.get(window.clone()).unwrap_or_default();
        if shown.lines().any(|line| line.len() > MAX_LINE_BYTES) {
            let _ = write!(picture.message, ": {}", readable(&first.text));
            return picture;
        }
        picture.labels = labels
            .iter()
            .map(|label| {
                let inside =
                    |offset: u32| (offset as usize).saturating_sub(window.start).min(shown.len());
                let (start, end) = (inside(label.span.start), inside(label.span.end()));
                let text = Some(readable(&label.text));
                if label.span == first.span {
                    LabeledSpan::new_primary_with_span(text, (start, end - start))
                } else {
                    LabeledSpan::new_with_span(text, (start, end - start))
                }
            })
            .collect();
        let line = u32::try_from(window.start).map_or(1, |at| file.position(at).0);
        picture.source = Some(Window { path: &file.path, text: visible(shown), line });
        picture
    }
}

/// The bytes of the lines of a span and of one more on either side, which is what is shown.
fn surroundings(text: &str, start: usize, end: usize) -> Range<usize> {
    let before = text.get(..start).unwrap_or_default().rmatch_indices('\n').nth(1);
    let after = text.get(end..).unwrap_or_default().match_indices('\n').nth(1);
    before.map_or(0, |(at, _)| at + 1)..after.map_or(text.len(), |(at, _)| end + at)
}

/// A text of ours, which may quote the plan: visible, and no longer than can be read.
pub(super) fn readable(text: &str) -> String {
    let end = text.char_indices().nth(MAX_TEXT_CHARS).map(|(end, _)| end);
    let shown = visible(&text[..end.unwrap_or(text.len())]).into_owned();
    if end.is_some() { shown + "…" } else { shown }
}

/// Text without what would steer a terminal or turn the reading direction, byte for byte as long.
fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        let turns = matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        turns || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|c| match c.len_utf8() {
        _ if !hidden(c) => c,
        1 if c == '\r' => ' ',
        1 => '?',
        2 => '¿',
        _ => '\u{FFFD}',
    });
    Cow::Owned(shown.collect())
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for Picture<'_> {}

impl miette::Diagnostic for Picture<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let related = self.related.iter().map(|picture| picture as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<_>)
    }
}

/// The lines of a file that are shown, as miette wants them.
#[derive(Debug)]
struct Window<'a> {
    path: &'a str,
    text: Cow<'a, str>,
    /// The number of its first line.
    line: usize,
}

impl SourceCode for Window<'_> {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let found = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.path.to_owned(),
            found.data(),
            *found.span(),
            found.line() + self.line - 1,
            found.column(),
            found.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::place::example;
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn a_diagnostic_shows_every_place_and_the_help() {
        let shown = human(&example::diagnostics(), &example::sources(), Color::Never, 80);
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn at_most_a_hundred_are_shown() {
        let many: Vec<_> = (0..103)
            .map(|index| Diagnostic::new(&example::UNKNOWN, format!("number {index:03}")))
            .collect();
        let shown = human(&many, &example::sources(), Color::Never, 80);
        assert!(shown.contains("number 099") && !shown.contains("number 100"));
        assert!(shown.contains("… and 3 more\n"));
        assert!(shown.ends_with("103 errors\nexplain: capplan explain-error unknown_thing\n"));
        assert_eq!(human(&[], &example::sources(), Color::Never, 80), "");
    }

    #[test]
    fn what_steers_a_terminal_is_not_printed() {
        let mut sources = Sources::default();
        let text = "a \u{1b}[31m\u{202E}\r\nb\n";
        sources.add(SourceFile::new("p.kdl".to_owned(), Arc::from(text)));
        let diagnostic = Diagnostic::new(&example::UNKNOWN, "an \u{1b}[0m escape")
            .at(example::span(0, 2, 8), "here \u{7}");
        let shown = human(&[diagnostic], &sources, Color::Never, 80);
        assert!(!shown.contains(['\u{1b}', '\u{202E}', '\u{7}']), "{shown}");
    }

    #[test]
    fn an_endless_line_is_named_and_not_shown() {
        let mut sources = Sources::default();
        sources.add(SourceFile::new("p.kdl".to_owned(), Arc::from("x".repeat(100_000))));
        let diagnostic =
            Diagnostic::new(&example::UNKNOWN, "too much").at(example::span(0, 500, 8), "here");
        let shown = human(&[diagnostic], &sources, Color::Never, 80);
        assert!(shown.contains("too much (p.kdl:1:501: here)"), "{shown}");
        assert!(shown.len() < 500);
        let diagnostic = Diagnostic::new(&example::UNKNOWN, format!("`{}`", "é".repeat(100_000)));
        let shown = human(&[diagnostic], &sources, Color::Never, 80);
        assert!(shown.chars().count() < 3_000 && shown.contains('…'));
    }

    #[test]
    fn places_are_shown_wherever_they_are() {
        let mut sources = Sources::default();
        sources.add(SourceFile::new("p.kdl".to_owned(), Arc::from("")));
        let lines: Vec<String> = (1..=99).map(|line| format!("line {line}")).collect();
        let text = format!("{}\n", lines.join("\n"));
        let end = u32::try_from(text.len()).unwrap();
        sources.add(SourceFile::new("q.kdl".to_owned(), Arc::from(text)));
        let shown = |span| {
            let diagnostic = Diagnostic::new(&example::UNKNOWN, "wrong").at(span, "here");
            human(&[diagnostic], &sources, Color::Never, 80)
        };
        assert!(shown(example::span(0, 0, 0)).contains("p.kdl:1:1"));
        assert!(shown(example::span(1, end, 0)).contains("line 99"));
        let last = shown(example::span(1, end - 8, 4));
        assert!(last.contains("q.kdl:99:1") && last.contains("98 │ line 98"), "{last}");
        assert!(!last.contains("line 97"), "{last}");
        let first = shown(example::span(1, 0, 4));
        assert!(
            first.contains("q.kdl:1:1") && first.contains("line 2") && !first.contains("line 3")
        );
        assert!(shown(example::span(1, end + 50, 4)).contains("wrong"));
    }

    #[test]
    fn colours_come_only_where_they_are_wanted() {
        let colored = human(&example::diagnostics(), &example::sources(), Color::Always, 80);
        let plain = human(&example::diagnostics(), &example::sources(), Color::Never, 80);
        assert!(colored.contains('\u{1b}') && !plain.contains('\u{1b}'));
    }
}
