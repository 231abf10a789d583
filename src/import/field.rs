//! An object whose fields are read one by one, and which remembers those that nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::kubernetes::quantity::Quantity;
use crate::kubernetes::yaml::{Document, YamlFault};

/// What a server adds to every object.
const SERVED: &[&str] = &[
    "status",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
    "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    "metadata.annotations.deployment.kubernetes.io/revision",
];

/// An object of a file.
#[derive(Debug)]
pub(super) struct Object {
    /// Its file and line: `deployment.yaml:12`.
    pub(super) from: String,
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) name: String,
    pub(super) namespace: String,
    root: Value,
    read: RefCell<BTreeSet<String>>,
    /// Why nothing of it was carried over.
    passed_over: RefCell<Option<String>>,
}

/// A place in an object, there or not.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    of: &'a Object,
    path: String,
    value: Option<&'a Value>,
}

impl Object {
    pub(super) fn of(file: &str, document: &Document) -> Result<Self, YamlFault> {
        let root: Value = document.decode()?;
        let group = document.api_version.split_once('/').map_or("", |(group, _)| group);
        Ok(Self {
            from: format!("{file}:{}", document.line),
            kind: document.kind.clone(),
            group: group.to_owned(),
            name: document.name.clone(),
            namespace: document.namespace.clone(),
            root,
            read: RefCell::new(BTreeSet::new()),
            passed_over: RefCell::new(Some("no part of a plan".to_owned())),
        })
    }

    /// Whether it is of a kind of an API group; from now on its fields are asked for.
    pub(super) fn is(&self, group: &str, kind: &str) -> bool {
        let is = self.group == group && self.kind == kind;
        if is {
            *self.passed_over.borrow_mut() = None;
        }
        is
    }

    /// Says why nothing of it is carried over.
    pub(super) fn pass_over(&self, why: impl Into<String>) {
        *self.passed_over.borrow_mut() = Some(why.into());
    }

    pub(super) fn root(&self) -> Field<'_> {
        Field { of: self, path: String::new(), value: Some(&self.root) }
    }

    /// A field by its path of names: `spec.template`. Names with dots go through [`Field::get`].
    pub(super) fn at(&self, path: &str) -> Field<'_> {
        path.split('.').fold(self.root(), |field, name| field.get(name))
    }

    /// A label of the object.
    pub(super) fn label(&self, name: &str) -> Option<String> {
        self.at("metadata.labels").get(name).text()
    }

    /// Whether capplan wrote it.
    pub(super) fn is_ours(&self) -> bool {
        self.label("app.kubernetes.io/managed-by").as_deref() == Some("capplan")
    }

    /// What of it was not carried over; one line, or none.
    pub(super) fn lost(&self) -> Option<String> {
        let name = if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        };
        let what = format!("{} {} `{name}`", self.from, self.kind);
        if let Some(why) = &*self.passed_over.borrow() {
            return Some(format!("{what}: {why}"));
        }
        for path in
            ["apiVersion", "kind", "metadata.name", "metadata.namespace"].iter().chain(SERVED)
        {
            self.read.borrow_mut().insert((*path).to_owned());
        }
        let mut lost = Vec::new();
        self.unread(&self.root, "", &mut lost);
        (!lost.is_empty()).then(|| format!("{what}: {}", lost.join(", ")))
    }

    /// The highest places of which nothing was read; whether anything below was.
    fn unread(&self, value: &Value, path: &str, lost: &mut Vec<String>) -> bool {
        if self.read.borrow().contains(path) {
            return true;
        }
        let below =
            |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let mut own = Vec::new();
        let mut any = false;
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    any |= self.unread(value, &below(name), &mut own);
                }
            }
            Value::Array(items) => {
                for (place, value) in items.iter().enumerate() {
                    any |= self.unread(value, &format!("{path}[{place}]"), &mut own);
                }
            }
            Value::Null => any = true,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        if any {
            lost.extend(own);
        } else if path.is_empty() || !is_empty(value) {
            lost.push(path.to_owned());
        }
        any
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Field<'_> {
    /// A field of it.
    pub(super) fn get(&self, name: &str) -> Self {
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { of: self.of, path, value: self.value.and_then(|value| value.get(name)) }
    }

    /// Its items; none where it is no list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let item = |(place, value)| Self {
            of: self.of,
            path: format!("{}[{place}]", self.path),
            value: Some(value),
        };
        items.iter().enumerate().map(item).collect()
    }

    /// Its names; none where it is no map.
    pub(super) fn names(&self) -> Vec<String> {
        let map = self.value.and_then(Value::as_object);
        map.map(|map| map.keys().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn exists(&self) -> bool {
        self.value.is_some_and(|value| !value.is_null())
    }

    /// Everything in it is carried over, or means nothing to a plan.
    pub(super) fn done(&self) {
        self.of.read.borrow_mut().insert(self.path.clone());
    }

    /// Its text, carried over; a number or a truth value as it is written.
    pub(super) fn text(&self) -> Option<String> {
        let text = self.peek()?;
        self.done();
        Some(text)
    }

    /// Its text, which is not carried over by this.
    pub(super) fn peek(&self) -> Option<String> {
        match self.value? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// Its whole number, carried over.
    pub(super) fn integer(&self) -> Option<i64> {
        let number = self.peek()?.parse().ok()?;
        self.done();
        Some(number)
    }

    /// Its quantity, carried over; what is none stays among the lost.
    pub(super) fn quantity(&self) -> Option<Quantity> {
        let quantity = Quantity::parse(&self.peek()?).ok()?;
        self.done();
        Some(quantity)
    }
}
