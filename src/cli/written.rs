//! What a folder of reports holds that this program wrote, so that pages of what is gone do not stay.
//!
//! Beside the reports lies a list of their files with their SHA-256, in the format of `sha256sum`. A file is
//! removed only where it is on that list, is not written again, and still has the bytes that were written: what
//! people put there or changed stays.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::report::set::File;

/// The list, in the folder of reports.
pub(super) const LIST: &str = ".capplan-files";

/// Digests by path below the folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kept(BTreeMap<String, String>);

impl Kept {
    /// What an earlier report left; nothing where there is no list.
    pub(super) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(LIST)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once("  "));
        Self(lines.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect())
    }

    /// Adds files, or their new bytes.
    pub(super) fn add(&mut self, files: &[File]) {
        let of = |file: &File| (file.path.clone(), digest(&file.bytes));
        self.0.extend(files.iter().map(of));
    }

    /// Removes from the folder what is listed, unchanged and not among `files`, which are now all there is.
    /// Gives the paths that were removed.
    pub(super) fn remove_others(&mut self, folder: &Path, files: &[File]) -> Vec<String> {
        let stays = |path: &str| files.iter().any(|file| file.path == path);
        let gone: Vec<String> = self.0.keys().filter(|path| !stays(path)).cloned().collect();
        let mut removed = Vec::new();
        for path in gone {
            let listed = self.0.remove(&path).unwrap_or_default();
            let place = folder.join(&path);
            let inside = !path.starts_with('/') && path.split('/').all(|part| part != "..");
            let same = inside
                && place.symlink_metadata().is_ok_and(|found| found.is_file())
                && std::fs::read(&place).is_ok_and(|bytes| digest(&bytes) == listed);
            if same && std::fs::remove_file(&place).is_ok() {
                removed.push(path);
            }
        }
        removed
    }

    /// The list as a file beside the reports.
    pub(super) fn file(&self) -> File {
        let lines = self.0.iter().map(|(path, digest)| format!("{digest}  {path}\n"));
        File { path: LIST.to_owned(), bytes: lines.collect::<String>().into_bytes() }
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn what_is_gone_is_removed_and_what_is_not_ours_stays() {
        let folder = std::env::temp_dir().join(format!("capplan-written-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("teams")).unwrap();
        let all = [file("teams/a.html", "a"), file("teams/b.html", "b"), file("teams/c.html", "c")];
        for one in &all {
            std::fs::write(folder.join(&one.path), &one.bytes).unwrap();
        }
        std::fs::write(folder.join("teams/mine.html"), "mine").unwrap();
        let mut written = Kept::default();
        written.add(&all);
        std::fs::write(folder.join(LIST), written.file().bytes).unwrap();
        assert_eq!(Kept::read(&folder), written);

        // `b` was edited, `c` is gone, `mine` was never ours.
        std::fs::write(folder.join("teams/b.html"), "b, with a remark").unwrap();
        let mut again = Kept::read(&folder);
        again.add(&all[..1]);
        assert_eq!(again.remove_others(&folder, &all[..1]), ["teams/c.html"]);
        let left = |name: &str| folder.join("teams").join(name).exists();
        assert!(left("a.html") && left("b.html") && left("mine.html") && !left("c.html"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_list_that_points_outside_removes_nothing() {
        let folder = std::env::temp_dir().join(format!("capplan-outside-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("out")).unwrap();
        std::fs::write(folder.join("kept"), "kept").unwrap();
        let list = format!("{}  ../kept\n", digest(b"kept"));
        std::fs::write(folder.join("out").join(LIST), list).unwrap();
        let mut written = Kept::read(&folder.join("out"));
        assert!(written.remove_others(&folder.join("out"), &[]).is_empty());
        assert!(folder.join("kept").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
