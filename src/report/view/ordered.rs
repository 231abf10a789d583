//! Everything that is to be ordered: nodes, and spend under savings plans, by the day to order.

use super::money::{Day, Money};
use super::procurement::{OrderView, PoolOrdersView, ProcurementView, SpendOrderView};
use crate::money::Currency;
use crate::report::format::{self, plain};

/// One thing to order.
#[derive(Debug, Clone, Copy)]
pub enum Ordered<'a> {
    /// Nodes of a pool.
    Nodes(&'a OrderView),
    /// Spend by the hour.
    Spend(&'a SpendOrderView),
}

impl ProcurementView {
    /// Every order, by the day to order it; nodes before spend.
    #[must_use]
    pub fn all_orders(&self) -> Vec<Ordered<'_>> {
        let spend = self.spend.iter().flat_map(|spend| &spend.orders).map(Ordered::Spend);
        let mut all: Vec<_> = self.orders.iter().map(Ordered::Nodes).chain(spend).collect();
        all.sort_by_key(|order| order.order_by());
        all
    }

    /// Whether anything is to be ordered.
    #[must_use]
    pub fn orders_anything(&self) -> bool {
        !self.orders.is_empty() || self.spend.iter().any(|spend| !spend.orders.is_empty())
    }

    /// Whether there are other ways to serve a pool.
    #[must_use]
    pub fn weighs_alternatives(&self) -> bool {
        let any =
            |pool: &PoolOrdersView| !pool.alternatives.is_empty() || !pool.not_weighed.is_empty();
        self.pools.iter().any(any)
    }
}

impl<'a> Ordered<'a> {
    /// The order of nodes, where it is one.
    #[must_use]
    pub fn nodes(self) -> Option<&'a OrderView> {
        match self {
            Self::Nodes(order) => Some(order),
            Self::Spend(_) => None,
        }
    }

    /// The order of spend, where it is one.
    #[must_use]
    pub fn spend(self) -> Option<&'a SpendOrderView> {
        match self {
            Self::Nodes(_) => None,
            Self::Spend(order) => Some(order),
        }
    }

    /// A name of its own.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Nodes(order) => &order.name,
            Self::Spend(order) => &order.name,
        }
    }

    /// `reserved`, `owned` or `savings-plan`.
    #[must_use]
    pub fn purchase(self) -> &'a str {
        match self {
            Self::Nodes(order) => order.purchase,
            Self::Spend(_) => "savings-plan",
        }
    }

    /// The product in words, or the savings plan's name.
    #[must_use]
    pub fn product(self) -> &'a str {
        match self {
            Self::Nodes(order) => &order.product,
            Self::Spend(order) => &order.savings_plan,
        }
    }

    /// `4 nodes for serving`, `57 USD/hour under compute-3y`.
    #[must_use]
    pub fn what(self, currency: Currency) -> String {
        match self {
            Self::Nodes(order) => {
                let nodes = format::counted(order.nodes as f64, "node");
                format!("{nodes} for {}", plain(&order.pool))
            }
            Self::Spend(order) => format!(
                "{} {currency}/hour under {}",
                order.per_hour.decimal().normalize(),
                plain(&order.savings_plan)
            ),
        }
    }

    /// Whether it is to be ordered now.
    #[must_use]
    pub fn firm(self) -> bool {
        match self {
            Self::Nodes(order) => order.firm,
            Self::Spend(order) => order.firm,
        }
    }

    /// Whether it cannot be there in time.
    #[must_use]
    pub fn late(self) -> bool {
        self.nodes().is_some_and(|order| order.late.is_some())
    }

    /// The last day to ask for it.
    #[must_use]
    pub fn order_by(self) -> Day {
        match self {
            Self::Nodes(order) => order.order_by,
            Self::Spend(order) => order.order_by,
        }
    }

    /// The last day for its approval.
    #[must_use]
    pub fn decide_by(self) -> Day {
        match self {
            Self::Nodes(order) => order.decide_by,
            Self::Spend(order) => order.decide_by,
        }
    }

    /// Its first day.
    #[must_use]
    pub fn need_by(self) -> Day {
        match self {
            Self::Nodes(order) => order.need_by,
            Self::Spend(order) => order.need_by,
        }
    }

    /// Its last day.
    #[must_use]
    pub fn until(self) -> Day {
        match self {
            Self::Nodes(order) => order.until,
            Self::Spend(order) => order.until,
        }
    }

    /// When it is there if ordered on the last day, the median and the 90th percentile; spend is there once approved.
    #[must_use]
    pub fn in_service(self) -> (Day, Day) {
        match self {
            Self::Nodes(order) => (order.in_service_p50, order.in_service_p90),
            Self::Spend(order) => (order.decide_by, order.decide_by),
        }
    }

    /// Paid on the first day.
    #[must_use]
    pub fn upfront(self) -> Money {
        match self {
            Self::Nodes(order) => order.upfront,
            Self::Spend(order) => order.upfront,
        }
    }

    /// What it costs inside the horizon.
    #[must_use]
    pub fn cost(self) -> Money {
        match self {
            Self::Nodes(order) => order.cost,
            Self::Spend(order) => order.cost,
        }
    }

    /// What the horizon would cost more without it.
    #[must_use]
    pub fn saves(self) -> Money {
        match self {
            Self::Nodes(order) => order.saves,
            Self::Spend(order) => order.saves,
        }
    }
}
