CREATE TABLE frames (robot int, at int, name text)
----
done

INSERT INTO frames VALUES (1, 5, 'a'), (1, 10, 'b'), (1, 25, 'c'), (2, 15, 'd'), (2, NULL, 'e'), (NULL, 20, 'f'), (3, 20, 'g')
----
7 affected

CREATE TABLE poses (robot int, at bigint, x int)
----
done

INSERT INTO poses VALUES (1, 30, 130), (1, 10, 110), (1, 20, 120), (2, 12, 212), (2, 12, 213), (NULL, 1, 0), (2, NULL, 1)
----
7 affected

SELECT f.name, p.at, p.x FROM frames f ASOF JOIN poses p ON f.robot = p.robot AND f.at >= p.at ORDER BY 1
----
name text | at bigint | x integer
b | 10 | 110
c | 20 | 120
d | 12 | 213

SELECT f.name, p.at, p.x FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at >= p.at ORDER BY 1
----
name text | at bigint | x integer
a | NULL | NULL
b | 10 | 110
c | 20 | 120
d | 12 | 213
e | NULL | NULL
f | NULL | NULL
g | NULL | NULL

SELECT f.name, p.at FROM frames f ASOF JOIN poses p ON p.at < f.at AND f.robot = p.robot ORDER BY 1
----
name text | at bigint
c | 20
d | 12

SELECT f.name, p.at FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at <= p.at ORDER BY 1
----
name text | at bigint
a | 10
b | 10
c | 30
d | NULL
e | NULL
f | NULL
g | NULL

SELECT f.name, p.at FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at < p.at ORDER BY 1
----
name text | at bigint
a | 10
b | 20
c | 30
d | NULL
e | NULL
f | NULL
g | NULL

SELECT f.name, p.at FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at >= p.at AND f.at - p.at <= 4 ORDER BY 1
----
name text | at bigint
a | NULL
b | 10
c | NULL
d | 12
e | NULL
f | NULL
g | NULL

SELECT f.name, p.at FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at >= p.at AND p.x < 120 ORDER BY 1
----
name text | at bigint
a | NULL
b | 10
c | 10
d | NULL
e | NULL
f | NULL
g | NULL

SELECT robot, at, x FROM frames ASOF JOIN poses USING (robot, at) ORDER BY 1, 2
----
robot integer | at integer | x integer
1 | 10 | 110
1 | 25 | 120
2 | 15 | 213

SELECT f.name, p.at FROM frames f ASOF JOIN poses p ON f.at >= p.at ORDER BY 1
----
name text | at bigint
a | 1
b | 10
c | 20
d | 12
f | 20
g | 20

EXPLAIN SELECT f.name, p.x FROM frames f ASOF LEFT JOIN poses p ON f.robot = p.robot AND f.at >= p.at WHERE f.at > 7
----
QUERY PLAN text
Asof Left Join
  Asof Cond: (f.robot = p.robot) AND ((f.at)::bigint >= p.at)
  ->  Seq Scan on frames f
        Range Cond: (at > 7)
        Filter: (f.at > 7)
  ->  Seq Scan on poses p

SELECT 1 FROM frames f ASOF JOIN poses p ON f.robot = p.robot
----
ERROR 0A000 at 15: an ASOF join needs a comparison with <, <=, > or >= of its two sides
HINT: For example, ON a.k = b.k AND a.at >= b.at.

SELECT asof.at FROM frames asof WHERE asof.name = 'a'
----
at integer
5
