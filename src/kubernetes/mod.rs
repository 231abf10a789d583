//! Kubernetes objects as text: what a cluster's manifests say, as data.
//!
//! `yaml` reads a file of manifests into documents that know their lines; the files beside it hold the
//! objects that capplan understands, in the spelling of their API. No pass reads YAML.

pub mod kueue;
pub mod quantity;
pub mod yaml;
