//! A page as Markdown for a comment: of a forge that folds with HTML, or of one that shows no HTML.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::prose::escape;
use super::super::template::{MARKDOWN, Made, TEXT, Templates};
use super::{Block, Column, Line, Page, Piece, PlanLine, Row, RowKind, Table, plain};

/// Whose Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// GitHub's.
    Github,
    /// GitLab's.
    Gitlab,
    /// Azure DevOps'.
    Azure,
    /// Bitbucket's: no HTML, nothing folds.
    Bitbucket,
    /// Tables and headings, no HTML.
    Plain,
}

impl Flavour {
    fn word(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Azure => "azure",
            Self::Bitbucket => "bitbucket",
            Self::Plain => "plain",
        }
    }

    fn folds(self) -> bool {
        matches!(self, Self::Github | Self::Gitlab | Self::Azure)
    }
}

/// What `comment` and `explanation` are given.
#[derive(Serialize)]
struct Frame {
    /// The title as Markdown, on one line.
    title: String,
    /// Everything under it, as Markdown.
    body: String,
    /// Whose Markdown it is: `github`, `gitlab`, `azure`, `bitbucket`, `plain`.
    flavour: String,
}

/// What these templates are given, as an example.
pub(in crate::report) fn sample() -> impl Serialize {
    Frame { title: MARKDOWN.to_owned(), body: MARKDOWN.to_owned(), flavour: TEXT.to_owned() }
}

/// Renders a page by a template. The hidden line comes first whatever the template does, and what it is given is
/// escaped already.
///
/// # Errors
/// If the template fails.
pub fn render(
    page: &Page,
    flavour: Flavour,
    template: &str,
    templates: &Templates,
) -> Made<String> {
    let mut body = String::new();
    blocks(&page.blocks, flavour, &mut body);
    let body = body.strip_suffix('\n').map(str::to_owned).unwrap_or(body);
    let frame = Frame { title: line(&page.title), body, flavour: flavour.word().to_owned() };
    let mut text = marker(page, flavour);
    text.push_str(templates.markdown(template, &frame)?.trim_end());
    text.push('\n');
    Ok(text)
}

fn marker(page: &Page, flavour: Flavour) -> String {
    match (&page.marker, flavour) {
        (None, _) | (Some(_), Flavour::Plain) => String::new(),
        (Some(marker), Flavour::Bitbucket) => format!("[//]: # ({marker})\n\n"),
        (Some(marker), _) => format!("<!-- {marker} -->\n"),
    }
}

fn blocks(blocks: &[Block], flavour: Flavour, text: &mut String) {
    for block in blocks.iter().filter(|block| !matches!(block, Block::Drawing(_))) {
        text.push('\n');
        match block {
            Block::Drawing(_) => {}
            Block::Paragraph(words) => {
                let _ = writeln!(text, "{}", line(words));
            }
            Block::Heading(words) => {
                let _ = writeln!(text, "**{}**", line(words));
            }
            Block::List(items) => {
                for item in items {
                    let _ = writeln!(text, "- {}", line(item));
                }
            }
            Block::Table(rows) => table(rows, text),
            Block::Lines(lines) => plan_lines(lines, text),
            Block::Folded(summary, inside) if flavour.folds() => {
                // What folds is HTML, and its summary too: entities rather than backslashes.
                let summary: String = summary.iter().map(summary_piece).collect();
                let _ = writeln!(text, "<details><summary>{summary}</summary>");
                self::blocks(inside, flavour, text);
                text.push_str("\n</details>\n");
            }
            Block::Folded(summary, inside) => {
                let _ = writeln!(text, "#### {}", line(summary));
                self::blocks(inside, flavour, text);
            }
            Block::Small(words) if flavour.folds() => {
                let _ = writeln!(text, "<sub>{}</sub>", line(words));
            }
            Block::Small(words) => {
                let _ = writeln!(text, "{}", line(words));
            }
        }
    }
}

fn line(pieces: &Line) -> String {
    pieces.iter().map(piece).collect()
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Words(text) => text.clone(),
        Piece::Strong(text) if text.is_empty() => String::new(),
        Piece::Strong(text) => format!("**{text}**"),
        Piece::Plan(text) => shown(text),
        Piece::Code(text) => code(text),
    }
}

/// Text of a plan as Markdown that shows it, wherever in a line it stands.
fn shown(text: &str) -> String {
    // Forges look for `#12`, `!12` and `@name` in what is shown, so a backslash is not enough.
    let text = escape(&plain(text)).replace("\\#", "\\#\u{200b}").replace("\\!", "\\!\u{200b}");
    if text.starts_with('/') { format!("\\{text}") } else { text }
}

/// A code span that ends where it should.
fn code(text: &str) -> String {
    let text = plain(text).replace('@', "@\u{200b}");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn summary_piece(piece: &Piece) -> String {
    match piece {
        Piece::Words(text) => text.clone(),
        Piece::Strong(text) => format!("<b>{text}</b>"),
        Piece::Plan(text) | Piece::Code(text) => {
            super::html::escape(&plain(text)).replace('@', "@\u{200b}")
        }
    }
}

fn table(table: &Table, text: &mut String) {
    let heads: Vec<&str> = table.columns.iter().map(|(head, _)| head.as_str()).collect();
    let _ = writeln!(text, "| {} |", heads.join(" | "));
    let rule = table.columns.iter().map(|(_, column)| match column {
        Column::Words => ":--",
        Column::Figures => "--:",
    });
    let _ = writeln!(text, "| {} |", rule.collect::<Vec<_>>().join(" | "));
    for row in &table.rows {
        let _ = writeln!(text, "| {} |", cells(row).join(" | "));
    }
}

fn cells(row: &Row) -> Vec<String> {
    let set_off = |text: String| match row.kind {
        _ if text.is_empty() => text,
        RowKind::Plain => text,
        RowKind::Rest => format!("*{text}*"),
        RowKind::Total if text.starts_with("**") => text,
        RowKind::Total => format!("**{text}**"),
    };
    row.cells.iter().map(|cell| set_off(line(cell))).collect()
}

/// Lines of a plan as a code block that colours what was and what is. Its fence is longer than any inside.
fn plan_lines(lines: &[PlanLine], text: &mut String) {
    let shown: Vec<String> = lines
        .iter()
        .map(|line| match line {
            PlanLine::About(text) => format!("  {}", plain(text)),
            PlanLine::Was(text) => format!("- {}", plain(text)),
            PlanLine::Is(text) => format!("+ {}", plain(text)),
        })
        .map(|line| line.replace('@', "@\u{200b}"))
        .collect();
    let longest = shown.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(text, "{fence}diff\n{}\n{fence}", shown.join("\n"));
}
