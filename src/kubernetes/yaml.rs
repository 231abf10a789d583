//! A file of manifests: its documents, each with its kind and the line it begins in.
//!
//! Several documents stand in one file, and `kind: List` holds objects of its own. A document is decoded
//! into a type from its own text, so that a mistake is named with the line of the file.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One object of a file of manifests.
#[derive(Debug, Clone)]
pub struct Document {
    /// `apiVersion`: `autoscaling/v2`.
    pub api_version: String,
    /// `kind`: `HorizontalPodAutoscaler`.
    pub kind: String,
    /// `metadata.name`; empty where the object has none.
    pub name: String,
    /// `metadata.namespace`; empty where the object has none.
    pub namespace: String,
    /// The line of the file in which its document begins, from 1.
    pub line: usize,
    source: Source,
}

/// What an object is decoded from.
#[derive(Debug, Clone)]
enum Source {
    /// The text of its document, after as many empty lines as stand before it in the file.
    Text(String),
    /// An item of a list.
    Item(Value),
}

/// What is wrong with a file of manifests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlFault {
    /// The text is no YAML, or a value has the wrong form.
    #[error("{}{what}", place(*line, *column))]
    Unreadable {
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// The column, from 1; 0 where it is not known.
        column: usize,
        /// What is wrong, in words.
        what: String,
        /// Whether the text is YAML, and only a value is wrong.
        is_yaml: bool,
    },
    /// An item of a list has the wrong form.
    #[error("line {line}: in {kind} `{name}`: {what}")]
    Item {
        /// The line in which the list begins, from 1.
        line: usize,
        /// The item's kind.
        kind: String,
        /// The item's name.
        name: String,
        /// What is wrong, in words.
        what: String,
    },
    /// A document is no object of Kubernetes.
    #[error("line {line}: this is no Kubernetes object: it has no `{field}`")]
    NoObject {
        /// The line in which it begins, from 1.
        line: usize,
        /// What is missing.
        field: &'static str,
    },
}

fn place(line: usize, column: usize) -> String {
    match (line, column) {
        (0, _) => String::new(),
        (line, 0) => format!("line {line}: "),
        (line, column) => format!("line {line}, column {column}: "),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Metadata,
    items: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    namespace: String,
}

/// Reads every object of a file of manifests, in the order written; a document without content is none.
///
/// # Errors
///
/// Text that is no YAML, and documents without `apiVersion` or `kind`.
pub fn read(text: &str) -> Result<Vec<Document>, YamlFault> {
    let mut documents = Vec::new();
    for (line, padded) in split(text) {
        let head: Option<Head> = decode(&padded)?;
        let Some(head) = head else { continue };
        let missing = |field| YamlFault::NoObject { line, field };
        let kind = head.kind.ok_or_else(|| missing("kind"))?;
        let api_version = head.api_version.ok_or_else(|| missing("apiVersion"))?;
        match head.items.filter(|_| kind.ends_with("List")) {
            None => documents.push(Document {
                api_version,
                kind,
                name: head.metadata.name,
                namespace: head.metadata.namespace,
                line,
                source: Source::Text(padded),
            }),
            Some(items) => {
                for item in items {
                    documents.push(of_item(line, &kind, &api_version, item)?);
                }
            }
        }
    }
    Ok(documents)
}

/// An item of a list; items of a typed list (`PodList`) may leave out what the list says.
fn of_item(
    line: usize,
    list_kind: &str,
    list_version: &str,
    item: Value,
) -> Result<Document, YamlFault> {
    let head: Head = serde_json::from_value(item.clone()).map_err(|error| {
        YamlFault::Unreadable { line, column: 0, what: error.to_string(), is_yaml: true }
    })?;
    let typed = list_kind.strip_suffix("List").filter(|kind| !kind.is_empty());
    let missing = |field| YamlFault::NoObject { line, field };
    Ok(Document {
        api_version: head
            .api_version
            .or_else(|| typed.map(|_| list_version.to_owned()))
            .ok_or_else(|| missing("apiVersion"))?,
        kind: head.kind.or_else(|| typed.map(str::to_owned)).ok_or_else(|| missing("kind"))?,
        name: head.metadata.name,
        namespace: head.metadata.namespace,
        line,
        source: Source::Item(item),
    })
}

impl Document {
    /// The object as a type.
    ///
    /// # Errors
    ///
    /// A value of another form than the type's, with its line.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, YamlFault> {
        match &self.source {
            Source::Text(text) => decode(text),
            Source::Item(item) => {
                serde_json::from_value(item.clone()).map_err(|error| YamlFault::Item {
                    line: self.line,
                    kind: self.kind.clone(),
                    name: self.name.clone(),
                    what: error.to_string(),
                })
            }
        }
    }
}

/// An object as YAML.
///
/// # Errors
/// What cannot be written, in words.
pub fn write<T: serde::Serialize>(object: &T) -> Result<String, String> {
    serde_saphyr::to_string(object).map_err(|error| error.to_string())
}

fn decode<T: DeserializeOwned>(text: &str) -> Result<T, YamlFault> {
    serde_saphyr::from_str(text).map_err(|error| {
        let at = error.location();
        let number = |value: u64| usize::try_from(value).unwrap_or(0);
        let words = error.without_snippet().to_string();
        YamlFault::Unreadable {
            line: at.map_or(0, |at| number(at.line())),
            column: at.map_or(0, |at| number(at.column())),
            what: words.split(" at line ").next().unwrap_or_default().to_owned(),
            is_yaml: serde_saphyr::from_str::<Value>(text).is_ok(),
        }
    })
}

/// The documents of a file, each with its first line and with empty lines in place of what stands
/// before it. A line that begins with `---` ends a document wherever it stands, by the rules of YAML.
fn split(text: &str) -> Vec<(usize, String)> {
    let mut documents = Vec::new();
    let (mut line, mut body, mut first) = (0, String::new(), 1);
    for row in text.split_inclusive('\n') {
        line += 1;
        let marker = row
            .strip_prefix("---")
            .filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if let Some(rest) = marker {
            documents.push((first, std::mem::take(&mut body)));
            (body, first) = (format!("{}   {rest}", "\n".repeat(line - 1)), line + 1);
        } else {
            body.push_str(row);
        }
    }
    documents.push((first, body));
    documents.retain(|(_, body)| has_content(body));
    documents
}

fn has_content(body: &str) -> bool {
    body.lines().map(str::trim).any(|row| !row.is_empty() && !row.starts_with('#') && row != "...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Quota {
        spec: Spec,
    }

    #[derive(Debug, Deserialize)]
    struct Spec {
        cpu: u32,
    }

    const TWO: &str = "# first\napiVersion: v1\nkind: Quota\nmetadata:\n  name: a\nspec:\n  cpu: 3\n---\n\
                       ---\napiVersion: v1\nkind: Quota\nmetadata: {name: b, namespace: n}\nspec:\n  cpu: many\n";

    #[test]
    fn a_file_holds_documents_that_know_their_line() {
        let documents = read(TWO).unwrap();
        let heads: Vec<_> =
            documents.iter().map(|d| (d.name.as_str(), d.namespace.as_str(), d.line)).collect();
        assert_eq!(heads, [("a", "", 1), ("b", "n", 10)]);
        assert_eq!(documents[0].decode::<Quota>().unwrap().spec.cpu, 3);
    }

    #[test]
    fn a_wrong_value_is_named_with_the_line_of_the_file() {
        let fault = read(TWO).unwrap()[1].decode::<Quota>().unwrap_err();
        let YamlFault::Unreadable { line, .. } = fault else { panic!("{fault}") };
        assert_eq!(line, 14);
    }

    #[test]
    fn a_list_is_its_items() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Quota, metadata: {name: a}, spec: {cpu: x}}\n";
        let documents = read(text).unwrap();
        assert_eq!((documents.len(), documents[0].name.as_str()), (1, "a"));
        let message = documents[0].decode::<Quota>().unwrap_err().to_string();
        assert!(message.starts_with("line 1: in Quota `a`: "), "{message}");
    }

    #[test]
    fn what_is_no_object_is_said() {
        assert_eq!(
            read("a: 1\n").unwrap_err().to_string(),
            "line 1: this is no Kubernetes object: it has no `kind`"
        );
        assert!(read("kind: [\n").unwrap_err().to_string().starts_with("line "));
        assert!(read("# nothing\n---\n...\n").unwrap().is_empty());
    }
}
