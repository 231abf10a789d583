//! The lowest point of an error in a box of parameters.

/// Parameters of a model; one that uses fewer leaves the rest at zero.
pub type Params = [f64; 4];

/// Where parameters are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The least value of each.
    pub low: Params,
    /// The largest value of each; equal to the least where it is fixed.
    pub high: Params,
}

/// Moves one parameter at a time by its step, for so many rounds, keeping what lowers the error; steps
/// shrink where nothing does. Finds the nearest low, from a start that is better than chance.
#[must_use]
pub fn lowest(
    start: Params,
    mut step: Params,
    bounds: Bounds,
    rounds: usize,
    mut error: impl FnMut(&Params) -> f64,
) -> Params {
    let mut at = start;
    let mut best = error(&at);
    for _ in 0..rounds {
        let mut moved = false;
        for place in 0..at.len() {
            for side in [1.0, -1.0] {
                let mut other = at;
                let moved_to = at[place] + side * step[place];
                other[place] = moved_to.clamp(bounds.low[place], bounds.high[place]);
                let stays = (other[place] - at[place]).abs() < f64::EPSILON;
                if stays {
                    continue;
                }
                let found = error(&other);
                if found < best {
                    (best, at, moved) = (found, other, true);
                    break;
                }
            }
        }
        if !moved {
            for step in &mut step {
                *step *= 0.4;
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Bounds = Bounds { low: [0.0; 4], high: [1.0, 1.0, 0.0, 0.0] };

    #[test]
    fn the_lowest_point_is_found_inside_and_at_the_edge_of_the_box() {
        let bowl = |x: f64, y: f64| {
            move |p: &Params| (p[0] - x) * (p[0] - x) + 3.0 * (p[1] - y) * (p[1] - y)
        };
        let start = [0.5, 0.5, 0.0, 0.0];
        let inside = lowest(start, [0.2; 4], UNIT, 30, bowl(0.31, 0.77));
        assert!((inside[0] - 0.31).abs() < 1e-3 && (inside[1] - 0.77).abs() < 1e-3, "{inside:?}");
        let outside = lowest(start, [0.2; 4], UNIT, 30, bowl(-1.0, 2.0));
        assert!(outside[0].abs() < 1e-9 && (outside[1] - 1.0).abs() < 1e-9, "{outside:?}");
    }

    #[test]
    fn a_parameter_without_room_is_never_moved() {
        let found = lowest([0.5, 0.5, 0.0, 0.0], [0.2; 4], UNIT, 9, |p| -p[2] - p[3]);
        assert!(found[2].abs() < 1e-12 && found[3].abs() < 1e-12);
    }
}
