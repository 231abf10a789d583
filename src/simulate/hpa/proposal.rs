//! How many replicas one metric asks for.
//!
//! In: pods in groups of equals with their values in milli-units, the target, the tolerances. Out: a
//! count and the value that was seen. All arithmetic is that of the controller: whole milli-units, a
//! utilisation in whole per cent rounded down, and `f64` for ratios.
//!
//! # Source
//! Kubernetes 1.3x, `pkg/controller/podautoscaler/replica_calculator.go` (autoscaling/v2).

use super::pods::{Alike, Standing};
use super::settings::Tolerances;

/// What a metric asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Replicas.
    pub replicas: i32,
    /// What was seen: per cent for a utilisation, else milli-units (an average for a value per pod).
    pub seen: i64,
    /// The mean of the pods' values in milli-units; the same as `seen` but for a utilisation.
    pub average: i64,
}

/// Why a metric asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProposal {
    /// Nothing is selected.
    #[error("no pods to measure")]
    NoPods,
    /// No pod that counts has a value.
    #[error("no metrics of pods that count (they may not be ready)")]
    NoMetrics,
    /// A container states no request of the resource.
    #[error("missing request")]
    MissingRequest,
    /// The metric itself cannot be read.
    #[error("the metric cannot be read")]
    Unreadable,
}

/// Replicas that `replicas` rounds up to, capped at what the API can hold.
#[expect(clippy::cast_possible_truncation, reason = "capped at the largest count of the API")]
pub(super) fn count(replicas: f64) -> i32 {
    replicas.ceil() as i32
}

/// What all pods are held against: a utilisation of their requests, or a value of each.
#[derive(Debug, Clone, Copy)]
enum Target {
    Percent(i32),
    Value(i64),
}

/// Sums over the pods that count.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    pods: i64,
    value: i128,
    request: i128,
}

impl Sums {
    fn add(&mut self, pods: i64, value: i64, request: i64) {
        self.pods += pods;
        self.value += i128::from(pods) * i128::from(value);
        self.request += i128::from(pods) * i128::from(request);
    }

    fn mean(&self) -> i64 {
        quotient(self.value, i128::from(self.pods.max(1)))
    }
}

/// A quotient, rounded towards zero: in 64 bits where they hold it, which is many times as fast.
fn quotient(of: i128, by: i128) -> i64 {
    match (i64::try_from(of), i64::try_from(by)) {
        (Ok(of), Ok(by)) => of / by,
        _ => i64::try_from(of / by).unwrap_or(i64::MAX),
    }
}

impl Target {
    /// The ratio of what is seen to what is aimed at, and what is seen.
    fn ratio(self, sums: &Sums) -> Result<(f64, i64), NoProposal> {
        match self {
            Self::Percent(target) => {
                if sums.request == 0 {
                    return Err(NoProposal::NoMetrics);
                }
                let percent = quotient(sums.value * 100, sums.request);
                Ok((percent as f64 / f64::from(target), percent))
            }
            Self::Value(target) => {
                let mean = sums.mean();
                Ok((mean as f64 / target as f64, mean))
            }
        }
    }

    /// What a pod without a value counts as where the others would have fewer pods.
    fn at_least(self, request: i64) -> i64 {
        match self {
            Self::Percent(target) => request.saturating_mul(i64::from(target.max(100))) / 100,
            Self::Value(target) => target,
        }
    }
}

/// Replicas for a utilisation, in per cent of what pods request (`Utilization` of a resource).
///
/// # Errors
/// Where nothing can be said: no pods, no values, a pod without a request.
pub fn utilization(
    groups: &[Alike],
    current: i32,
    target_percent: i32,
    tolerances: Tolerances,
) -> Result<Proposal, NoProposal> {
    over_pods(groups, current, Target::Percent(target_percent), tolerances)
}

/// Replicas for a mean value per pod (`AverageValue` of a resource, and metrics of pods).
///
/// # Errors
/// Where nothing can be said: no pods, no values.
pub fn average_of_pods(
    groups: &[Alike],
    current: i32,
    target: i64,
    tolerances: Tolerances,
) -> Result<Proposal, NoProposal> {
    over_pods(groups, current, Target::Value(target), tolerances)
}

fn over_pods(
    groups: &[Alike],
    current: i32,
    target: Target,
    tolerances: Tolerances,
) -> Result<Proposal, NoProposal> {
    if groups.iter().all(|group| group.pods == 0) {
        return Err(NoProposal::NoPods);
    }
    let of = |standing| groups.iter().filter(move |g| g.standing == standing && g.pods > 0);
    let number = |standing| of(standing).map(|group| group.pods).sum::<i64>();
    let (ready, unready, missing) =
        (number(Standing::Ready), number(Standing::Unready), number(Standing::Missing));
    if ready == 0 {
        return Err(NoProposal::NoMetrics);
    }
    if matches!(target, Target::Percent(_))
        && groups.iter().any(|group| group.pods > 0 && group.request.is_none())
    {
        return Err(NoProposal::MissingRequest);
    }
    let mut sums = Sums::default();
    for group in of(Standing::Ready) {
        sums.add(group.pods, group.value, group.request.unwrap_or(0));
    }
    let (ratio, seen) = target.ratio(&sums)?;
    let average = sums.mean();
    let hold = Proposal { replicas: current, seen, average };

    let adds_unready = unready > 0 && ratio > 1.0;
    if !adds_unready && missing == 0 {
        if tolerances.hold(ratio) {
            return Ok(hold);
        }
        return Ok(Proposal { replicas: count(ratio * ready as f64), ..hold });
    }

    // Pods without a value speak against the change: as busy ones against fewer, as idle ones against more.
    if ratio < 1.0 {
        for group in of(Standing::Missing) {
            let request = group.request.unwrap_or(0);
            sums.add(group.pods, target.at_least(request), request);
        }
    } else if ratio > 1.0 {
        for group in of(Standing::Missing) {
            sums.add(group.pods, 0, group.request.unwrap_or(0));
        }
    }
    if adds_unready {
        for group in of(Standing::Unready) {
            sums.add(group.pods, 0, group.request.unwrap_or(0));
        }
    }
    let (again, _) = target.ratio(&sums)?;
    let turned = (ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0);
    if tolerances.hold(again) || turned {
        return Ok(hold);
    }
    let replicas = count(again * sums.pods as f64);
    if (again < 1.0 && replicas > current) || (again > 1.0 && replicas < current) {
        return Ok(hold);
    }
    Ok(Proposal { replicas, ..hold })
}

/// The sum of a metric's values, capped as the controller caps it.
fn total(values: &[i64]) -> i64 {
    values.iter().fold(0_i64, |sum, value| sum.saturating_add(*value))
}

/// Replicas for one value of the whole (`Value` of an object or an external metric).
///
/// `ready` counts pods that run and are ready. With no replicas, the tolerance is of no account.
///
/// # Errors
/// Where there are replicas but no pods.
pub fn whole_value(
    values: &[i64],
    current: i32,
    pods: i64,
    ready: i64,
    target: i64,
    tolerances: Tolerances,
) -> Result<Proposal, NoProposal> {
    let seen = total(values);
    let ratio = seen as f64 / target as f64;
    let replicas = if current == 0 {
        count(ratio)
    } else if tolerances.hold(ratio) {
        current
    } else if pods == 0 {
        return Err(NoProposal::NoPods);
    } else {
        count(ratio * ready as f64)
    };
    Ok(Proposal { replicas, seen, average: seen })
}

/// Replicas for one value of the whole, shared by the pods (`AverageValue` of an object or an external
/// metric). `status` is the count that the workload reports.
#[must_use]
pub fn shared_value(values: &[i64], status: i32, target: i64, tolerances: Tolerances) -> Proposal {
    let sum = total(values);
    let ratio = sum as f64 / (target as f64 * f64::from(status));
    let replicas = if tolerances.hold(ratio) { status } else { count(sum as f64 / target as f64) };
    let seen = per_pod(sum, status);
    Proposal { replicas, seen, average: seen }
}

#[expect(clippy::cast_possible_truncation, reason = "no larger than the sum, which is an i64")]
fn per_pod(sum: i64, status: i32) -> i64 {
    match (sum, status) {
        (i64::MAX, _) => i64::MAX,
        (_, 0) => 0,
        (sum, status) => (sum as f64 / f64::from(status)).ceil() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Tolerances = Tolerances { down: 0.1, up: 0.1 };

    fn alike(pods: i64, standing: Standing, value: i64) -> Alike {
        Alike { pods, standing, request: Some(1000), value }
    }

    /// The documentation's example: 200m against a target of 100m doubles; 50m halves.
    #[test]
    fn the_ratio_of_the_documentation() {
        let of = |value| {
            average_of_pods(&[alike(4, Standing::Ready, value)], 4, 100, TENTH).unwrap().replicas
        };
        assert_eq!((of(200), of(50), of(109), of(91)), (8, 2, 4, 4));
    }

    #[test]
    fn a_utilisation_is_whole_per_cent_rounded_down() {
        // 55.9% is 55: 55/50 is still within a tenth.
        let groups = [alike(10, Standing::Ready, 559)];
        let proposal = utilization(&groups, 10, 50, TENTH).unwrap();
        assert_eq!((proposal.replicas, proposal.seen, proposal.average), (10, 55, 559));
        assert_eq!(
            utilization(&[alike(10, Standing::Ready, 560)], 10, 50, TENTH).unwrap().replicas,
            12
        );
    }

    #[test]
    fn pods_without_a_value_damp_the_change_and_never_turn_it() {
        let down = [alike(3, Standing::Ready, 200), alike(1, Standing::Missing, 0)];
        // 20% against 50%: the missing one counts as 100%, so 40% of four pods: 0.8 × 4.
        assert_eq!(utilization(&down, 4, 50, TENTH).unwrap().replicas, 4);
        let up = [alike(3, Standing::Ready, 900), alike(3, Standing::Unready, 0)];
        // 90% against 50%, but 45% with the unready ones: it would turn, so it holds.
        assert_eq!(utilization(&up, 6, 50, TENTH).unwrap().replicas, 6);
    }

    #[test]
    fn a_pod_without_a_request_is_an_error_and_so_are_no_values() {
        let without = [Alike { request: None, ..alike(1, Standing::Ready, 5) }];
        assert_eq!(utilization(&without, 1, 50, TENTH), Err(NoProposal::MissingRequest));
        assert_eq!(average_of_pods(&without, 1, 5, TENTH).unwrap().replicas, 1);
        let missing = [alike(2, Standing::Missing, 0)];
        assert_eq!(utilization(&missing, 2, 50, TENTH), Err(NoProposal::NoMetrics));
        assert_eq!(utilization(&[], 2, 50, TENTH), Err(NoProposal::NoPods));
    }

    #[test]
    fn from_zero_a_whole_value_asks_for_as_many_as_it_holds_targets() {
        assert_eq!(whole_value(&[2500], 0, 0, 0, 1000, TENTH).unwrap().replicas, 3);
        assert_eq!(shared_value(&[0], 0, 1000, TENTH).replicas, 0);
        assert_eq!(shared_value(&[2500], 0, 1000, TENTH).replicas, 3);
        assert_eq!(shared_value(&[i64::MAX, 1], 2, 1, TENTH).replicas, i32::MAX);
    }
}
