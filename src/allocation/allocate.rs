//! Cost by group, with idle and shared cost spread as a question asks.
//!
//! Everything is settled for every cost before any is filtered away, so that a filter never changes what
//! a group bears. Shared cost goes by direct cost without idle. Idle cost that is shown apart shrinks with
//! a filter to the part that those who are shown would bear, and what comes to them of shared cost.
//!
//! # Source
//! `OpenCost`, `AllocationSet.AggregateBy`; where its own test notes a wrong figure (6e), the right one.

use std::collections::BTreeMap;

use crate::allocation::cost::{Cost, Idle, Resources};
use crate::allocation::question::{IdleShown, Question, Selector, Split};
use crate::money::Decimal;

/// Costs by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocation {
    /// Groups by name, those without a label last; then idle cost, by place; then what nobody bears.
    pub rows: Vec<Share>,
}

/// What one group bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub group: Group,
    /// What it caused.
    pub direct: Resources,
    /// Its part of idle cost.
    pub idle: Decimal,
    /// Its part of shared cost.
    pub shared: Decimal,
}

/// Who bears a cost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Those with these values of the labels asked by; `None` where they have no such label.
    Of(Vec<GroupValue>),
    /// Nobody: capacity that was not used, of one place or of all.
    Idle(Option<String>),
    /// Nobody: shared cost with nobody to bear it.
    Unborne,
}

/// The value of one label; a missing one stands last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupValue {
    /// A value.
    Named(String),
    /// No such label.
    Unallocated,
}

impl Share {
    /// A group that bears nothing yet.
    pub(super) fn nothing(group: Group) -> Self {
        Self { group, direct: Resources::default(), idle: Decimal::ZERO, shared: Decimal::ZERO }
    }

    /// All that it bears.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.direct.total() + self.idle + self.shared
    }
}

impl Allocation {
    /// What all rows come to.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.rows.iter().map(Share::total).sum()
    }

    /// Adds the rows of another period.
    pub(super) fn add(&mut self, more: Self) {
        let mut rows: BTreeMap<Group, Share> =
            self.rows.drain(..).map(|row| (row.group.clone(), row)).collect();
        for row in more.rows {
            let sum =
                rows.entry(row.group.clone()).or_insert_with(|| Share::nothing(row.group.clone()));
            sum.direct.add(&row.direct);
            sum.idle += row.idle;
            sum.shared += row.shared;
        }
        self.rows = rows.into_values().collect();
    }
}

/// The group of some labels.
pub(super) fn group(by: &[&'static str], labels: &super::Labels) -> Group {
    let value = |label: &&'static str| {
        labels.get(label).map_or(GroupValue::Unallocated, |value| GroupValue::Named(value.clone()))
    };
    Group::Of(by.iter().map(value).collect())
}

/// Answers a question.
#[must_use]
pub fn allocate(costs: &[Cost], idle: &[Idle], question: &Question) -> Allocation {
    let groups: Vec<Group> = costs.iter().map(|cost| group(&question.by, &cost.labels)).collect();
    let split = match question.idle {
        IdleShown::Shared(split) => split,
        IdleShown::Apart | IdleShown::ApartByPlace => Split::Weighted,
    };
    let own_idle = idle_by_cost(costs, &groups, idle, split);
    let sharing = Sharing::of(costs, &groups, question);
    let is_idle_shared = matches!(question.idle, IdleShown::Shared(_));

    let mut pot = question.overhead;
    for (index, cost) in costs.iter().enumerate().filter(|(index, _)| sharing.is_shared[*index]) {
        pot += cost.resources.total();
        if is_idle_shared {
            pot += own_idle[index].values().sum::<Decimal>();
        }
    }
    let mut rows: BTreeMap<Group, Share> = BTreeMap::new();
    let mut row = |group: Group, add: &dyn Fn(&mut Share)| {
        add(rows.entry(group.clone()).or_insert_with(|| Share::nothing(group)));
    };
    let shown = |cost: &Cost| matches(question.filter.as_ref(), cost);
    for (index, cost) in costs.iter().enumerate() {
        if sharing.is_shared[index] || !shown(cost) {
            continue;
        }
        row(groups[index].clone(), &|share| {
            share.direct.add(&cost.resources);
            share.shared += pot * sharing.share[index];
            if is_idle_shared {
                share.idle += own_idle[index].values().sum::<Decimal>();
            }
        });
    }
    if !is_idle_shared {
        let group = |place: &str| match question.idle {
            IdleShown::ApartByPlace => Group::Idle(Some(place.to_owned())),
            _ => Group::Idle(None),
        };
        for (place, amount) in idle_shown(costs, &own_idle, &sharing, &shown) {
            row(group(place), &|share| share.idle += amount);
        }
    }
    if question.filter.is_none() {
        // Idle cost of a place in which nobody runs, and shared cost that nobody is left to bear.
        for place in idle.iter().filter(|idle| !costs.iter().any(|cost| cost.place == idle.place)) {
            let by_place = question.idle == IdleShown::ApartByPlace;
            let group = Group::Idle(by_place.then(|| place.place.clone()));
            row(group, &|share| share.idle += place.resources.total());
        }
        if !sharing.is_borne && !pot.is_zero() {
            row(Group::Unborne, &|share| share.shared += pot);
        }
    }
    Allocation { rows: rows.into_values().collect() }
}

fn matches(selector: Option<&Selector>, cost: &Cost) -> bool {
    selector.is_none_or(|selector| selector.matches(&cost.labels))
}

/// The part of each place's idle cost that falls to every cost.
fn idle_by_cost<'a>(
    costs: &'a [Cost],
    groups: &[Group],
    idle: &'a [Idle],
    split: Split,
) -> Vec<BTreeMap<&'a str, Decimal>> {
    let mut parts = vec![BTreeMap::new(); costs.len()];
    for idle in idle {
        let here: Vec<usize> =
            (0..costs.len()).filter(|index| costs[*index].place == idle.place).collect();
        let mut add = |amount: Decimal, weights: &[Decimal]| {
            if amount.is_zero() {
                return;
            }
            for (index, share) in here.iter().zip(shares(weights)) {
                *parts[*index].entry(idle.place.as_str()).or_insert(Decimal::ZERO) +=
                    amount * share;
            }
        };
        let total: Vec<Decimal> =
            here.iter().map(|index| costs[*index].resources.total()).collect();
        match split {
            Split::Even => {
                let names: Vec<&Group> = here.iter().map(|index| &groups[*index]).collect();
                add(idle.resources.total(), &even(&names, &total));
            }
            Split::Weighted => {
                for (r, amount) in idle.resources.node.iter().enumerate() {
                    let asked: Vec<Decimal> =
                        here.iter().map(|index| costs[*index].resources.node[r]).collect();
                    // A resource that nobody asked for goes by all that was asked.
                    let any = asked.iter().any(|asked| !asked.is_zero());
                    add(*amount, if any { &asked } else { &total });
                }
                add(idle.resources.other, &total);
            }
        }
    }
    parts
}

/// The idle cost that is shown apart, by place: of those shown, and what comes to them of those shared.
fn idle_shown<'a>(
    costs: &[Cost],
    own_idle: &[BTreeMap<&'a str, Decimal>],
    sharing: &Sharing,
    shown: &dyn Fn(&Cost) -> bool,
) -> BTreeMap<&'a str, Decimal> {
    let mut by_place = BTreeMap::new();
    let indices = || costs.iter().enumerate();
    let to_shown: Decimal = indices()
        .filter(|(index, cost)| !sharing.is_shared[*index] && shown(cost))
        .map(|(index, _)| sharing.share[index])
        .sum();
    for (index, cost) in indices() {
        let factor = match (sharing.is_shared[index], shown(cost)) {
            (true, _) if sharing.is_borne => to_shown,
            (true | false, true) => Decimal::ONE,
            (_, false) => continue,
        };
        for (place, amount) in &own_idle[index] {
            *by_place.entry(*place).or_insert(Decimal::ZERO) += *amount * factor;
        }
    }
    by_place
}

/// Which costs are shared, and the share of them that every other cost bears.
struct Sharing {
    is_shared: Vec<bool>,
    /// Zero for costs that are shared; they sum to 1 where anybody bears any.
    share: Vec<Decimal>,
    is_borne: bool,
}

impl Sharing {
    fn of(costs: &[Cost], groups: &[Group], question: &Question) -> Self {
        let is_shared: Vec<bool> = costs
            .iter()
            .map(|cost| question.share.as_ref().is_some_and(|share| share.matches(&cost.labels)))
            .collect();
        let bearing: Vec<usize> = (0..costs.len()).filter(|index| !is_shared[*index]).collect();
        let direct: Vec<Decimal> =
            bearing.iter().map(|index| costs[*index].resources.total()).collect();
        let weights = match question.split {
            Split::Weighted => direct,
            Split::Even => {
                let names: Vec<&Group> = bearing.iter().map(|index| &groups[*index]).collect();
                even(&names, &direct)
            }
        };
        let mut share = vec![Decimal::ZERO; costs.len()];
        for (index, part) in bearing.iter().zip(shares(&weights)) {
            share[*index] = part;
        }
        Self { is_shared, share, is_borne: !bearing.is_empty() }
    }
}

/// Weights that sum to the same for every group: inside one, by cost.
fn even(groups: &[&Group], costs: &[Decimal]) -> Vec<Decimal> {
    let mut sums: BTreeMap<&Group, (Decimal, u32)> = BTreeMap::new();
    for (group, cost) in groups.iter().zip(costs) {
        let sum = sums.entry(group).or_default();
        *sum = (sum.0 + *cost, sum.1 + 1);
    }
    let weight = |(group, cost): (&&Group, &Decimal)| {
        let (sum, count) = sums[*group];
        if sum.is_zero() { Decimal::ONE / Decimal::from(count) } else { *cost / sum }
    };
    groups.iter().zip(costs).map(weight).collect()
}

/// Weights as shares of 1; equal ones where all are zero.
fn shares(weights: &[Decimal]) -> Vec<Decimal> {
    let sum: Decimal = weights.iter().sum();
    if sum.is_zero() {
        let equal = Decimal::ONE / Decimal::from(weights.len().max(1));
        return vec![equal; weights.len()];
    }
    weights.iter().map(|weight| *weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop, proptest};
    use serde_json::Value;

    fn decimal(value: f64) -> Decimal {
        Decimal::try_from(value).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "a test may look for its data")]
    fn cases() -> Option<Value> {
        let shared = std::env::var("CAPPLAN_SHARED").ok()?;
        let text = std::fs::read_to_string(format!("{shared}/cases/allocation.json")).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    const LABELS: [&str; 6] =
        ["cluster", "namespace", "controller", "label:app", "label:env", "annotation:team"];

    fn label(name: &str) -> &'static str {
        LABELS.into_iter().find(|label| *label == name).unwrap()
    }

    /// The costs of `OpenCost`'s topology, in clusters.
    fn topology(all: &Value) -> Vec<Cost> {
        let pods = all["topology"].as_array().unwrap();
        pods.iter()
            .map(|pod| {
                let mut labels = Labels::new();
                for name in LABELS {
                    let value = match name.split_once(':') {
                        Some(("label", key)) => &pod["labels"][key],
                        Some((_, key)) => &pod["annotations"][key],
                        None => &pod[name],
                    };
                    if let Some(value) = value.as_str() {
                        labels.insert(name, value.to_owned());
                    }
                }
                let amount = |key: &str| decimal(pod[key].as_f64().unwrap());
                let node = [amount("cpu"), amount("ram"), amount("gpu"), Decimal::ZERO];
                let other = amount("pv") + amount("net") + amount("lb");
                let place = pod["cluster"].as_str().unwrap().to_owned();
                Cost { labels, place, resources: Resources { node, other } }
            })
            .collect()
    }

    use crate::allocation::Labels;

    fn idle(all: &Value) -> Vec<Idle> {
        let clusters = all["idle"]["cluster"].as_object().unwrap();
        clusters
            .iter()
            .map(|(place, cost)| {
                let amount = |key: &str| decimal(cost[key].as_f64().unwrap());
                let node = [amount("cpu"), amount("ram"), amount("gpu"), Decimal::ZERO];
                let resources = Resources { node, other: Decimal::ZERO };
                Idle { place: place.clone(), resources }
            })
            .collect()
    }

    fn selector(text: &Value) -> Option<Selector> {
        let (name, value) = text.as_str()?.split_once('=').unwrap();
        Some(Selector { wanted: vec![(label(name), vec![Some(value.to_owned())])] })
    }

    fn question(inputs: &Value) -> Question {
        let split = |word: &Value| match word.as_str() {
            Some("even") => Split::Even,
            _ => Split::Weighted,
        };
        let by = inputs["by"].as_array().unwrap().iter().map(|by| label(by.as_str().unwrap()));
        Question {
            by: by.collect(),
            filter: selector(&inputs["filter"]),
            share: selector(&inputs["share"]),
            split: split(&inputs["split"]),
            idle: match (&inputs["share_idle"], &inputs["split_idle"]) {
                (Value::String(_), _) => IdleShown::Shared(split(&inputs["share_idle"])),
                (_, Value::String(_)) => IdleShown::ApartByPlace,
                _ => IdleShown::Apart,
            },
            overhead: decimal(inputs["overhead"].as_f64().unwrap_or(0.0)),
        }
    }

    fn named(allocation: &Allocation) -> BTreeMap<String, Decimal> {
        let name = |group: &Group| match group {
            Group::Of(values) => values
                .iter()
                .map(|value| match value {
                    GroupValue::Named(name) => name.clone(),
                    GroupValue::Unallocated => "__unallocated__".to_owned(),
                })
                .collect::<Vec<_>>()
                .join("/"),
            Group::Idle(None) => "__idle__".to_owned(),
            Group::Idle(Some(place)) => format!("{place}/__idle__"),
            Group::Unborne => "__unborne__".to_owned(),
        };
        allocation.rows.iter().map(|row| (name(&row.group), row.total())).collect()
    }

    fn assert_equal(id: &str, found: &BTreeMap<String, Decimal>, expected: &[(String, Decimal)]) {
        let near = |a: Decimal, b: Decimal| (a - b).abs() < decimal(1e-9);
        let names: Vec<&String> = expected.iter().map(|(name, _)| name).collect();
        assert_eq!(found.keys().collect::<Vec<_>>(), names, "{id}");
        for (name, amount) in expected {
            assert!(near(found[name], *amount), "{id} {name}: {} not {amount}", found[name]);
        }
    }

    #[test]
    fn it_answers_as_opencost_means_it() {
        let Some(all) = cases() else { return };
        let (costs, idle) = (topology(&all), idle(&all));
        for case in all["cases"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            let expected: BTreeMap<String, Decimal> = case["exact"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, fraction)| {
                    let text = fraction.as_str().unwrap();
                    let (over, under) = text.split_once('/').unwrap_or((text, "1"));
                    let number = |text: &str| text.parse::<Decimal>().unwrap();
                    (name.clone(), number(over) / number(under))
                })
                .collect();
            let found = named(&allocate(&costs, &idle, &question(&case["inputs"])));
            assert_equal(id, &found, &expected.into_iter().collect::<Vec<_>>());
        }
        // OpenCost's own expectation is noted as wrong in its source; the right one stands beside it.
        let known = all["extra"].as_array().unwrap().iter().find(|e| e["id"] == "oc-6e-known-bug");
        let known = known.unwrap();
        let found = named(&allocate(&costs, &idle, &question(&known["inputs"])));
        for (name, amount) in &found {
            let right = decimal(known["correct"][name].as_f64().unwrap());
            assert!((*amount - right).abs() < decimal(1e-4), "{name}: {amount} not {right}");
        }
    }

    fn cost(team: &str, place: &str, cpu: i64, gpu: i64) -> Cost {
        let node = [cpu.into(), Decimal::ZERO, gpu.into(), Decimal::ZERO];
        let labels = Labels::from([("team", team.to_owned())]);
        Cost { labels, place: place.into(), resources: Resources { node, other: Decimal::ZERO } }
    }

    fn idle_of(place: &str, cpu: i64, gpu: i64) -> Idle {
        Idle { place: place.into(), resources: cost("", place, cpu, gpu).resources }
    }

    #[test]
    fn idle_follows_each_resource_of_its_own_place() {
        // Kubecost's page: five workloads of 1 on two nodes of 6, and the same as one cluster.
        let costs = |places: [&str; 5]| -> Vec<Cost> {
            places
                .iter()
                .enumerate()
                .map(|(n, place)| cost(&format!("w{n}"), place, 1, 0))
                .collect()
        };
        let question = Question {
            by: vec!["team"],
            idle: IdleShown::Shared(Split::Weighted),
            ..Question::default()
        };
        let totals = |costs: &[Cost], idle: &[Idle]| -> Vec<String> {
            let rows = allocate(costs, idle, &question).rows;
            rows.iter().map(|row| row.total().normalize().to_string()).collect()
        };
        let two = [idle_of("a", 2, 0), idle_of("b", 5, 0)];
        assert_eq!(
            totals(&costs(["a", "a", "a", "a", "b"]), &two),
            ["1.5", "1.5", "1.5", "1.5", "6"]
        );
        assert_eq!(totals(&costs(["a"; 5]), &[idle_of("a", 7, 0)]), ["2.4"; 5]);
        // Idle GPUs go to those who use GPUs; nobody's resource goes by all that was asked.
        let mixed = [cost("cpu", "a", 10, 0), cost("gpu", "a", 10, 20)];
        assert_eq!(totals(&mixed, &[idle_of("a", 4, 8)]), ["12", "40"]);
        assert_eq!(totals(&mixed[..1], &[idle_of("a", 0, 8)]), ["18"]);
    }

    #[test]
    fn what_nobody_can_bear_is_a_row() {
        let everyone = Selector { wanted: vec![("team", vec![Some("a".into()), None])] };
        let question = Question { by: vec!["team"], share: Some(everyone), ..Question::default() };
        let found = allocate(&[cost("a", "p", 3, 0)], &[idle_of("empty", 0, 2)], &question);
        assert_eq!(
            named(&found),
            BTreeMap::from([
                ("__idle__".to_owned(), Decimal::TWO),
                ("__unborne__".to_owned(), Decimal::from(3))
            ])
        );
    }

    fn any_costs() -> impl Strategy<Value = Vec<Cost>> {
        let one = (0..4_usize, 0..3_usize, 0..1000_i64, 0..1000_i64);
        prop::collection::vec(one, 1..12).prop_map(|all| {
            let one = |(team, place, cpu, gpu): (usize, usize, i64, i64)| {
                cost(&format!("t{team}"), &format!("p{place}"), cpu, gpu)
            };
            all.into_iter().map(one).collect()
        })
    }

    fn any_split() -> impl Strategy<Value = Split> {
        any::<bool>().prop_map(|even| if even { Split::Even } else { Split::Weighted })
    }

    fn any_idle_shown() -> impl Strategy<Value = IdleShown> {
        (0..3_u8, any_split()).prop_flat_map(|(kind, split)| {
            Just(match kind {
                0 => IdleShown::Apart,
                1 => IdleShown::ApartByPlace,
                _ => IdleShown::Shared(split),
            })
        })
    }

    proptest! {
        #[test]
        fn rows_come_to_all_that_went_in_and_a_filter_changes_none(
            costs in any_costs(),
            idle in prop::collection::vec((0..500_i64, 0..500_i64), 3),
            shown in any_idle_shown(),
            split in any_split(),
            overhead in 0..1000_i64,
        ) {
            let idle: Vec<Idle> = idle.iter().enumerate()
                .map(|(n, (cpu, gpu))| idle_of(&format!("p{n}"), *cpu, *gpu)).collect();
            let share = Selector { wanted: vec![("team", vec![Some("t0".into())])] };
            let mut question = Question {
                by: vec!["team"],
                share: Some(share),
                split,
                idle: shown,
                overhead: overhead.into(),
                ..Question::default()
            };
            let all = allocate(&costs, &idle, &question);
            let went_in = costs.iter().map(|cost| cost.resources.total()).sum::<Decimal>()
                + idle.iter().map(|idle| idle.resources.total()).sum::<Decimal>()
                + Decimal::from(overhead);
            assert!((all.total() - went_in).abs() < decimal(1e-15), "{} {went_in}", all.total());
            question.filter = Some(Selector { wanted: vec![("team", vec![Some("t1".into())])] });
            let only = allocate(&costs, &idle, &question);
            let of = |allocation: &Allocation| {
                let group = Group::Of(vec![GroupValue::Named("t1".into())]);
                allocation.rows.iter().find(|row| row.group == group).map(Share::total)
            };
            assert_eq!(of(&all), of(&only));
        }
    }
}
