//! What a report rests on: assumptions, exchange rates, prices, and the notes of checking.

use serde::Serialize;

use super::money::{Day, Money};
use super::pools::chosen_candidate;
use crate::calendar::Date;
use crate::diagnostic::Severity;
use crate::money::quantised;
use crate::outcome::Outcome;
use crate::plan::pool::PoolSupply;
use crate::plan::{CheckedPlan, Plan};
use crate::source::Sources;

/// A shared assumption, or an exchange rate.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AssumptionView {
    /// Its place in the list, from 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// A title for people.
    pub title: Option<String>,
    /// The value as written.
    pub value: String,
    /// Who says so.
    pub source: Option<String>,
    /// When it was stated.
    pub as_of: Option<Day>,
    /// When it is to be looked at again.
    pub review_by: Option<Day>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// A remark.
    pub note: Option<String>,
    /// Where the plan says it.
    pub place: String,
}

/// A price of an instance type that a pool uses, for one node and one hour.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PriceView {
    /// The instance type.
    pub instance: String,
    /// How it is bought.
    pub purchase: &'static str,
    /// The region it holds in; every region where absent.
    pub region: Option<String>,
    /// Median money for one node and one hour; effective over the term for `reserved`.
    pub per_hour: Money,
    /// Whether it is uncertain.
    pub uncertain: bool,
    /// The term of a reservation, in months.
    pub term_months: Option<u32>,
    /// When it was read.
    pub as_of: Option<Day>,
    /// Where it was read.
    pub source: Option<String>,
}

/// The oldest and the newest day a price was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PriceDates {
    /// The oldest.
    pub oldest: Day,
    /// The newest.
    pub newest: Day,
}

/// A warning or note of checking.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NoteView {
    /// Whether it is a warning, rather than a note.
    pub warning: bool,
    /// Its code.
    pub code: &'static str,
    /// What it says.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where, if anywhere.
    pub place: Option<String>,
}

pub(super) fn assumptions(plan: &Plan, sources: &Sources, as_of: Date) -> Vec<AssumptionView> {
    let stated = plan.assumptions.iter().map(|assumption| AssumptionView {
        number: 0,
        name: assumption.name.clone(),
        title: assumption.title.clone(),
        value: assumption.text.clone(),
        source: assumption.source.clone(),
        as_of: assumption.as_of.map(Day),
        review_by: assumption.review_by.map(Day),
        overdue: assumption.review_by.is_some_and(|day| day < as_of),
        note: assumption.note.clone(),
        place: sources.place(assumption.origin),
    });
    let rates = plan.fx.iter().map(|(currency, fx)| AssumptionView {
        number: 0,
        name: format!("fx {currency}"),
        title: Some("exchange rate".to_owned()),
        value: format!("{} {} for 1 {currency}", fx.rate.normalize(), plan.currency),
        source: fx.source.clone(),
        as_of: fx.as_of.map(Day),
        review_by: None,
        overdue: false,
        note: None,
        place: sources.place(fx.origin),
    });
    let all = stated.chain(rates).enumerate();
    all.map(|(index, assumption)| AssumptionView { number: index + 1, ..assumption }).collect()
}

/// Prices of the instance types that pools use, by name and then as the plan lists them.
pub(super) fn prices(plan: &Plan, outcome: &Outcome) -> Vec<PriceView> {
    let chosen = |pool, candidates: &[crate::plan::pool::Candidate]| {
        let choice = outcome.choices.iter().find(|choice| choice.pool == pool);
        let index = choice.and_then(chosen_candidate).unwrap_or(0);
        candidates.get(index).map(|candidate| candidate.instance)
    };
    let mut used: Vec<_> = plan
        .pools
        .iter()
        .filter_map(|(id, pool)| match &pool.supply {
            PoolSupply::Instances(candidates) => chosen(id, candidates),
            PoolSupply::Owned(_) | PoolSupply::Storage(_) => None,
        })
        .collect();
    used.sort_unstable();
    used.dedup();
    used.into_iter()
        .flat_map(|id| {
            let instance = &plan.instances[id];
            instance.prices.iter().map(|price| PriceView {
                instance: instance.name.clone(),
                purchase: price.purchase.word(),
                region: price.region.clone(),
                per_hour: Money::new(
                    price
                        .per_hour
                        .exact
                        .unwrap_or_else(|| quantised(price.per_hour.estimate.median())),
                ),
                uncertain: !price.per_hour.estimate.dist.is_fixed(),
                term_months: price.term_months,
                as_of: price.source.as_of.map(Day),
                source: price.source.source.clone(),
            })
        })
        .collect()
}

/// The dates of every price of the plan, used or not.
pub(super) fn price_dates(plan: &Plan) -> Option<PriceDates> {
    let instances = plan.instances.items().iter().flat_map(|instance| &instance.prices);
    let tiers = plan.storage_tiers.items().iter().flat_map(|tier| &tier.prices);
    let egress = plan.providers.items().iter().flat_map(|p| p.egress.values().flatten());
    let dates: Vec<Date> = instances
        .map(|price| &price.source)
        .chain(tiers.chain(egress).map(|price| &price.source))
        .filter_map(|source| source.as_of)
        .collect();
    let (oldest, newest) = (dates.iter().min()?, dates.iter().max()?);
    Some(PriceDates { oldest: Day(*oldest), newest: Day(*newest) })
}

pub(super) fn notes(plan: &CheckedPlan) -> Vec<NoteView> {
    plan.warnings
        .iter()
        .map(|diagnostic| NoteView {
            warning: diagnostic.code.severity != Severity::Note,
            code: diagnostic.code.id,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            place: diagnostic.label.as_ref().map(|label| plan.sources.place(label.span)),
        })
        .collect()
}
