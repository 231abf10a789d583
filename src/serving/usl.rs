//! How throughput grows with machines: the Universal Scalability Law, evaluated and fitted.

/// X(N) = γN/(1 + σ(N−1) + κN(N−1)): γ what one does, σ what they queue for, κ what they agree on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Usl {
    /// Throughput of one.
    pub gamma: f64,
    /// Contention: the share of work that is done one at a time.
    pub sigma: f64,
    /// Coherency: the cost of each pair.
    pub kappa: f64,
}

/// A law through measured points.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Fitted {
    /// The law.
    pub law: Usl,
    /// The 95% interval of γ, σ and κ, cut at zero.
    pub intervals: [(f64, f64); 3],
    /// The share of the variance of throughput that it explains.
    pub r_squared: f64,
    /// Measured less fitted, in the order of the points.
    pub residuals: Vec<f64>,
    /// What to know before using it.
    pub warning: Option<Warning>,
}

/// What makes a fit doubtful.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// As few points as parameters: they leave nothing over to judge the fit by.
    NothingLeftOver,
    /// Fewer than six sizes: the peak is a guess.
    FewSizes,
    /// It explains less than nine tenths.
    PoorFit,
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too few different sizes.
    #[error("{found} different sizes were measured, {needed} are needed")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A size or a throughput is not above zero.
    #[error("sizes and throughputs must be above zero")]
    NotPositive,
    /// Time does not grow with size.
    #[error("the time of a batch does not grow with its size")]
    NotRising,
}

impl Usl {
    /// Throughput of so many.
    ///
    /// # Source
    /// N. J. Gunther, Guerrilla Capacity Planning (2007), chapter 4.
    #[must_use]
    pub fn throughput(&self, machines: f64) -> f64 {
        let pairs = machines * (machines - 1.0);
        self.gamma * machines / (1.0 + self.sigma * (machines - 1.0) + self.kappa * pairs)
    }

    /// The number beyond which more do less: √((1−σ)/κ); `None` where more always do more.
    #[must_use]
    pub fn peak_at(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma).max(0.0) / self.kappa).sqrt())
    }

    /// The most throughput there is, at that number; `None` where more always do more.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        self.peak_at().map(|machines| self.throughput(machines.max(1.0)))
    }

    /// What throughput tends to where nobody need agree: γ/σ; `None` where it has a peak or no end.
    #[must_use]
    pub fn asymptote(&self) -> Option<f64> {
        (self.kappa <= 0.0 && self.sigma > 0.0).then(|| self.gamma / self.sigma)
    }

    /// The fewest that do so much; `None` where no number does.
    #[must_use]
    pub fn machines_for(&self, throughput: f64) -> Option<f64> {
        // κX·N² + ((σ−κ)X − γ)·N + (1−σ)X = 0, the smaller root.
        let (a, b, c) = (
            self.kappa * throughput,
            (self.sigma - self.kappa) * throughput - self.gamma,
            (1.0 - self.sigma) * throughput,
        );
        let found = if a.abs() < 1e-300 {
            if b >= 0.0 {
                return None;
            }
            -c / b
        } else {
            let inside = b * b - 4.0 * a * c;
            if inside < 0.0 || b > 0.0 {
                return None;
            }
            2.0 * c / (-b + inside.sqrt())
        };
        let whole = (found * (1.0 - 1e-9)).ceil().max(1.0);
        (self.throughput(whole) >= throughput * (1.0 - 1e-9)).then_some(whole)
    }

    /// The law of least squares through (machines, throughput), with σ and κ not below zero.
    ///
    /// # Source
    /// Gauss and Newton's steps, damped (D. Marquardt, 1963), from several starts; where a coefficient
    /// would be negative it is held at zero. Intervals by the curvature at the end.
    ///
    /// # Errors
    /// If fewer than three sizes were measured, or something is not above zero.
    pub fn fit(points: &[(f64, f64)]) -> Result<Fitted, Fault> {
        if points.iter().any(|(n, x)| !(*n > 0.0 && *x > 0.0 && n.is_finite() && x.is_finite())) {
            return Err(Fault::NotPositive);
        }
        let mut sizes: Vec<f64> = points.iter().map(|point| point.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        if sizes.len() < 3 {
            return Err(Fault::TooFew { found: sizes.len(), needed: 3 });
        }
        let best = [[true, true], [true, false], [false, true], [false, false]]
            .into_iter()
            .filter_map(|free| descend(points, free))
            .min_by(|a, b| squares(points, a).total_cmp(&squares(points, b)));
        let law = best.unwrap_or(Usl { gamma: points[0].1 / points[0].0, sigma: 0.0, kappa: 0.0 });
        Ok(fitted(points, law, sizes.len()))
    }

    fn parameters(&self) -> [f64; 3] {
        [self.gamma, self.sigma, self.kappa]
    }
}

fn squares(points: &[(f64, f64)], law: &Usl) -> f64 {
    points.iter().map(|(n, x)| x - law.throughput(*n)).map(|left| left * left).sum()
}

/// Least squares with σ and κ free or held at zero; `None` where a free one turns negative.
fn descend(points: &[(f64, f64)], free: [bool; 2]) -> Option<Usl> {
    let first = points.iter().map(|(n, x)| x / n).fold(0.0, f64::max);
    let mut best: Option<Usl> = None;
    for start in [0.001, 0.05, 0.3] {
        let mut law = Usl {
            gamma: first,
            sigma: if free[0] { start } else { 0.0 },
            kappa: if free[1] { start * 0.01 } else { 0.0 },
        };
        let mut damping = 1e-3;
        for _ in 0..300 {
            let (normal, slope) = normal_equations(points, &law, free);
            let mut damped = normal;
            for (place, row) in damped.iter_mut().enumerate() {
                row[place] += damping * row[place].max(1e-12);
            }
            let Some(step) = solve(damped, slope) else { break };
            let next = Usl {
                gamma: (law.gamma + step[0]).max(1e-300),
                sigma: law.sigma + step[1],
                kappa: law.kappa + step[2],
            };
            let (before, after) = (squares(points, &law), squares(points, &next));
            if after.is_finite() && after <= before {
                let settled = before - after <= before * 1e-15;
                law = next;
                damping = (damping * 0.3).max(1e-15);
                if settled {
                    break;
                }
            } else {
                damping *= 10.0;
                if damping > 1e12 {
                    break;
                }
            }
        }
        let better = best.as_ref().is_none_or(|best| squares(points, &law) < squares(points, best));
        if better && law.sigma >= 0.0 && law.kappa >= 0.0 {
            best = Some(law);
        }
    }
    best
}

/// `JᵀJ` and Jᵀr of the free parameters; what is held has a row of its own that moves nothing.
fn normal_equations(
    points: &[(f64, f64)],
    law: &Usl,
    free: [bool; 2],
) -> ([[f64; 3]; 3], [f64; 3]) {
    let (mut normal, mut slope) = ([[0.0; 3]; 3], [0.0; 3]);
    for (n, x) in points {
        let bottom = 1.0 + law.sigma * (n - 1.0) + law.kappa * n * (n - 1.0);
        let fitted = law.gamma * n / bottom;
        let row = [
            n / bottom,
            if free[0] { -fitted * (n - 1.0) / bottom } else { 0.0 },
            if free[1] { -fitted * n * (n - 1.0) / bottom } else { 0.0 },
        ];
        for i in 0..3 {
            slope[i] += row[i] * (x - fitted);
            for j in 0..3 {
                normal[i][j] += row[i] * row[j];
            }
        }
    }
    for (place, free) in free.into_iter().enumerate() {
        if !free {
            normal[place + 1][place + 1] = 1.0;
        }
    }
    (normal, slope)
}

/// Three equations, by Cramer's rule on rows scaled to their diagonal.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let scale: [f64; 3] = std::array::from_fn(|i| if a[i][i] > 0.0 { a[i][i].sqrt() } else { 1.0 });
    let m: [[f64; 3]; 3] =
        std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] / (scale[i] * scale[j])));
    let r: [f64; 3] = std::array::from_fn(|i| b[i] / scale[i]);
    let det = determinant(&m);
    if det.abs() < 1e-300 || !det.is_finite() {
        return None;
    }
    Some(std::array::from_fn(|column| {
        let mut swapped = m;
        for (row, value) in swapped.iter_mut().zip(r) {
            row[column] = value;
        }
        determinant(&swapped) / det / scale[column]
    }))
}

fn determinant(m: &[[f64; 3]; 3]) -> f64 {
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
}

fn fitted(points: &[(f64, f64)], law: Usl, sizes: usize) -> Fitted {
    let residuals: Vec<f64> = points.iter().map(|(n, x)| x - law.throughput(*n)).collect();
    let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    let around: f64 = points.iter().map(|(_, x)| (x - mean) * (x - mean)).sum();
    let left: f64 = residuals.iter().map(|residual| residual * residual).sum();
    let r_squared = if around > 0.0 { 1.0 - left / around } else { 1.0 };
    let over = points.len().saturating_sub(3);
    let variance = if over > 0 { left / over as f64 } else { 0.0 };
    let (normal, _) = normal_equations(points, &law, [true, true]);
    let t = student(over);
    let intervals = std::array::from_fn(|place| {
        let mut unit = [0.0; 3];
        unit[place] = 1.0;
        let spread = solve(normal, unit)
            .map_or(f64::INFINITY, |column| (column[place] * variance).max(0.0).sqrt());
        let value = law.parameters()[place];
        if over == 0 {
            (0.0, f64::INFINITY)
        } else {
            ((value - t * spread).max(0.0), value + t * spread)
        }
    });
    let warning = if over == 0 {
        Some(Warning::NothingLeftOver)
    } else if r_squared < 0.9 {
        Some(Warning::PoorFit)
    } else if sizes < 6 {
        Some(Warning::FewSizes)
    } else {
        None
    };
    Fitted { law, intervals, r_squared, residuals, warning }
}

/// The 97.5% quantile of Student's t: a table to ten, then within half a per cent of it.
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 10] =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    match freedom {
        0 => f64::INFINITY,
        n if n <= TABLE.len() => TABLE[n - 1],
        n => 1.96 + 2.4 / n as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Usl = Usl { gamma: 1000.0, sigma: 0.02, kappa: 0.0005 };

    #[test]
    fn without_losses_it_is_a_line() {
        let line = Usl { gamma: 100.0, sigma: 0.0, kappa: 0.0 };
        assert!((line.throughput(10.0) - 1000.0).abs() < 1e-9);
        assert_eq!((line.peak(), line.asymptote()), (None, None));
        assert_eq!(line.machines_for(1000.0), Some(10.0));
    }

    #[test]
    fn it_peaks_where_agreement_costs_what_one_more_brings() {
        let at = LAW.peak_at().unwrap();
        assert!((at - (0.98_f64 / 0.0005).sqrt()).abs() < 1e-9);
        assert!(LAW.throughput(at) > LAW.throughput(at + 1.0));
        assert!(LAW.throughput(at) > LAW.throughput(at - 1.0));
        assert_eq!(LAW.machines_for(LAW.peak().unwrap() * 1.01), None);
        let needed = LAW.machines_for(8000.0).unwrap();
        assert!(LAW.throughput(needed) >= 8000.0 && LAW.throughput(needed - 1.0) < 8000.0);
        let amdahl = Usl { kappa: 0.0, ..LAW };
        assert_eq!((amdahl.peak(), amdahl.asymptote()), (None, Some(50_000.0)));
        assert_eq!(amdahl.machines_for(50_001.0), None);
    }

    #[test]
    fn points_of_a_law_give_the_law_back() {
        let points: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
            .iter()
            .map(|n| (*n, LAW.throughput(*n)))
            .collect();
        let fit = Usl::fit(&points).unwrap();
        for (found, truth) in fit.law.parameters().into_iter().zip(LAW.parameters()) {
            assert!((found / truth - 1.0).abs() < 1e-6, "{found} {truth}");
        }
        assert!(fit.r_squared > 0.999_999 && fit.warning.is_none());
    }

    #[test]
    fn noise_widens_the_intervals_and_a_straight_line_has_no_losses() {
        let noisy: Vec<(f64, f64)> = [1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 32.0]
            .iter()
            .enumerate()
            .map(|(i, n)| (*n, LAW.throughput(*n) * if i % 2 == 0 { 1.02 } else { 0.98 }))
            .collect();
        let fit = Usl::fit(&noisy).unwrap();
        for (truth, (low, high)) in LAW.parameters().into_iter().zip(fit.intervals) {
            assert!(low <= truth && truth <= high, "{low} {truth} {high}");
        }
        // Faster than a line would need σ below zero.
        let line = Usl::fit(&[(1.0, 100.0), (2.0, 201.0), (4.0, 404.0), (8.0, 809.0)]).unwrap();
        assert!(line.law.sigma <= 1e-12 && line.law.kappa <= 1e-12);
    }

    #[test]
    fn too_few_points_are_refused_and_three_are_warned_of() {
        assert_eq!(
            Usl::fit(&[(1.0, 10.0), (1.0, 11.0), (2.0, 19.0)]),
            Err(Fault::TooFew { found: 2, needed: 3 })
        );
        assert_eq!(Usl::fit(&[(0.0, 10.0), (1.0, 11.0), (2.0, 19.0)]), Err(Fault::NotPositive));
        let three = Usl::fit(&[(1.0, 100.0), (4.0, 350.0), (16.0, 900.0)]).unwrap();
        assert_eq!(three.warning, Some(Warning::NothingLeftOver));
    }
}
