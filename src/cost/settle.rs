//! What is settled with a provider after all spend is known: credits used up, and spend promised but not made.
//!
//! In: everything priced. Out: more of the same, one for each provider, month and kind, in no pool. A credit is
//! used up month by month, the one that ends first before the others, by whoever spends; it counts in the month
//! it is used, amortised and in cash. A discount that asks for a spend a year is held against each twelve months
//! of the horizon (a shorter rest in proportion, until the discount's last day); what is missing falls due in the
//! last of them and is nobody's.

use std::collections::BTreeMap;

use crate::calendar::{Date, days_between};
use crate::cost::amortise::days_of;
use crate::cost::ledger::{Category, Row};
use crate::cost::pool_month::{Parts, Priced, add};
use crate::cost::prices::Kept;
use crate::draws::mean;
use crate::ids::Id;
use crate::money::{Decimal, quantised, split, to_f64};
use crate::plan::catalog::Credit;
use crate::plan::{Plan, Provider, Team, Workload};
use crate::source::Span;

/// A spend that a discount asks for, over twelve months of the horizon or what there is of them until its last day.
#[derive(Debug, Clone, PartialEq)]
pub struct Promised {
    /// With whom.
    pub provider: Id<Provider>,
    /// The first month, counted from the horizon's first.
    pub first: usize,
    /// The month in which what is missing falls due.
    pub due: usize,
    /// The last day that counts.
    pub until: Date,
    /// What is asked for.
    pub asked: f64,
    /// What is spent, in the mean of the draws.
    pub spent: f64,
    /// What is missing, likewise: some draws may spend more, and others less.
    pub missing: f64,
    /// The share of draws in which some is.
    pub chance: f64,
    /// The line of the plan that says so.
    pub origin: Span,
}

/// Settles with every provider, in the order of providers, months and kinds; and says what was promised.
pub(super) fn settle(plan: &Plan, kept: &Kept, all: &[&Priced]) -> (Vec<Priced>, Vec<Promised>) {
    let (mut settled, mut promised) = (Vec::new(), Vec::new());
    for (id, provider) in plan.providers.iter() {
        let floors = provider.negotiated.iter().filter_map(|one| {
            one.commitment_per_year.map(|a_year| (a_year, one.until, one.origin))
        });
        let floors: Vec<(Decimal, Option<Date>, Span)> = floors.collect();
        if floors.is_empty() && provider.credits.is_empty() {
            continue;
        }
        let spend = Spend::with(plan, kept, id, all);
        for (a_year, until, origin) in floors {
            for (held, due) in shortfalls(plan, id, &spend, to_f64(a_year), until, origin) {
                promised.push(held);
                settled.extend(due);
            }
        }
        let mut credits: Vec<&Credit> = provider.credits.iter().collect();
        credits.sort_by(|a, b| (a.until, &a.name).cmp(&(b.until, &b.name)));
        settled.extend(used(plan, id, &spend, &credits));
    }
    (settled, promised)
}

/// Who caused a cost: whether nobody did, the team, the workload.
type Causer = (bool, Option<Id<Team>>, Option<Id<Workload>>);

/// What was spent with a provider, by month.
struct Spend {
    /// When paid, by draw.
    cash: Vec<Vec<f64>>,
    /// Who caused it, by draw, amortised.
    parts: Vec<Parts>,
    /// The means of it by team and workload, as the ledger has them; nobody's last.
    rows: Vec<BTreeMap<Causer, Decimal>>,
}

impl Spend {
    fn with(plan: &Plan, kept: &Kept, provider: Id<Provider>, all: &[&Priced]) -> Self {
        let (months, draws) = (plan.horizon.months, plan.draws.count());
        let nothing = || vec![0.0; draws];
        let mut spend = Self {
            cash: vec![nothing(); months],
            parts: vec![Parts { total: nothing(), ..Parts::default() }; months],
            rows: vec![BTreeMap::new(); months],
        };
        for priced in all.iter().filter(|priced| priced.provider == Some(provider)) {
            let t = priced.t;
            add(&mut spend.cash[t], &priced.cash.total);
            let (parts, own) = (&mut spend.parts[t], &priced.amortised);
            add(&mut parts.total, &own.total);
            for (team, values) in &own.teams {
                add(parts.teams.entry(*team).or_insert_with(nothing), values);
            }
            let workloads = own.workloads.iter().filter(|(id, _)| kept.workloads.contains(id));
            for (workload, values) in workloads {
                add(parts.workloads.entry(*workload).or_insert_with(nothing), values);
            }
            for row in priced.rows.iter().filter(|row| row.provider == Some(provider)) {
                let key = (row.workload.is_none(), row.team, row.workload);
                *spend.rows[t].entry(key).or_insert(Decimal::ZERO) += row.amortised;
            }
        }
        spend
    }
}

/// Spend that was promised in each year of the horizon, and what of it falls due in the last month.
fn shortfalls(
    plan: &Plan,
    provider: Id<Provider>,
    spend: &Spend,
    a_year: f64,
    until: Option<Date>,
    origin: Span,
) -> Vec<(Promised, Option<Priced>)> {
    // The share of each month until the discount's last day.
    let held = |t: usize| {
        let month = plan.horizon.month(t);
        let days = until.map_or(month.days(), |until| days_of(month, month.first_day(), until));
        f64::from(days) / f64::from(month.days())
    };
    let months = (0..plan.horizon.months).map(|t| (t, held(t))).filter(|(_, share)| *share > 0.0);
    let months: Vec<(usize, f64)> = months.collect();
    let of_year = |year: &[(usize, f64)]| {
        let asked = a_year * year.iter().map(|(_, share)| share).sum::<f64>() / 12.0;
        let spent: Vec<f64> = (0..plan.draws.count())
            .map(|draw| year.iter().map(|(t, share)| share * spend.cash[*t][draw]).sum())
            .collect();
        let missing: Vec<f64> = spent.iter().map(|spent| (asked - spent).max(0.0)).collect();
        let short = missing.iter().filter(|missing| **missing > 0.0).count();
        let (first, due) = (year[0].0, year[year.len() - 1].0);
        let last = plan.horizon.month(due).last_day();
        let held = Promised {
            provider,
            first,
            due,
            until: until.map_or(last, |until| until.min(last)),
            asked,
            spent: mean(&spent),
            missing: mean(&missing),
            chance: short as f64 / missing.len() as f64,
            origin,
        };
        let total = quantised(held.missing);
        let falls_due = (!total.is_zero()).then(|| {
            let row = row(due, provider, Category::Commitment, (None, None), total, origin);
            let parts = Parts { total: missing, ..Parts::default() };
            priced(due, provider, Category::Commitment, vec![row], parts)
        });
        (held, falls_due)
    };
    months.chunks(12).map(of_year).collect()
}

/// Credits used up, month by month.
fn used(plan: &Plan, provider: Id<Provider>, spend: &Spend, credits: &[&Credit]) -> Vec<Priced> {
    let draws = plan.draws.count();
    let mut left: Vec<Vec<f64>> =
        credits.iter().map(|credit| vec![to_f64(credit.amount); draws]).collect();
    let mut found = Vec::new();
    for (t, month) in plan.horizon.iter().enumerate() {
        let all_days = i32::try_from(month.days()).unwrap_or(i32::MAX);
        let days_until = |date| days_between(month.first_day(), date);
        // The month between the days on which credits begin and end, and what is spent in each part of it.
        let mut cuts: Vec<i32> = credits
            .iter()
            .flat_map(|credit| [days_until(credit.from), days_until(credit.until) + 1])
            .chain([0])
            .filter(|day| (0..all_days).contains(day))
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut open: Vec<Vec<f64>> = (0..cuts.len())
            .map(|part| {
                let end = cuts.get(part + 1).copied().unwrap_or(all_days);
                let share = f64::from(end - cuts[part]) / f64::from(all_days);
                spend.cash[t].iter().map(|spent| spent * share).collect()
            })
            .collect();
        for (credit, left) in credits.iter().zip(&mut left) {
            let (first, last) = (days_until(credit.from), days_until(credit.until));
            let mut taken = vec![0.0; draws];
            let covered = cuts.iter().zip(&mut open);
            for (_, open) in covered.filter(|(day, _)| first <= **day && **day <= last) {
                for ((taken, left), open) in taken.iter_mut().zip(left.iter_mut()).zip(open) {
                    let now = left.min(*open).max(0.0);
                    *taken += now;
                    *left -= now;
                    *open -= now;
                }
            }
            let total = quantised(mean(&taken));
            if total.is_zero() {
                continue;
            }
            // Everyone's part is his part of the month's spend.
            let along = |values: &[f64]| -> Vec<f64> {
                let all = values.iter().zip(&spend.parts[t].total).zip(&taken);
                all.map(|((own, all), taken)| if *all > 0.0 { -taken * own / all } else { 0.0 })
                    .collect()
            };
            let own = &spend.parts[t];
            let parts = Parts {
                total: taken.iter().map(|taken| -taken).collect(),
                teams: own.teams.iter().map(|(id, values)| (*id, along(values))).collect(),
                workloads: own.workloads.iter().map(|(id, values)| (*id, along(values))).collect(),
                idle: None,
            };
            let weights: Vec<f64> =
                spend.rows[t].values().map(|amount| to_f64(*amount).max(0.0)).collect();
            let amounts = split(-total, &weights, 6);
            let rows = spend.rows[t].keys().zip(amounts).filter(|(_, amount)| !amount.is_zero());
            let rows = rows.map(|((_, team, workload), amount)| {
                row(t, provider, Category::Credit, (*team, *workload), amount, credit.origin)
            });
            found.push(priced(t, provider, Category::Credit, rows.collect(), parts));
        }
    }
    found
}

fn row(
    t: usize,
    provider: Id<Provider>,
    category: Category,
    (team, workload): (Option<Id<Team>>, Option<Id<Workload>>),
    amount: Decimal,
    origin: Span,
) -> Row {
    Row {
        t,
        workload,
        team,
        pool: None,
        provider: Some(provider),
        category,
        purchase: None,
        quantity: amount.abs(),
        unit: "spend",
        amortised: amount,
        cash: amount,
        capex: Decimal::ZERO,
        list: Decimal::ZERO,
        origin,
    }
}

fn priced(
    t: usize,
    provider: Id<Provider>,
    category: Category,
    rows: Vec<Row>,
    parts: Parts,
) -> Priced {
    Priced {
        t,
        pool: None,
        provider: Some(provider),
        rows,
        categories: vec![(category, 1.0)],
        cash: parts.clone(),
        amortised: parts,
        asked: Vec::new(),
        utilization: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_date;
    use crate::cost::testing::{costed, decimal, small, span};
    use crate::ids::Arena;
    use crate::plan::catalog::{DiscountOn, Negotiated};
    use crate::plan::price::Purchase;

    fn with(change: impl FnOnce(&mut crate::plan::Provider)) -> Plan {
        let (mut plan, _) = small();
        let mut provider = plan.providers.items()[0].clone();
        change(&mut provider);
        plan.providers = Arena::new(vec![provider]);
        plan
    }

    fn sum(plan: &Plan, category: Option<Category>) -> Vec<Decimal> {
        let (_, choices) = small();
        let (_, costed) = costed(plan, &choices);
        let mut months = vec![Decimal::ZERO; plan.horizon.months];
        // Without a category, what is paid to the provider before anything is settled.
        for row in costed.ledger.rows.iter().filter(|row| row.provider.is_some()) {
            let settled = [Category::Commitment, Category::Credit].contains(&row.category);
            if category.map_or(!settled, |category| category == row.category) {
                months[row.t] += row.amortised;
            }
        }
        months
    }

    fn credit(plan: &Plan, amount: &str) -> Credit {
        Credit {
            name: "startup".into(),
            amount: decimal(amount),
            from: plan.horizon.first_day(),
            until: plan.horizon.month(5).last_day(),
            origin: span(3),
        }
    }

    #[test]
    fn a_credit_is_used_up_month_by_month_and_never_beyond() {
        let plain = small().0;
        let spent = sum(&plain, None);
        // It outlasts the first month in every draw, and ends in the third in each.
        let amount = spent[0] + spent[1] + spent[2] / Decimal::TWO;
        let plan = with(|provider| provider.credits = vec![credit(&plain, &amount.to_string())]);
        let used = sum(&plan, Some(Category::Credit));
        let near = |a: Decimal, b: Decimal| (a - b).abs() < decimal("0.001");
        assert!(near(used[0], -spent[0]), "{} {}", used[0], spent[0]);
        assert!(near(used.iter().sum(), -amount), "{used:?}");
        assert!(used.iter().zip(&spent).all(|(used, spent)| -*used <= *spent + decimal("0.001")));
        assert!(used[6..].iter().all(Decimal::is_zero));
    }

    #[test]
    fn what_is_not_used_by_the_last_day_is_lost() {
        let plain = small().0;
        let spent: Decimal = sum(&plain, None)[..6].iter().sum();
        let plan = with(|provider| provider.credits = vec![credit(&plain, "100000000")]);
        let used: Decimal = sum(&plan, Some(Category::Credit)).iter().sum();
        assert!((used + spent).abs() < decimal("0.01"));
    }

    #[test]
    fn credits_foot_to_the_invoice_and_to_the_draws() {
        let plain = small().0;
        let plan = with(|provider| provider.credits = vec![credit(&plain, "60000")]);
        let (_, choices) = small();
        let (_, costed) = costed(&plan, &choices);
        for t in 0..12 {
            let rows = costed.ledger.rows.iter().filter(|row| row.t == t);
            let rows = to_f64(rows.map(|row| row.amortised).sum());
            assert!((rows - mean(&costed.draws.total[t])).abs() < 1e-3);
            let teams: Decimal = costed.chargeback.teams.iter().map(|team| team.total(t)).sum();
            assert_eq!(teams + costed.chargeback.idle[t], costed.chargeback.invoice[t]);
        }
    }

    fn negotiated(
        plan: &Plan,
        share: f64,
        until: Option<usize>,
        a_year: Option<&str>,
    ) -> Negotiated {
        Negotiated {
            share,
            on: DiscountOn::Purchase(Purchase::OnDemand),
            until: until.map(|t| plan.horizon.month(t).last_day()),
            commitment_per_year: a_year.map(decimal),
            source: None,
            origin: span(4),
        }
    }

    #[test]
    fn a_discount_holds_until_its_last_day() {
        let plain = small().0;
        let plan =
            with(|provider| provider.negotiated = vec![negotiated(&plain, 0.1, Some(2), None)]);
        let (before, after) = (sum(&plain, None), sum(&plan, None));
        assert!(after[0] < before[0] && after[2] < before[2]);
        assert_eq!(after[3..], before[3..]);
        let half = {
            let mut provider = plan.providers.items()[0].clone();
            let day = format!("{}-15", plan.horizon.month(3));
            provider.negotiated[0].until = parse_date(&day);
            with(|own| *own = provider)
        };
        let after = sum(&half, None);
        assert!(after[3] < before[3] && before[3] - after[3] < before[2] - after[2]);
    }

    #[test]
    fn spend_that_was_promised_and_not_made_falls_due_at_the_end_of_the_year() {
        let plain = small().0;
        let spent: Decimal = sum(&plain, None).iter().sum();
        // Twice the mean is more than any draw spends, and half of it less.
        let promised = (spent * Decimal::TWO).to_string();
        let plan = with(|provider| {
            provider.negotiated = vec![negotiated(&plain, 0.0, None, Some(&promised))];
        });
        let due = sum(&plan, Some(Category::Commitment));
        assert!(due[..11].iter().all(Decimal::is_zero));
        assert!((due[11] - spent).abs() < decimal("0.01"), "{} {spent}", due[11]);
        let enough = (spent / Decimal::TWO).to_string();
        let plan = with(|provider| {
            provider.negotiated = vec![negotiated(&plain, 0.0, None, Some(&enough))];
        });
        assert!(sum(&plan, Some(Category::Commitment)).iter().all(Decimal::is_zero));
    }

    #[test]
    fn what_a_discount_asks_for_falls_due_in_the_month_of_its_last_day() {
        let plain = small().0;
        let spent = sum(&plain, None);
        // 1.2 million a year until the tenth of the third month, which has thirty-one days or so.
        let month = plain.horizon.month(2);
        let until = parse_date(&format!("{month}-10")).unwrap();
        let plan = with(|provider| {
            let mut own = negotiated(&plain, 0.0, None, Some("120000000"));
            own.until = Some(until);
            provider.negotiated = vec![own];
        });
        let due = sum(&plan, Some(Category::Commitment));
        let share = 10.0 / f64::from(month.days());
        let made = to_f64(spent[0]) + to_f64(spent[1]) + share * to_f64(spent[2]);
        let missing = 1e7 * (2.0 + share) - made;
        assert!((to_f64(due[2]) - missing).abs() < 0.01, "{due:?} {missing}");
        assert!(due.iter().enumerate().all(|(t, due)| t == 2 || due.is_zero()), "{due:?}");
        let (_, choices) = small();
        let [held] = &costed(&plan, &choices).1.promised[..] else { panic!("one is promised") };
        assert_eq!((held.first, held.due, held.until), (0, 2, until));
        assert!((held.missing - missing).abs() < 0.01 && (held.spent - made).abs() < 0.01);
        assert!((held.chance - 1.0).abs() < 1e-12);
    }
}
