//! Kubernetes objects as text: what a cluster's manifests say, as data.
//!
//! `yaml` reads a file of manifests into documents that know their lines, `write` writes one; the files
//! beside them hold the objects that capplan understands, in the spelling of their API. `name` makes names
//! that a cluster accepts. No pass reads YAML.

pub mod hpa;
pub mod kueue;
pub mod name;
pub mod object;
pub mod place;
pub mod pod;
pub mod quantity;
pub mod scaled;
pub mod write;
pub mod yaml;
