//! A short page: sentences, lists, tables and folded parts, for outputs that are read in a comment or at a
//! terminal.
//!
//! One page goes in and comes out as Markdown of a forge's flavour, as HTML, or as text; all show the same
//! words. Text of a plan stands in pieces of its own, which every output escapes in its own way.

pub mod html;
pub mod markdown;
pub mod text;

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// A hidden line by which a later page finds this one to replace it.
    pub marker: Option<String>,
    /// The heading.
    pub title: Line,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Block {
    /// A sentence or two.
    Paragraph(Line),
    /// A heading inside the page.
    Heading(Line),
    /// Points, each a line.
    List(Vec<Line>),
    /// A table.
    Table(Table),
    /// Lines of a plan, as they were and as they are.
    Lines(Vec<PlanLine>),
    /// Parts under a line that opens them.
    Folded(Line, Vec<Block>),
    /// Provenance, in small print.
    Small(Line),
    /// A chart of what stands in the table beside it; outputs without pictures leave it out.
    Drawing(Drawing),
}

/// A chart that this program drew, as SVG for two widths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// For wide pages.
    pub wide: String,
    /// For phones.
    pub narrow: String,
}

/// Pieces of text in a row.
pub type Line = Vec<Piece>;

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words and figures of this program: nothing in them means anything to an output.
    Words(String),
    /// The same, set off.
    Strong(String),
    /// Text of a plan, or from outside: shows as it is.
    Plan(String),
    /// Something to type.
    Code(String),
}

/// Words.
pub fn words(text: impl Into<String>) -> Piece {
    Piece::Words(text.into())
}

/// Words, set off.
pub fn strong(text: impl Into<String>) -> Piece {
    Piece::Strong(text.into())
}

/// Text of a plan.
pub fn plan(text: impl Into<String>) -> Piece {
    Piece::Plan(text.into())
}

/// Something to type.
pub fn code(text: impl Into<String>) -> Piece {
    Piece::Code(text.into())
}

/// A table: a first column of names, then mostly figures.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Headings, and whether the column holds figures, which go to the right.
    pub columns: Vec<(String, Column)>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Words: to the left.
    Words,
    /// Figures: to the right.
    Figures,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Cells, one a column.
    pub cells: Vec<Line>,
    /// What kind of row.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// One thing.
    Plain,
    /// Several small things together.
    Rest,
    /// The sum of those above.
    Total,
}

/// A line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanLine {
    /// What follows is about this.
    About(String),
    /// As it was.
    Was(String),
    /// As it is.
    Is(String),
}

/// Text on one line, without anything a terminal or a browser would act on.
fn plain(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        let is_space = c.is_whitespace();
        if is_space && (clean.is_empty() || clean.ends_with(' ')) {
            continue;
        }
        let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if is_space {
            clean.push(' ');
        } else if !c.is_control() && !turns {
            clean.push(c);
        }
    }
    clean.trim_end().to_owned()
}
