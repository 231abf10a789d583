//! Where an amount comes from and where it goes: nodes in columns, as tall as what passes through them, and
//! bands between them, as thick as what flows.
//!
//! Nodes stand in the order given, from the top of their column; bands leave and enter a node in the order of
//! the nodes at their other ends, so that they cross as little as that order allows. What is not above zero
//! is not drawn. Every node says its name and amount.

use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Column {
    /// Where amounts come from.
    Left,
    /// What some pass through; it stands at the bottom.
    Middle,
    /// Where they go.
    Right,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Node {
    pub(in crate::report) column: Column,
    pub(in crate::report) name: String,
    /// What passes through it, as text.
    pub(in crate::report) amount: String,
    /// The class of its colour, which the bands that leave it have too.
    pub(in crate::report) class: &'static str,
}

/// A band from one node to another, by their places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Flow {
    pub(in crate::report) from: usize,
    pub(in crate::report) to: usize,
    pub(in crate::report) amount: f64,
}

/// Draws flows between nodes.
pub(in crate::report) fn draw(nodes: &[Node], flows: &[Flow], naming: Naming<'_>) -> Chart {
    both(naming, |layout| picture(nodes, flows, layout))
}

const TOP: f64 = 10.0;
const GAP: f64 = 12.0;

/// Where a node is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    x: f64,
    top: f64,
    height: f64,
}

fn picture(nodes: &[Node], flows: &[Flow], layout: Layout) -> Svg {
    let height = layout.choose(360.0, 400.0);
    let mut svg = Svg::new(height + 2.0 * TOP);
    let flows: Vec<Flow> = flows.iter().copied().filter(|flow| flow.amount > 0.0).collect();
    let places = places(nodes, &flows, height, layout);
    let wide = layout.choose(14.0, 8.0);
    for (flow, (from, to, thick)) in flows.iter().zip(ends(nodes, &flows, &places)) {
        let class = format!("flow {}", nodes[flow.from].class);
        let (x1, x2) = (places[flow.from].x + wide, places[flow.to].x);
        svg.ribbon(&class, (x1, from, thick.0), (x2, to, thick.1));
    }
    for (node, place) in nodes.iter().zip(&places) {
        if place.height > 0.0 {
            svg.rect(node.class, (place.x, place.top), (wide, place.height.max(1.0)));
        }
    }
    for column in [Column::Left, Column::Middle, Column::Right] {
        labels(&mut svg, nodes, &places, column, (wide, height), layout);
    }
    svg
}

/// What passes through a node: what enters or what leaves, whichever is more.
fn through(node: usize, flows: &[Flow]) -> f64 {
    let sum = |of: &dyn Fn(&Flow) -> bool| -> f64 {
        flows.iter().filter(|flow| of(flow)).map(|flow| flow.amount).sum()
    };
    sum(&|flow| flow.from == node).max(sum(&|flow| flow.to == node))
}

fn places(nodes: &[Node], flows: &[Flow], height: f64, layout: Layout) -> Vec<Place> {
    let sizes: Vec<f64> = (0..nodes.len()).map(|node| through(node, flows)).collect();
    let of = |column: Column| (0..nodes.len()).filter(move |node| nodes[*node].column == column);
    // One scale for all columns, so that a band is as thick at both ends.
    let scale = [Column::Left, Column::Middle, Column::Right]
        .into_iter()
        .filter_map(|column| {
            let sum: f64 = of(column).map(|node| sizes[node]).sum();
            let gaps = GAP * (of(column).count().saturating_sub(1)) as f64;
            (sum > 0.0).then(|| (height - gaps).max(height / 4.0) / sum)
        })
        .fold(f64::INFINITY, f64::min);
    let scale = if scale.is_finite() { scale } else { 0.0 };
    let wide = layout.choose(14.0, 8.0);
    let x = |column: Column| match column {
        Column::Left => layout.choose(176.0, 0.0),
        Column::Middle => layout.width() / 2.0 - wide / 2.0,
        Column::Right => layout.width() - layout.choose(190.0, 0.0) - wide,
    };
    let mut places = vec![Place { x: 0.0, top: TOP, height: 0.0 }; nodes.len()];
    for column in [Column::Left, Column::Middle, Column::Right] {
        let members: Vec<usize> = of(column).collect();
        let sum: f64 = members.iter().map(|node| sizes[*node] * scale).sum();
        let gaps = GAP * members.len().saturating_sub(1) as f64;
        let free = (height - sum - gaps).max(0.0);
        let mut top = TOP + if column == Column::Middle { free } else { free / 2.0 };
        for node in members {
            places[node] = Place { x: x(column), top, height: sizes[node] * scale };
            top += sizes[node] * scale + GAP;
        }
    }
    places
}

/// Where every flow leaves and enters, and how thick it is there.
fn ends(nodes: &[Node], flows: &[Flow], places: &[Place]) -> Vec<(f64, f64, (f64, f64))> {
    let share = |node: usize, amount: f64| {
        let all = through(node, flows);
        if all > 0.0 { places[node].height * amount / all } else { 0.0 }
    };
    // What goes through the middle, which stands at the bottom, leaves and enters last.
    let order = |node: usize| (nodes[node].column == Column::Middle, node);
    flows
        .iter()
        .map(|flow| {
            let before =
                |other: &&Flow| other.from == flow.from && order(other.to) < order(flow.to);
            let above = |other: &&Flow| other.to == flow.to && order(other.from) < order(flow.from);
            let leaves: f64 = flows.iter().filter(before).map(|other| other.amount).sum();
            let enters: f64 = flows.iter().filter(above).map(|other| other.amount).sum();
            (
                places[flow.from].top + share(flow.from, leaves),
                places[flow.to].top + share(flow.to, enters),
                (share(flow.from, flow.amount), share(flow.to, flow.amount)),
            )
        })
        .collect()
}

/// Names and amounts beside the nodes of a column, moved apart where they would touch.
fn labels(
    svg: &mut Svg,
    nodes: &[Node],
    places: &[Place],
    column: Column,
    (wide, height): (f64, f64),
    layout: Layout,
) {
    const LINE: f64 = 17.0;
    let members = (0..nodes.len()).filter(|node| nodes[*node].column == column);
    let mut at: Vec<(usize, f64)> =
        members.map(|node| (node, places[node].top + places[node].height / 2.0)).collect();
    for index in 1..at.len() {
        at[index].1 = at[index].1.max(at[index - 1].1 + LINE);
    }
    let mut ceiling = TOP + height;
    for (_, y) in at.iter_mut().rev() {
        *y = y.min(ceiling);
        ceiling = *y - LINE;
    }
    for (node, y) in at {
        let (place, of) = (places[node], &nodes[node]);
        let name = shortened(&of.name, layout.choose(19, 17));
        let text = format!("{name} {}", of.amount);
        let left = (place.x - 8.0, Anchor::End);
        let right = (place.x + wide + 8.0, Anchor::Start);
        let (x, anchor) = match (column, layout) {
            (Column::Left, Layout::Wide) | (Column::Right, Layout::Narrow) => left,
            (Column::Middle, Layout::Narrow) => (place.x + wide / 2.0, Anchor::Middle),
            _ => right,
        };
        svg.text("lab", (x, y + 4.0), anchor, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(column: Column, name: &str) -> Node {
        Node { column, name: name.to_owned(), amount: "1".to_owned(), class: "c1" }
    }

    fn flow(from: usize, to: usize, amount: f64) -> Flow {
        Flow { from, to, amount }
    }

    fn naming() -> Naming<'static> {
        Naming { id: "s", title: "Flows", description: "From left to right." }
    }

    #[test]
    fn bands_fill_their_nodes_and_do_not_overlap() {
        let nodes = [
            node(Column::Left, "gpu"),
            node(Column::Left, "cpu"),
            node(Column::Middle, "shared"),
            node(Column::Right, "a"),
            node(Column::Right, "b"),
        ];
        let flows = [
            flow(0, 3, 5.0),
            flow(0, 4, 2.0),
            flow(0, 2, 1.0),
            flow(1, 3, 3.0),
            flow(1, 2, 1.0),
            flow(2, 4, 2.0),
        ];
        let places = places(&nodes, &flows, 300.0, Layout::Wide);
        let ends = ends(&nodes, &flows, &places);
        for (node, place) in places.iter().enumerate() {
            let mut leaving: Vec<(f64, f64)> = flows
                .iter()
                .zip(&ends)
                .filter(|(flow, _)| flow.from == node)
                .map(|(_, (from, _, thick))| (*from, thick.0))
                .collect();
            leaving.sort_by(|a, b| a.0.total_cmp(&b.0));
            for pair in leaving.windows(2) {
                assert!((pair[0].0 + pair[0].1 - pair[1].0).abs() < 1e-9, "{leaving:?}");
            }
            if let (Some(first), Some(last)) = (leaving.first(), leaving.last()) {
                assert!((first.0 - place.top).abs() < 1e-9);
                assert!((last.0 + last.1 - place.top - place.height).abs() < 1e-9);
            }
        }
        // A band is as thick where it enters as where it leaves.
        assert!(ends.iter().all(|(_, _, thick)| (thick.0 - thick.1).abs() < 1e-9));
    }

    #[test]
    fn nodes_of_a_column_stand_apart() {
        let nodes = [
            node(Column::Left, "only"),
            node(Column::Right, "a"),
            node(Column::Right, "b"),
            node(Column::Right, "c"),
        ];
        let flows = [flow(0, 1, 60.0), flow(0, 2, 30.0), flow(0, 3, 10.0)];
        let places = places(&nodes, &flows, 300.0, Layout::Narrow);
        for pair in places[1..].windows(2) {
            assert!((pair[0].top + pair[0].height + GAP - pair[1].top).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_zeros_and_negatives_have_a_drawing() {
        let nodes = [node(Column::Left, "a"), node(Column::Right, "b")];
        for flows in [vec![], vec![flow(0, 1, 0.0)], vec![flow(0, 1, -5.0)], vec![flow(0, 1, 1.0)]]
        {
            let chart = draw(&nodes, &flows, naming());
            for svg in [chart.wide, chart.narrow] {
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert!(svg.contains(">a 1<") && svg.contains(">b 1<"), "{svg}");
            }
        }
        assert!(!draw(&[], &[], naming()).wide.contains("NaN"));
    }
}
