//! What lies in folders: sorted, without what is hidden, and never through links to folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::read;

/// Nobody's plan folder holds more; a walk stops there.
const MAX_ENTRIES: usize = 50_000;

/// The `.kdl` files directly in a folder, by name, links resolved.
pub(super) fn plan_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_plan_file(&path) && !is_hidden(&path) && path.is_file() {
            files.push(path.canonicalize()?);
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Whether a path ends with `.kdl`.
pub(super) fn is_plan_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "kdl")
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The names in a folder, sorted; empty where it cannot be read.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| !is_hidden(&entry.path()))
        .map(|entry| {
            let slash = if entry.path().is_dir() { "/" } else { "" };
            format!("{}{slash}", entry.file_name().to_string_lossy())
        })
        .collect();
    names.sort();
    names
}

/// The `.kdl` files in a folder and at most `depth` folders below it, sorted.
pub(super) fn files_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut files = all_below(folder, depth);
    files.retain(|path| is_plan_file(path));
    files
}

/// What is no folder in a folder and at most `depth` folders below it, sorted.
pub(super) fn all_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), depth)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            let path = entry.path();
            if seen > MAX_ENTRIES || is_hidden(&path) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if depth > 0 {
                    folders.push((path, depth - 1));
                }
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The `.kdl` files of the plan's folder that are not among these, as they are shown. Other plans
/// in it, a file or a folder with a `plan` node, are left alone.
pub(super) fn unreached(folder: &Path, reached: &BTreeSet<&Path>) -> Vec<String> {
    let left: Vec<PathBuf> = files_below(folder, usize::MAX)
        .into_iter()
        .filter(|path| path.canonicalize().is_ok_and(|path| !reached.contains(path.as_path())))
        .collect();
    let entry = |path: &&PathBuf| {
        std::fs::read_to_string(path).is_ok_and(|text| read::declares_plan(&text))
    };
    let entries: Vec<&PathBuf> = left.iter().filter(entry).collect();
    let of_other_plan = |path: &PathBuf| {
        let below = |entry: &&PathBuf| {
            entry.parent().is_some_and(|own| own != folder && path.starts_with(own))
        };
        entries.iter().any(|entry| *entry == path || below(entry))
    };
    left.iter().filter(|path| !of_other_plan(path)).map(|path| read::shown(path, folder)).collect()
}
