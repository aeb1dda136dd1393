//! DBSCAN (Ester et al. 1996): what lies close together, in numbered clusters.

use crate::bounds::Bounds;
use crate::distance::closest;
use crate::locate::Parts;
use crate::shape::Shape;

/// The number of the cluster of each shape, counted from 0; None: of none. A shape with at least `least` others and
/// itself no farther than `reach` is in a cluster, and so are those.
pub fn dbscan(shapes: &[Option<Shape>], reach: f64, least: usize) -> Vec<Option<u32>> {
    let parts: Vec<Option<Parts<'_>>> = shapes.iter().map(|shape| shape.as_ref().map(Parts::new)).collect();
    let boxes: Vec<Option<Bounds>> =
        parts.iter().map(|part| part.as_ref().and_then(|part| part.bounds)).collect();
    // Along x: whoever is near begins between two places of this order.
    let mut order: Vec<usize> = (0..shapes.len()).filter(|&i| boxes[i].is_some()).collect();
    let low = |i: usize| boxes[i].map_or(0.0, |b| b.low[0]);
    order.sort_by(|&a, &b| low(a).total_cmp(&low(b)).then(a.cmp(&b)));
    let widest = boxes.iter().flatten().map(|b| b.high[0] - b.low[0]).fold(0.0, f64::max);
    let near = |of: usize| -> Vec<usize> {
        let (Some(mine), Some(around)) = (&parts[of], boxes[of]) else { return Vec::new() };
        let around = around.expanded(reach, 2);
        let start = order.partition_point(|&i| low(i) < around.low[0] - widest);
        let candidates = order[start..].iter().take_while(|&&i| low(i) <= around.high[0]);
        let within = |other: usize| {
            boxes[other].is_some_and(|b| b.meets(&around))
                && parts[other]
                    .as_ref()
                    .and_then(|theirs| closest(mine, theirs, reach))
                    .is_some_and(|gap| gap.distance <= reach)
        };
        let mut found: Vec<usize> = candidates.copied().filter(|&i| within(i)).collect();
        found.sort_unstable();
        found
    };
    let mut clusters = vec![None; shapes.len()];
    let mut next = 0;
    for start in 0..shapes.len() {
        if clusters[start].is_some() || boxes[start].is_none() {
            continue;
        }
        let first = near(start);
        if first.len() < least {
            continue;
        }
        clusters[start] = Some(next);
        let mut open = first;
        while let Some(at) = open.pop() {
            if clusters[at].is_some() {
                continue;
            }
            clusters[at] = Some(next);
            let around = near(at);
            if around.len() >= least {
                open.extend(around.into_iter().filter(|&i| clusters[i].is_none()));
            }
        }
        next += 1;
    }
    clusters
}
