//! Taking turns, medians and percentiles.

use std::time::{Duration, Instant};

use crate::Result;

/// Measures several sides in turn, round after round, and gives the median of each.
///
/// A round that a neighbour on the machine disturbed is then one of several, and a slow drift
/// (a disk that fills, a processor that heats) falls on all sides alike.
pub(crate) fn in_turn<const N: usize>(
    rounds: usize,
    sides: [&mut dyn FnMut() -> Result<f64>; N],
) -> Result<[f64; N]> {
    let mut taken: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    let mut sides = sides;
    for _ in 0..rounds {
        for (side, taken) in sides.iter_mut().zip(&mut taken) {
            taken.push(side()?);
        }
    }
    Ok(taken.map(median))
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many times a second something was done that was done `times` times since `start`.
pub(crate) fn rate_since(start: Instant, times: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let times = times as f64;
    times / start.elapsed().as_secs_f64()
}

/// The value below which this share of the times lies, in milliseconds.
pub(crate) fn percentile_ms(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}
