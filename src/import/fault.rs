//! What is wrong with manifests, as diagnostics with codes.
//!
//! In: what a file of manifests is found to be wrong in. Out: a diagnostic at its line. What is right and has no place in
//! a plan is no mistake, and stands among the lost.

use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::kubernetes::yaml::YamlFault;
use crate::source::{FileId, Sources, Span};

/// A file that is no YAML.
pub static MANIFEST_SYNTAX: Code = Code {
    id: "manifest_syntax",
    family: Family::Files,
    severity: Severity::Error,
    title: "a file of manifests is no YAML",
    page: r"A file that is imported cannot be read as YAML or JSON: an indentation, a bracket or a quote is wrong at the line that is
shown. Nothing is imported until every file can be read. `kubectl get -o yaml` writes files that can.

Wrong:

```yaml
apiVersion: v1
kind: Namespace
metadata: { name: search
```

Right:

```yaml
apiVersion: v1
kind: Namespace
metadata: { name: search }
```
",
};

/// A document that is no object.
pub static MANIFEST_OBJECT: Code = Code {
    id: "manifest_object",
    family: Family::Files,
    severity: Severity::Error,
    title: "a document of a file of manifests is no object of Kubernetes",
    page: r"Every object has an `apiVersion` and a `kind`. A document without one of them is something else: the values of a
chart, a configuration, a half of an object. Render charts and overlays first: `helm template`, `kubectl kustomize`.

Wrong:

```yaml
replicas: 3
image: registry.example/search:1
```

Right:

```yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: search }
spec: { replicas: 3 }
```
",
};

/// A value of another form.
pub static MANIFEST_VALUE: Code = Code {
    id: "manifest_value",
    family: Family::Files,
    severity: Severity::Error,
    title: "a value of a manifest has another form than its field",
    page: r"A field of an object holds something that the API would not take: a list where a name belongs, a text where a map does.

Wrong:

```yaml
apiVersion: v1
kind: Namespace
metadata: search
```

Right:

```yaml
apiVersion: v1
kind: Namespace
metadata: { name: search }
```
",
};

/// Files of which nothing is carried over.
pub static NOTHING_IMPORTED: Code = Code {
    id: "nothing_imported",
    family: Family::Files,
    severity: Severity::Warning,
    title: "nothing of the manifests is part of a plan",
    page: r"The files are right, and hold nothing that a plan says: no workload, node, quota, priority or namespace. What they hold
is listed with the reason for each.

Wrong:

```yaml
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
```

Right:

```yaml
apiVersion: v1
kind: Namespace
metadata: { name: search }
```
",
};

/// The codes of this room.
pub const CODES: &[&Code] =
    &[&MANIFEST_SYNTAX, &MANIFEST_OBJECT, &MANIFEST_VALUE, &NOTHING_IMPORTED];

/// A fault at its place.
pub(super) fn diagnostic(fault: &YamlFault, file: FileId, sources: &Sources) -> Diagnostic {
    let at = |line: usize, column: usize| place(sources, file, line, column);
    match fault {
        YamlFault::Unreadable { line, column, what, is_yaml: true } => {
            Diagnostic::new(&MANIFEST_VALUE, "a value has the wrong form")
                .at(at(*line, *column), what)
                .help("write it as the API of its object has it")
        }
        YamlFault::Unreadable { line, column, what, is_yaml: false } => {
            Diagnostic::new(&MANIFEST_SYNTAX, "this is no YAML")
                .at(at(*line, *column), what)
                .help("`kubectl get -o yaml` writes files that can be read")
        }
        YamlFault::Item { line, kind, name, what } => Diagnostic::new(
            &MANIFEST_VALUE,
            format!("a value of {kind} `{name}` has the wrong form"),
        )
        .at(at(*line, 0), what)
        .help("write it as the API of its object has it"),
        YamlFault::NoObject { line, field } => {
            Diagnostic::new(&MANIFEST_OBJECT, "this is no object of Kubernetes")
                .at(at(*line, 0), format!("the document has no `{field}`"))
                .help("render charts and overlays first: `helm template`, `kubectl kustomize`")
        }
    }
}

/// A line from a column on, without the space around it; the first line of the file where none is known.
fn place(sources: &Sources, file: FileId, line: usize, column: usize) -> Span {
    let text = &sources.file(file).text;
    let mut start = 0;
    let mut found = text.lines().next().unwrap_or_default();
    for (number, row) in text.split_inclusive('\n').enumerate() {
        if number + 1 == line.max(1) {
            found = row;
            break;
        }
        start += row.len();
    }
    // An end of file lies after the last line.
    let start = start.min(text.len());
    let skipped = found.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    let rest = &found[skipped..];
    let inner = rest.trim();
    let lead = rest.len() - rest.trim_start().len();
    let bytes = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    Span { file, start: bytes((start + skipped + lead).min(text.len())), len: bytes(inner.len()) }
}
