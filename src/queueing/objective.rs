//! How many servers an objective takes: of waiting, of responding, of utilisation.

use super::erlang::{fewest, stable};
use super::queue::Queue;

/// What must hold; what is absent need not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Objective {
    /// At most this share of arrivals waits.
    pub delayed_most: Option<f64>,
    /// At least this share waits no longer than so many seconds.
    pub wait: Option<(f64, f64)>,
    /// At least this share responds within so many seconds.
    pub response: Option<(f64, f64)>,
    /// Servers are busy at most this share of the time.
    pub utilization_most: Option<f64>,
}

impl Objective {
    /// Whether a queue keeps it.
    #[must_use]
    pub fn is_kept(&self, queue: &Queue) -> bool {
        // As rounding elsewhere: what passes by a billionth still holds.
        let most = |value: f64, most: f64| value <= most * (1.0 + 1e-9);
        self.delayed_most.is_none_or(|share| most(queue.delayed(), share))
            && self.wait.is_none_or(|(share, time)| most(queue.wait_tail(time), 1.0 - share))
            && self
                .response
                .is_none_or(|(share, time)| most(queue.response_tail(time), 1.0 - share))
            && self.utilization_most.is_none_or(|share| most(queue.utilization(), share))
    }

    /// The fewest servers that keep it, for the arrivals and services of `queue`; `None` where no number
    /// does, because a service alone takes longer.
    #[must_use]
    pub fn servers(&self, queue: &Queue) -> Option<u32> {
        let with = |servers| Queue { servers, ..*queue };
        let found = fewest(stable(queue.offered()), |servers| {
            // More servers than anyone has: the answer stays the same.
            servers >= FAR || self.is_kept(&with(servers))
        });
        (found < FAR).then_some(found)
    }
}

/// Beyond any number of servers.
const FAR: u32 = 1 << 28;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_centre() {
        // pyworkforce: 100 calls in 30 minutes of 3 minutes each, 80% within 20 seconds, at most 85% busy.
        let queue = Queue::random(0, 100.0 / 30.0, 3.0);
        let objective = Objective {
            wait: Some((0.8, 1.0 / 3.0)),
            utilization_most: Some(0.85),
            ..Objective::default()
        };
        assert_eq!(objective.servers(&queue), Some(14));
        let support = Objective { delayed_most: Some(0.1), ..Objective::default() };
        assert_eq!(support.servers(&Queue::random(0, 0.5, 5.0)), Some(6));
    }

    #[test]
    fn no_number_of_servers_makes_a_service_shorter() {
        let queue = Queue::random(0, 10.0, 0.1);
        let within = |time| Objective { response: Some((0.99, time)), ..Objective::default() };
        assert_eq!(within(0.46).servers(&queue), None);
        let servers = within(0.47).servers(&queue);
        assert!(servers.is_some_and(|servers| (2..9).contains(&servers)), "{servers:?}");
    }
}
