//! A plan as it stands in a revision: read from git's objects, never by checking anything out.
//!
//! Files that a plan can read (its own, histories, snapshots, price lists) are written to a private folder
//! that is removed again.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::calendar::{Date, parse_date};

/// A repository, and where a plan lies in it.
pub(super) struct Repository {
    /// A folder of it, in which git is run.
    folder: PathBuf,
    /// The path of the plan from the repository's root, with forward slashes; empty for the root.
    pub(super) plan: String,
}

/// A commit.
#[derive(Debug, Clone)]
pub(super) struct Commit {
    /// Its whole hash.
    hash: String,
    /// Its short hash.
    pub(super) short: String,
    /// The committer date.
    pub(super) date: Option<Date>,
}

/// A folder that is removed when it is no longer needed.
pub(super) struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a revision has of a plan.
pub(super) enum Taken {
    /// Its files, in a folder that is removed with the second value.
    Plan(PathBuf, Removed),
    /// Nothing.
    Nothing,
}

/// Files that a plan can read.
const READ: [&str; 9] = ["kdl", "csv", "tsv", "parquet", "json", "yaml", "yml", "gz", "zst"];

impl Repository {
    /// The repository that holds a plan's path, which need not exist now.
    ///
    /// # Errors
    /// Where there is no git, or no repository; in words.
    pub(super) fn of(plan: &Path) -> Result<Self, String> {
        let absolute = std::path::absolute(plan)
            .map_err(|error| format!("`{}` cannot be found: {error}", plan.display()))?;
        let mut folder = absolute.as_path();
        while !folder.is_dir() {
            folder = folder.parent().unwrap_or(Path::new("/"));
        }
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let below = absolute.strip_prefix(&folder).map_or_else(
            |_| {
                // The path had links or dots in it; what does not exist below the folder is its end.
                let missing =
                    absolute.components().filter(|part| matches!(part, Component::Normal(_)));
                let count = missing.count();
                let here =
                    folder.components().filter(|part| matches!(part, Component::Normal(_))).count();
                absolute
                    .components()
                    .rev()
                    .take(count.saturating_sub(here))
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect()
            },
            Path::to_owned,
        );
        let repository = Self { folder, plan: String::new() };
        let prefix = repository.git(&["rev-parse", "--show-prefix"]).map_err(|error| {
            if error.contains("not a git repository") {
                format!(
                    "`{}` is not in a git repository\n  help: name two folders to compare instead: \
                     `capplan diff OLD NEW`",
                    plan.display()
                )
            } else {
                error
            }
        })?;
        let mut parts: Vec<String> =
            prefix.trim().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        for part in below.components() {
            match part {
                Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
                Component::ParentDir => {
                    parts.pop();
                }
                _ => {}
            }
        }
        Ok(Self { plan: parts.join("/"), ..repository })
    }

    /// The commit that a name means, if it means one.
    pub(super) fn commit(&self, name: &str) -> Option<Commit> {
        if name.is_empty() || name.starts_with('-') {
            return None;
        }
        let spec = format!("{name}^{{commit}}");
        let hash = self.git(&["rev-parse", "--verify", "--quiet", &spec]).ok()?;
        let hash = hash.trim().to_owned();
        let line = self.git(&["log", "-1", "--format=%h %cs", &hash]).ok()?;
        let (short, date) = line.trim().split_once(' ')?;
        Some(Commit { short: short.to_owned(), date: parse_date(date), hash })
    }

    /// The commit that two histories have in common last.
    ///
    /// # Errors
    /// Where they have none that is at hand; in words.
    pub(super) fn merge_base(&self, one: &Commit, other: &Commit) -> Result<Commit, String> {
        let found = self.git(&["merge-base", &one.hash, &other.hash]).ok();
        let found = found.and_then(|hash| self.commit(hash.trim()));
        found.ok_or_else(|| {
            let help = if self.is_shallow() {
                "the clone is shallow: fetch the history first, `git fetch --unshallow` (in GitHub's \
                 checkout action `fetch-depth: 0`)"
            } else {
                "name the revision to compare with: `capplan diff BASE`"
            };
            let (one, other) = (&one.short, &other.short);
            format!("`{one}` and `{other}` have no commit in common here\n  help: {help}")
        })
    }

    fn is_shallow(&self) -> bool {
        self.git(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said.trim() == "true")
    }

    /// Why a name means no commit, in words.
    pub(super) fn unknown(&self, name: &str) -> String {
        let help = if self.is_shallow() {
            "the clone is shallow: fetch the revision first, as in `git fetch --unshallow`"
                .to_owned()
        } else {
            "`git branch --all` lists branches, `git log --oneline` commits".to_owned()
        };
        format!("unknown revision `{name}`, and no such path\n  help: {help}")
    }

    /// The branch that others are merged into: the remote's default, or the usual names.
    pub(super) fn default_branch(&self) -> Option<String> {
        let head = self.git(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
        let named = head.ok().map(|name| name.trim().to_owned());
        let usual = ["origin/main", "origin/master", "main", "master"].map(str::to_owned);
        named.into_iter().chain(usual).find(|name| self.commit(name).is_some())
    }

    /// Takes the plan out of a revision.
    ///
    /// # Errors
    /// Where git's objects cannot be read or the files not written; in words.
    pub(super) fn take(&self, commit: &Commit) -> Result<Taken, String> {
        let is_file = self.kind(commit, &self.plan) == Some(Kind::File);
        let folder = if is_file {
            self.plan.rsplit_once('/').map_or("", |(folder, _)| folder)
        } else {
            &self.plan
        };
        if !is_file && !folder.is_empty() && self.kind(commit, folder) != Some(Kind::Folder) {
            return Ok(Taken::Nothing);
        }
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", &commit.hash];
        if !folder.is_empty() {
            arguments.extend(["--", folder]);
        }
        let listed = self.git(&arguments)?;
        let files: Vec<(&str, &str)> = listed.split('\0').filter_map(file_of_tree).collect();
        if !files.iter().any(|(_, path)| extension(path) == Some("kdl")) {
            return Ok(Taken::Nothing);
        }
        let out = private_folder().map_err(|error| format!("no private folder: {error}"))?;
        let removed = Removed(out.clone());
        self.write(&files, &out)?;
        let plan = self.plan.split('/').filter(|part| !part.is_empty());
        Ok(Taken::Plan(plan.fold(out, |path, part| path.join(part)), removed))
    }

    fn kind(&self, commit: &Commit, path: &str) -> Option<Kind> {
        let object = format!("{}:{path}", commit.hash);
        match self.git(&["cat-file", "-t", &object]).ok()?.trim() {
            "blob" => Some(Kind::File),
            "tree" => Some(Kind::Folder),
            _ => None,
        }
    }

    /// Writes objects as files below `out`, all through one process.
    fn write(&self, files: &[(&str, &str)], out: &Path) -> Result<(), String> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let broken = |error: std::io::Error| format!("git's objects cannot be read: {error}");
        let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git's objects cannot be read".to_owned());
        };
        let mut answers = BufReader::new(answers);
        let mut said = || -> std::io::Result<()> {
            for (hash, path) in files {
                writeln!(asks, "{hash}")?;
                asks.flush()?;
                let mut head = String::new();
                answers.read_line(&mut head)?;
                let size = head.trim().rsplit(' ').next().and_then(|size| size.parse().ok());
                let size: usize =
                    size.ok_or_else(|| std::io::Error::other(head.trim().to_owned()))?;
                let mut bytes = vec![0; size];
                answers.read_exact(&mut bytes)?;
                answers.read_exact(&mut [0])?;
                let target = path.split('/').fold(out.to_owned(), |at, part| at.join(part));
                if let Some(folder) = target.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&target, bytes)?;
            }
            Ok(())
        };
        let outcome = said().map_err(broken);
        drop(asks);
        let _ = child.wait();
        outcome
    }

    fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| no_git(&error))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("git says: {}", said.trim().trim_start_matches("fatal: ")))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

fn no_git(error: &std::io::Error) -> String {
    format!(
        "git cannot be run: {error}\n  help: install git, or name two folders to compare: \
         `capplan diff OLD NEW`"
    )
}

/// The hash and the path of a plain file that a plan can read. Links and other repositories are passed
/// over, and so is a path that would lead out of the folder.
fn file_of_tree(line: &str) -> Option<(&str, &str)> {
    let (about, path) = line.split_once('\t')?;
    let mut about = about.split(' ');
    let (mode, kind, hash) = (about.next()?, about.next()?, about.next()?);
    let stays = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    let wanted = kind == "blob" && mode != "120000" && stays && !path.contains('\\');
    (wanted && extension(path).is_some_and(|ext| READ.contains(&ext))).then_some((hash, path))
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}

/// A new folder that only this user can read.
fn private_folder() -> std::io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let base = std::env::temp_dir().canonicalize()?;
    for _ in 0..1000 {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("capplan-diff-{}-{number}", std::process::id()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(folder),
        }
    }
    Err(std::io::Error::other("every name is taken"))
}
