//! Measured batches of a replica: how many it works on at a time, and what it serves then.

use super::{Lower, count, rules};
use crate::language::syntax::Node;
use crate::serving::batching::Batching;

/// The batches of a replica, and the one it is planned with.
#[derive(Debug)]
pub(super) struct Batched {
    /// Requests at a time, and seconds; by size.
    pub points: Vec<(f64, f64)>,
    line: Batching,
    batch: f64,
}

impl Batched {
    /// What a replica serves a second.
    pub(super) fn per_second(&self) -> f64 {
        self.line.throughput(self.batch)
    }

    /// How many it works on at a time.
    pub(super) fn at_a_time(&self) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole batch, at most the largest count that was written"
        )]
        let batch = self.batch as u32;
        batch.max(1)
    }
}

impl<'t> Lower<'t, '_> {
    /// The batches of a replica, which say what `serves`, `concurrency` and a `model` would say.
    pub(super) fn batching(
        &mut self,
        replica: &'t Node,
        node: &'t Node,
        model: Option<&'t Node>,
    ) -> Option<Batched> {
        let words = ["serves", "concurrency", "service-time"];
        let stated = words.iter().find_map(|word| replica.child(word)).or(model);
        if let Some(stated) = stated {
            self.report.push(rules::batching_and_stated(node, stated));
            return None;
        }
        let nodes = self.settings(node, "batch");
        let mut points = Vec::new();
        for batch in nodes {
            let requests = f64::from(count(batch.arg(0))?);
            points.push((requests, self.figure(batch, 1, "s")?));
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Ok(line) = Batching::fit(&points) else {
            self.report.push(if points.len() < 2 {
                rules::workload_lacks(node, "batch", "batch 8 \"16 ms\"")
            } else {
                rules::batches_get_faster(node)
            });
            return None;
        };
        let promises = self.settings(replica, "latency");
        let tightest =
            promises.into_iter().filter_map(|node| self.figure(node, 1, "s")).reduce(f64::min);
        let largest = points.last().map_or(1.0, |point| point.0);
        Some(Batched { points, line, batch: line.planned(largest, tightest) })
    }
}
