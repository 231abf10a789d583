//! A page as HTML: one file that opens offline, prints, and runs nothing.

use std::fmt::Write as _;

use super::{Block, Column, Line, Page, Piece, PlanLine, RowKind, Table, plain};

/// How it looks, in light and in dark.
const STYLE: &str = "\
:root{color-scheme:light dark;--line:#d0d7de;--soft:#57606a;--was:#ffebe9;--is:#e6ffec}\
@media(prefers-color-scheme:dark){:root{--line:#444c56;--soft:#9ea7b3;--was:#4c1f21;--is:#14371f}}\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}\
th,td{padding:.3rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.t>*{font-weight:600;border-top:3px double var(--line)}.r>*,small{color:var(--soft)}\
pre{border:1px solid var(--line);padding:.7rem;overflow-x:auto}pre span{display:block}\
.was{background:var(--was)}.is{background:var(--is)}summary{cursor:pointer;font-weight:600}\
details{margin:1rem 0}\
:root{--bg:#fff;--ink:#1a1e24;--level:#6d7681;--rise:#b0241c;--fall:#176a3a}\
@media(prefers-color-scheme:dark){:root{--bg:#10151b;--ink:#e7eaee;--level:#8d97a2;--rise:#ff8f86;--fall:#7fd39b}\
html{background:var(--bg);color:var(--ink)}}\
svg{width:100%;height:auto;display:block;font:13px system-ui,sans-serif}svg.narrow{display:none}\
svg text{fill:var(--ink);paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round}\
svg text.ax{fill:var(--soft)}svg text.barlabel{font-weight:600}.grid{stroke:var(--line)}\
.zero,.joint{stroke:var(--soft)}.break{stroke:var(--bg);stroke-width:2}\
.level{fill:var(--level)}.rise{fill:var(--rise)}.fall{fill:var(--fall)}\
@media screen and (max-width:52rem){svg.wide{display:none}svg.narrow{display:block;max-width:520px}}";

/// Renders a page.
#[must_use]
pub fn render(page: &Page) -> String {
    let mut text = String::new();
    let title: String = page.title.iter().map(bare).collect();
    let _ = write!(
        text,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{}</h1>\n",
        line(&page.title)
    );
    blocks(&page.blocks, &mut text);
    text.push_str("</main>\n</body>\n</html>\n");
    text
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
    match piece {
        Piece::Words(text) | Piece::Strong(text) => escape(text),
        Piece::Plan(text) | Piece::Code(text) => escape(&plain(text)),
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
    text.push_str("<table>\n<thead><tr>");
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
