//! A plan as if what is recommended were signed: so that supply, cost, chargeback and gates follow the
//! orders by the very rules that hold for commitments and lots of the plan.

use std::borrow::Cow;

use crate::calendar::{days_between, plus_days, term_end};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::chosen_candidate;
use crate::ids::{Arena, Id};
use crate::plan::pool::{CommitmentKind, PoolSupply, Renew};
use crate::plan::price::Purchase;
use crate::plan::{Commitment, Lot, Owned, Plan, Pool};
use crate::procure::orders::{Order, Schedule};
use crate::procure::savings;

/// The pool of a commitment to nodes.
pub(super) fn pool_of(commitment: &Commitment) -> Option<Id<Pool>> {
    match commitment.kind {
        CommitmentKind::Reserved { pool, .. } => Some(pool),
        CommitmentKind::Spend { .. } => None,
    }
}

/// The longest term that is looked for, in months.
const MOST_MONTHS: u32 = 120;

/// The plan with every commitment that is always renewed going on, term after term, to the horizon's end.
#[must_use]
pub fn renewed(plan: &Plan) -> Cow<'_, Plan> {
    let always = |commitment: &&Commitment| {
        commitment.renew == Renew::Always && commitment.until < plan.horizon.last_day()
    };
    let going_on: Vec<&Commitment> = plan.commitments.items().iter().filter(always).collect();
    if going_on.is_empty() {
        return Cow::Borrowed(plan);
    }
    let mut commitments = plan.commitments.items().to_vec();
    for commitment in going_on {
        // A term counts months of the usual calendar, as contracts do; one that is none of them, days.
        let (first, last) = (commitment.from, commitment.until);
        let months = (1..=MOST_MONTHS).find(|months| term_end(first, *months) == last);
        let days = days_between(first, last) + 1;
        let mut next = commitment.clone();
        let mut term = 1;
        while next.until < plan.horizon.last_day() {
            term += 1;
            let from = plus_days(next.until, 1);
            let until = months
                .map_or_else(|| plus_days(from, days - 1), |months| term_end(first, months * term));
            next = Commitment {
                name: format!("{} term {term}", commitment.name),
                from,
                until,
                ..next
            };
            commitments.push(next.clone());
        }
    }
    Cow::Owned(Plan { commitments: Arena::new(commitments), ..plan.clone() })
}

/// The plan with every order of a schedule as a commitment, or a lot of owned hardware.
#[must_use]
pub fn enacted<'p>(
    plan: &'p Plan,
    choices: &[InstanceChoice],
    schedule: &Schedule,
) -> Cow<'p, Plan> {
    let spend = schedule.spend.as_ref().map_or(&[][..], |spend| &spend.orders);
    if schedule.orders.is_empty() && spend.is_empty() {
        return Cow::Borrowed(plan);
    }
    let mut commitments = plan.commitments.items().to_vec();
    let mut owned: Vec<Owned> = plan.owned.items().to_vec();
    for order in &schedule.orders {
        match (order.purchase, &plan.pools[order.pool].supply) {
            (Purchase::Owned, PoolSupply::Owned(of)) => {
                owned[of.index()].lots.push(lot(plan, order));
            }
            _ => commitments.extend(commitment(plan, choices, order)),
        }
    }
    commitments.extend(spend.iter().map(|order| savings::commitment(plan, order)));
    for owned in &mut owned {
        owned.lots.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let (commitments, owned) = (Arena::new(commitments), Arena::new(owned));
    Cow::Owned(Plan { owned, commitments, ..plan.clone() })
}

fn commitment(plan: &Plan, choices: &[InstanceChoice], order: &Order) -> Option<Commitment> {
    let candidate = chosen_candidate(plan, choices, order.pool)?;
    Some(Commitment {
        name: order.name.clone(),
        kind: CommitmentKind::Reserved {
            pool: order.pool,
            nodes: u32::try_from(order.nodes).unwrap_or(u32::MAX),
            instance: candidate.instance,
            per_hour: order.price.clone(),
        },
        upfront: order.upfront_share,
        from: order.need_by,
        until: order.until,
        renew: Renew::Decide,
        origin: plan.pools[order.pool].origin,
    })
}

fn lot(plan: &Plan, order: &Order) -> Lot {
    Lot {
        name: order.name.clone(),
        nodes: u32::try_from(order.nodes).unwrap_or(u32::MAX),
        purchase_per_node: order.price.clone(),
        in_service: order.need_by,
        due: false,
        slip_days: None,
        chance: None,
        payments: Vec::new(),
        origin: plan.pools[order.pool].origin,
    }
}
