//! The questions that the demo asks about the flight.

/// A question in words and in SQL.
pub struct Question {
    pub text: &'static str,
    pub sql: &'static str,
}

/// What is drawn: the height over time.
pub const HEIGHT: &str = "SELECT ts, -z AS height_m FROM vehicle_local_position ORDER BY ts";

/// All of them, in order.
pub const QUESTIONS: &[Question] = &[
    Question {
        text: "What did the autopilot say?",
        sql: "SELECT ts, level, message FROM log_messages ORDER BY ts",
    },
    Question {
        text: "What was recorded, and at which rate?",
        sql: "\
SELECT stream, points, round(points / extract(epoch FROM last_ts - first_ts)) AS hz
FROM   streams
WHERE  points > 100
ORDER  BY points DESC, stream
LIMIT  12",
    },
    Question {
        text: "How high and how fast, every 250 ms?",
        sql: "\
SELECT date_bin('250 ms', ts, '2000-01-01') AS at,
       round(avg(-z)::numeric, 2) AS height_m,
       round(avg(-vz)::numeric, 2) AS climb_m_s,
       round(max(sqrt(vx * vx + vy * vy))::numeric, 3) AS speed_m_s
FROM   vehicle_local_position
GROUP  BY 1
ORDER  BY 1",
    },
    Question {
        text: "How did it hang in the air at each of its messages? (The nearest record before, of two other streams.)",
        sql: "\
SELECT m.ts, m.message,
       round((-p.z)::numeric, 2) AS height_m,
       round(degrees(asin(2 * (a.q_0 * a.q_2 - a.q_3 * a.q_1)))::numeric, 1) AS pitch_deg,
       round(extract(epoch FROM m.ts - a.ts) * 1000, 1) AS ms_before
FROM   log_messages AS m
       ASOF JOIN vehicle_attitude AS a ON m.ts >= a.ts
       ASOF JOIN vehicle_local_position AS p ON m.ts >= p.ts
ORDER  BY m.ts",
    },
    Question {
        text: "How far did it fly? (Its velocity, summed over the times between two records.)",
        sql: "\
SELECT round(sum(sqrt(vx * vx + vy * vy + vz * vz) * seconds)::numeric, 2) AS flown_m,
       round(sum(abs(climbed))::numeric, 2) AS up_and_down_m,
       round(max(-z)::numeric, 2) AS highest_m
FROM  (SELECT vx, vy, vz, z, lag(z) OVER w - z AS climbed,
              extract(epoch FROM ts - lag(ts) OVER w)::float8 AS seconds
       FROM   vehicle_local_position
       WINDOW w AS (ORDER BY ts)) AS steps",
    },
    Question {
        text: "Which were the hardest accelerations?",
        sql: "\
SELECT ts,
       round(sqrt(accelerometer_m_s2_0 * accelerometer_m_s2_0
                + accelerometer_m_s2_1 * accelerometer_m_s2_1
                + accelerometer_m_s2_2 * accelerometer_m_s2_2)::numeric, 3) AS m_s2,
       accelerometer_m_s2_0 AS x, accelerometer_m_s2_1 AS y, accelerometer_m_s2_2 AS z
FROM   sensor_combined
ORDER  BY m_s2 DESC, ts
LIMIT  5",
    },
    Question {
        text: "How did the battery fare?",
        sql: "\
SELECT date_bin('1 s', ts, '2000-01-01') AS at,
       round(avg(voltage_v)::numeric, 2) AS volts,
       round(max(current_a)::numeric, 1) AS amperes,
       round(max(discharged_mah)::numeric, 1) AS used_mah,
       round(100 * min(remaining)::numeric, 1) AS percent
FROM   battery_status_1
GROUP  BY 1
ORDER  BY 1",
    },
];
