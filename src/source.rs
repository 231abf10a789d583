//! The text of the plan's files, and places in it.

use std::sync::Arc;

/// One file of a plan, as read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as it is shown: relative to the plan's folder, with forward slashes.
    pub path: String,
    /// The text, valid UTF-8.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// A file with its line table.
    #[must_use]
    pub fn new(path: String, text: Arc<str>) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        #[expect(clippy::cast_possible_truncation, reason = "plan files are at most 1 MB")]
        let line_starts =
            std::iter::once(0).chain(starts.map(|(offset, _)| offset as u32 + 1)).collect();
        Self { path, text, line_starts }
    }

    /// The line and column of a byte offset, both counted from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1] as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |text| text.chars().count());
        (line, column + 1)
    }
}

/// A file of [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A run of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file it lies in.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// How many bytes.
    pub len: u32,
}

impl Span {
    /// The first byte after the span.
    #[must_use]
    pub fn end(self) -> u32 {
        self.start + self.len
    }

    /// The smallest span of the same file that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        let start = self.start.min(other.start);
        Self { file: self.file, start, len: self.end().max(other.end()) - start }
    }
}

/// Every file of a plan, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and says which it is.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        #[expect(clippy::cast_possible_truncation, reason = "a plan has at most 2,000 files")]
        let id = FileId(self.files.len() as u32);
        self.files.push(file);
        id
    }

    /// The file with this id.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        #[expect(clippy::cast_possible_truncation, reason = "a plan has at most 2,000 files")]
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text of a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        let text = &self.file(span.file).text;
        text.get(span.start as usize..span.end() as usize).unwrap_or_default()
    }

    /// A place as people write it: `pools.kdl:12`.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let file = self.file(span.file);
        format!("{}:{}", file.path, file.position(span.start).0)
    }
}
