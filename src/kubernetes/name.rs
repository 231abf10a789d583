//! Names that a cluster accepts, made of names that a plan accepts.
//!
//! A plan's names may hold dots and be long; most of Kubernetes wants a DNS label: at most 63 of `a-z`,
//! `0-9` and `-`, a letter or digit at both ends. A name that is one already stays as it is. One that is
//! not is changed the same way each time, whatever else the plan declares; only where the result is taken
//! does it get a digest of its original, and so does one that was cut.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

/// The most characters of a DNS label.
pub const LABEL: usize = 63;
/// The most characters of a `CronJob`'s name: its jobs append eleven.
pub const CRON_JOB: usize = 52;

/// The names of one kind of object in one namespace, by the names of the plan.
#[derive(Debug, Clone, Default)]
pub struct Names {
    names: BTreeMap<String, String>,
}

impl Names {
    /// Names for all of `originals`, each distinct, each at most `most` characters.
    pub fn of<'a>(originals: impl IntoIterator<Item = &'a str>, most: usize) -> Self {
        let originals: BTreeSet<&str> = originals.into_iter().collect();
        let mut taken: BTreeSet<String> =
            originals.iter().filter(|name| is_label(name, most)).map(|n| (*n).to_owned()).collect();
        let mut names = BTreeMap::new();
        for original in originals {
            if is_label(original, most) {
                names.insert(original.to_owned(), original.to_owned());
                continue;
            }
            let plain = label(original, most);
            let name = if taken.contains(&plain) { with_digest(original, most) } else { plain };
            taken.insert(name.clone());
            names.insert(original.to_owned(), name);
        }
        Self { names }
    }

    /// The name of `original`.
    ///
    /// A name that was not among those given is made valid, but may be another's.
    #[must_use]
    pub fn get(&self, original: &str) -> String {
        self.names.get(original).cloned().unwrap_or_else(|| label(original, LABEL))
    }

    /// Those that had to be changed: original and name, by original.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.names.iter().map(|(original, name)| (original.as_str(), name.as_str()));
        pairs.filter(|(original, name)| original != name)
    }
}

/// Whether a name is a DNS label of at most `most` characters.
#[must_use]
pub fn is_label(name: &str, most: usize) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !name.is_empty()
        && name.len() <= most
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// A DNS label made of any text.
#[must_use]
pub fn label(original: &str, most: usize) -> String {
    let lower = original.chars().map(|c| c.to_ascii_lowercase());
    let text: String =
        lower.map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect();
    let text = text.trim_matches('-');
    if text.is_empty() || text.len() > most { with_digest(original, most) } else { text.to_owned() }
}

/// A DNS label that ends in a digest of the text it was made of.
fn with_digest(original: &str, most: usize) -> String {
    let digest = Sha256::digest(original.as_bytes());
    let digest: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    let lower = original.chars().map(|c| c.to_ascii_lowercase());
    let text: String = lower
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .take(most.saturating_sub(digest.len() + 1))
        .collect();
    match text.trim_matches('-') {
        "" => format!("x-{digest}"),
        text => format!("{text}-{digest}"),
    }
}

/// The value of a label made of any text: at most 63 of letters, digits, `-`, `_` and `.`, a letter or
/// digit at both ends; empty where nothing of the text may stand.
#[must_use]
pub fn label_value(text: &str) -> String {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept: String = text.chars().map(|c| if inner(c) { c } else { '-' }).take(LABEL).collect();
    kept.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_valid_name_stays_and_another_is_changed_around_it() {
        let names = Names::of(["a-b", "a.b", "a..b", "gpu."], LABEL);
        assert_eq!(names.get("a-b"), "a-b");
        assert_eq!(names.get("gpu."), "gpu");
        assert_eq!(names.get("a..b"), "a--b");
        assert!(names.get("a.b").starts_with("a-b-"), "{}", names.get("a.b"));
        assert_eq!(names.changed().count(), 3);
    }

    #[test]
    fn a_long_name_is_cut_and_told_apart() {
        let (one, two) = ("a".repeat(70), format!("{}b", "a".repeat(69)));
        let names = Names::of([one.as_str(), two.as_str()], CRON_JOB);
        assert_ne!(names.get(&one), names.get(&two));
        assert!(names.get(&one).len() <= CRON_JOB);
    }

    proptest! {
        #[test]
        fn names_are_valid_and_distinct(originals in prop::collection::vec("[a-zA-Z0-9._ é\n-]{0,80}", 1..12)) {
            let names = Names::of(originals.iter().map(String::as_str), LABEL);
            let distinct: BTreeSet<String> = originals.iter().map(|name| names.get(name)).collect();
            let given: BTreeSet<&String> = originals.iter().collect();
            prop_assert_eq!(distinct.len(), given.len());
            prop_assert!(distinct.iter().all(|name| is_label(name, LABEL)), "{:?}", distinct);
        }

        #[test]
        fn label_values_are_valid(text in "\\PC{0,80}") {
            let value = label_value(&text);
            let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            prop_assert!(value.len() <= LABEL && value.chars().all(inner));
            prop_assert!(!value.starts_with(['-', '_', '.']) && !value.ends_with(['-', '_', '.']));
        }
    }
}
