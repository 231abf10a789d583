//! Gates as diagnostics: the budgets and policies that do not hold, and the runs that are late, at the line
//! that states them.

use crate::capacity::RunTime;
use crate::cost::gates::{BudgetOutcome, PolicyOutcome, Verdict};
use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::policy::{Bound, Metric};
use crate::plan::workload::Deadline;

/// A budget that does not hold at its confidence.
pub static BUDGET_EXCEEDED: Code = Code {
    id: "budget_exceeded",
    family: Family::Policy,
    severity: Severity::Error,
    title: "a budget does not hold at its confidence",
    page: "\
A `budget` holds when the cost of its months, on its basis, stays within its amount in at least the\n\
share of draws that `confidence` names (50% where it names none). This one does not, so `check` and\n\
`report --gate` exit with 3.\n\n\
The message shows the amount, the forecast (mean, p10 to p90), the cost at the confidence, and the\n\
first month in which the running total passes the whole amount. Raise the amount, lower the demand,\n\
buy cheaper, or accept less confidence:\n\n\
```kdl\n\
budget \"search-fy27\" { team \"search\"; period fiscal-year=2027; amount \"2.4M USD\"; confidence \"70%\"; }\n\
```\n",
};

/// A budget whose median passes a `warn-at` share.
pub static BUDGET_WARNED: Code = Code {
    id: "budget_warned",
    family: Family::Policy,
    severity: Severity::Warning,
    title: "the median forecast passes a share of a budget that asks for a warning",
    page: "\
`warn-at \"80%\"` asks for a warning once the median cost of a budget's months passes that share of its\n\
amount. It never fails the gate.\n\
\n\
```kdl\n\
budget \"search-fy27\" { team \"search\"; period fiscal-year=2027; amount \"2.4M USD\"; warn-at \"80%\" \"95%\"; }\n\
```\n",
};

/// A policy that fails.
pub static POLICY_FAILED: Code = Code {
    id: "policy_failed",
    family: Family::Policy,
    severity: Severity::Error,
    title: "a policy does not hold",
    page: "\
A `policy` with `severity=error` must hold in every month separately, in at least the share of draws\n\
that `confidence` names. This one does not, so `check` and `report --gate` exit with 3.\n\n\
The message shows where it fails first, what was observed (median and p95), and what contributes\n\
most. Change the plan so that it holds, or waive it for a time, with a reason:\n\n\
```kdl\n\
policy \"no-shortfall\" severity=error {\n\
    require pool=\"serving\" metric=shortfall at-most=\"0 node\" confidence=\"95%\"\n\
    waive until=\"2027-02-28\" by=\"ml-platform\" { because \"the second region opens in March\"; }\n\
}\n\
```\n",
};

/// A policy that only warns, and does not hold.
pub static POLICY_WARNED: Code = Code {
    id: "policy_warned",
    family: Family::Policy,
    severity: Severity::Warning,
    title: "a policy that only warns does not hold",
    page: "\
A `policy` with `severity=warn` does not hold. It is shown like a failed one, and never fails the gate.\n\
\n\
```kdl\n\
policy \"spot-share\" severity=warn { require environment=\"production\" metric=spot-share at-most=\"0%\"; }\n\
```\n",
};

/// A waived policy.
pub static POLICY_WAIVED: Code = Code {
    id: "policy_waived",
    family: Family::Policy,
    severity: Severity::Note,
    title: "a policy does not hold, and is waived",
    page: "\
A `policy` does not hold, but its `waive` covers the day the plan is looked at from. From the day after\n\
`until` it counts again.\n\
\n\
```kdl\n\
policy \"waste\" severity=error {\n\
    require pool=\"serving\" metric=utilization at-least=\"45%\"\n\
    waive until=\"2027-02-28\" by=\"ml-platform\" { because \"ramp-up of the reserved block\"; }\n\
}\n\
```\n",
};

/// A policy whose metric is not evaluated yet.
pub static POLICY_NOT_EVALUATED: Code = Code {
    id: "policy_not_evaluated",
    family: Family::Policy,
    severity: Severity::Note,
    title: "a policy's metric is not evaluated",
    page: "\
The metric of this `policy` is a word of the language whose figures come with a later version, or there\n\
is nothing in the plan that it could look at. The policy is checked for its form and changes nothing.\n\
\n\
```kdl\n\
policy \"training-wait\" severity=warn { require metric=queue-wait at-most=\"6 hours\"; }\n\
```\n",
};

/// A run that is likely to miss its deadline.
pub static RUN_LATE: Code = Code {
    id: "run_late",
    family: Family::Policy,
    severity: Severity::Warning,
    title: "a run is likely to miss its deadline",
    page: "\
Failures, checkpoints and the work they throw away stretch a run. The length it comes to is more than\n\
`finish-within` or `finish-by` leaves it, in at least 5% of the draws. It never fails the gate, and a\n\
`deadline soft` is not spoken of.\n\n\
Give it more GPUs, start it earlier, save its state at a better interval, or accept the miss:\n\n\
```kdl\n\
workload \"tune\" {\n\
    kind training\n\
    run \"q1\" at=\"2027-03-18\" {\n\
        gpus 16; duration \"9 days\"; restarts \"2 / week\"; checkpoint { every \"1 hour\"; takes \"2 minutes\"; }\n\
        finish-by \"2027-03-31\"; deadline soft\n\
    }\n\
}\n\
```\n",
};

/// A miss that is less likely is not spoken of.
const LATE_MIN: f64 = 0.05;

/// The codes of gates.
pub static CODES: &[&Code] = &[
    &BUDGET_EXCEEDED,
    &BUDGET_WARNED,
    &POLICY_FAILED,
    &POLICY_WARNED,
    &POLICY_WAIVED,
    &POLICY_NOT_EVALUATED,
    &RUN_LATE,
];

/// Whether a diagnostic fails the gate: exit code 3.
#[must_use]
pub fn fails_gate(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == &BUDGET_EXCEEDED || diagnostic.code == &POLICY_FAILED
}

/// What is to be said of the gates, in the order of budgets, then policies, then runs.
#[must_use]
pub fn diagnostics(plan: &Plan, outcome: &Outcome) -> Vec<Diagnostic> {
    let budgets = outcome.budgets.iter().filter_map(|budget| of_budget(plan, budget));
    let policies = outcome.policies.iter().filter_map(|policy| of_policy(plan, policy));
    let runs = outcome.run_times.iter().filter_map(|time| of_run(plan, time));
    budgets.chain(policies).chain(runs).collect()
}

/// `4 of 5 budgets and 6 of 6 policies hold`.
#[must_use]
pub fn summary(outcome: &Outcome) -> String {
    let budgets = outcome.budgets.iter().filter(|budget| budget.passes).count();
    let evaluated: Vec<&PolicyOutcome> = outcome
        .policies
        .iter()
        .filter(|policy| !matches!(policy.verdict, Verdict::NotEvaluated(_)))
        .collect();
    let policies = evaluated.iter().filter(|policy| policy.verdict == Verdict::Holds).count();
    format!(
        "{budgets} of {} budgets and {policies} of {} policies hold",
        outcome.budgets.len(),
        evaluated.len()
    )
}

fn of_budget(plan: &Plan, outcome: &BudgetOutcome) -> Option<Diagnostic> {
    let budget = &plan.budgets[outcome.budget];
    let span = budget.origin;
    let currency = plan.currency;
    let amount = money(crate::money::to_f64(outcome.amount));
    let mean = money(crate::money::to_f64(outcome.forecast));
    let [p10, _, p90] = outcome.quantiles.map(money);
    let observed = format!(
        "{} {}: forecast {mean} {currency} (p10 {p10}, p90 {p90}) against {amount} {currency}",
        budget.period_label,
        budget.basis.word()
    );
    if !outcome.passes {
        let breach = outcome.first_breach.map_or(String::new(), |month| {
            format!("; the running total passes the amount in {month}")
        });
        let message = format!(
            "budget `{}` holds in {} of draws, and asks for {}",
            budget.name,
            percent(outcome.within),
            percent(budget.confidence)
        );
        let help = format!(
            "at {} confidence it comes to {} {currency}{breach}; raise the amount, or spend less",
            percent(budget.confidence),
            money(outcome.at_confidence)
        );
        return Some(Diagnostic::new(&BUDGET_EXCEEDED, message).at(span, observed).help(help));
    }
    let share = outcome.warned?;
    let message = format!("budget `{}` is forecast to pass {}", budget.name, percent(share));
    Some(Diagnostic::new(&BUDGET_WARNED, message).at(span, observed))
}

fn of_policy(plan: &Plan, outcome: &PolicyOutcome) -> Option<Diagnostic> {
    let policy = &plan.policies[outcome.policy];
    let require = &policy.require;
    let row = require.metric.row();
    let code = match &outcome.verdict {
        Verdict::Holds => return None,
        Verdict::NotEvaluated(why) => {
            let message = format!("policy `{}` is not evaluated", policy.name);
            let span = policy.origin;
            return Some(Diagnostic::new(&POLICY_NOT_EVALUATED, message).at(span, why));
        }
        Verdict::Waived => &POLICY_WAIVED,
        Verdict::Fails if policy.fails => &POLICY_FAILED,
        Verdict::Fails => &POLICY_WARNED,
    };
    let bound = match require.bound {
        Bound::AtMost => "at most",
        Bound::AtLeast => "at least",
    };
    let place = outcome.worst.as_ref().map_or(String::new(), |worst| format!(" in `{worst}`"));
    let since = outcome.first_failure.map_or(String::new(), |month| format!(", first in {month}"));
    let message = format!(
        "policy `{}` fails: {} is not {bound} {}{place}{since}",
        policy.name, row.word, require.limit_text
    );
    let mut diagnostic = Diagnostic::new(code, message)
        .at(policy.origin, observed(outcome, require.metric, require.confidence));
    let because = policy.because.as_ref().map(|because| format!("the policy says: {because}"));
    let most = outcome.contributor.as_ref().map(|most| format!("{most} contributes most"));
    let waived = policy.waiver.as_ref().map(|waiver| match outcome.verdict {
        Verdict::Waived => format!("waived until {} by {}", waiver.until, waiver.by),
        _ => format!("its waiver by {} ended on {}", waiver.by, waiver.until),
    });
    let help: Vec<String> = [waived, most, because].into_iter().flatten().collect();
    if !help.is_empty() {
        diagnostic = diagnostic.help(help.join("; "));
    }
    Some(diagnostic)
}

fn of_run(plan: &Plan, time: &RunTime) -> Option<Diagnostic> {
    let run = &plan.workloads[time.workload].runs[time.run];
    let late = time.deadline.filter(|late| late.chance >= LATE_MIN)?;
    (run.deadline == Deadline::Hard).then_some(())?;
    let message = format!(
        "run `{}` of `{}` misses its deadline in {} of draws",
        run.name,
        plan.workloads[time.workload].name,
        percent(late.chance)
    );
    let observed = format!(
        "it has {} hours and takes {} (p50) to {} (p90), {} of them at work",
        money(late.within_hours),
        money(time.hours.0),
        money(time.hours.1),
        money(time.parts.useful),
    );
    let advice = time.advice.filter(|advice| advice.saves_hours >= 0.5).map(|advice| {
        format!(
            "a checkpoint every {:.1} hours saves {:.1} hours; ",
            advice.every_hours, advice.saves_hours
        )
    });
    let help = format!(
        "{}start it {} hours earlier, or give it more GPUs ({})",
        advice.unwrap_or_default(),
        money(late.late_hours.ceil()),
        time.because
    );
    Some(Diagnostic::new(&RUN_LATE, message).at(run.origin, observed).help(help))
}

fn observed(outcome: &PolicyOutcome, metric: Metric, confidence: f64) -> String {
    let show = |value: f64| figure(metric, value);
    let mut parts = Vec::new();
    if let Some((median, tail)) = outcome.observed {
        parts.push(format!("observed p50 {}, tail {}", show(median), show(tail)));
    }
    if let Some(value) = outcome.at_confidence {
        parts.push(format!("{} at {} confidence", show(value), percent(confidence)));
    }
    if let Some(of) = &outcome.sampled {
        parts.push(format!(
            "it holds in {} of the {} draws simulated, of {}: in {} to {} of all, at 95% certainty",
            percent(of.held),
            of.draws,
            of.of,
            percent(of.between.0),
            percent(of.between.1)
        ));
    }
    if parts.is_empty() { "does not hold".to_owned() } else { parts.join("; ") }
}

/// A metric's value as people read it.
fn figure(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Utilization | Metric::SpotShare | Metric::CommitmentUncovered => percent(value),
        Metric::Cash | Metric::Cost => money(value),
        Metric::Shortfall => format!("{} nodes", money(value)),
        Metric::PriceAge | Metric::OrderSlack => format!("{value:.0} days"),
        Metric::QueueWait => format!("{value:.1} hours"),
    }
}

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// A figure in whole units with thousands separated.
fn money(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value <= -0.5 { format!("-{out}") } else { out }
}
