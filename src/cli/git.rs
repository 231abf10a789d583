//! What git says of the plan's folder; nothing where there is no git or no repository.

use std::path::Path;
use std::process::Command;

use crate::calendar::{Date, parse_date};

/// The last commit's short hash and date, and whether files below the folder differ from it.
pub(super) struct Revision {
    /// Short hash, with `+changes` where the plan's folder has uncommitted changes.
    pub(super) name: String,
    /// The committer date.
    pub(super) date: Option<Date>,
}

/// The revision of the repository that holds `folder`.
pub(super) fn revision(folder: &Path) -> Option<Revision> {
    let head = git(folder, &["log", "-1", "--format=%h %cs"])?;
    let (hash, date) = head.trim().split_once(' ')?;
    let dirty = git(folder, &["status", "--porcelain", "--", "."])
        .is_some_and(|status| !status.trim().is_empty());
    let name = if dirty { format!("{hash}+changes") } else { hash.to_owned() };
    Some(Revision { name, date: parse_date(date) })
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
