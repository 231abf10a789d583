//! One file: its bytes read, scanned and parsed.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::language::parse::parse;
use crate::language::scan::{MAX_FILE_BYTES, scan};
use crate::language::syntax::{Node, Value};
use crate::source::{FileId, Span};

/// A file as read.
pub(super) struct ReadFile {
    pub(super) path: PathBuf,
    /// The path as it is shown: relative to the plan's folder, with forward slashes.
    pub(super) shown: String,
    /// The text; where it is no UTF-8, with marks in place of what is none.
    pub(super) text: String,
    /// Absent where the file has syntax errors.
    pub(super) nodes: Option<Vec<Node>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl ReadFile {
    /// Reads a file; not more of it than a plan file may have, and nothing that is no file.
    pub(super) fn read(path: &Path, folder: &Path, id: FileId) -> std::io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no file"));
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX) + 1;
        std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
        let parsed = scan(&bytes, id).and_then(|scanned| parse(&scanned, id));
        let (nodes, diagnostics) = match parsed {
            Ok(nodes) => (Some(nodes), Vec::new()),
            Err(diagnostics) => (None, diagnostics),
        };
        let text = if bytes.len() > MAX_FILE_BYTES {
            String::new()
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let shown = shown(path, folder);
        Ok(Self { path: path.to_owned(), shown, text, nodes, diagnostics })
    }

    /// Whether the file has a `plan` node at its top level.
    pub(super) fn has_plan(&self) -> bool {
        match &self.nodes {
            Some(nodes) => nodes.iter().any(|node| &*node.name.text == "plan"),
            None => declares_plan(&self.text),
        }
    }

    /// The place of the `plan` node.
    pub(super) fn plan_place(&self, file: FileId) -> Span {
        let nodes = self.nodes.as_deref().unwrap_or_default();
        let plan = nodes.iter().find(|node| &*node.name.text == "plan");
        plan.map_or(Span { file, start: 0, len: 0 }, |node| node.name.span)
    }
}

/// Whether a text that was not parsed looks like the entry of a plan.
pub(super) fn declares_plan(text: &str) -> bool {
    text.trim_start_matches('\u{FEFF}').lines().any(|line| line.starts_with("plan "))
}

/// A path as it is shown.
pub(super) fn shown(path: &Path, folder: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> =
        relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Puts a node and everything in it into another file. Recurses as deep as blocks nest.
pub(super) fn set_file(node: &mut Node, file: FileId) {
    let value = |value: &mut Value| {
        value.span.file = file;
        value.annotation.iter_mut().for_each(|word| word.span.file = file);
    };
    node.span.file = file;
    node.name.span.file = file;
    node.args.iter_mut().for_each(value);
    for prop in &mut node.props {
        prop.name.span.file = file;
        value(&mut prop.value);
    }
    node.children.iter_mut().for_each(|child| set_file(child, file));
}
