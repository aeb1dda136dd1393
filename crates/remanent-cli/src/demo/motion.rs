//! Which moments of the flight felt alike? Motion as vectors.
//!
//! Every 250 ms become one vector: mean and standard deviation of the three accelerometer and the three
//! gyroscope axes, 12 numbers, each scaled to mean 0 and deviation 1 over the flight so that metres per second²
//! and radians per second weigh the same. `<->` is the Euclidean distance of two such vectors.

use super::Screen;
use crate::failure::Result;
use crate::term;
use remanent::{Connection, Value, params};
use std::time::Instant;

const DIMENSIONS: usize = 12;
/// Windows with fewer samples (the first and last of a flight) say little.
const SAMPLES_MIN: i64 = 20;

const FEATURES: &str = "\
SELECT date_bin('250 ms', ts, '2000-01-01') AS at, count(*),
       avg(accelerometer_m_s2_0), avg(accelerometer_m_s2_1), avg(accelerometer_m_s2_2),
       avg(gyro_rad_0), avg(gyro_rad_1), avg(gyro_rad_2),
       stddev(accelerometer_m_s2_0), stddev(accelerometer_m_s2_1), stddev(accelerometer_m_s2_2),
       stddev(gyro_rad_0), stddev(gyro_rad_1), stddev(gyro_rad_2)
FROM   sensor_combined
GROUP  BY 1
ORDER  BY 1";

const CREATE: &str = "CREATE TABLE motion (at timestamptz PRIMARY KEY, features vector(12))";

const LANDING: &str = "\
SELECT m.at, m.features
FROM   motion AS m JOIN log_messages AS l ON m.at = date_bin('250 ms', l.ts, '2000-01-01')
WHERE  l.message LIKE '%Landing detected'";

const ALIKE: &str = "\
SELECT at, round((features <-> $1)::numeric, 3) AS distance
FROM   motion
WHERE  at <> $2
ORDER  BY features <-> $1
LIMIT  5";

/// One window of the flight.
struct Window {
    at: Value,
    features: [f64; DIMENSIONS],
}

/// Makes the table and asks it.
pub fn show(conn: &Connection, screen: &mut Screen) -> Result<()> {
    let started = Instant::now();
    let mut windows = windows(conn)?;
    scale(&mut windows);
    conn.execute(CREATE, params![])?;
    let mut motion = conn.appender("motion")?;
    for window in &windows {
        let features = window.features.iter().map(|f| *f as f32).collect();
        motion.append(vec![window.at.clone(), Value::Vector(features)])?;
    }
    motion.finish()?;
    let time = started.elapsed();

    let landing = conn.query_one(LANDING, params![])?;
    let (at, features) = (landing.value(0).clone(), landing.value(1).clone());
    let notes = [
        format!("CREATE TABLE motion (at timestamptz PRIMARY KEY, features vector({DIMENSIONS}))"),
        format!(
            "{}, one each 250 ms: mean and deviation of accelerometer and gyroscope, made in {}",
            term::count(windows.len() as u64, "vector"),
            term::time(time)
        ),
        format!("$1: the motion while the autopilot said \"Landing detected\"; $2: {at}"),
    ];
    let text = "Which moments felt like the landing?";
    screen.ask(conn, text, &notes, ALIKE, vec![features, at])
}

fn windows(conn: &Connection) -> Result<Vec<Window>> {
    let mut windows = Vec::new();
    for row in conn.query(FEATURES, params![])? {
        let row = row?;
        let samples: i64 = row.get(1)?;
        if samples < SAMPLES_MIN {
            continue;
        }
        let mut features = [0.0; DIMENSIONS];
        for (i, feature) in features.iter_mut().enumerate() {
            *feature = row.get(i + 2)?;
        }
        windows.push(Window { at: row.value(0).clone(), features });
    }
    Ok(windows)
}

/// Each dimension to mean 0 and standard deviation 1.
fn scale(windows: &mut [Window]) {
    let n = windows.len().max(1) as f64;
    for i in 0..DIMENSIONS {
        let of = |w: &Window| w.features.get(i).copied().unwrap_or_default();
        let mean = windows.iter().map(of).sum::<f64>() / n;
        let variance = windows.iter().map(|w| (of(w) - mean).powi(2)).sum::<f64>() / n;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        for feature in windows.iter_mut().filter_map(|w| w.features.get_mut(i)) {
            *feature = (*feature - mean) / deviation;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_scaled_each_on_its_own() {
        let window = |a: f64, b: f64| {
            let mut features = [7.0; DIMENSIONS];
            (features[0], features[1]) = (a, b);
            Window { at: Value::Null, features }
        };
        let mut windows = [window(1.0, -100.0), window(3.0, 100.0)];
        scale(&mut windows);
        assert_eq!(
            windows.map(|w| [w.features[0], w.features[1], w.features[2]]),
            [[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]]
        );
    }
}
