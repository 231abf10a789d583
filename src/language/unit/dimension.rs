//! What a quantity measures: a product of base units, whatever the scale.

use std::fmt;

use crate::money::Currency;

/// What units are made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// Money of one currency.
    Money(Currency),
    /// What the plan counts, by its singular name.
    Counted(Box<str>),
    /// A hundredth. Never the same as a bare number.
    Percent,
    /// A byte.
    Byte,
    /// A CPU core.
    Core,
    /// A GPU.
    Gpu,
    /// A node.
    Node,
    /// A floating-point operation.
    Flop,
    /// A watt.
    Watt,
    /// A full-time equivalent.
    Fte,
    /// A second.
    Second,
    /// A calendar month; a year is twelve.
    Month,
}

impl Base {
    fn name(&self) -> &str {
        match self {
            Self::Money(currency) => currency.code(),
            Self::Counted(name) => name,
            Self::Percent => "%",
            Self::Byte => "byte",
            Self::Core => "core",
            Self::Gpu => "gpu",
            Self::Node => "node",
            Self::Flop => "flop",
            Self::Watt => "W",
            Self::Fte => "fte",
            Self::Second => "s",
            Self::Month => "month",
        }
    }
}

/// A product of powers of bases; the empty product is a bare number.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimension(Vec<(Base, i8)>);

impl Dimension {
    /// The product of these powers.
    #[must_use]
    pub fn of(mut powers: Vec<(Base, i8)>) -> Self {
        powers.sort();
        let mut merged: Vec<(Base, i8)> = Vec::with_capacity(powers.len());
        for (base, power) in powers {
            match merged.last_mut() {
                Some((last, sum)) if *last == base => *sum = sum.saturating_add(power),
                _ => merged.push((base, power)),
            }
        }
        merged.retain(|(_, power)| *power != 0);
        Self(merged)
    }

    /// Whether it is a bare number.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The power of a base, zero where it is absent.
    #[must_use]
    pub fn power(&self, base: &Base) -> i8 {
        self.0.iter().find(|(own, _)| own == base).map_or(0, |(_, power)| *power)
    }

    /// Every base with its power, which is not zero.
    #[must_use]
    pub fn powers(&self) -> &[(Base, i8)] {
        &self.0
    }

    /// The currency, where money is in it.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.0.iter().find_map(|(base, _)| match base {
            Base::Money(currency) => Some(*currency),
            _ => None,
        })
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// One over it.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self(self.0.iter().map(|(base, power)| (base.clone(), power.saturating_neg())).collect())
    }

    /// The powers of seconds and of months, and the rest.
    pub(super) fn split_time(&self) -> (i8, i8, Self) {
        let rest = self.0.iter().filter(|(base, _)| !matches!(base, Base::Second | Base::Month));
        (self.power(&Base::Second), self.power(&Base::Month), Self(rest.cloned().collect()))
    }
}

impl fmt::Display for Dimension {
    /// As a unit of it is written: `token/s`, `USD/gpu-hour`. Beside money and machines time is
    /// shown in hours, because nobody pays by the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("a bare number");
        }
        let paid = |base: &Base| {
            matches!(base, Base::Money(_) | Base::Core | Base::Gpu | Base::Node | Base::Watt)
        };
        let by_hour = self.0.iter().any(|(base, _)| paid(base));
        let side = |sign: i8| -> String {
            let of_sign = self.0.iter().filter(|(_, power)| power.signum() == sign);
            let names = of_sign.flat_map(|(base, power)| {
                let name = if by_hour && *base == Base::Second { "hour" } else { base.name() };
                std::iter::repeat_n(name, usize::from(power.unsigned_abs()))
            });
            names.collect::<Vec<_>>().join("-")
        };
        let (above, below) = (side(1), side(-1));
        match (above.as_str(), below.as_str()) {
            (above, "") => f.write_str(above),
            ("", below) => write!(f, "1/{below}"),
            (above, below) => write!(f, "{above}/{below}"),
        }
    }
}
