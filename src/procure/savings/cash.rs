//! What a limit on cash leaves for money upfront of spend.

use super::OfProvider;
use super::mix::Proposal;
use super::one::Solved;
use super::order::Bought;
use super::reduce::Ground;

/// What a limit on cash leaves, by period; and the period of each month.
#[derive(Debug, Clone)]
pub(crate) struct Cash {
    pub left: Vec<f64>,
    pub period: Vec<usize>,
}

impl Cash {
    pub(super) fn leaves(&self, bought: &[Bought]) -> bool {
        let mut left = self.clone();
        left.take(bought);
        left.fits()
    }

    /// Whether no more was taken than there is.
    pub(crate) fn fits(&self) -> bool {
        self.left.iter().all(|left| *left >= -1e-6)
    }

    pub(super) fn take(&mut self, bought: &[Bought]) {
        for one in bought {
            self.left[self.period[one.t]] -= one.upfront;
        }
    }
}

/// What is left beside what is proposed to be committed to with the providers that come later: they were decided
/// together. All of it where that is more than there is.
pub(super) fn beside_others(
    ground: &Ground<'_>,
    cash: &Cash,
    one: &OfProvider,
    proposal: Option<&Proposal>,
) -> Cash {
    let mut left = cash.clone();
    let later = ground.market.providers.iter().skip_while(|other| other.provider != one.provider);
    for sale in later.skip(1).flat_map(|other| &other.on_sale) {
        if let Some(amounts) = proposal.and_then(|proposal| proposal.get(&sale.plan)) {
            left.take(&Solved::given(ground, sale, amounts).bought);
        }
    }
    if left.fits() { left } else { cash.clone() }
}
