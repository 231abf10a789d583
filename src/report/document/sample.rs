//! What templates are given, with nothing left out: every field is there, every list has one item.
//!
//! The shape that templates are checked against is read off these. They are written out field by field, so a
//! field that is new does not compile until it is here.

use serde::Serialize;
use serde_json::Value;

use super::{
    Align, Block, Cell, Column, Document, Figure, Fold, Headline, Link, Row, RowKind, Section,
    Switch, SwitchChoice, Table, Tone, budget, chargeback, headroom, opening, procurement,
    statement,
};
use crate::report::chart::Chart;
use crate::report::html::{self, Page};
use crate::report::page;
use crate::report::prose::{Prose, or_bug};
use crate::report::template::{ADDRESS, BUILT_IN, CODE, MARKDOWN, MARKUP, Output, STYLE, TEXT};

/// What each template of pages that begins one is given.
pub(in crate::report) fn html() -> Vec<(&'static str, Value)> {
    let page =
        Page { document: document(), style: STYLE.to_owned(), style_digest: html::digest(STYLE) };
    vec![("report", value(page)), ("page", value(page::html::sample()))]
}

/// What each template of Markdown that begins a text is given.
pub(in crate::report) fn markdown() -> Vec<(&'static str, Value)> {
    let page = || value(page::markdown::sample());
    vec![
        ("report", value(document())),
        ("table", value(table())),
        ("comment", page()),
        ("explanation", page()),
    ]
}

/// What the partials of pages and of Markdown are given, where this program includes them.
pub(in crate::report) fn parts() -> Vec<(&'static str, Value)> {
    vec![("block", value(block())), ("figure", value(figure())), ("table", value(table()))]
}

/// What each template of prose is given.
pub(in crate::report) fn prose() -> Vec<(&'static str, Value)> {
    let of = |name: &str| match name {
        "verdict" => value(opening::sample()),
        "budget" => value(budget::sample()),
        "procurement" => value(procurement::sample()),
        "chargeback" => value(chargeback::sample()),
        "headroom" => value(headroom::sample()),
        "statement" => value(statement::sample()),
        "statement-method" => value(statement::sample_method()),
        // The others say the same always.
        _ => Value::Null,
    };
    let prose = BUILT_IN.iter().filter(|one| one.output == Output::Prose);
    prose.map(|one| (one.name, of(one.name))).collect()
}

fn value(sample: impl Serialize) -> Value {
    or_bug(serde_json::to_value(sample))
}

fn text() -> String {
    TEXT.to_owned()
}

fn document() -> Document {
    Document {
        title: text(),
        byline: vec![text()],
        scale: text(),
        verdict: Prose::Markdown(MARKDOWN.to_owned()),
        figures: vec![Headline {
            label: text(),
            value: text(),
            detail: text(),
            tone: Some(Tone::Good),
        }],
        sections: vec![Section { id: ADDRESS, heading: text(), blocks: vec![block()] }],
    }
}

fn block() -> Block {
    Block {
        prose: Some(Prose::Markdown(MARKDOWN.to_owned())),
        table: Some(table()),
        figure: Some(figure()),
        switch: Some(Switch {
            id: ADDRESS,
            legend: text(),
            choices: vec![SwitchChoice { number: 1, label: text(), first: true, figure: figure() }],
        }),
        list: Some(vec![text()]),
        links: Some(vec![Link {
            text: text(),
            html: ADDRESS.to_owned(),
            markdown: ADDRESS.to_owned(),
            detail: text(),
            download: true,
        }]),
        code: Some(CODE.to_owned()),
        fold: Some(Fold { id: ADDRESS.to_owned(), summary: text(), table: table() }),
    }
}

fn figure() -> Figure {
    Figure {
        finding: text(),
        summary: text(),
        caption: text(),
        chart: Chart { wide: MARKUP.to_owned(), narrow: MARKUP.to_owned() },
        data: table(),
    }
}

fn table() -> Table {
    Table {
        id: ADDRESS.to_owned(),
        title: text(),
        caption: text(),
        columns: vec![Column { head: text(), under: Some(text()), align: Align::Text }],
        rows: vec![Row {
            kind: RowKind::Body,
            cells: vec![Cell {
                text: text(),
                heads: true,
                align: Align::Text,
                tone: Some(Tone::Good),
                svg: Some(MARKUP.to_owned()),
                link: Some(ADDRESS.to_owned()),
            }],
        }],
        notes: vec![text()],
    }
}
