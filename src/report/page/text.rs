//! A page as text for a terminal: no grid, figures to the right, nothing folded.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table as Grid};

use super::super::terminal::wrap;
use super::{Block, Column, Line, Page, Piece, PlanLine, RowKind, Table, plain};

/// Renders a page, broken at `width` columns.
#[must_use]
pub fn render(page: &Page, width: usize) -> String {
    let mut text = wrap(&line(&page.title), width);
    text.push('\n');
    blocks(&page.blocks, width, &mut text);
    text
}

fn blocks(blocks: &[Block], width: usize, text: &mut String) {
    for block in blocks.iter().filter(|block| !matches!(block, Block::Drawing(_))) {
        text.push('\n');
        match block {
            Block::Drawing(_) => {}
            Block::Paragraph(words) | Block::Small(words) => {
                text.push_str(&wrap(&line(words), width));
                text.push('\n');
            }
            Block::Heading(words) => {
                text.push_str(&line(words));
                text.push('\n');
            }
            Block::List(items) => {
                for item in items {
                    let wrapped = wrap(&line(item), width.saturating_sub(4));
                    for (index, part) in wrapped.lines().enumerate() {
                        text.push_str(if index == 0 { "  " } else { "    " });
                        text.push_str(part);
                        text.push('\n');
                    }
                }
            }
            Block::Table(rows) => table(rows, width, text),
            Block::Lines(lines) => {
                for line in lines {
                    let (mark, line) = match line {
                        PlanLine::About(text) => ("  ", text),
                        PlanLine::Was(text) => ("- ", text),
                        PlanLine::Is(text) => ("+ ", text),
                    };
                    text.push_str("  ");
                    text.push_str(mark);
                    text.push_str(&plain(line));
                    text.push('\n');
                }
            }
            Block::Folded(summary, inside) => {
                text.push_str(&line(summary));
                text.push('\n');
                // What stands under its heading needs no gap of its own.
                let mut below = String::new();
                self::blocks(inside, width, &mut below);
                text.push_str(below.strip_prefix('\n').unwrap_or(&below));
            }
        }
    }
}

fn line(pieces: &Line) -> String {
    let of = |piece: &Piece| match piece {
        Piece::Words(text) | Piece::Strong(text) => text.clone(),
        Piece::Plan(text) | Piece::Code(text) => plain(text),
    };
    pieces.iter().map(of).collect()
}

fn table(table: &Table, width: usize, text: &mut String) {
    let mut grid = Grid::new();
    grid.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    grid.set_header(table.columns.iter().map(|(head, _)| Cell::new(head)));
    for row in &table.rows {
        if row.kind == RowKind::Total {
            let rules = row.cells.iter().zip(&table.columns).map(|(cell, (_, column))| {
                let width = line(cell).chars().count();
                Cell::new(if *column == Column::Figures {
                    "─".repeat(width)
                } else {
                    String::new()
                })
            });
            grid.add_row(rules);
        }
        grid.add_row(row.cells.iter().map(|cell| Cell::new(line(cell))));
    }
    for (place, (_, column)) in table.columns.iter().enumerate() {
        let alignment = match column {
            Column::Words => CellAlignment::Left,
            Column::Figures => CellAlignment::Right,
        };
        if let Some(column) = grid.column_mut(place) {
            column.set_cell_alignment(alignment);
            column.set_padding(if place == 0 { (0, 1) } else { (1, 1) });
        }
    }
    for line in grid.to_string().lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
