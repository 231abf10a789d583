//! The price lists that a plan names: read once, each with its place among the sources.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::codes;
use crate::calendar::parse_date;
use crate::catalogue::{self, Catalogue, Defaults, Form};
use crate::diagnostic::Diagnostic;
use crate::language::syntax::{Node, Value};
use crate::source::{FileId, SourceFile, Sources, Span};

/// The most bytes of one price list.
const MAX_LIST_BYTES: u64 = 64_000_000;
/// Rows that do not read are told up to this many by place.
const TOLD: usize = 3;

/// A price list, and where the plan names it.
#[derive(Debug, Clone)]
pub struct PriceList {
    /// The `prices` node.
    pub node: Span,
    /// Its file among the sources.
    pub file: FileId,
    /// Every price in it.
    pub catalogue: Catalogue,
}

impl PriceList {
    /// The place of a price.
    #[must_use]
    pub fn place(&self, at: catalogue::At) -> Span {
        Span { file: self.file, start: at.start, len: at.len }
    }
}

/// Reads every list that the nodes name, in the order of their places; adds their text to the sources.
pub(super) fn read<'n>(
    nodes: impl Iterator<Item = &'n Node>,
    folder: &Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PriceList> {
    let mut lists = Vec::new();
    for node in nodes.filter(|node| &*node.name.text == "prices") {
        let Some((value, name)) = node.arg(0).and_then(|value| Some((value, value.text()?))) else {
            // The shape of the node is another's to judge.
            continue;
        };
        let wrong = |message: String, label: &str, help: String| {
            let code = &codes::PRICE_LIST_UNREADABLE;
            Diagnostic::new(code, message).at(value.span, label).help(help)
        };
        let text = match text_of(folder, name) {
            Ok(text) => text,
            Err((why, help)) => {
                let message = format!("the price list `{name}` cannot be read: {why}");
                diagnostics.push(wrong(message, "this file", help));
                continue;
            }
        };
        let word = |name: &str| node.prop(name).and_then(Value::text);
        let defaults = Defaults {
            provider: word("provider").map(str::to_owned),
            as_of: word("as-of").and_then(parse_date).or_else(|| catalogue::day_in_name(name)),
            source: Some(word("source").unwrap_or(name).to_owned()),
        };
        match catalogue::parse(&text, word("format").and_then(Form::find), &defaults) {
            Err(fault) => {
                let message = format!("the price list `{name}` does not read: {fault}");
                diagnostics.push(wrong(message, "this file", fault.help()));
            }
            Ok(catalogue) => {
                let file = sources.add(SourceFile::new(name.to_owned(), Arc::from(text)));
                let list = PriceList { node: node.origin(), file, catalogue };
                unread(&list, name, diagnostics);
                lists.push(list);
            }
        }
    }
    lists
}

fn unread(list: &PriceList, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let rows = &list.catalogue.unread;
    let Some(first) = rows.first() else { return };
    let message = match rows.len() {
        1 => format!("one row of the price list `{name}` is not read"),
        count => format!("{count} rows of the price list `{name}` are not read"),
    };
    let mut diagnostic = Diagnostic::new(&codes::PRICE_ROWS_SKIPPED, message)
        .at(list.place(first.at), first.why.clone())
        .help("mend the rows, or delete them; `capplan prices` on the file tells all of them");
    for row in rows.iter().skip(1).take(TOLD - 1) {
        diagnostic = diagnostic.also(list.place(row.at), row.why.clone());
    }
    diagnostics.push(diagnostic);
}

/// The text of a list inside the plan's folder; why not, and what to do.
fn text_of(folder: &Path, name: &str) -> Result<String, (String, String)> {
    let inside = "copy it into the plan's folder; the path is relative to that".to_owned();
    let path = folder
        .join(name)
        .canonicalize()
        .map_err(|_| ("it is not there".to_owned(), inside.clone()))?;
    let real = folder.canonicalize().map_err(|error| (error.to_string(), inside.clone()))?;
    if !path.starts_with(real) {
        return Err(("it leads out of the plan's folder".to_owned(), inside));
    }
    let text = || -> std::io::Result<Option<String>> {
        if !path.metadata()?.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        std::fs::File::open(&path)?.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes)?;
        let fits = u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_LIST_BYTES);
        Ok(String::from_utf8(bytes).ok().filter(|_| fits))
    };
    let help = "a price list is a CSV or JSON text in UTF-8 of at most 64 MB";
    match text() {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(("it is no such text".to_owned(), help.to_owned())),
        Err(error) => Err((error.to_string(), help.to_owned())),
    }
}
