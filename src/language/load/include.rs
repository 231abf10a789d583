//! `include`: a path or a pattern in, files inside of the plan's folder out.

use std::path::{Path, PathBuf};

use super::{Loader, codes, walk};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::syntax::{Value, ValueKind};
use crate::source::Span;

/// Why an include leads to no file.
struct Refused {
    code: &'static Code,
    message: String,
    label: &'static str,
    help: String,
}

impl Loader {
    /// The files that a file includes, each with the place that says so. Links are resolved.
    pub(super) fn includes(&mut self, file: usize) -> Vec<(usize, Span)> {
        let wanted = match &self.files[file].nodes {
            Some(nodes) => {
                let includes = nodes.iter().filter(|node| &*node.name.text == "include");
                includes.flat_map(|node| node.args.iter().map(wanted)).collect()
            }
            None => from_lines(&self.files[file].text, super::id(file)),
        };
        let parsed = self.files[file].nodes.is_some();
        let mut found = Vec::new();
        for (text, place) in wanted {
            match text.and_then(|text| self.resolve(file, &text)) {
                Ok(paths) => {
                    for path in paths {
                        match self.read(&path) {
                            Ok(target) => found.push((target, place)),
                            Err(error) => self.unreadable(&path, &error, place),
                        }
                    }
                }
                // Lines of a file that does not parse are a guess, and guesses are not reported.
                Err(refused) if parsed => self.diagnostics.push(
                    Diagnostic::new(refused.code, refused.message)
                        .at(place, refused.label)
                        .help(refused.help),
                ),
                Err(_) => {}
            }
        }
        found
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error, place: Span) {
        let shown = super::read::shown(path, &self.folder);
        let diagnostic =
            Diagnostic::new(&codes::UNREADABLE_FILE, format!("`{shown}` cannot be read: {error}"))
                .at(place, "included here")
                .help("look at its permissions");
        self.diagnostics.push(diagnostic);
    }

    /// The files that `text` names in a file.
    fn resolve(&self, file: usize, text: &str) -> Result<Vec<PathBuf>, Refused> {
        let own = &self.files[file].path;
        let here = own.parent().unwrap_or(&self.folder);
        if text.is_empty() || text.contains('\\') {
            return Err(form(format!("`{text}` is no path"), "a path has forward slashes"));
        }
        if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
            return Err(outside(text));
        }
        let folders = here.strip_prefix(&self.folder).map_or(0, |below| below.components().count());
        if climbs_out(text, folders) {
            return Err(outside(text));
        }
        let paths = if text.contains(['*', '?', '[', '{']) {
            let paths = glob(here, text)?;
            // `include "*.kdl"` in the entry means the other files.
            paths.into_iter().filter(|path| path != own).collect::<Vec<_>>()
        } else {
            vec![here.join(text)]
        };
        if paths.is_empty() {
            return Err(empty_glob(here, text));
        }
        let mut resolved = Vec::new();
        for path in paths {
            let real = path.canonicalize().map_err(|_| self.not_found(here, text))?;
            if !real.starts_with(&self.folder) {
                return Err(outside(text));
            }
            if real.is_dir() {
                let help =
                    format!("to include its files, write `{}/*.kdl`", text.trim_end_matches('/'));
                return Err(Refused { help, ..form(format!("`{text}` is a folder"), "") });
            }
            if !walk::is_plan_file(&path) {
                return Err(form(
                    format!("`{text}` is no `.kdl` file"),
                    "plan files end with `.kdl`",
                ));
            }
            resolved.push(real);
        }
        Ok(resolved)
    }

    fn not_found(&self, here: &Path, text: &str) -> Refused {
        let (folder, name) = match text.rsplit_once('/') {
            Some((folder, name)) => (format!("{folder}/"), name),
            None => (String::new(), text),
        };
        let names = walk::names(&here.join(&folder));
        let near = names
            .iter()
            .filter(|candidate| walk::is_plan_file(Path::new(candidate)))
            .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
            .min()
            .filter(|(distance, _)| *distance <= 3);
        let shown = super::read::shown(here, &self.folder);
        let whereabouts = if shown.is_empty() { String::new() } else { format!("{shown}/") };
        let help = match near {
            Some((_, near)) => format!("did you mean `{folder}{near}`?"),
            None => listing(&format!("{whereabouts}{folder}"), &names),
        };
        Refused {
            code: &codes::INCLUDE_NOT_FOUND,
            message: format!("there is no file `{whereabouts}{text}`"),
            label: "no such file",
            help,
        }
    }
}

fn wanted(value: &Value) -> (Result<String, Refused>, Span) {
    let text = match &value.kind {
        ValueKind::Quoted(text) if value.annotation.is_none() => Ok(text.to_string()),
        ValueKind::Bare(text) => {
            let help = format!("write `include \"{text}\"`");
            Err(Refused { help, ..form(format!("`{text}` is not quoted"), "") })
        }
        _ => Err(form("an include names a file".to_owned(), "this is no path")),
    };
    (text, value.span)
}

/// Lines `include "…"` of a file that does not parse, so that its mistake hides no other file's.
fn from_lines(text: &str, file: crate::source::FileId) -> Vec<(Result<String, Refused>, Span)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let path = line.strip_prefix("include \"").and_then(|rest| rest.split('"').next());
        found.extend(path.map(|path| (Ok(path.to_owned()), Span { file, start: 0, len: 0 })));
    }
    found
}

/// Whether a relative path leaves the plan's folder, `folders` above which it starts.
fn climbs_out(text: &str, folders: usize) -> bool {
    let mut depth = folders;
    text.split('/').any(|part| match part {
        ".." => match depth.checked_sub(1) {
            Some(up) => {
                depth = up;
                false
            }
            None => true,
        },
        "" | "." => false,
        _ => {
            depth += 1;
            false
        }
    })
}

/// The files that a pattern matches, sorted.
fn glob(here: &Path, pattern: &str) -> Result<Vec<PathBuf>, Refused> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{'])).count();
    let base = here.join(parts[..plain].join("/"));
    let rest = parts[plain..].join("/");
    let matcher = globset::GlobBuilder::new(&rest)
        .literal_separator(true)
        .build()
        .map_err(|error| form(format!("`{pattern}` is no pattern: {}", error.kind()), "here"))?
        .compile_matcher();
    let depth = if rest.contains("**") { usize::MAX } else { parts.len() - plain - 1 };
    let files = walk::files_below(&base, depth);
    let matches =
        |path: &PathBuf| path.strip_prefix(&base).is_ok_and(|path| matcher.is_match(path));
    Ok(files.into_iter().filter(matches).collect())
}

fn empty_glob(here: &Path, pattern: &str) -> Refused {
    let folder = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
    let folder = folder.rfind('/').map_or("", |at| &folder[..=at]);
    let names = walk::names(&here.join(folder));
    Refused {
        code: &codes::INCLUDE_EMPTY_GLOB,
        message: format!("no `.kdl` file matches `{pattern}`"),
        label: "this matches nothing",
        help: if here.join(folder).is_dir() {
            listing(folder, &names)
        } else {
            let beside = walk::names(here);
            format!("there is no folder `{folder}`; {}", listing("", &beside))
        },
    }
}

fn listing(folder: &str, names: &[String]) -> String {
    let place = if folder.is_empty() { "beside it".to_owned() } else { format!("in `{folder}`") };
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => format!("{place} is nothing"),
        count if count > shown.len() => {
            format!("{place} are {} and {} more", shown.join(", "), count - shown.len())
        }
        1 => format!("{place} is {}", shown[0]),
        _ => format!("{place} are {}", shown.join(", ")),
    }
}

fn form(message: String, label: &'static str) -> Refused {
    let label = if label.is_empty() { "this cannot be included" } else { label };
    let help =
        "an include names `.kdl` files: `include \"teams.kdl\" \"workloads/*.kdl\"`".to_owned();
    Refused { code: &codes::INCLUDE_FORM, message, label, help }
}

fn outside(text: &str) -> Refused {
    Refused {
        code: &codes::INCLUDE_OUTSIDE,
        message: format!("`{text}` leads out of the plan's folder"),
        label: "this is outside",
        help: "a plan reads only its own folder: copy the file into it".to_owned(),
    }
}
