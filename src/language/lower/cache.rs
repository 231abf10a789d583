//! A cache: the share it answers, or its size and how popular its objects are.

use super::{Lower, rules};
use crate::estimate::Estimate;
use crate::language::syntax::Node;
use crate::plan::workload::CacheCurve;

/// The words of a curve, and how each is written.
const CURVE: [(&str, &str); 3] =
    [("objects", "objects 20e6"), ("object-size", "object-size \"12 KiB\""), ("zipf", "zipf 0.9")];

impl<'t> Lower<'t, '_> {
    /// The hit ratio and the popularity of a cache; `None` where it is wrong.
    pub(super) fn cache(
        &mut self,
        workload: &str,
        node: Option<&'t Node>,
    ) -> Option<(Option<Estimate>, Option<CacheCurve>)> {
        let Some(node) = node else { return Some((None, None)) };
        let key = || format!("workload/{workload}/cache.hit-ratio");
        let ratio = match self.setting(node, "hit-ratio") {
            Some(ratio) => Some(self.share(ratio, 0, key)?),
            None => None,
        };
        let size = node.child("size");
        if let (Some(size), Some(ratio)) = (size, node.child("hit-ratio")) {
            self.report.push(rules::cache_said_twice(size, ratio));
            return None;
        }
        if size.is_none() && CURVE.iter().all(|(word, _)| node.child(word).is_none()) {
            if node.child("hit-ratio").is_none() {
                self.report.push(rules::workload_lacks(node, "hit-ratio", "hit-ratio \"35%\""));
                return None;
            }
            return Some((ratio, None));
        }
        for (word, example) in CURVE {
            if node.child(word).is_none() {
                self.report.push(rules::workload_lacks(node, word, example));
                return None;
            }
        }
        if size.is_none() && node.child("hit-ratio").is_none() {
            self.report.push(rules::workload_lacks(node, "size", "size \"40 GiB\""));
            return None;
        }
        let curve = CacheCurve {
            objects: self.setting_figure(node, "objects", "")?.round(),
            object_bytes: self.setting_figure(node, "object-size", "byte")?,
            zipf: self.setting_figure(node, "zipf", "")?,
            size_bytes: self.setting_figure(node, "size", "byte"),
            origin: node.origin(),
        };
        Some((ratio, Some(curve)))
    }
}
