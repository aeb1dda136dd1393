-- Places in tables: type modifiers, aggregates, spatial indexes. Answers are PostGIS 3.3's, plans apart.

CREATE TABLE p (id int PRIMARY KEY, g geometry(Point,4326), z geometry(PointZ), w geography(Point), l geometry)
----

INSERT INTO p (id, g) VALUES (1, 'POINT(1 1)'), (2, ST_Point(2, 2, 4326)), (3, NULL), (4, 'SRID=4326;POINT EMPTY')
----

INSERT INTO p (id, g) VALUES (5, 'SRID=3857;POINT(1 1)')
----

INSERT INTO p (id, g) VALUES (5, 'LINESTRING(0 0,1 1)')
----

INSERT INTO p (id, g) VALUES (5, 'POINT Z (1 1 1)')
----

INSERT INTO p (id, z) VALUES (5, 'POINT(1 1)')
----

INSERT INTO p (id, z) VALUES (5, 'POINT(1 1'), (6, NULL)
----

INSERT INTO p (id, z, w, l) VALUES (5, 'POINT Z (1 2 3)', 'POINT(10.4 63.4)', 'LINESTRING(0 0,4 0)')
----

CREATE TABLE x (g geometry(Blob))
----

CREATE TABLE x (g geography(Point,3857))
----

SELECT id, ST_AsEWKT(g), g FROM p ORDER BY id
----

SELECT ST_Extent(g), ST_3DExtent(z), ST_AsText(ST_Collect(g)), ST_AsText(ST_MakeLine(g ORDER BY id DESC)) FROM p
----

SELECT ST_Extent(g)::geometry FROM p WHERE id > 2
----

SELECT g, count(*) FROM (VALUES ('POINT(1 1)'::geometry), ('POINT(1 1)'), ('POINT(2 1)')) v(g) GROUP BY g ORDER BY g
----

SELECT ST_AsText(ST_MakeLine(ARRAY(SELECT g FROM p WHERE g IS NOT NULL ORDER BY id)))
----

SELECT ST_Transform(g, 3857) FROM p WHERE id = 1
----

SELECT ST_Distance(g, 'POINT(0 0)') FROM p WHERE id = 1
----

INSERT INTO p (id, g, l) SELECT i, ST_Point(i % 100, i / 100, 4326), ST_Point(i % 100, i / 100) FROM generate_series(10, 5000) i
----

CREATE INDEX ON p USING gist (g)
----

CREATE INDEX p_l ON p USING spatial (l)
----

CREATE INDEX ON p USING gist (id)
----

CREATE UNIQUE INDEX ON p USING gist (g)
----

CREATE INDEX ON p USING rtree (w gist_geometry_ops_2d)
----

EXPLAIN SELECT id FROM p WHERE l && ST_MakeEnvelope(10, 10, 11, 11)
----

SELECT id FROM p WHERE l && ST_MakeEnvelope(10, 10, 11, 11) ORDER BY id
----

EXPLAIN SELECT id FROM p WHERE ST_DWithin(l, 'POINT(50 20)', 1)
----

SELECT id FROM p WHERE ST_DWithin(l, 'POINT(50 20)', 1) ORDER BY id
----

SELECT count(*) FROM p WHERE ST_Within(l, 'POLYGON((0 0,9.5 0,9.5 9.5,0 9.5,0 0))')
----

SELECT id FROM p WHERE ST_DWithin(g, ST_Point(50, 20), 1)
----

SELECT id, ST_Distance(l, 'POINT(50.2 20.1)') FROM p ORDER BY l <-> 'POINT(50.2 20.1)' LIMIT 3
----
