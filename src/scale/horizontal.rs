//! More of the same replicas: in proportion, or by a law fitted to measured points.

use crate::capacity::counted::Counting;
use crate::scale::point::{Figures, Point};
use crate::scale::{Kind, Way};
use crate::serving::usl::{Fitted, Usl, Warning};

/// More replicas; and the law, where points were given that have one.
pub(super) fn ways(point: &Point, measured: Option<&[(f64, f64)]>) -> (Vec<Way>, Option<Fitted>) {
    let proportional = point.figures(&point.planned());
    let way = |how: String, figures, needs: String, verdict: String| Way {
        kind: Kind::Horizontal,
        how,
        figures,
        needs,
        verdict,
    };
    let Some(measured) = measured else {
        let all = proportional.replicas + proportional.missing;
        let free = Figures { limit: None, missing: 0.0, ..unlimited(point, all, &proportional) };
        let needs = match proportional.limit {
            Some(_) => format!("`autoscale {{ max {all:.0}; }}`"),
            None => {
                "to see contention: `--points FILE` with columns replicas,throughput".to_owned()
            }
        };
        let verdict = "if the last replica serves as much as the first".to_owned();
        return (vec![way(point.counted(all), Some(free), needs, verdict)], None);
    };
    let fitted = match Usl::fit(measured) {
        Ok(fitted) => fitted,
        Err(fault) => {
            return (
                vec![way(
                    "by measured points".into(),
                    None,
                    fault.to_string(),
                    "cannot be judged".into(),
                )],
                None,
            );
        }
    };
    let wanted = point.rate() / point.counting.target_utilization;
    let law = fitted.law;
    let doubt = match fitted.warning {
        Some(Warning::NothingLeftOver) => ", from as few points as the law has parameters",
        Some(Warning::FewSizes) => ", from few sizes",
        Some(Warning::PoorFit) => ", a poor fit",
        None => "",
    };
    let peak = law.peak_at().map_or_else(
        || format!("no peak{doubt}"),
        |at| format!("throughput peaks at {:.0}{doubt}", at.floor()),
    );
    let found = law.machines_for(wanted).map(|machines| {
        let all = Counting { max: f64::INFINITY, ..point.counting }.with_spares(machines);
        let headroom = 1.0 - point.rate() / law.throughput(machines);
        let figures =
            Figures { headroom, limit: None, missing: 0.0, ..unlimited(point, all, &proportional) };
        way(format!("{}, measured", point.counted(all)), Some(figures), String::new(), peak.clone())
    });
    let way = found.unwrap_or_else(|| {
        let most = law.peak().or_else(|| law.asymptote()).unwrap_or(0.0);
        let needs = format!(
            "{wanted:.0} {}/s at the target utilisation; there are at most {most:.0}",
            point.unit()
        );
        way("no number of replicas".into(), None, needs, format!("cannot be done: {peak}"))
    });
    (vec![way], Some(fitted))
}

/// The figures of so many replicas.
fn unlimited(point: &Point, replicas: f64, like: &Figures) -> Figures {
    let planned = point.planned();
    let loss = point.plan.pools[point.pool].fragmentation_loss;
    let nodes =
        ((replicas * planned.share * (1.0 - 1e-9)).ceil() * (1.0 + loss) * (1.0 - 1e-9)).ceil();
    let cost = planned.price.map(|price| nodes * price * super::point::MONTH_HOURS);
    if like.missing <= 0.0 {
        return Figures { replicas, nodes, cost, ..like.clone() };
    }
    let wider = Point { counting: Counting { max: f64::INFINITY, ..point.counting }, ..*point };
    wider.figures(&planned)
}
