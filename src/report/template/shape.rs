//! What a template may say: the fields of what it is given, and what is in each.
//!
//! A shape is read off a sample in which every field is there. A sample's strings say what they stand for:
//! [`MARKUP`] for HTML that this program drew, [`MARKDOWN`] for prose that is escaped already, [`ADDRESS`]
//! for names that this program made, [`CODE`] for a command, [`STYLE`] for a style sheet; every other string
//! is text, perhaps of the plan.

use std::collections::BTreeMap;

use serde_json::Value;

/// Any text.
pub(in crate::report) const TEXT: &str = "text";
/// HTML.
pub(in crate::report) const MARKUP: &str = "\u{1}markup";
/// Markdown.
pub(in crate::report) const MARKDOWN: &str = "\u{1}markdown";
/// An address or id.
pub(in crate::report) const ADDRESS: &str = "\u{1}address";
/// A command on a line of its own.
pub(in crate::report) const CODE: &str = "\u{1}code";
/// A style sheet.
pub(in crate::report) const STYLE: &str = "\u{1}style";

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not known: found while rendering.
    Any,
    /// A number, or yes or no.
    Plain,
    Text,
    Markup,
    Markdown,
    Address,
    Code,
    Style,
    List(Box<Shape>),
    Fields(BTreeMap<String, Shape>),
}

impl Shape {
    /// The shape of a sample.
    pub(super) fn of(sample: &Value) -> Self {
        match sample {
            Value::Null => Self::Fields(BTreeMap::new()),
            Value::Bool(_) | Value::Number(_) => Self::Plain,
            Value::String(text) => match text.as_str() {
                MARKUP => Self::Markup,
                MARKDOWN => Self::Markdown,
                ADDRESS => Self::Address,
                CODE => Self::Code,
                STYLE => Self::Style,
                _ => Self::Text,
            },
            Value::Array(items) => Self::List(Box::new(items.first().map_or(Self::Any, Self::of))),
            Value::Object(fields) => Self::Fields(
                fields.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect(),
            ),
        }
    }

    /// What it is, in words.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Any => "whatever is found",
            Self::Plain => "a number, or yes or no",
            Self::Text => "text",
            Self::Markup => "HTML",
            Self::Markdown => "Markdown",
            Self::Address => "an address",
            Self::Code => "a command",
            Self::Style => "a style sheet",
            Self::List(_) => "a list",
            Self::Fields(_) => "a group of fields",
        }
    }

    /// The names of its fields.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Fields(fields) => fields.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The same with further fields.
    pub(super) fn with(self, more: impl IntoIterator<Item = (String, Self)>) -> Self {
        match self {
            Self::Fields(mut fields) => {
                fields.extend(more);
                Self::Fields(fields)
            }
            other => {
                let fields: BTreeMap<_, _> = more.into_iter().collect();
                if fields.is_empty() { other } else { Self::Fields(fields) }
            }
        }
    }
}

/// Every path of a shape with what is there, for people: `sections[].heading`. What a partial is given is told
/// with the partial.
pub(super) fn paths(shape: &Shape, partials: &[(&str, Shape)]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut left = vec![(String::new(), shape)];
    while let Some((path, at)) = left.pop() {
        let partial = partials.iter().find(|(_, given)| given == at && at != shape);
        if let Some((name, _)) = partial {
            found.push((path, format!("what `{name}` is given")));
            continue;
        }
        if !path.is_empty() && !path.ends_with("[]") {
            found.push((path.clone(), at.words().to_owned()));
        }
        match at {
            Shape::List(item) if matches!(**item, Shape::Fields(_)) => {
                left.push((format!("{path}[]"), item));
            }
            Shape::Fields(fields) => {
                let dot = if path.is_empty() { "" } else { "." };
                left.extend(fields.iter().rev().map(|(n, s)| (format!("{path}{dot}{n}"), s)));
            }
            _ => {}
        }
    }
    found
}

/// Whether a value has nothing that its shape does not tell; else the path of what it has.
#[cfg(test)]
pub(in crate::report) fn beyond(value: &Value, sample: &Value) -> Option<String> {
    match (value, sample) {
        (Value::Object(fields), Value::Object(known)) => {
            fields.iter().find_map(|(name, value)| match known.get(name) {
                None => Some(name.clone()),
                Some(known) => beyond(value, known).map(|path| format!("{name}.{path}")),
            })
        }
        (Value::Array(items), Value::Array(known)) => items
            .iter()
            .find_map(|item| known.first().map_or(Some("[]".to_owned()), |one| beyond(item, one))),
        (Value::Object(_) | Value::Array(_), _) => Some("?".to_owned()),
        _ => None,
    }
}

/// Whether a sample leaves nothing out: no null, no empty list.
#[cfg(test)]
pub(in crate::report) fn gap(sample: &Value) -> Option<String> {
    match sample {
        Value::Null => Some("null".to_owned()),
        Value::Array(items) if items.is_empty() => Some("[]".to_owned()),
        Value::Array(items) => items.iter().find_map(gap),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| gap(value).map(|gap| format!("{name}: {gap}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_read_off_a_sample() {
        let sample = serde_json::json!({ "a": TEXT, "b": [{ "c": MARKUP, "d": 1 }], "e": null });
        let shape = Shape::of(&sample);
        let words = paths(&shape, &[]);
        let words: Vec<String> =
            words.iter().map(|(path, what)| format!("{path}: {what}")).collect();
        assert_eq!(
            words,
            [
                "a: text",
                "b: a list",
                "b[].c: HTML",
                "b[].d: a number, or yes or no",
                "e: a group of fields"
            ]
        );
        assert_eq!(beyond(&serde_json::json!({ "b": [{ "x": 1 }] }), &sample).unwrap(), "b.x");
        assert_eq!(gap(&sample).unwrap(), "e: null");
    }
}
