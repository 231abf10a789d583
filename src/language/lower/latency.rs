//! How long a request may take, and what is known of how requests come and are served.

use super::{Lower, count, rules};
use crate::language::syntax::Node;
use crate::plan::workload::{Latency, Serves};

/// More at a time than any replica works on.
const MOST_AT_A_TIME: f64 = 1e6;

impl<'t> Lower<'t, '_> {
    /// The latency of a replica; `None` within where it states none, and without where it is wrong.
    #[expect(clippy::option_option, reason = "nothing stated, and something wrong, are two things")]
    pub(super) fn latency(
        &mut self,
        replica: &'t Node,
        serves: &Serves,
    ) -> Option<Option<Latency>> {
        let nodes = self.settings(replica, "latency");
        let words = ["concurrency", "service-time", "burstiness", "service-variation"];
        let Some(first) = nodes.first().copied() else {
            if let Some(stray) = words.iter().find_map(|word| replica.child(word)) {
                self.report.push(rules::without_latency(stray));
                return None;
            }
            return Some(None);
        };
        let mut objectives: Vec<(f64, f64)> = nodes
            .into_iter()
            .filter_map(|node| {
                let digits = node.arg(0)?.text()?.strip_prefix('p')?;
                let percentile: f64 = format!("0.{digits}").parse().ok()?;
                Some((percentile, self.figure(node, 1, "s")?))
            })
            .collect();
        objectives.sort_by(|a, b| a.0.total_cmp(&b.0));
        let scv = |lower: &mut Self, name: &str| match lower.setting(replica, name) {
            Some(node) => lower.figure(node, 0, ""),
            None => Some(1.0),
        };
        let (arrival_scv, service_scv) =
            (scv(self, "burstiness")?, scv(self, "service-variation")?);
        let concurrency = self.concurrency(replica, serves)?;
        let origin = first.origin();
        Some(Some(Latency { objectives, concurrency, arrival_scv, service_scv, origin }))
    }

    /// How many requests it works on at a time: stated, or what it serves × how long one takes, by Little's
    /// law.
    fn concurrency(&mut self, replica: &'t Node, serves: &Serves) -> Option<u32> {
        let (at_a_time, time) = (replica.child("concurrency"), replica.child("service-time"));
        match (at_a_time, time, serves) {
            (Some(at_a_time), Some(time), _) => {
                self.report.push(rules::concurrency_and_time(time, at_a_time));
                None
            }
            (Some(stray), None, Serves::Model(_)) | (None, Some(stray), Serves::Model(_)) => {
                self.report.push(rules::model_says_it(stray));
                None
            }
            (Some(node), None, _) => self.sound(node).then(|| count(node.arg(0))).flatten(),
            (None, Some(node), Serves::Stated(rate)) => {
                let seconds = self.sound(node).then(|| self.figure(node, 0, "s")).flatten()?;
                let under_way = (rate.median() * seconds).round().clamp(1.0, MOST_AT_A_TIME);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped"
                )]
                Some(under_way as u32)
            }
            (None, None, _) => Some(1),
        }
    }
}
