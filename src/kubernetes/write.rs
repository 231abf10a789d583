//! Objects as YAML text that every reader reads alike.
//!
//! Goes in: objects as values, with their comments. Comes out: documents whose keys are sorted, so that the
//! same objects are the same bytes. A string stands bare only where no reader of YAML 1.1 or 1.2 takes it
//! for anything else (`on`, `1e3`, `0755` and `1:20` are quoted); everything else is quoted in ASCII
//! escapes, and a comment keeps to its line whatever it holds.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

/// One object, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Lines of comment above the object.
    pub comments: Vec<String>,
    /// Comments on a field, by its path: `spec.template.spec.containers[0].image`.
    pub field_comments: Vec<(&'static str, String)>,
    /// The object.
    pub object: Value,
}

impl Manifest {
    /// An object with its comments.
    ///
    /// # Panics
    /// Never: the objects of this crate hold nothing that JSON cannot.
    #[must_use]
    pub fn new(object: &impl Serialize, comments: Vec<String>) -> Self {
        let object = serde_json::to_value(object).unwrap_or_default();
        assert!(object.is_object(), "an object of Kubernetes is a map");
        Self { comments, field_comments: Vec::new(), object }
    }

    /// The same, with a comment on one field.
    #[must_use]
    pub fn with(mut self, path: &'static str, comment: impl Into<String>) -> Self {
        self.field_comments.push((path, comment.into()));
        self
    }
}

/// The text of a file of objects.
#[must_use]
pub fn yaml(manifests: &[Manifest]) -> String {
    let mut out = String::new();
    for manifest in manifests {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        for line in &manifest.comments {
            comment(line, 0, &mut out);
        }
        block(&manifest.object, 0, "", manifest, &mut out);
    }
    out
}

/// A line of comment that no content can leave.
fn comment(text: &str, indent: usize, out: &mut String) {
    let _ = write!(out, "{:indent$}#", "");
    if !text.is_empty() {
        out.push(' ');
    }
    for c in text.chars() {
        if is_printable(c) {
            out.push(c);
        } else {
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
    out.push('\n');
}

/// Whether a character may stand in a line of YAML as it is.
fn is_printable(c: char) -> bool {
    matches!(
        c,
        ' '..='~'
            | '\u{a0}'..='\u{2027}'
            | '\u{202f}'..='\u{2065}'
            | '\u{206a}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}'
            | '\u{10000}'..
    )
}

/// A map or a list, one entry a line, indented.
fn block(value: &Value, indent: usize, path: &str, of: &Manifest, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                said(&path, &map[key], indent, of, out);
                let _ = write!(out, "{:indent$}{}:", "", scalar_text(key));
                entry(&map[key], indent + 2, &path, of, out);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let path = format!("{path}[{place}]");
                said(&path, item, indent, of, out);
                let nested = match item {
                    Value::Object(map) => !map.is_empty(),
                    Value::Array(items) => !items.is_empty(),
                    _ => false,
                };
                if nested {
                    let mut inner = String::new();
                    block(item, indent + 2, &path, of, &mut inner);
                    // What is first stands behind the dash, unless a comment stands above it.
                    let first = &inner[indent + 2..];
                    if first.starts_with('#') {
                        let _ = writeln!(out, "{:indent$}-", "");
                        out.push_str(&inner);
                    } else {
                        let _ = write!(out, "{:indent$}- {first}", "");
                    }
                } else {
                    let _ = write!(out, "{:indent$}-", "");
                    entry(item, indent + 2, &path, of, out);
                }
            }
        }
        _ => entry(value, indent, path, of, out),
    }
}

/// Comments above a map or a list; that of a scalar stands behind it.
fn said(path: &str, value: &Value, indent: usize, of: &Manifest, out: &mut String) {
    if matches!(value, Value::Object(_) | Value::Array(_)) {
        for (_, text) in of.field_comments.iter().filter(|(at, _)| *at == path) {
            comment(text, indent, out);
        }
    }
}

/// The comment behind a scalar.
fn said_behind(path: &str, of: &Manifest, out: &mut String) {
    for (_, text) in of.field_comments.iter().filter(|(at, _)| *at == path) {
        comment(text, 4, out);
        out.pop();
    }
    out.push('\n');
}

/// What stands behind a key or a dash.
fn entry(value: &Value, indent: usize, path: &str, of: &Manifest, out: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Object(_) => {
            out.push('\n');
            block(value, indent, path, of, out);
        }
        // A list stands at the indentation of its key, as everyone writes it.
        Value::Array(_) => {
            out.push('\n');
            block(value, indent - 2, path, of, out);
        }
        Value::String(text) => {
            let _ = write!(out, " {}", scalar_text(text));
            said_behind(path, of, out);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(out, " {value}");
            said_behind(path, of, out);
        }
    }
}

/// A string: bare where every reader takes it for a string, else in double quotes.
fn scalar_text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) && !c.is_whitespace() || c == ' ' => out.push(c),
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// Words that some reader takes for a truth value, nothing, or a number.
const RESERVED: &[&str] =
    &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];

fn is_plain(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(inner)
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(object: Value) -> Manifest {
        Manifest {
            comments: vec!["plan.kdl:1 workload \"a\"".into()],
            field_comments: vec![],
            object,
        }
    }

    #[test]
    fn an_object_is_sorted_and_its_strings_are_safe() {
        let manifest = of(json!({
            "kind": "A", "apiVersion": "v1",
            "args": ["on", "1e3", "0755", "~", "", "a: b", "0x1F", "12:30", "plain-1.2/x", "é"],
            "list": [{"b": 1, "a": {}}, [], "x"], "no": true,
        }));
        let expected = "# plan.kdl:1 workload \"a\"\napiVersion: v1\nargs:\n- \"on\"\n- \"1e3\"\n- \"0755\"\n\
                        - \"~\"\n- \"\"\n- \"a: b\"\n- \"0x1F\"\n- \"12:30\"\n- plain-1.2/x\n- \"é\"\nkind: A\n\
                        list:\n- a: {}\n  b: 1\n- []\n- x\n\"no\": true\n";
        assert_eq!(yaml(&[manifest]), expected);
    }

    #[test]
    fn a_field_has_its_comment() {
        let manifest = of(json!({"spec": {"containers": [{"image": "x", "name": "y"}]}}))
            .with("spec.containers[0].image", "put the image here")
            .with("spec.containers", "one");
        assert_eq!(
            yaml(&[manifest]),
            "# plan.kdl:1 workload \"a\"\nspec:\n  # one\n  containers:\n  - image: x    # put the image here\n    \
             name: \"y\"\n"
        );
    }

    #[test]
    fn a_comment_keeps_to_its_line() {
        let mut manifest = of(json!({"a": 1}));
        manifest.comments = vec!["x\nkind: Secret\r\u{2028}\u{85}\u{feff}y".into()];
        let text = yaml(&[manifest]);
        assert_eq!(text, "# x\\u{a}kind: Secret\\u{d}\\u{2028}\\u{85}\\u{feff}y\na: 1\n");
    }

    /// Any value: JSON's own types, nested.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            prop::sample::select(vec![
                "on", "Yes", "0o7", "1_000", ".inf", "- a", "#x", "&a", "*a", "!t", "---", "..."
            ])
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[\\PC]{1,6}|on|1", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(inner in value(), said in any::<String>()) {
            let object = json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "n"}, "spec": inner});
            let manifest = Manifest { comments: vec![said], field_comments: vec![], object: object.clone() };
            let text = yaml(&[manifest.clone(), manifest]);
            let documents = crate::kubernetes::yaml::read(&text).unwrap();
            prop_assert_eq!(documents.len(), 2, "{}", text);
            prop_assert_eq!(documents[0].decode::<Value>().unwrap(), object, "{}", text);
        }
    }
}
