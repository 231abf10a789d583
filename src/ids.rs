//! Typed indices into name-ordered tables.
//!
//! An [`Arena`] holds the things of one kind, always in the order of their names, so that walking it
//! never depends on the order of files or nodes. An `Id<Pool>` cannot index workloads.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Index;

/// The place of one thing in the [`Arena`] of its kind.
pub struct Id<T> {
    index: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The id of the thing at `index` of its arena.
    ///
    /// # Panics
    /// If there are more than `u32::MAX` things of one kind, which the limits on plan size exclude.
    #[must_use]
    pub fn new(index: usize) -> Self {
        assert!(u32::try_from(index).is_ok(), "a plan has fewer than 2^32 things of a kind");
        #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
        let index = index as u32;
        Self { index, kind: PhantomData }
    }

    /// The index into the arena, for tables laid out beside it.
    #[must_use]
    pub fn index(self) -> usize {
        self.index as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// A thing that a plan declares under a name.
pub trait Named {
    /// The name it was declared under, unique within its kind.
    fn name(&self) -> &str;
}

/// All things of one kind, ordered by name.
#[derive(Debug, Clone)]
pub struct Arena<T> {
    items: Vec<T>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: Named> Arena<T> {
    /// Takes things in any order and keeps them by name.
    #[must_use]
    pub fn new(mut items: Vec<T>) -> Self {
        items.sort_by(|a, b| a.name().cmp(b.name()));
        Self { items }
    }

    /// The id of the thing called `name`, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Id<T>> {
        self.items.binary_search_by(|item| item.name().cmp(name)).ok().map(Id::new)
    }
}

impl<T> Arena<T> {
    /// Every thing with its id, by name.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Id<T>, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (Id::new(index), item))
    }

    /// Every id, by name.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<T>> + use<T> {
        (0..self.items.len()).map(Id::new)
    }

    /// Every thing, by name.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T> Index<Id<T>> for Arena<T> {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &self.items[id.index()]
    }
}
