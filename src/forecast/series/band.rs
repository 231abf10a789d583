//! Intervals from the errors of the trials: split conformal, scaled by how errors grow with the step.

/// How far off a forecast may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The usual error of every step ahead, never falling.
    scale: Vec<f64>,
    /// Absolute errors of the trials over their step's scale, ascending.
    ratios: Vec<f64>,
    /// How many origins were tried.
    origins: usize,
}

/// Mean absolute deviation of a normal to its standard deviation.
const NORMAL_MEAN_DEVIATION: f64 = 1.253_314_137_315_5;
/// z of the 50%, 80%, 90%, 95% and 99% intervals of a normal.
const NORMAL: [(f64, f64); 5] =
    [(0.5, 0.674_49), (0.8, 1.281_55), (0.9, 1.644_85), (0.95, 1.959_96), (0.99, 2.575_83)];
/// Student's t of the same intervals, with 2 to 11 degrees of freedom.
const STUDENT: [[f64; 5]; 10] = [
    [0.8165, 1.8856, 2.9200, 4.3027, 9.9248],
    [0.7649, 1.6377, 2.3534, 3.1824, 5.8409],
    [0.7407, 1.5332, 2.1318, 2.7764, 4.6041],
    [0.7267, 1.4759, 2.0150, 2.5706, 4.0321],
    [0.7176, 1.4398, 1.9432, 2.4469, 3.7074],
    [0.7111, 1.4149, 1.8946, 2.3646, 3.4995],
    [0.7064, 1.3968, 1.8595, 2.3060, 3.3554],
    [0.7027, 1.3830, 1.8331, 2.2622, 3.2498],
    [0.6998, 1.3722, 1.8125, 2.2281, 3.1693],
    [0.6974, 1.3634, 1.7959, 2.2010, 3.1058],
];

impl Band {
    /// A band from the combined errors of the trials, each of as many steps, for `horizon` steps. Beyond
    /// the trials errors grow as the root of the step.
    ///
    /// `least` is the smallest scale. Without a trial, errors are those of a random walk with the
    /// series' mean step `walk`.
    #[must_use]
    pub fn new(errors: &[Vec<f64>], horizon: usize, walk: f64, least: f64) -> Self {
        let tried = errors.first().map_or(0, Vec::len);
        if tried == 0 {
            let scale =
                (1..=horizon).map(|step| (walk * (step as f64).sqrt()).max(least)).collect();
            return Self { scale, ratios: Vec::new(), origins: 0 };
        }
        let mean = |step: usize| {
            errors.iter().map(|errors| errors[step].abs()).sum::<f64>() / errors.len() as f64
        };
        let means: Vec<f64> = (0..tried).map(mean).collect();
        let width = (tried / 4).max(1);
        let mut scale: Vec<f64> = Vec::with_capacity(horizon);
        let mut highest = least;
        for step in 0..tried.min(horizon) {
            let around = step.saturating_sub(width)..(step + width + 1).min(tried);
            highest = crate::draws::mean(&means[around]).max(highest);
            scale.push(highest);
        }
        for step in scale.len()..horizon {
            scale.push(highest * ((step + 1) as f64 / tried as f64).sqrt());
        }
        let of_scale = |(step, error): (usize, &f64)| error.abs() / scale[step];
        let mut ratios: Vec<f64> = errors
            .iter()
            .flat_map(|errors| errors.iter().take(horizon).enumerate().map(of_scale))
            .collect();
        ratios.sort_by(f64::total_cmp);
        Self { scale, ratios, origins: errors.len() }
    }

    /// How far the interval of that share (0.8, 0.95) reaches to each side, one value a step.
    ///
    /// The errors of one origin go together, so few origins say less than their many errors: reach is
    /// enlarged as Student's t is over the normal, for so many origins.
    ///
    /// # Source
    /// J. Lei et al., "Distribution-free predictive inference for regression", JASA 113 (2018);
    /// C. Xu and Y. Xie, "Conformal prediction interval for dynamic time-series", ICML (2021).
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    pub fn reach(&self, share: f64) -> Vec<f64> {
        let reach = if self.ratios.is_empty() {
            between(share, |place| NORMAL[place].1) * NORMAL_MEAN_DEVIATION
        } else {
            let count = self.ratios.len();
            let place = (share * (count as f64 + 1.0)).ceil() as usize;
            self.ratios[place.clamp(1, count) - 1]
        };
        let freedom = self.origins.clamp(3, STUDENT.len() + 2) - 3;
        let few = between(share, |place| STUDENT[freedom][place] / NORMAL[place].1);
        self.scale.iter().map(|scale| scale * reach * few).collect()
    }
}

/// A value of the table of shares, between its neighbours by a straight line.
fn between(share: f64, of: impl Fn(usize) -> f64) -> f64 {
    let after = NORMAL.iter().position(|(known, _)| *known >= share).unwrap_or(NORMAL.len() - 1);
    if after == 0 {
        return of(0) * share / NORMAL[0].0;
    }
    let (low, high) = (NORMAL[after - 1].0, NORMAL[after].0);
    let at = ((share - low) / (high - low)).min(1.0);
    of(after - 1) + at * (of(after) - of(after - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_never_falls_and_grows_as_the_root_beyond_the_trials() {
        let band = Band::new(&[vec![4.0; 4], vec![-2.0; 4]], 16, 1.0, 0.0);
        assert!(band.scale[..4].iter().all(|scale| (scale - 3.0).abs() < 1e-12));
        assert!((band.scale[15] - 6.0).abs() < 1e-12);
        assert!(band.scale.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn an_interval_holds_its_share_of_the_errors_and_more_for_few_origins() {
        let errors = |origins: usize| -> Vec<Vec<f64>> {
            (0..origins)
                .map(|k| (0..50).map(|t| ((t * 7 + k * 13) % 50) as f64).collect())
                .collect()
        };
        let (few, many) =
            (Band::new(&errors(3), 50, 1.0, 0.0), Band::new(&errors(12), 50, 1.0, 0.0));
        let reach = many.reach(0.8)[40];
        let inside = errors(12).iter().flatten().filter(|error| **error <= reach).count();
        assert!((0.75..=0.9).contains(&(inside as f64 / 600.0)), "{inside} {reach}");
        assert!(few.reach(0.95)[40] > 1.5 * many.reach(0.95)[40]);
        assert!(many.reach(0.95)[40] > many.reach(0.8)[40]);
        assert!(many.reach(0.8)[40] > many.reach(0.2)[40]);
    }

    #[test]
    fn without_a_trial_the_band_is_a_random_walks() {
        let band = Band::new(&[], 4, 2.0, 0.1);
        assert!((band.scale[3] - 4.0).abs() < 1e-12);
        assert!(band.reach(0.95)[0] > 2.0 * 1.959);
    }
}
