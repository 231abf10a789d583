//! A path in, every file of the plan as nodes out.
//!
//! The entry is the file with the `plan` node; from it, includes are followed. Files that are wrong
//! are reported and passed over, so that all errors come at once. File ids follow the order of paths,
//! never that of includes. Nothing else in `language` reads files.

#![expect(clippy::disallowed_methods, reason = "this module is what reads the files of a plan")]

mod codes;
mod include;
mod prices;
mod read;
mod templates;
mod walk;

pub use codes::CODES;
pub use prices::PriceList;
pub use templates::{MAX_TEMPLATE_BYTES, TemplateFiles, templates};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::syntax::Node;
use crate::diagnostic::Diagnostic;
use crate::money::Decimal;
use crate::source::{FileId, SourceFile, Sources, Span};
use read::ReadFile;

/// The most files a plan may have.
pub const MAX_FILES: usize = 2_000;
/// The most bytes all files of a plan may have.
pub const MAX_PLAN_BYTES: usize = 16_000_000;

/// A plan as read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The text of every file.
    pub sources: Sources,
    /// The nodes of every file that could be parsed, in the order of paths.
    pub files: Vec<(FileId, Vec<Node>)>,
    /// The plan's folder, links resolved.
    pub folder: PathBuf,
    /// The file with the `plan` node.
    pub entry: FileId,
    /// The price lists it names, in the order of their places.
    pub lists: Vec<PriceList>,
    /// What every price is multiplied by, and where that is said: of a plan that a scenario made.
    pub price_factor: Option<(Decimal, Span)>,
    /// What is wrong with files and their syntax, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// There is nothing to load.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The path leads nowhere.
    #[error("`{}` does not exist{}", path.display(), did_you_mean(meant.as_deref()))]
    NotFound {
        /// The path.
        path: PathBuf,
        /// A plan file of that name, where there is one.
        meant: Option<PathBuf>,
    },
    /// The path could not be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder without any plan file.
    #[error("`{}` has no `.kdl` file", path.display())]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
}

fn did_you_mean(meant: Option<&Path>) -> String {
    meant.map_or_else(String::new, |meant| format!("\n  help: did you mean `{}`?", meant.display()))
}

/// Loads the plan of a folder, or of a file and what it includes.
///
/// # Errors
/// Where the path leads to nothing that could be a plan. What is wrong inside of files is in
/// [`Loaded::diagnostics`].
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let meant = Some(path.with_extension("kdl")).filter(|meant| meant.is_file());
            LoadError::NotFound { path: path.to_owned(), meant }
        }
        _ => LoadError::Unreadable { path: path.to_owned(), source },
    };
    let real = path.canonicalize().map_err(unreadable)?;
    let whole_folder = real.is_dir();
    let (folder, candidates) = if whole_folder {
        (real.clone(), walk::plan_files(&real).map_err(unreadable)?)
    } else {
        std::fs::File::open(&real).map_err(unreadable)?;
        let folder = real.parent().unwrap_or(Path::new("/")).to_owned();
        (folder, vec![real])
    };
    if candidates.is_empty() {
        return Err(LoadError::NoFiles { path: path.to_owned() });
    }
    let mut loader = Loader::new(folder);
    let entries = loader.entries(&candidates);
    for entry in &entries {
        loader.follow(*entry);
    }
    if whole_folder || loader.reached.len() > entries.len() {
        loader.unreached();
    }
    Ok(loader.finish(entries[0]))
}

/// The files seen so far. Until the end a file's id is its index here.
struct Loader {
    folder: PathBuf,
    files: Vec<ReadFile>,
    by_path: BTreeMap<PathBuf, usize>,
    reached: BTreeSet<usize>,
    bytes: usize,
    diagnostics: Vec<Diagnostic>,
}

/// A file whose includes are being followed.
struct Frame {
    file: usize,
    includes: std::vec::IntoIter<(usize, Span)>,
    /// The include that is being followed.
    at: Option<Span>,
}

impl Loader {
    fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            files: Vec::new(),
            by_path: BTreeMap::new(),
            reached: BTreeSet::new(),
            bytes: 0,
            diagnostics: Vec::new(),
        }
    }

    /// Reads a file whose links are resolved, once.
    fn read(&mut self, path: &Path) -> std::io::Result<usize> {
        if let Some(file) = self.by_path.get(path) {
            return Ok(*file);
        }
        let index = self.files.len();
        let file = ReadFile::read(path, &self.folder, id(index))?;
        self.by_path.insert(path.to_owned(), index);
        self.files.push(file);
        Ok(index)
    }

    /// The entry files: one, unless the plan is wrong.
    fn entries(&mut self, candidates: &[PathBuf]) -> Vec<usize> {
        let read: Vec<usize> = candidates.iter().filter_map(|path| self.read(path).ok()).collect();
        let entries: Vec<usize> =
            read.iter().copied().filter(|file| self.files[*file].has_plan()).collect();
        match entries.as_slice() {
            [] => {
                // A file that does not parse has its own errors; it may well be the entry.
                if read.iter().all(|file| self.files[*file].nodes.is_some()) {
                    self.diagnostics.push(self.no_plan(&read));
                }
                read
            }
            [_] => entries,
            [first, others @ ..] => {
                let mut diagnostic = Diagnostic::new(
                    &codes::SEVERAL_PLANS,
                    format!("{} files of the folder have a `plan` node", entries.len()),
                )
                .at(self.files[*first].plan_place(id(*first)), "this is one plan")
                .help("name the file that is meant, or give each plan a folder of its own");
                for other in others {
                    let place = self.files[*other].plan_place(id(*other));
                    diagnostic = diagnostic.also(place, "this is another");
                    // Which is meant is not known; judging both would call every name declared twice.
                    self.files[*other].nodes = Some(Vec::new());
                }
                self.diagnostics.push(diagnostic);
                entries
            }
        }
    }

    fn no_plan(&self, read: &[usize]) -> Diagnostic {
        let names: Vec<_> = read.iter().map(|file| self.files[*file].shown.as_str()).collect();
        let few = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let more = names.len().saturating_sub(few.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("there is no `plan` node in {}{more}", few.join(", "));
        let start = Span { file: id(read[0]), start: 0, len: 0 };
        Diagnostic::new(&codes::NO_PLAN, message)
            .at(start, "it belongs at the top level of one file")
            .help("begin with `plan \"NAME\" { version 1; horizon from=\"2027-01\" months=12; currency USD; }`")
    }

    /// Reads what a file includes, and what that includes.
    fn follow(&mut self, entry: usize) {
        let mut done = BTreeSet::new();
        let mut chain = vec![self.enter(entry)];
        while let Some(frame) = chain.last_mut() {
            let Some((target, place)) = frame.includes.next() else {
                done.insert(frame.file);
                chain.pop();
                continue;
            };
            frame.at = Some(place);
            if let Some(from) = chain.iter().position(|frame| frame.file == target) {
                let cycle = self.cycle(&chain[from..], place);
                self.diagnostics.push(cycle);
            } else if !done.contains(&target) {
                if !self.fits(target, place) {
                    return;
                }
                let frame = self.enter(target);
                chain.push(frame);
            }
        }
    }

    fn enter(&mut self, file: usize) -> Frame {
        if self.reached.insert(file) {
            self.bytes += self.files[file].text.len();
        }
        let includes = self.includes(file).into_iter();
        Frame { file, includes, at: None }
    }

    /// Whether the plan may have this file too.
    fn fits(&mut self, file: usize, place: Span) -> bool {
        let bytes = self.bytes + self.files[file].text.len();
        let fits = self.reached.contains(&file)
            || (self.reached.len() < MAX_FILES && bytes <= MAX_PLAN_BYTES);
        if !fits {
            let message = "the plan has more than 2,000 files or 16 MB";
            self.diagnostics.push(
                Diagnostic::new(&codes::TOO_MANY_FILES, message)
                    .at(place, "this include goes beyond it")
                    .help("include only what belongs to the plan"),
            );
        }
        fits
    }

    fn cycle(&self, chain: &[Frame], place: Span) -> Diagnostic {
        let name = |file: usize| self.files[file].shown.as_str();
        let mut names: Vec<&str> = chain.iter().map(|frame| name(frame.file)).collect();
        names.extend(names.first().copied());
        let message = format!("files include each other: {}", names.join(" → "));
        let mut diagnostic = Diagnostic::new(&codes::INCLUDE_CYCLE, message)
            .at(place, "this closes the circle")
            .help("delete one of these includes: order never matters, and one include is enough");
        let steps = chain.iter().filter_map(|frame| frame.at).filter(|at| *at != place);
        for step in steps {
            diagnostic = diagnostic.also(step, "on the way");
        }
        diagnostic
    }

    /// Warns of plan files that nothing includes.
    fn unreached(&mut self) {
        // Where an include is lost, so is what it would have reached.
        let broken = |file: &usize| self.files[*file].nodes.is_none();
        if !self.diagnostics.is_empty() || self.reached.iter().any(broken) {
            return;
        }
        let reached: BTreeSet<&Path> =
            self.reached.iter().map(|file| self.files[*file].path.as_path()).collect();
        for shown in walk::unreached(&self.folder, &reached) {
            let message = format!("`{shown}` is in the plan's folder, but nothing includes it");
            self.diagnostics.push(
                Diagnostic::new(&codes::UNREACHED_FILE, message)
                    .help(format!("add `include \"{shown}\"` to the plan, or move the file away")),
            );
        }
    }

    /// Gives files the ids of their final order.
    fn finish(mut self, entry: usize) -> Loaded {
        let mut order: Vec<usize> = self.reached.iter().copied().collect();
        order.sort_by(|a, b| self.files[*a].shown.cmp(&self.files[*b].shown));
        let mut sources = Sources::default();
        let mut ids: BTreeMap<FileId, FileId> = BTreeMap::new();
        for file in &order {
            let read = &self.files[*file];
            let source = SourceFile::new(read.shown.clone(), Arc::from(read.text.as_str()));
            ids.insert(id(*file), sources.add(source));
        }
        let mut files = Vec::new();
        for file in order {
            let read = &mut self.files[file];
            self.diagnostics.append(&mut read.diagnostics);
            if let Some(mut nodes) = read.nodes.take() {
                let new = ids[&id(file)];
                for node in &mut nodes {
                    read::set_file(node, new);
                }
                files.push((new, nodes));
            }
        }
        let place = |span: &mut Span| span.file = ids.get(&span.file).copied().unwrap_or(span.file);
        for diagnostic in &mut self.diagnostics {
            let labels = diagnostic.label.iter_mut().chain(&mut diagnostic.others);
            labels.for_each(|label| place(&mut label.span));
            diagnostic.fix.iter_mut().for_each(|fix| place(&mut fix.span));
        }
        self.diagnostics.sort_by_key(|diagnostic| {
            diagnostic.label.as_ref().map(|label| (label.span.file, label.span.start))
        });
        let (folder, mut diagnostics) = (self.folder, self.diagnostics);
        let nodes = files.iter().flat_map(|(_, nodes)| nodes);
        let lists = prices::read(nodes, &folder, &mut sources, &mut diagnostics);
        let entry = ids[&id(entry)];
        Loaded { sources, files, folder, entry, lists, price_factor: None, diagnostics }
    }
}

fn id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
