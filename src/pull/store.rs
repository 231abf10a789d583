//! Writing a snapshot: both files appear whole, or not at all.
#![expect(clippy::disallowed_methods, reason = "a pull writes beside the plan")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::fault::Fault;
use crate::calendar::Date;
use crate::history::snapshot::{self, HourRow, Key, Provenance};

/// Writes the snapshot of a day and gives its path from the plan's folder.
///
/// # Errors
/// If a file cannot be written.
pub fn write(
    folder: &Path,
    date: Date,
    provenance: Provenance,
    rows: &BTreeMap<Key, Vec<HourRow>>,
) -> Result<String, Fault> {
    let path = snapshot::path_of(&provenance.source, date);
    let failed = |why: String| Fault::Write { path: path.clone(), why };
    let (parquet, json) = snapshot::encode(provenance, rows).map_err(|error| failed(error.0))?;
    let target = folder.join(&path);
    let beside = target.with_extension("json");
    let parts = [(&target, parquet.as_slice()), (&beside, json.as_bytes())];
    let written = parts.iter().try_for_each(|(path, bytes)| part(path, bytes));
    // Between the two renames stands only what the digest would tell; then a second run mends it.
    let renamed = written
        .and_then(|()| parts.iter().try_for_each(|(path, _)| std::fs::rename(part_of(path), path)));
    renamed.map_err(|error| failed(error.to_string()))?;
    Ok(path)
}

/// Sees that a source's folder can be written to, before a server is asked for anything.
///
/// # Errors
/// If it cannot.
pub fn prepare(folder: &Path, source: &str) -> Result<(), Fault> {
    let path = snapshot::folder_of(source);
    let probe = folder.join(&path).join(".pull.part");
    std::fs::create_dir_all(folder.join(&path))
        .and_then(|()| std::fs::write(&probe, ""))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|error| Fault::Write { path, why: error.to_string() })
}

fn part_of(path: &Path) -> std::path::PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

fn part(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(part_of(path))?;
    file.write_all(bytes)?;
    file.sync_all()
}
