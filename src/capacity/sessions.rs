//! Sessions of workspaces as jobs: the notebooks and interactive machines that people hold while they work.
//!
//! In: the plan, its demand, and which draws are wanted. Out: for every day of the horizon, the machines of
//! the people who work then, as jobs that end with the working day, whether they have had what they asked
//! for or not. What is in use around the clock is held for as long as the number of people is the same.
//!
//! GPUs are whole: all people of a day together ask for the least whole number that holds them. A day's
//! sessions are sent as at most [`GROUPS`] jobs, each of which starts alone; so waits are those of groups of
//! people. Headroom is absent: a session asks for what it uses.

use crate::calendar::{Date, days_between, first_hour_of_week, plus_days};
use crate::capacity::factors::Factors;
use crate::capacity::jobs::{Origin, PlannedJob};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{Binding, Node, Shares};
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::working_rank;
use crate::draws::quantile;
use crate::forecast::demand::{Demand, LevelSpan, WorkloadDemand};
use crate::ids::Id;
use crate::plan::workload::WorkloadKind;
use crate::plan::{Plan, Workload};

/// A day's sessions of one workspace are sent as at most so many jobs.
pub const GROUPS: usize = 8;

/// The sessions of all workspaces, by workload, then day, in so many draws: all where there are no more, else
/// those at evenly spaced quantiles of how many people work in all.
#[must_use]
pub fn sessions(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    draws: usize,
) -> Vec<PlannedJob> {
    let workspaces = plan.workloads.iter().filter(|(_, of)| of.kind == WorkloadKind::Workspace);
    let workspaces: Vec<_> =
        workspaces.filter_map(|(id, of)| Some((id, of, demand.of(id)?))).collect();
    let draws = typical_draws(plan, &workspaces, draws);
    let mut found = Vec::new();
    for (id, workload, demand) in workspaces {
        for (place, needs) in workload.needs.iter().enumerate() {
            let Some(node) = Node::of_pool(plan, choices, needs.pool) else { continue };
            let of_needs = &factors.of(id).needs[place];
            let hours = of_needs.hours_per_week.as_ref().map(|hours| {
                let all: Vec<f64> = (0..plan.draws.count()).map(|draw| hours.at(draw)).collect();
                quantile(&all, 0.5).round()
            });
            let one = One {
                plan,
                workload: id,
                place,
                node: &node,
                shares: of_needs.unit.shares(plan, &node),
                draws: &draws,
            };
            for span in &demand.spans {
                one.of_span(demand, span, hours, &mut found);
            }
        }
    }
    found
}

/// Whether anybody works in a workspace.
#[must_use]
pub fn any(plan: &Plan) -> bool {
    plan.workloads.items().iter().any(|of| of.kind == WorkloadKind::Workspace)
}

/// The draws that are simulated.
fn typical_draws(
    plan: &Plan,
    workspaces: &[(Id<Workload>, &Workload, &WorkloadDemand)],
    wanted: usize,
) -> Vec<usize> {
    let all = plan.draws.count();
    if wanted >= all {
        return (0..all).collect();
    }
    let mut people = vec![0.0; all];
    for span in workspaces.iter().flat_map(|(.., demand)| &demand.spans) {
        people.iter_mut().zip(&span.level).for_each(|(people, level)| *people += level);
    }
    let mut order: Vec<usize> = (0..all).collect();
    order.sort_by(|a, b| people[*a].total_cmp(&people[*b]).then(a.cmp(b)));
    (0..wanted).map(|part| order[(2 * part + 1) * all / (2 * wanted)]).collect()
}

/// One `needs` of a workspace.
struct One<'a> {
    plan: &'a Plan,
    workload: Id<Workload>,
    place: usize,
    node: &'a Node,
    shares: Shares,
    draws: &'a [usize],
}

impl One<'_> {
    /// The sessions of a stretch of days with the same number of people.
    fn of_span(
        &self,
        demand: &WorkloadDemand,
        span: &LevelSpan,
        hours_per_week: Option<f64>,
        into: &mut Vec<PlannedJob>,
    ) {
        let Some(hours_per_week) = hours_per_week.filter(|hours| *hours < 168.0) else {
            let whole = f64::from(days_between(span.from, span.until)) * 24.0;
            let people = self.draws.iter().map(|draw| span.level[*draw]).collect::<Vec<_>>();
            self.send(span.from, 0, whole, &people, into);
            return;
        };
        for day in 0..days_between(span.from, span.until) {
            let date = plus_days(span.from, day);
            let midnight = first_hour_of_week(date);
            let works = |hour: &usize| (working_rank(midnight + hour) as f64) < hours_per_week;
            let Some(first) = (0..24).find(works) else { continue };
            let last = (first..24).take_while(works).last().unwrap_or(first);
            let most = |draw: &usize| {
                let at =
                    |hour| demand.shape.as_ref().map_or(1.0, |of| of.at(midnight + hour, *draw));
                span.level[*draw] * (first..=last).map(at).fold(0.0, f64::max)
            };
            let people: Vec<f64> = self.draws.iter().map(most).collect();
            self.send(date, first, (last + 1 - first) as f64, &people, into);
        }
    }

    /// Sends the sessions of so many people, which end after so many hours.
    fn send(
        &self,
        date: Date,
        first_hour: usize,
        hours: f64,
        people: &[f64],
        into: &mut Vec<PlannedJob>,
    ) {
        let days = days_between(self.plan.horizon.first_day(), date);
        let start = f64::from(days) * 24.0 + first_hour as f64;
        let of = |binding: Binding| {
            let (share, offers) = (self.shares.of(binding), self.node.has(binding));
            people
                .iter()
                .zip(self.draws)
                .map(|(people, draw)| people * share.at(*draw) * offers)
                .collect::<Vec<f64>>()
        };
        let (cores, bytes) = (of(Binding::Cpu), of(Binding::Memory));
        let gpus: Vec<f64> = of(Binding::Gpu).into_iter().map(whole_up).collect();
        for group in 0..GROUPS {
            // Groups that are empty in a draw ask for nothing there.
            let part = |draw: usize| {
                let whole = if gpus[draw] > 0.0 { gpus[draw] } else { whole_up(people[draw]) };
                let groups = whole.min(GROUPS as f64);
                let upto =
                    |group: usize| (whole * (group as f64).min(groups) / groups.max(1.0)).floor();
                let mine = upto(group + 1) - upto(group);
                if whole > 0.0 { (mine, mine / whole) } else { (0.0, 0.0) }
            };
            let parts: Vec<(f64, f64)> = (0..people.len()).map(part).collect();
            if parts.iter().all(|(_, share)| *share <= 0.0) {
                break;
            }
            let shared = |all: &[f64]| {
                all.iter().zip(&parts).map(|(all, (_, share))| all * share).collect::<Vec<f64>>()
            };
            let of_gpus =
                |(all, (mine, _)): (&f64, &(f64, f64))| if *all > 0.0 { *mine } else { 0.0 };
            into.push(PlannedJob {
                workload: self.workload,
                origin: Origin::Sessions(self.place),
                pool: self.plan.workloads[self.workload].needs[self.place].pool,
                start,
                hours: parts
                    .iter()
                    .map(|(_, share)| if *share > 0.0 { hours } else { 0.0 })
                    .collect(),
                pods: (1, 1),
                asks: [
                    shared(&cores),
                    shared(&bytes),
                    gpus.iter().zip(&parts).map(of_gpus).collect(),
                ],
                checkpoint: None,
                divisible: true,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{self, ORIGIN, asked, fixed, levels, serve, with};
    use crate::capacity::{choose_instances, factors};
    use crate::plan::workload::{Needs, Request};

    /// People who take half a GPU each, so many hours a week; February 2027 begins on a Monday.
    fn sent(people: f64, hours: Option<f64>) -> Vec<PlannedJob> {
        let plan = example::plan();
        let request = Request { gpus: Some(fixed(0.5)), ..Request::default() };
        let needs = Needs {
            request,
            buffer: 0.2,
            hours_per_week: hours.map(fixed),
            pool: serve(&plan),
            origin: ORIGIN,
        };
        let workspace = Workload {
            needs: vec![needs],
            demand: Some(asked(false)),
            ..example::workload("desks", WorkloadKind::Workspace)
        };
        let demand = levels(&plan, &[people; 3], None);
        let (plan, demand) = with(plan, vec![(workspace, Some(demand))]);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        sessions(&plan, &demand, &factors, &choices, 2)
    }

    fn gpus(jobs: &[PlannedJob]) -> f64 {
        jobs.iter().map(|job| job.asks[2][0]).sum()
    }

    #[test]
    fn a_day_of_people_asks_for_the_least_whole_gpus_in_at_most_eight_parts() {
        let all = sent(27.0, Some(50.0));
        let monday: Vec<_> = all.iter().filter(|job| job.start < 24.0).cloned().collect();
        assert_eq!(monday.len(), GROUPS);
        example::close(gpus(&monday), 14.0);
        assert!(monday.iter().all(|job| (1.0..=2.0).contains(&job.asks[2][0])));
        for job in &monday {
            example::close(job.start, 8.0);
            example::close(job.hours[0], 10.0);
        }
        let days = all.iter().map(|job| (job.start / 24.0).floor());
        assert!(days.clone().all(|day| day % 7.0 < 5.0), "nobody works at the weekend");
        assert_eq!(all.len() / GROUPS, 65, "weekdays of February to April 2027");
    }

    #[test]
    fn three_people_are_two_sessions_of_a_gpu_each() {
        let all = sent(3.0, Some(40.0));
        let first: Vec<_> = all.iter().filter(|job| job.start < 24.0).cloned().collect();
        assert_eq!((first.len(), gpus(&first).to_bits()), (2, f64::to_bits(2.0)));
    }

    #[test]
    fn machines_in_use_around_the_clock_are_held_for_the_month() {
        let all = sent(4.0, None);
        let february: Vec<_> = all.iter().filter(|job| job.start < 1.0).cloned().collect();
        example::close(gpus(&february), 2.0);
        example::close(february[0].hours[0], 28.0 * 24.0);
    }
}
