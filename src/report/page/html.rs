//! A page as HTML: one file that opens offline, prints, and runs nothing.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::html::digest;
use super::super::template::{MARKUP, Made, STYLE, TEXT, Templates};
use super::{Block, Column, Line, Page, Piece, PlanLine, RowKind, Table, plain};

/// What `page.html.hbs` is given.
#[derive(Serialize)]
struct Shell {
    title: String,
    /// The title as HTML.
    heading: String,
    /// Everything under it, as HTML.
    body: String,
    style: String,
    style_digest: String,
}

/// What the template is given, as an example.
pub(in crate::report) fn sample() -> impl Serialize {
    Shell {
        title: TEXT.to_owned(),
        heading: MARKUP.to_owned(),
        body: MARKUP.to_owned(),
        style: STYLE.to_owned(),
        style_digest: digest(STYLE),
    }
}

/// Renders a page.
///
/// # Errors
/// If a template of the plan fails.
pub fn render(page: &Page, templates: &Templates) -> Made<String> {
    let mut body = String::new();
    blocks(&page.blocks, &mut body);
    let style = templates.style("page").to_owned();
    let shell = Shell {
        title: page.title.iter().map(words).collect(),
        heading: line(&page.title),
        body: body.trim_end().to_owned(),
        style_digest: digest(&style),
        style,
    };
    templates.html("page", &shell)
}

fn blocks(blocks: &[Block], text: &mut String) {
    for block in blocks {
        let _ = match block {
            Block::Paragraph(words) => writeln!(text, "<p>{}</p>", line(words)),
            Block::Heading(words) => writeln!(text, "<h2>{}</h2>", line(words)),
            Block::Small(words) => writeln!(text, "<p><small>{}</small></p>", line(words)),
            Block::List(items) => {
                let items: String =
                    items.iter().map(|item| format!("<li>{}</li>\n", line(item))).collect();
                writeln!(text, "<ul>\n{items}</ul>")
            }
            Block::Table(rows) => {
                table(rows, text);
                Ok(())
            }
            Block::Lines(lines) => writeln!(text, "<pre>{}</pre>", plan_lines(lines)),
            Block::Drawing(drawing) => writeln!(text, "{}\n{}", drawing.wide, drawing.narrow),
            Block::Folded(summary, inside) => {
                let _ = writeln!(text, "<details><summary>{}</summary>", line(summary));
                self::blocks(inside, text);
                writeln!(text, "</details>")
            }
        };
    }
}

fn line(pieces: &Line) -> String {
    pieces.iter().map(piece).collect()
}

fn piece(piece: &Piece) -> String {
    let inner = bare(piece);
    match piece {
        Piece::Words(_) | Piece::Plan(_) => inner,
        Piece::Strong(_) => format!("<strong>{inner}</strong>"),
        Piece::Code(_) => format!("<code>{inner}</code>"),
    }
}

fn bare(piece: &Piece) -> String {
    escape(&words(piece))
}

/// What a piece says.
fn words(piece: &Piece) -> String {
    match piece {
        Piece::Words(text) | Piece::Strong(text) => text.clone(),
        Piece::Plan(text) | Piece::Code(text) => plain(text),
    }
}

/// Text as HTML that shows it, in content and in attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn table(table: &Table, text: &mut String) {
    let class = |column: Column| match column {
        Column::Words => "",
        Column::Figures => " class=\"n\"",
    };
    text.push_str("<table tabindex=\"0\">\n<thead><tr>");
    for (head, column) in &table.columns {
        let _ = write!(text, "<th scope=\"col\"{}>{}</th>", class(*column), escape(head));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        text.push_str(match row.kind {
            RowKind::Plain => "<tr>",
            RowKind::Rest => "<tr class=\"r\">",
            RowKind::Total => "<tr class=\"t\">",
        });
        for (index, (cell, (_, column))) in row.cells.iter().zip(&table.columns).enumerate() {
            let _ = if index == 0 {
                write!(text, "<th scope=\"row\">{}</th>", line(cell))
            } else {
                write!(text, "<td{}>{}</td>", class(*column), line(cell))
            };
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table>\n");
}

fn plan_lines(lines: &[PlanLine]) -> String {
    lines
        .iter()
        .map(|line| match line {
            PlanLine::About(text) => format!("<span>  {}</span>", escape(&plain(text))),
            PlanLine::Was(text) => format!("<span class=\"was\">- {}</span>", escape(&plain(text))),
            PlanLine::Is(text) => format!("<span class=\"is\">+ {}</span>", escape(&plain(text))),
        })
        .collect()
}
