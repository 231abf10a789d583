//! Buy or rent: what owning a node costs a month, against renting what does the same.
//!
//! A price, a life and what running it costs go in; the levelised month, the use from which on owning is
//! cheaper, payback and net present value come out, side by side, because each alone can mislead: what pays
//! back in its life may still be worth less than nothing today.

/// What owning costs, in money of one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Owning {
    /// Paid on the first day.
    pub capex: f64,
    /// Months until it is written off.
    pub life_months: u32,
    /// What is left of the price then.
    pub residual: f64,
    /// Running it, a month: power, hosting, maintenance, people.
    pub operating_per_month: f64,
    /// What of that is a share of the price.
    pub support_per_month: f64,
    /// The cost of capital, a year, as a share.
    pub capital_per_year: f64,
}

/// What renting the same costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Renting {
    /// For each hour it is used.
    pub per_hour: f64,
    /// Whether it is paid in every hour, used or not.
    pub always: bool,
    /// Hours of a month.
    pub hours_per_month: f64,
}

/// Power of one machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Kilowatts.
    pub kilowatts: f64,
    /// Total over IT power.
    pub pue: f64,
    /// Money for a kilowatt-hour.
    pub per_kwh: f64,
}

impl Power {
    /// Money for so many hours.
    #[must_use]
    pub fn cost(&self, hours: f64) -> f64 {
        self.kilowatts * self.pue * hours * self.per_kwh
    }
}

impl Owning {
    /// The cost of capital a month: (1 + WACC)^(1/12) − 1.
    #[must_use]
    pub fn capital_per_month(&self) -> f64 {
        libm::pow(1.0 + self.capital_per_year, 1.0 / 12.0) - 1.0
    }

    /// What the purchase alone costs a month, over its life: the annuity of its price less the residual.
    ///
    /// # Source
    /// (capex − residual(1+i)^−N)·i/(1 − (1+i)^−N); without cost of capital, the straight line.
    #[must_use]
    pub fn annuity(&self) -> f64 {
        let n = f64::from(self.life_months.max(1));
        let i = self.capital_per_month();
        if i.abs() < 1e-12 {
            return (self.capex - self.residual) / n;
        }
        let discount = libm::pow(1.0 + i, -n);
        (self.capex - self.residual * discount) * i / (1.0 - discount)
    }

    /// Changes the price, and what is a share of it.
    fn priced(&mut self, factor: f64) {
        self.operating_per_month += self.support_per_month * (factor - 1.0);
        self.support_per_month *= factor;
        self.capex *= factor;
        self.residual *= factor;
    }

    /// What owning costs a month, all in.
    #[must_use]
    pub fn monthly(&self) -> f64 {
        self.annuity() + self.operating_per_month
    }
}

impl Renting {
    /// What it costs a month at a use of 0 to 1.
    #[must_use]
    pub fn monthly(&self, utilization: f64) -> f64 {
        self.per_hour * self.hours_per_month * if self.always { 1.0 } else { utilization }
    }
}

/// Both side by side, at one use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Owning, a month, levelised.
    pub own_per_month: f64,
    /// Renting, a month, at this use.
    pub rent_per_month: f64,
    /// The use from which on owning is cheaper; above 1 it never is.
    pub break_even_utilization: f64,
    /// What owning saves a month once it is paid for; negative where it saves nothing.
    pub saving_per_month: f64,
    /// The first month in which what was saved, discounted, has paid the price; `None` where that is not
    /// within its life.
    pub payback_month: Option<u32>,
    /// All that is saved over its life and the residual, less the price; nothing discounted.
    pub saved_undiscounted: f64,
    /// The same, discounted: what the decision is worth today.
    pub net_present_value: f64,
}

impl Comparison {
    /// Whether buying is worth it: its value today is above nothing.
    #[must_use]
    pub fn buy(&self) -> bool {
        self.net_present_value > 0.0
    }
}

/// Holds owning against renting at a use of 0 to 1. Savings come at the end of each month.
#[must_use]
pub fn compare(owning: &Owning, renting: &Renting, utilization: f64) -> Comparison {
    let own = owning.monthly();
    let saving = renting.monthly(utilization) - owning.operating_per_month;
    let i = owning.capital_per_month();
    let mut value = -owning.capex;
    let mut payback_month = None;
    for month in 1..=owning.life_months {
        value += saving / libm::pow(1.0 + i, f64::from(month));
        if payback_month.is_none() && value >= 0.0 {
            payback_month = Some(month);
        }
    }
    let life = f64::from(owning.life_months);
    Comparison {
        own_per_month: own,
        rent_per_month: renting.monthly(utilization),
        break_even_utilization: own / renting.monthly(1.0),
        saving_per_month: saving,
        payback_month,
        saved_undiscounted: saving * life + owning.residual - owning.capex,
        net_present_value: value + owning.residual * libm::pow(1.0 + i, -life),
    }
}

/// What the decision is worth if one thing is otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// What is otherwise, in words.
    pub what: &'static str,
    /// The net present value with less of it.
    pub less: f64,
    /// The net present value with more of it.
    pub more: f64,
    /// How much less and more, in words.
    pub by: &'static str,
}

/// The value of the decision with one thing at a time otherwise, what moves it most first.
#[must_use]
pub fn sensitivity(owning: &Owning, renting: &Renting, utilization: f64) -> Vec<Sensitivity> {
    let value = |owning: Owning, per_hour: f64, utilization: f64| {
        let renting = Renting { per_hour, ..*renting };
        compare(&owning, &renting, utilization.clamp(0.0, 1.0)).net_present_value
    };
    let rent = renting.per_hour;
    let with = |change: &dyn Fn(&mut Owning)| {
        let mut changed = *owning;
        change(&mut changed);
        value(changed, rent, utilization)
    };
    let mut rows = vec![
        Sensitivity {
            what: "rent",
            by: "20%",
            less: value(*owning, rent * 0.8, utilization),
            more: value(*owning, rent * 1.2, utilization),
        },
        Sensitivity {
            what: "utilization",
            by: "10 points",
            less: value(*owning, rent, utilization - 0.1),
            more: value(*owning, rent, utilization + 0.1),
        },
        Sensitivity {
            what: "purchase price",
            by: "10%",
            less: with(&|o| o.priced(0.9)),
            more: with(&|o| o.priced(1.1)),
        },
        Sensitivity {
            what: "running it",
            by: "20%",
            less: with(&|o| o.operating_per_month *= 0.8),
            more: with(&|o| o.operating_per_month *= 1.2),
        },
        Sensitivity {
            what: "life",
            by: "12 months",
            less: with(&|o| o.life_months = o.life_months.saturating_sub(12).max(1)),
            more: with(&|o| o.life_months += 12),
        },
        Sensitivity {
            what: "residual value",
            by: "half of it",
            less: with(&|o| o.residual *= 0.5),
            more: with(&|o| o.residual *= 1.5),
        },
        Sensitivity {
            what: "cost of capital",
            by: "3 points",
            less: with(&|o| o.capital_per_year = (o.capital_per_year - 0.03).max(0.0)),
            more: with(&|o| o.capital_per_year += 0.03),
        },
    ];
    rows.sort_by(|a, b| {
        let span = |row: &Sensitivity| (row.more - row.less).abs();
        span(b).total_cmp(&span(a)).then(a.what.cmp(b.what))
    });
    rows
}

/// The book value after so many months of a straight line.
#[must_use]
pub fn book_value(owning: &Owning, month: u32) -> f64 {
    let life = f64::from(owning.life_months.max(1));
    let gone = f64::from(month.min(owning.life_months));
    owning.capex - (owning.capex - owning.residual) / life * gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procure::testing::cases;

    fn owning(input: &serde_json::Value) -> Owning {
        let of = |name: &str| input[name].as_f64().unwrap_or(0.0);
        let power = Power { kilowatts: of("kw"), pue: of("pue"), per_kwh: of("kwh") };
        let running = power.cost(730.0) + of("colo") + of("capex") * of("maint") / 12.0;
        let months = |name: &str| input[name].as_u64().map(|months| u32::try_from(months).unwrap());
        Owning {
            capex: of("capex"),
            life_months: months("life_m").or(months("life_months")).unwrap_or(48),
            residual: of("resid") + of("salvage"),
            operating_per_month: running + of("opex_month"),
            support_per_month: 0.0,
            capital_per_year: of("wacc"),
        }
    }

    fn renting(input: &serde_json::Value) -> Renting {
        let per_gpu = input["rent_per_gpu_hour"].as_f64().unwrap_or(1.0);
        let gpus = input["gpus"].as_f64().unwrap_or(8.0);
        Renting { per_hour: per_gpu * gpus, always: false, hours_per_month: 730.0 }
    }

    fn near(case: &serde_json::Value, name: &str, value: f64) {
        let expected = case["expected"][name].as_f64().unwrap();
        let tolerance = case["rel_tol"].as_f64().unwrap_or(1e-6);
        let off = (value - expected).abs() / expected.abs().max(1e-12);
        assert!(off <= tolerance, "{} {name}: {value} for {expected}", case["id"]);
    }

    #[test]
    fn the_published_cases_hold() {
        for case in cases("buy_vs_rent").unwrap_or_default() {
            let own = owning(&case["input"]);
            near(&case, "monthly", own.monthly());
            near(&case, "per_gpu_hour_full", own.monthly() / (8.0 * 730.0));
        }
        for case in cases("buy_vs_rent_util").unwrap_or_default() {
            let found = compare(&owning(&case["input"]), &renting(&case["input"]), 1.0);
            near(&case, "break_even_utilisation", found.break_even_utilization);
            let buys = found.break_even_utilization <= 1.0;
            assert_eq!(case["expected"]["buy_at_full_utilisation"], buys);
        }
        for case in cases("buy_vs_rent_payback").unwrap_or_default() {
            let input = &case["input"];
            let utilization = input["utilisation"].as_f64().unwrap();
            let found = compare(&owning(input), &renting(input), utilization);
            near(&case, "monthly_saving", found.saving_per_month);
            let expected = case["expected"]["break_even_month"].as_u64();
            assert_eq!(found.payback_month.map(u64::from), expected);
        }
        for case in cases("depreciation").unwrap_or_default() {
            let own = Owning { capital_per_year: 0.0, ..owning(&case["input"]) };
            near(&case, "monthly", own.annuity());
            let month = u32::try_from(case["input"]["month"].as_u64().unwrap()).unwrap();
            near(&case, "book_value", book_value(&own, month));
        }
    }

    fn example() -> (Owning, Renting) {
        let owning = Owning {
            capex: 300_000.0,
            life_months: 48,
            residual: 0.0,
            operating_per_month: 4_000.0,
            support_per_month: 0.0,
            capital_per_year: 0.10,
        };
        (owning, Renting { per_hour: 20.0, always: false, hours_per_month: 730.0 })
    }

    #[test]
    fn at_the_break_even_use_the_decision_is_worth_nothing() {
        let (owning, renting) = example();
        let use_of = compare(&owning, &renting, 1.0).break_even_utilization;
        let there = compare(&owning, &renting, use_of);
        assert!(there.net_present_value.abs() < 1e-6, "{}", there.net_present_value);
        assert!((there.own_per_month - there.rent_per_month).abs() < 1e-9);
    }

    #[test]
    fn what_saves_money_may_still_be_worth_less_than_nothing() {
        let (owning, renting) = example();
        let found = compare(&owning, &renting, 0.75);
        assert!(found.saved_undiscounted > 0.0 && found.net_present_value < 0.0);
        assert!(!found.buy());
        assert_eq!(found.payback_month, None);
    }

    #[test]
    fn without_cost_of_capital_value_is_what_is_saved() {
        let (owning, renting) = example();
        let owning = Owning { capital_per_year: 0.0, ..owning };
        let found = compare(&owning, &renting, 0.9);
        assert!((found.net_present_value - found.saved_undiscounted).abs() < 1e-6);
    }

    #[test]
    fn dearer_rent_never_speaks_against_buying() {
        let (owning, renting) = example();
        for row in sensitivity(&owning, &renting, 0.7) {
            match row.what {
                "rent" | "utilization" | "residual value" => assert!(row.more >= row.less),
                "purchase price" | "running it" | "cost of capital" => {
                    assert!(row.more <= row.less);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_price_takes_its_share_of_support_with_it() {
        let owning = Owning {
            capex: 120_000.0,
            life_months: 12,
            residual: 0.0,
            operating_per_month: 1_000.0,
            support_per_month: 600.0,
            capital_per_year: 0.0,
        };
        let renting = Renting { per_hour: 20.0, always: false, hours_per_month: 730.0 };
        let value = compare(&owning, &renting, 1.0).net_present_value;
        let rows = sensitivity(&owning, &renting, 1.0);
        let price = rows.iter().find(|row| row.what == "purchase price").unwrap();
        // 12,000 of the price and 60 a month of support.
        for change in [price.less - value, value - price.more] {
            assert!((change - (12_000.0 + 12.0 * 60.0)).abs() < 1e-6, "{change}");
        }
    }
}
