//! The templates of reports that lie beside a plan, as text.
//!
//! The plan's folder goes in; out come the files below `templates/html`, `templates/markdown` and
//! `templates/prose`, in the order of their paths, and what could not be read. What is in them is not looked
//! at here.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::codes::{TEMPLATE_TOO_LARGE, TEMPLATE_UNREADABLE};
use super::read::shown;
use super::walk;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceFile, Sources, Span};

/// The most bytes a template may have.
pub const MAX_TEMPLATE_BYTES: usize = 1_000_000;
/// The most files that templates may be.
pub const MAX_TEMPLATES: usize = 500;
/// Folders inside of each other.
const MAX_DEPTH: usize = 4;

/// Templates as read.
#[derive(Debug, Clone, Default)]
pub struct TemplateFiles {
    /// Their texts, named as seen from the plan's folder.
    pub sources: Sources,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the templates beside a plan; none where there is no such folder.
#[must_use]
pub fn templates(folder: &Path) -> TemplateFiles {
    let mut files = TemplateFiles::default();
    let root = folder.join("templates");
    let below = ["html", "markdown", "prose"].map(|output| root.join(output));
    let mut paths: Vec<PathBuf> =
        below.iter().flat_map(|folder| walk::all_below(folder, MAX_DEPTH)).collect();
    paths.sort();
    for (place, path) in paths.iter().enumerate() {
        let name = shown(path, folder);
        if place >= MAX_TEMPLATES {
            let message = format!("there are more than {MAX_TEMPLATES} templates");
            files.refuse(
                &name,
                &TEMPLATE_TOO_LARGE,
                message,
                "keep the templates that reports use",
            );
            break;
        }
        files.read(path, name);
    }
    files
}

impl TemplateFiles {
    fn read(&mut self, path: &Path, name: String) {
        let bytes = match bytes(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("`{name}` cannot be read: {error}");
                return self.refuse(
                    &name,
                    &TEMPLATE_UNREADABLE,
                    message,
                    "make it readable, or delete it",
                );
            }
        };
        if bytes.len() > MAX_TEMPLATE_BYTES {
            let message = format!("`{name}` is larger than 1 MB");
            let help = "keep data out of templates: a report brings its own";
            return self.refuse(&name, &TEMPLATE_TOO_LARGE, message, help);
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.sources.add(SourceFile::new(name, Arc::from(text)));
            }
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = String::from_utf8_lossy(good).matches('\n').count() + 1;
                let message =
                    format!("`{name}` is no UTF-8: line {line} has bytes that are no text");
                self.refuse(&name, &TEMPLATE_UNREADABLE, message, "save the file as UTF-8");
            }
        }
    }

    fn refuse(&mut self, name: &str, code: &'static Code, message: String, help: &str) {
        let file = self.sources.add(SourceFile::new(format!("{name} (not read)"), Arc::from("")));
        let start = Span { file, start: 0, len: 0 };
        self.diagnostics.push(Diagnostic::new(code, message).at(start, "this file").help(help));
    }
}

/// The bytes of a file, one more than are allowed at most; nothing that is no file is opened.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_TEMPLATE_BYTES).unwrap_or(u64::MAX) + 1;
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
