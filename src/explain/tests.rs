use std::path::Path;

use super::*;
use crate::calendar::parse_date;
use crate::cost::statement::to_cents;
use crate::history::Usage;
use crate::language;
use crate::pipeline;
use crate::plan::CheckedPlan;

/// The shipped plan of five teams with rules, commitments and owned hardware, in few draws, without its
/// histories.
fn acme() -> (CheckedPlan, Outcome) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
    let mut plan = language::read(&path).unwrap().plan.unwrap();
    plan.base.draws = plan.base.draws.with_count(20);
    let day = parse_date("2026-11-23").unwrap();
    let outcome = pipeline::run(&plan.base, &Usage::default(), day);
    (plan, outcome)
}

/// Every step that has parts is their sum, to the last of six places.
fn sums(step: &Step) {
    if !step.parts.is_empty() {
        assert_eq!(
            step.parts.iter().map(Step::worth).sum::<Decimal>(),
            step.worth(),
            "{}",
            step.what
        );
        let sizes: Vec<Decimal> = step.parts.iter().map(|part| part.worth().abs()).collect();
        assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]), "{}: largest first", step.what);
    }
    step.parts.iter().chain(&step.because).for_each(sums);
}

/// Whether some step below stands at a line of this file.
fn reaches(step: &Step, file: &str) -> bool {
    step.place.as_ref().is_some_and(|place| place.starts_with(file))
        || step.parts.iter().chain(&step.because).any(|step| reaches(step, file))
}

#[test]
fn parts_come_to_what_they_are_parts_of_down_to_the_line() {
    let (plan, outcome) = acme();
    let from = Explainer { plan: &plan.base, outcome: &outcome, sources: &plan.sources };
    let asked = |text: &str| {
        let query = query::query(&plan.base, text).unwrap_or_else(|error| panic!("{error}"));
        let step = explain(from, &query);
        sums(&step);
        step
    };
    let invoice: Decimal = outcome.chargeback.invoice.iter().sum();
    assert_eq!(asked("cost").worth(), invoice);
    let quarter: Decimal = outcome.chargeback.invoice[3..6].iter().sum();
    assert_eq!(asked("cost total FY2027-Q2").worth(), quarter);
    for charge in &outcome.chargeback.teams {
        let name = &plan.base.teams[charge.team].name;
        let step = asked(&format!("cost team={name}"));
        let bears: Decimal = (0..12).map(|t| charge.total(t)).sum();
        assert_eq!(step.worth(), bears, "{name}");
        let cents = to_cents(&outcome.chargeback);
        let charge = cents.teams.iter().find(|of| of.team == charge.team).unwrap();
        let sum = |months: std::ops::Range<usize>| months.map(|t| charge.total(t)).sum::<Decimal>();
        let change = asked(&format!("change team={name}"));
        assert_eq!(change.worth(), sum(9..12) - sum(0..3), "{name}: last quarter less first");
        let change = asked(&format!("change team={name} FY2027-Q3"));
        assert_eq!(change.worth(), sum(6..9) - sum(3..6), "{name}: a quarter less the one before");
    }
    let categories: Decimal = crate::cost::ledger::Category::ALL
        .iter()
        .map(|category| asked(&format!("cost category={}", category.word())).worth())
        .sum();
    assert_eq!(categories, invoice);
    let search = asked("cost team=search 2027-05");
    for file in ["teams.kdl", "finance.kdl", "workloads/serving.kdl", "catalog.kdl"] {
        assert!(reaches(&search, file), "{file}");
    }
    for (_, budget) in plan.base.budgets.iter() {
        let step = asked(&format!("budget budget={}", budget.name));
        let id = plan.base.budgets.find(&budget.name).unwrap();
        let of = outcome.budgets.iter().find(|outcome| outcome.budget == id).unwrap();
        assert_eq!(step.worth(), of.forecast, "{}", budget.name);
    }
}

/// The project `assistant-v2` has a cost centre of its own, which wins over its team's wherever cost centres are asked for.
#[test]
fn a_cost_center_is_the_same_in_explanations_allocations_and_budgets() {
    let (plan, outcome) = acme();
    let from = Explainer { plan: &plan.base, outcome: &outcome, sources: &plan.sources };
    let all = crate::allocation::by_rules(&plan.base, &outcome, 0..12, &["cost-center"], None);
    let mut seen = Vec::new();
    for share in &all.rows {
        let crate::allocation::Group::Of(values) = &share.group else { continue };
        let [crate::allocation::GroupValue::Named(name)] = values.as_slice() else { continue };
        let query = query::query(&plan.base, &format!("cost cost-center={name}")).unwrap();
        let step = explain(from, &query);
        sums(&step);
        assert_eq!(step.worth(), share.total(), "{name}");
        let owner = crate::plan::budget::BudgetOwner::CostCenter(name.clone());
        let own = crate::cost::prices::owned_workloads(&plan.base, &[owner]);
        let rows = outcome.ledger.rows.iter();
        let rows = rows.filter(|row| row.workload.is_some_and(|id| own.contains(&id)));
        let direct: Decimal = rows.map(|row| row.amortised).sum();
        assert_eq!(direct, share.direct.total(), "{name}");
        seen.push(name.as_str());
    }
    assert!(seen.contains(&"CC-5180") && seen.contains(&"CC-5102"), "{seen:?}");
    let assistant = plan.base.teams.find("assistant").unwrap();
    assert_eq!(plan.base.cost_centers_of(assistant), ["CC-5102", "CC-5180"]);
}

#[test]
fn rules_come_to_what_teams_bear_beyond_their_direct_cost() {
    let (plan, outcome) = acme();
    for charge in &outcome.chargeback.teams {
        for t in 0..plan.base.horizon.months {
            let rules = outcome.chargeback.by_rule.iter();
            let given: Decimal = rules.map(|rule| rule.teams[charge.team.index()][t]).sum();
            assert_eq!(given, charge.idle[t] + charge.shared[t]);
        }
    }
}

#[test]
fn a_question_with_a_slip_is_answered_with_what_was_meant() {
    let (plan, _) = acme();
    let wrong = |text: &str| query::query(&plan.base, text).unwrap_err();
    assert!(wrong("cots").contains("did you mean `cost`?"));
    assert!(wrong("cost team=serch").contains("did you mean `team=search`?"));
    assert!(wrong("cost tema=search").contains("did you mean `team=search`?"));
    assert!(wrong("cost 2031-01").contains("outside the plan's months"));
    assert!(wrong("cost sometime").contains("is no month, quarter or year"));
    assert!(wrong("need team=search").contains("`need` pool="));
    let right = query::query(&plan.base, "cost team=search 2027-Q2").unwrap();
    assert_eq!((right.when.label.as_str(), right.when.months), ("FY2027-Q2", 3..6));
}

#[test]
fn a_need_and_a_demand_name_their_lines() {
    let (plan, outcome) = acme();
    let from = Explainer { plan: &plan.base, outcome: &outcome, sources: &plan.sources };
    let query = query::query(&plan.base, "need pool=serve-h100 2027-05").unwrap();
    let need = explain(from, &query);
    assert!(matches!(need.amount, Some(Figure::Quantity { ref unit, .. }) if unit == "nodes"));
    assert!(need.because.iter().any(|step| step.what.starts_with("need of search-rerank")));
    assert!(reaches(&need, "workloads/serving.kdl"));
}

/// Every month has its own derivation, which comes to the count that is told of that month.
#[test]
fn a_need_is_derived_for_the_month_that_is_asked_for() {
    let (plan, mut outcome) = acme();
    let all = outcome.sizings.clone();
    let mut needs = |text: &str| {
        let query = query::query(&plan.base, text).unwrap();
        outcome.sizings = pipeline::size_within(&plan.base, &outcome, &query.when.months);
        let from = Explainer { plan: &plan.base, outcome: &outcome, sources: &plan.sources };
        let mut steps = explain(from, &query).because.into_iter();
        let step = steps.find(|step| step.what.contains("pool serve-h100")).unwrap();
        let Some(Figure::Quantity { median, .. }) = step.amount else { panic!("{step:?}") };
        (median, step.how)
    };
    let id = plan.base.workloads.find("ads-ranker").unwrap();
    let pool = plan.base.pools.find("serve-h100").unwrap();
    let sizing = all.iter().find(|s| s.workload == id && s.pool == pool).unwrap();
    let mut derivations = Vec::new();
    for t in 0..plan.base.horizon.months {
        let month = plan.base.horizon.month(t);
        let (count, how) = needs(&format!("need workload=ads-ranker {month}"));
        assert!(how.contains(&format!("→ {count:.0} gpus; bottleneck gpu, ")), "{month}: {how}");
        assert!(how.starts_with("target utilisation 65% → "), "{month}: {how}");
        derivations.push(how);
    }
    let most = sizing.peak_month.unwrap();
    let [quarter, year] = ["need workload=ads-ranker FY2027-Q2", "need workload=ads-ranker"]
        .map(|text| needs(text).1);
    let label = |t| format!("in {}, the month that needs most: ", plan.base.horizon.month(t));
    assert_eq!(year, format!("{}{}", label(most), derivations[most]));
    assert!((3..6).any(|t| quarter == format!("{}{}", label(t), derivations[t])), "{quarter}");
}

#[test]
fn every_total_of_a_report_is_traced_to_lines_and_is_the_sum_of_its_parts() {
    let (plan, outcome) = acme();
    let from = Explainer { plan: &plan.base, outcome: &outcome, sources: &plan.sources };
    let traces = trace::traces(from);
    assert!(traces.len() > plan.base.teams.items().len());
    for trace in &traces {
        let whole = explain(from, &query::query(&plan.base, &trace.figure).unwrap());
        assert_eq!(trace.step.worth(), whole.worth(), "{}", trace.figure);
        let mut steps = vec![&trace.step];
        while let Some(step) = steps.pop() {
            if !step.parts.is_empty() {
                let sum: Decimal = step.parts.iter().map(Step::worth).sum();
                assert_eq!(sum, step.worth(), "{}: {}", trace.figure, step.what);
            }
            steps.extend(&step.parts);
        }
        assert!(trace.step.worth().is_zero() || reaches(&trace.step, ""), "{}", trace.figure);
    }
}

#[test]
fn whether_a_lot_comes_is_weighed_like_a_value() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
    let mut plan = language::read(&path).unwrap().plan.unwrap();
    plan.base.draws = plan.base.draws.with_count(200);
    let outcome = pipeline::run(&plan.base, &Usage::default(), parse_date("2026-11-23").unwrap());
    let found = sensitivity::strongest(&plan.base, &outcome, 50);
    let lot = found.movers.iter().find(|mover| mover.is_chance).unwrap();
    assert_eq!(lot.key, "owned/ashburn-b200/lot/2027-06.chance");
    assert!(lot.swing.0 < lot.swing.1, "a lot that comes costs more: {:?}", lot.swing);
}

/// Every cause of every line between the first quarter and the last.
fn causes_of(workload: &str) -> Vec<moves::Moved> {
    let (plan, outcome) = acme();
    let cents = to_cents(&outcome.chargeback);
    let windows = moves::windows(&plan.base).unwrap();
    let id = plan.base.workloads.find(workload);
    let all = moves::moves(&plan.base, &outcome, &cents, &windows);
    let mut lines = all.into_iter().flat_map(|team| team.lines);
    lines.find(|line| line.workload == id).unwrap().causes
}

#[test]
fn the_days_of_a_quarter_are_no_efficiency_of_storage() {
    let causes = causes_of("dataset-lake");
    let of = |cause| causes.iter().find(|moved| moved.cause == cause);
    // 89 to 92 days are 3.4% more GB-months of what is stored.
    let (days, demand) = (of(moves::Cause::Days).unwrap(), of(moves::Cause::Demand).unwrap());
    assert!(days.amount > demand.amount / Decimal::TEN, "{days:?}");
    // What is left is of another substance: what is read back from it.
    let efficiency = of(moves::Cause::Efficiency);
    assert!(efficiency.is_none_or(|moved| !moved.how.contains("GB-month")), "{efficiency:?}");
}

#[test]
fn a_run_that_begins_is_a_cause_of_its_own_at_its_line() {
    let (plan, _) = acme();
    let causes = causes_of("foundation-pretrain");
    assert!(causes.iter().all(|moved| moved.cause != moves::Cause::Efficiency));
    let runs = causes.iter().find(|moved| moved.cause == moves::Cause::Runs).unwrap();
    assert!(runs.how.starts_with("run base-v5 begins; "), "{}", runs.how);
    let id = plan.base.workloads.find("foundation-pretrain").unwrap();
    let run = plan.base.workloads[id].runs.iter().find(|run| run.name == "base-v5").unwrap();
    assert_eq!(runs.places[0], run.origin);
}

/// Support is 7% of what is spent with a provider: reservations that end and cheaper ones that begin are a price, and no
/// better use of what is spent.
#[test]
fn support_moves_as_what_it_is_a_share_of() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/examples/enterprise.kdl");
    let mut plan = language::read(&path).unwrap().plan.unwrap();
    plan.base.draws = plan.base.draws.with_count(20);
    let outcome = pipeline::run(&plan.base, &Usage::default(), parse_date("2026-12-15").unwrap());
    let cents = to_cents(&outcome.chargeback);
    let windows = moves::windows(&plan.base).unwrap();
    let rank = plan.base.workloads.find("search-rank");
    let all = moves::moves(&plan.base, &outcome, &cents, &windows);
    let line = all.iter().flat_map(|team| &team.lines).find(|line| line.workload == rank).unwrap();
    let of = |cause| line.causes.iter().find(|moved| moved.cause == cause);
    let price = of(moves::Cause::Price).unwrap();
    assert!(price.how.contains("for a GiB-hour; memory most") && price.how.contains("support"));
    // Hours follow demand here, so nothing but support could be a matter of efficiency.
    let efficiency = of(moves::Cause::Efficiency);
    let small = |moved: &&moves::Moved| moved.how.contains("-hours for one unit of demand");
    assert!(efficiency.as_ref().is_none_or(small), "{efficiency:?}");
}

#[test]
fn purchase_price_and_runs_have_words_and_lines() {
    let (plan, outcome) = acme();
    let cents = to_cents(&outcome.chargeback);
    let windows = moves::windows(&plan.base).unwrap();
    let all = moves::moves(&plan.base, &outcome, &cents, &windows);
    for line in all.iter().flat_map(|team| &team.lines) {
        for moved in &line.causes {
            assert!(!moved.how.is_empty(), "{moved:?}");
            let by_calendar = moved.cause == moves::Cause::Days;
            assert!(by_calendar || !moved.places.is_empty(), "{moved:?}");
            if let Some((from, to)) = moved.how.split_once(" to ") {
                let last = from.split_whitespace().last();
                assert_ne!(last, to.split_whitespace().next(), "{moved:?}");
            }
        }
    }
}
