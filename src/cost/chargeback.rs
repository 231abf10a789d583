//! Who bears what: the plan's rules for idle and shared cost, applied once, each on direct cost.
//!
//! A rule takes a cost (idle capacity, all of a workload, all of a team, a stated amount) and spreads it
//! over teams; it never sees what another rule did. Where two take from one place, the first by name
//! has it, workloads before teams. A rule that takes a team's own cost away measures direct cost without
//! it, so the rest of the team bears its part like any other. Above a cap, and what a split leaves
//! over, goes to the rule's `rest` team, which is not capped; without one it stays in the idle row. A
//! rule that finds nobody to bear the cost of a workload or team leaves it where it is.
//!
//! Idle capacity is shared by use or allocation resource by resource, each weighted by its own cost, as
//! `OpenCost` does; a resource that nobody asked for goes by the worth of all that was asked.
//!
//! The same code runs on exact decimals for the books and on floats for each draw.

use std::collections::BTreeMap;

use crate::cost::measures::Measures;
use crate::cost::resource_weights::{ByResource, worth};
use crate::cost::split_money::Money;
use crate::ids::Id;
use crate::plan::shared_cost::{ShareBy, SharedSource, Split};
use crate::plan::{Plan, Pool, SharedCost, Workload};

/// What rules work on: direct cost by team, and what they may take, by month.
#[derive(Debug, Clone)]
pub(super) struct Causes<A> {
    /// Direct cost, by team index, then month.
    pub(super) teams: Vec<Vec<A>>,
    /// Direct cost of the workloads that rules take.
    pub(super) workloads: BTreeMap<Id<Workload>, Vec<A>>,
    /// Idle cost of the pools that rules take from: by resource, and what else idle capacity caused.
    pub(super) idle: BTreeMap<Id<Pool>, Vec<Idle<A>>>,
    /// Stated amounts, one a month, by rule.
    pub(super) stated: BTreeMap<Id<SharedCost>, A>,
}

/// The idle cost of a pool in a month.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Idle<A> {
    /// By resource.
    pub(super) resources: ByResource<A>,
    /// Support on it; follows the resources.
    pub(super) other: A,
}

/// What teams bear beyond their direct cost, by team index, then month.
#[derive(Debug, Clone)]
pub(super) struct Borne<A> {
    /// Of idle capacity.
    pub(super) idle: Vec<Vec<A>>,
    /// Of shared cost; negative where a rule takes a team's own away.
    pub(super) shared: Vec<Vec<A>>,
}

/// Weights of one rule in one month that do not depend on the draw.
#[derive(Debug, Clone)]
enum Weights {
    /// By resource, and by the worth of all.
    Asked { resources: ByResource<Vec<f64>>, all: Vec<f64> },
    /// Direct cost of trailing months.
    DirectCost { months: u32 },
    /// The same for every team with direct cost.
    Even,
    /// Stated shares by team; what is left of 1 last.
    Fixed(Vec<f64>),
}

/// The plan's rules, ready to be applied.
#[derive(Debug, Clone)]
pub(super) struct Rules<'a> {
    plan: &'a Plan,
    /// By rule, in the order in which they take; then month.
    rules: Vec<(Id<SharedCost>, &'a SharedCost, Vec<Weights>)>,
}

impl<'a> Rules<'a> {
    /// The rules of a plan, with what was asked for as their measure.
    pub(super) fn new(plan: &'a Plan, measures: &Measures) -> Self {
        let mut rules: Vec<_> = plan
            .shared_costs
            .iter()
            .map(|(id, rule)| {
                let months = 0..plan.horizon.months;
                (id, rule, months.map(|t| weights(plan, measures, rule, t)).collect())
            })
            .collect();
        rules.sort_by_key(|(_, rule, _): &(_, &SharedCost, _)| {
            matches!(rule.from, SharedSource::Team(_))
        });
        Self { plan, rules }
    }

    /// Applies every rule in every month.
    pub(super) fn apply<A: Money>(&self, causes: &Causes<A>) -> Borne<A> {
        self.apply_each(causes, &mut |_, _| {})
    }

    /// The same, and shows after each rule what is borne by then.
    pub(super) fn apply_each<A: Money>(
        &self,
        causes: &Causes<A>,
        seen: &mut dyn FnMut(Id<SharedCost>, &Borne<A>),
    ) -> Borne<A> {
        let months = self.plan.horizon.months;
        let nothing = vec![vec![A::default(); months]; self.plan.teams.len()];
        let mut borne = Borne { idle: nothing.clone(), shared: nothing.clone() };
        // What rules have taken from each team, and from where something was taken already.
        let mut taken = nothing;
        let mut seen_pools = Vec::new();
        let mut seen_workloads = Vec::new();
        for (id, rule, weights) in &self.rules {
            match rule.from {
                SharedSource::Idle(pool) if !seen_pools.contains(&pool) => {
                    seen_pools.push(pool);
                    for (t, idle) in causes.idle.get(&pool).into_iter().flatten().enumerate() {
                        let parts = spread_idle(&weights[t], causes, *idle, t);
                        bear(rule, causes, t, parts, &mut borne.idle);
                    }
                }
                SharedSource::AmountPerMonth(_) => {
                    let Some(amount) = causes.stated.get(id) else { continue };
                    for (t, weights) in weights.iter().enumerate() {
                        let parts = spread(weights, causes, None, *amount, t);
                        bear(rule, causes, t, parts, &mut borne.shared);
                    }
                }
                SharedSource::Workload(workload) if !seen_workloads.contains(&workload) => {
                    seen_workloads.push(workload);
                    let team = self.plan.workloads[workload].team.index();
                    let Some(cost) = causes.workloads.get(&workload) else { continue };
                    let left = causes.teams[team].iter().zip(cost);
                    let left: Vec<A> = left.map(|(direct, cost)| *direct - *cost).collect();
                    let source = Source { team, cost, left: &left };
                    take(rule, weights, causes, source, &mut taken, &mut borne.shared);
                }
                SharedSource::Team(team) => {
                    let team = team.index();
                    let left = causes.teams[team].iter().zip(&taken[team]);
                    let cost: Vec<A> = left.map(|(direct, taken)| *direct - *taken).collect();
                    let left = vec![A::default(); cost.len()];
                    let source = Source { team, cost: &cost, left: &left };
                    take(rule, weights, causes, source, &mut taken, &mut borne.shared);
                }
                SharedSource::Idle(_) | SharedSource::Workload(_) => {}
            }
            seen(*id, &borne);
        }
        borne
    }
}

/// A team's own cost that a rule takes, and the direct cost it keeps, by month.
#[derive(Debug, Clone, Copy)]
struct Source<'a, A> {
    team: usize,
    cost: &'a [A],
    left: &'a [A],
}

/// A cost by team index, and what nobody of them bears.
struct Spread<A> {
    parts: Vec<A>,
    over: A,
}

fn take<A: Money>(
    rule: &SharedCost,
    weights: &[Weights],
    causes: &Causes<A>,
    source: Source<'_, A>,
    taken: &mut [Vec<A>],
    account: &mut [Vec<A>],
) {
    for (t, (cost, weights)) in source.cost.iter().zip(weights).enumerate() {
        let parts = spread(weights, causes, Some(source), *cost, t);
        if parts.parts.is_empty() && rule.rest.is_none() {
            continue;
        }
        taken[source.team][t] = taken[source.team][t] + *cost;
        account[source.team][t] = account[source.team][t] - *cost;
        bear(rule, causes, t, parts, account);
    }
}

/// Books the parts of a cost under `account`, caps them, and gives what is over to `rest`.
fn bear<A: Money>(
    rule: &SharedCost,
    causes: &Causes<A>,
    t: usize,
    spread: Spread<A>,
    account: &mut [Vec<A>],
) {
    let rest = rule.rest.map(Id::index);
    let mut over = spread.over;
    for (team, mut part) in spread.parts.into_iter().enumerate() {
        if let Some(cap) = rule.cap_of_direct.filter(|_| Some(team) != rest) {
            let most = causes.teams[team][t].share(cap);
            if part > most {
                over = over + (part - most);
                part = most;
            }
        }
        account[team][t] = account[team][t] + part;
    }
    if let Some(rest) = rest {
        account[rest][t] = account[rest][t] + over;
    }
}

/// Splits an amount by a rule's weights; no parts where there is nobody to bear any.
fn spread<A: Money>(
    weights: &Weights,
    causes: &Causes<A>,
    source: Option<Source<'_, A>>,
    amount: A,
    t: usize,
) -> Spread<A> {
    let direct = |team: usize, t: usize| {
        let own = source.filter(|source| source.team == team);
        own.map_or(causes.teams[team][t], |source| source.left[t]).weight()
    };
    let teams = 0..causes.teams.len();
    let by_team: Vec<f64> = match weights {
        Weights::Asked { all, .. } => all.clone(),
        Weights::DirectCost { months } => {
            let first = (t + 1).saturating_sub((*months).max(1) as usize);
            teams.map(|team| (first..=t).map(|t| direct(team, t)).sum()).collect()
        }
        Weights::Even => teams.map(|team| if direct(team, t) > 0.0 { 1.0 } else { 0.0 }).collect(),
        Weights::Fixed(shares) => {
            let mut parts = amount.split(shares);
            let over = parts.pop().unwrap_or_default();
            return Spread { parts, over };
        }
    };
    if by_team.iter().sum::<f64>() > 0.0 {
        Spread { parts: amount.split(&by_team), over: A::default() }
    } else {
        Spread { parts: Vec::new(), over: amount }
    }
}

/// Splits the idle cost of a pool: by resource where it goes by what was asked.
fn spread_idle<A: Money>(
    weights: &Weights,
    causes: &Causes<A>,
    idle: Idle<A>,
    t: usize,
) -> Spread<A> {
    let sum = idle.resources.into_iter().fold(A::default(), |sum, part| sum + part);
    let Weights::Asked { resources, all } = weights else {
        return spread(weights, causes, None, sum + idle.other, t);
    };
    if all.iter().sum::<f64>() <= 0.0 {
        return Spread { parts: Vec::new(), over: sum + idle.other };
    }
    let mut parts = vec![A::default(); causes.teams.len()];
    let mut add = |more: Vec<A>| {
        for (part, more) in parts.iter_mut().zip(more) {
            *part = *part + more;
        }
    };
    let amounts = idle.resources.into_iter().zip(resources);
    for (amount, by_team) in amounts.filter(|(amount, _)| *amount != A::default()) {
        let asked = by_team.iter().sum::<f64>() > 0.0;
        add(amount.split(if asked { by_team } else { all }));
    }
    if idle.other != A::default() {
        let so_far: Vec<f64> = parts.iter().map(|part| part.weight()).collect();
        let follows = if so_far.iter().sum::<f64>() > 0.0 { &so_far } else { all };
        for (part, more) in parts.iter_mut().zip(idle.other.split(follows)) {
            *part = *part + more;
        }
    }
    Spread { parts, over: A::default() }
}

fn weights(plan: &Plan, measures: &Measures, rule: &SharedCost, t: usize) -> Weights {
    match &rule.split {
        Split::Proportional { by: ShareBy::DirectCost, over_months } => {
            Weights::DirectCost { months: *over_months }
        }
        Split::Proportional { by, over_months } => {
            let hours = measures.by_team(plan, &rule.from, *by, t, *over_months);
            let resources = [0, 1, 2, 3].map(|r| hours.iter().map(|hours| hours[r]).collect());
            Weights::Asked { resources, all: hours.iter().map(worth).collect() }
        }
        Split::Even => Weights::Even,
        Split::Fixed(stated) => {
            let mut shares = vec![0.0; plan.teams.len()];
            for (team, share) in stated {
                shares[team.index()] += share;
            }
            let left = 1.0 - shares.iter().sum::<f64>();
            shares.push(if left > 1e-9 { left } else { 0.0 });
            Weights::Fixed(shares)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::measures::Measured;
    use crate::cost::testing::{amount, decimal, pool, shared_case, span, team, workload};
    use crate::ids::Arena;
    use crate::money::Decimal;
    use crate::plan::pool::PoolSupply;
    use proptest::prelude::{Strategy, any, prop, proptest};

    fn rule(name: &str, from: SharedSource, split: Split) -> SharedCost {
        SharedCost {
            name: name.into(),
            from,
            split,
            cap_of_direct: None,
            rest: None,
            origin: span(0),
        }
    }

    fn by(by: ShareBy) -> Split {
        Split::Proportional { by, over_months: 1 }
    }

    /// Teams, one month, no causes but direct cost.
    fn teams(direct: &[&str], rules: Vec<SharedCost>) -> (Plan, Causes<Decimal>) {
        let mut plan = crate::cost::testing::plan();
        plan.horizon.months = 1;
        plan.teams = Arena::new((1..=direct.len()).map(|n| team(&format!("n{n}"))).collect());
        plan.pools = Arena::new(
            ["c1", "c2"].map(|name| pool(name, PoolSupply::Instances(Vec::new()))).to_vec(),
        );
        plan.workloads = Arena::new(
            plan.teams.ids().map(|t| workload(&format!("w{}", t.index()), t, Id::new(0))).collect(),
        );
        plan.shared_costs = Arena::new(rules);
        let stated = plan.shared_costs.iter().filter_map(|(id, rule)| match &rule.from {
            SharedSource::AmountPerMonth(amount) => Some((id, amount.exact.unwrap())),
            _ => None,
        });
        let causes = Causes {
            teams: direct.iter().map(|direct| vec![decimal(direct)]).collect(),
            workloads: BTreeMap::new(),
            idle: BTreeMap::new(),
            stated: stated.collect(),
        };
        (plan, causes)
    }

    fn totals(plan: &Plan, causes: &Causes<Decimal>, measures: &Measures) -> Vec<Decimal> {
        let borne = Rules::new(plan, measures).apply(causes);
        let total = |t: usize| causes.teams[t][0] + borne.idle[t][0] + borne.shared[t][0];
        (0..causes.teams.len()).map(total).collect()
    }

    #[test]
    fn a_shared_team_goes_to_the_others_evenly_or_by_direct_cost() {
        // OpenCost's cases 4a and 4b: namespaces of 28, 36 and 18, the third shared.
        for (split, expected) in
            [(Split::Even, ["37", "45", "0"]), (by(ShareBy::DirectCost), ["35.875", "46.125", "0"])]
        {
            let shared = rule("n3", SharedSource::Team(Id::new(2)), split);
            let (plan, causes) = teams(&["28", "36", "18"], vec![shared]);
            assert_eq!(totals(&plan, &causes, &Measures::default()), expected.map(decimal));
        }
    }

    #[test]
    fn a_stated_amount_splits_as_published() {
        // The FinOps Foundation's example: 12 K over teams of 50, 30 and 20 K.
        let fixed = [(0, 0.45), (1, 0.30), (2, 0.25)].map(|(team, share)| (Id::new(team), share));
        let rules = [by(ShareBy::DirectCost), Split::Even, Split::Fixed(fixed.to_vec())];
        let expected =
            [["56000", "33600", "22400"], ["54000", "34000", "24000"], ["55400", "33600", "23000"]];
        for (split, expected) in rules.into_iter().zip(expected) {
            let shared = rule("platform", SharedSource::AmountPerMonth(amount("12000")), split);
            let (plan, causes) = teams(&["50000", "30000", "20000"], vec![shared]);
            assert_eq!(totals(&plan, &causes, &Measures::default()), expected.map(decimal));
        }
        // OpenCost's case 4d: 168 of overhead by weight.
        let overhead = SharedSource::AmountPerMonth(amount("168"));
        let (plan, causes) =
            teams(&["28", "36", "18"], vec![rule("o", overhead, by(ShareBy::DirectCost))]);
        let expected = ["85.365854", "109.756097", "54.878049"].map(decimal);
        assert_eq!(totals(&plan, &causes, &Measures::default()), expected);
    }

    #[test]
    fn a_cap_sends_the_rest_to_rest_or_leaves_it_idle() {
        let mut shared = rule(
            "platform",
            SharedSource::AmountPerMonth(amount("100")),
            Split::Fixed(vec![(Id::new(0), 0.5), (Id::new(1), 0.3)]),
        );
        shared.cap_of_direct = Some(0.15);
        shared.rest = Some(Id::new(2));
        let (plan, causes) = teams(&["200", "400", "10"], vec![shared.clone()]);
        let expected = ["230", "430", "50"].map(decimal);
        assert_eq!(totals(&plan, &causes, &Measures::default()), expected);
        shared.rest = None;
        let (plan, causes) = teams(&["200", "400", "10"], vec![shared]);
        let expected = ["230", "430", "10"].map(decimal);
        assert_eq!(totals(&plan, &causes, &Measures::default()), expected);
    }

    #[test]
    fn a_workload_goes_to_everyone_its_own_team_by_what_is_left() {
        let shared = rule("cache", SharedSource::Workload(Id::new(0)), by(ShareBy::DirectCost));
        let (plan, mut causes) = teams(&["60", "100", "50"], vec![shared]);
        causes.workloads.insert(Id::new(0), vec![decimal("10")]);
        assert_eq!(
            totals(&plan, &causes, &Measures::default()),
            ["52.5", "105", "52.5"].map(decimal)
        );
    }

    #[test]
    fn a_cost_that_nobody_else_can_bear_stays_where_it_is() {
        let shared = rule("n1", SharedSource::Team(Id::new(0)), by(ShareBy::DirectCost));
        let (plan, causes) = teams(&["60", "0"], vec![shared]);
        assert_eq!(totals(&plan, &causes, &Measures::default()), ["60", "0"].map(decimal));
    }

    /// `OpenCost`'s topology: cpu and ram cost of each namespace and idle, in each cluster.
    fn topology() -> (Plan, Causes<Decimal>, Measures) {
        let rules = [0, 1].map(|pool| {
            rule(&format!("idle{pool}"), SharedSource::Idle(Id::new(pool)), by(ShareBy::Allocation))
        });
        let (plan, mut causes) = teams(&["28", "36", "18"], rules.to_vec());
        let idle = |cpu: i64, ram: i64| {
            let resources = [cpu.into(), ram.into(), Decimal::ZERO, Decimal::ZERO];
            vec![Idle { resources, other: Decimal::ZERO }]
        };
        causes.idle = [(Id::new(0), idle(5, 15)), (Id::new(1), idle(5, 5))].into();
        let asked = |workload: usize, cpu: f64, ram: f64| Measured {
            workload: Id::new(workload),
            team: Id::new(workload),
            requested: [cpu, ram, 0.0, 0.0],
            used: [0.0; 4],
        };
        let asked = [
            ((Id::new(0), 0), vec![asked(0, 3.0, 13.0), asked(1, 3.0, 3.0)]),
            ((Id::new(1), 0), vec![asked(1, 3.0, 3.0), asked(2, 3.0, 3.0)]),
        ];
        (plan, causes, Measures { asked: asked.into() })
    }

    #[test]
    fn idle_is_shared_pool_by_pool_and_resource_by_resource() {
        let (plan, causes, measures) = topology();
        // 36 + 5 × 3/6 + 15 × 3/16 + 10 × 3/6 = 46.3125, with OpenCost's idle of 10.3125.
        let shared = totals(&plan, &causes, &measures);
        assert_eq!(shared, ["42.6875", "46.3125", "23"].map(decimal));
        let Some(cases) = shared_case("allocation.json") else { return };
        let of = |id: &str| {
            let cases = cases["cases"].as_array().unwrap().iter();
            cases.clone().find(|case| case["id"] == id).unwrap()["exact"].clone()
        };
        let direct = of("1b");
        for (team, direct_cost) in plan.teams.items().iter().zip(&causes.teams) {
            let name = team.name.replace('n', "namespace");
            assert_eq!(decimal(direct[name].as_str().unwrap()), direct_cost[0]);
        }
        assert_eq!(shared.iter().sum::<Decimal>(), decimal("112"));
        // 5b: cluster 1 with its idle bears 66; all of cluster 1's idle stays on who runs there.
        let mut only_first = causes.clone();
        only_first.idle.remove(&Id::new(1));
        only_first.teams = ["28", "18", "0"].map(|cost| vec![decimal(cost)]).to_vec();
        let totals = totals(&plan, &only_first, &measures);
        assert_eq!(totals.iter().sum::<Decimal>().to_string(), "66.000000");
        assert_eq!(decimal(of("5b")["cluster1"].as_str().unwrap()), decimal("66"));
    }

    #[test]
    fn idle_follows_its_own_pool_as_published() {
        // Kubecost: five workloads of 1 on two nodes of 6, shared by node.
        let idle = [0, 1].map(|pool| {
            rule(&format!("i{pool}"), SharedSource::Idle(Id::new(pool)), by(ShareBy::Usage))
        });
        let (plan, mut causes) = teams(&["1"; 5], idle.to_vec());
        let idle = |amount: i64| {
            let resources = [amount.into(), Decimal::ZERO, Decimal::ZERO, Decimal::ZERO];
            vec![Idle { resources, other: Decimal::ZERO }]
        };
        causes.idle = [(Id::new(0), idle(2)), (Id::new(1), idle(5))].into();
        let asked = |workload: usize| Measured {
            workload: Id::new(workload),
            team: Id::new(workload),
            requested: [0.0; 4],
            used: [1.0, 0.0, 0.0, 0.0],
        };
        let first = (0..4).map(asked).collect();
        let measures = Measures {
            asked: [((Id::new(0), 0), first), ((Id::new(1), 0), vec![asked(4)])].into(),
        };
        let expected = ["1.5", "1.5", "1.5", "1.5", "6"].map(decimal);
        assert_eq!(totals(&plan, &causes, &measures), expected);
    }

    fn any_split() -> impl Strategy<Value = Split> {
        (0..4_u8, 0..500_i32, 0..500_i32).prop_map(|(kind, a, b)| match kind {
            0 => by(ShareBy::DirectCost),
            1 => by(ShareBy::Allocation),
            2 => Split::Even,
            _ => Split::Fixed(vec![
                (Id::new(0), f64::from(a) / 1000.0),
                (Id::new(1), f64::from(b) / 1000.0),
            ]),
        })
    }

    proptest! {
        #[test]
        fn rules_move_cost_and_never_make_or_lose_any(
            direct in prop::collection::vec(0..90_000_000_i64, 3),
            idle in prop::collection::vec(0..90_000_000_i64, 2),
            amount_micros in 0..90_000_000_i64,
            splits in prop::collection::vec(any_split(), 5),
            caps in prop::collection::vec(prop::option::of(0..400_i32), 5),
            rests in prop::collection::vec(prop::option::of(0..3_usize), 5),
            seed in any::<u8>(),
        ) {
            let mut stated = amount("0");
            stated.exact = Some(Decimal::new(amount_micros, 6));
            let sources = [
                SharedSource::Idle(Id::new(0)),
                SharedSource::Idle(Id::new(1)),
                SharedSource::AmountPerMonth(stated),
                SharedSource::Workload(Id::new(0)),
                SharedSource::Team(Id::new(usize::from(seed) % 3)),
            ];
            let rules = sources.into_iter().zip(splits).zip(caps.into_iter().zip(rests));
            let rules = rules.enumerate().map(|(n, ((from, split), (cap, rest)))| SharedCost {
                cap_of_direct: cap.map(|cap| f64::from(cap) / 1000.0),
                rest: rest.map(Id::new),
                ..rule(&format!("r{n}"), from, split)
            });
            let (plan, mut causes) = teams(&["0"; 3], rules.collect());
            let (_, example, measures) = topology();
            causes.teams = direct.iter().map(|micros| vec![Decimal::new(*micros, 6)]).collect();
            causes.workloads.insert(Id::new(0), vec![causes.teams[0][0].share(0.4)]);
            causes.idle = example.idle;
            for (idle, micros) in causes.idle.values_mut().zip(&idle) {
                idle[0].other = Decimal::new(*micros, 6);
            }
            let idle = causes.idle.values().map(|idle| {
                idle[0].other + idle[0].resources.iter().sum::<Decimal>()
            });
            let direct = causes.teams.iter().map(|team| team[0]).sum::<Decimal>();
            let invoice = direct + idle.sum::<Decimal>() + Decimal::new(amount_micros, 6);
            let totals = totals(&plan, &causes, &measures);
            let unborne = invoice - totals.iter().sum::<Decimal>();
            assert!(unborne >= Decimal::ZERO, "{unborne}");
            assert!(totals.iter().all(|total| *total >= Decimal::ZERO), "{totals:?}");
            if plan.shared_costs.items().iter().all(|rule| rule.rest.is_some()) {
                assert_eq!(unborne, Decimal::ZERO);
            }
        }
    }
}
