-- Queries over tables.

CREATE TABLE sensor (id int PRIMARY KEY, name text NOT NULL, kind text)
----
done

CREATE TABLE reading (sensor_id int, at int, value float8, PRIMARY KEY (sensor_id, at))
----
done

INSERT INTO sensor VALUES (1, 'left', 'force'), (2, 'right', 'force'), (3, 'top', 'light'), (4, 'spare', NULL)
----
4 affected

INSERT INTO reading VALUES (1, 10, 0.5), (1, 20, 1.5), (2, 10, 2.5), (2, 20, NULL), (3, 10, 100), (3, 15, 90)
----
6 affected

SELECT s.name, count(*), avg(value) FROM sensor s JOIN reading r ON r.sensor_id = s.id GROUP BY s.name ORDER BY s.name
----
name text | count bigint | avg double precision
left | 2 | 1
right | 2 | 2.5
top | 2 | 95

SELECT s.*, count(r.value) FROM sensor s LEFT JOIN reading r ON r.sensor_id = s.id GROUP BY s.id ORDER BY s.id
----
id integer | name text | kind text | count bigint
1 | left | force | 2
2 | right | force | 1
3 | top | light | 2
4 | spare | NULL | 0

SELECT name FROM sensor WHERE kind = 'force' AND id > 1
----
name text
right

SELECT name FROM sensor WHERE name LIKE 'l%' OR name LIKE '%p'
----
name text
left
top

SELECT name FROM sensor WHERE kind IS NULL
----
name text
spare

SELECT value FROM reading WHERE sensor_id = 1 AND at = 20
----
value double precision
1.5

SELECT value FROM reading WHERE sensor_id = 1 AND at > 10
----
value double precision
1.5

SELECT DISTINCT kind FROM sensor ORDER BY kind
----
kind text
force
light
NULL

SELECT count(*) FROM reading WHERE value > 1
----
count bigint
4

SELECT count(*), count(value), count(at) FROM reading
----
count bigint | count bigint | count bigint
6 | 5 | 6

SELECT count(*) FROM sensor
----
count bigint
4

SELECT id FROM sensor WHERE id IN (SELECT sensor_id FROM reading WHERE value > 1) ORDER BY id
----
id integer
1
2
3

SELECT id FROM sensor WHERE id NOT IN (SELECT sensor_id FROM reading) ORDER BY id
----
id integer
4

SELECT a.id, b.id FROM sensor a, sensor b WHERE a.kind = b.kind AND a.id < b.id
----
id integer | id integer
1 | 2

SELECT s.name, t.most FROM sensor s JOIN (SELECT sensor_id, max(value) AS most FROM reading GROUP BY sensor_id) t ON t.sensor_id = s.id WHERE t.most > 1 ORDER BY t.most DESC
----
name text | most double precision
top | 100
right | 2.5
left | 1.5

SELECT sensor.name FROM sensor s
----
ERROR 42P01 at 8: invalid reference to FROM-clause entry for table "sensor"
HINT: Perhaps you meant to reference the table alias "s".

SELECT nam FROM sensor
----
ERROR 42703 at 8: column "nam" does not exist
HINT: Perhaps you meant to reference the column "sensor.name".

SELECT name FROM sensr
----
ERROR 42P01 at 18: relation "sensr" does not exist
HINT: Perhaps you meant the table "sensor".

SELECT name FROM other.sensor
----
ERROR 42P01 at 18: relation "other.sensor" does not exist
HINT: Perhaps you meant the table "sensor".

SELECT name FROM public.sensor WHERE sensor.id = 1
----
name text
left

SELECT s.name, value FROM sensor s, reading WHERE s.id = sensor_id AND at = (SELECT max(at) FROM reading WHERE sensor_id = 2) ORDER BY 1
----
name text | value double precision
left | 1.5
right | NULL

SELECT name, kind FROM sensor ORDER BY kind NULLS FIRST, name DESC LIMIT 3
----
name text | kind text
spare | NULL
right | force
left | force

SELECT kind, min(name) AS first FROM sensor GROUP BY kind HAVING count(*) > 1
----
kind text | first text
force | left
