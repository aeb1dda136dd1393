-- Places in tables: type modifiers, aggregates, spatial indexes. Answers are PostGIS 3.3's, plans apart.

CREATE TABLE p (id int PRIMARY KEY, g geometry(Point,4326), z geometry(PointZ), w geography(Point), l geometry)
----
done

INSERT INTO p (id, g) VALUES (1, 'POINT(1 1)'), (2, ST_Point(2, 2, 4326)), (3, NULL), (4, 'SRID=4326;POINT EMPTY')
----
4 affected

INSERT INTO p (id, g) VALUES (5, 'SRID=3857;POINT(1 1)')
----
ERROR 22023 at 34: Geometry SRID (3857) does not match column SRID (4326)

INSERT INTO p (id, g) VALUES (5, 'LINESTRING(0 0,1 1)')
----
ERROR 22023 at 34: Geometry type (LineString) does not match column type (Point)

INSERT INTO p (id, g) VALUES (5, 'POINT Z (1 1 1)')
----
ERROR 22023 at 34: Geometry has Z dimension but column does not

INSERT INTO p (id, z) VALUES (5, 'POINT(1 1)')
----
ERROR 22023 at 34: Column has Z dimension but geometry does not

INSERT INTO p (id, z) VALUES (5, 'POINT(1 1'), (6, NULL)
----
ERROR 22P02 at 34: parse error - invalid geometry
HINT: "POINT(1 1" <-- parse error at position 9 within geometry

INSERT INTO p (id, z, w, l) VALUES (5, 'POINT Z (1 2 3)', 'POINT(10.4 63.4)', 'LINESTRING(0 0,4 0)')
----
1 affected

CREATE TABLE x (g geometry(Blob))
----
ERROR 22023 at 19: Invalid geometry type modifier: blob

CREATE TABLE x (g geography(Point,3857))
----
ERROR 22023 at 19: Only lon/lat coordinate systems are supported in geography.

SELECT id, ST_AsEWKT(g), g FROM p ORDER BY id
----
id integer | st_asewkt text | g geometry(Point,4326)
1 | SRID=4326;POINT(1 1) | 0101000020E6100000000000000000F03F000000000000F03F
2 | SRID=4326;POINT(2 2) | 0101000020E610000000000000000000400000000000000040
3 | NULL | NULL
4 | SRID=4326;POINT EMPTY | 0101000020E6100000000000000000F87F000000000000F87F
5 | NULL | NULL

SELECT ST_Extent(g), ST_3DExtent(z), ST_AsText(ST_Collect(g)), ST_AsText(ST_MakeLine(g ORDER BY id DESC)) FROM p
----
st_extent text | st_3dextent text | st_astext text | st_astext text
BOX(1 1,2 2) | BOX3D(1 2 3,1 2 3) | MULTIPOINT((1 1),(2 2),EMPTY) | LINESTRING(2 2,1 1)

SELECT ST_Extent(g)::geometry FROM p WHERE id > 2
----
st_extent geometry
NULL

SELECT g, count(*) FROM (VALUES ('POINT(1 1)'::geometry), ('POINT(1 1)'), ('POINT(2 1)')) v(g) GROUP BY g ORDER BY g
----
g geometry | count bigint
01010000000000000000000040000000000000F03F | 1
0101000000000000000000F03F000000000000F03F | 2

SELECT ST_AsText(ST_MakeLine(ARRAY(SELECT g FROM p WHERE g IS NOT NULL ORDER BY id)))
----
st_astext text
LINESTRING(1 1,2 2)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(10.408 63.417)'::geometry, 3857))
----
st_asewkt text
SRID=3857;POINT(1158613.2601763913 9203238.453516195)

SELECT ST_AsEWKT(ST_Transform('SRID=3857;POINT(1158613.26 9196350.5)'::geometry, 4326))
----
st_asewkt text
SRID=4326;POINT(10.40799999841545 63.38929770808734)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT Z(-180 85.06 7)'::geometry, 3857))
----
st_asewkt text
SRID=3857;POINT(-20037508.342789244 20048966.104014594 7)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(200 -45)'::geometry, 3857))
----
st_asewkt text
SRID=3857;POINT(-17811118.526923772 -5621521.486192066)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(10 90)'::geometry, 3857))
----
st_asewkt text
SRID=3857;POINT(1113194.9079327357 242528680.94374272)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(10 91)'::geometry, 3857))
----
ERROR 22023: transform: Invalid coordinate

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(600 0)'::geometry, 3857))
----
ERROR 22023: transform: Invalid coordinate

SELECT ST_AsEWKT(ST_Transform('SRID=3857;POINT(30000000 0)'::geometry, 4326))
----
st_asewkt text
SRID=4326;POINT(-90.50541476414358 0)

SELECT ST_AsEWKT(ST_Transform('POINT(1 1)'::geometry, 4326))
----
ERROR 22023: ST_Transform: Input geometry has unknown (0) SRID

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(1 1)'::geometry, 0))
----
ERROR 22023: ST_Transform: 0 is an invalid target SRID

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(1 1)'::geometry, 4326))
----
st_asewkt text
SRID=4326;POINT(1 1)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT EMPTY'::geometry, 3857))
----
st_asewkt text
SRID=3857;POINT EMPTY

SELECT ST_AsEWKT(ST_Transform('SRID=4326;LINESTRING(0 0, 10 10, 0 -80)'::geometry, 3857))
----
st_asewkt text
SRID=3857;LINESTRING(0 0,1113194.9079327357 1118889.9748579594,0 -15538711.09630922)

SELECT ST_AsEWKT(ST_Transform('SRID=4326;POINT(1 1)'::geometry, 32633))
----
ERROR 0A000: ST_Transform from SRID 4326 to 32633 is not supported

SELECT ST_AsEWKT(ST_TileEnvelope(0,0,0))
----
st_asewkt text
SRID=3857;POLYGON((-20037508.342789244 -20037508.342789244,-20037508.342789244 20037508.342789244,20037508.342789244 20037508.342789244,20037508.342789244 -20037508.342789244,-20037508.342789244 -20037508.342789244))

SELECT ST_AsEWKT(ST_TileEnvelope(2,1,1))
----
st_asewkt text
SRID=3857;POLYGON((-10018754.171394622 0,-10018754.171394622 10018754.171394622,0 10018754.171394622,0 0,-10018754.171394622 0))

SELECT ST_AsEWKT(ST_TileEnvelope(31,2147483647,0))
----
st_asewkt text
SRID=3857;POLYGON((20037508.324127857 20037508.32412786,20037508.324127857 20037508.342789244,20037508.342789244 20037508.342789244,20037508.342789244 20037508.32412786,20037508.324127857 20037508.32412786))

SELECT ST_AsEWKT(ST_TileEnvelope(3,1,1, ST_MakeEnvelope(-180,-90,180,90,4326)))
----
st_asewkt text
SRID=4326;POLYGON((-135 45,-135 67.5,-90 67.5,-90 45,-135 45))

SELECT ST_AsEWKT(ST_TileEnvelope(0,0,0, ST_MakeEnvelope(-180,-90,180,90,4326), 0.25))
----
st_asewkt text
SRID=4326;POLYGON((-180 -90,-180 90,180 90,180 -90,-180 -90))

SELECT ST_AsEWKT(ST_TileEnvelope(2,0,3, ST_MakeEnvelope(-180,-90,180,90,4326), 0.5))
----
st_asewkt text
SRID=4326;POLYGON((-225 -90,-225 -22.5,-45 -22.5,-45 -90,-225 -90))

SELECT ST_AsEWKT(ST_TileEnvelope(2,0,3, ST_MakeEnvelope(-180,-90,180,90,4326), -0.6))
----
ERROR 22023: ST_TileEnvelope: Margin must not be less than -50%, margin=-0.600000

SELECT ST_AsEWKT(ST_TileEnvelope(2,4,1))
----
ERROR 22023: ST_TileEnvelope: Invalid tile x value, 4

SELECT ST_AsEWKT(ST_TileEnvelope(2,1,-1))
----
ERROR 22023: ST_TileEnvelope: Invalid tile y value, -1

SELECT ST_AsEWKT(ST_TileEnvelope(-1,1,1))
----
ERROR 22023: ST_TileEnvelope: Invalid tile zoom value, -1

SELECT ST_AsEWKT(ST_TileEnvelope(32,1,1))
----
ERROR 22023: ST_TileEnvelope: Invalid tile zoom value, 32

SELECT ST_AsEWKT(ST_TileEnvelope(3,1,1, 'POINT(1 1)'::geometry))
----
ERROR 22023: ST_TileEnvelope: Geometric bounds are too small

SELECT ST_AsEWKT(ST_TileEnvelope(3,1,1, 'POINT EMPTY'::geometry))
----
ERROR 22023: ST_TileEnvelope: Empty bounds

SELECT ST_Distance(g, 'POINT(0 0)') FROM p WHERE id = 1
----
ERROR 22023: ST_Distance: Operation on mixed SRID geometries (Point, 4326) != (Point, 0)

INSERT INTO p (id, g, l) SELECT i, ST_Point(i % 100, i / 100, 4326), ST_Point(i % 100, i / 100) FROM generate_series(10, 5000) i
----
4991 affected

CREATE INDEX ON p USING gist (g)
----
done

CREATE INDEX p_l ON p USING spatial (l)
----
done

CREATE INDEX ON p USING gist (id)
----
ERROR 42704: data type integer has no default operator class for access method "gist"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE UNIQUE INDEX ON p USING gist (g)
----
ERROR 0A000: access method "gist" does not support unique indexes

CREATE INDEX ON p USING rtree (w gist_geometry_ops_2d)
----
ERROR 42804: operator class "gist_geometry_ops_2d" does not accept data type geography(Point,4326)

EXPLAIN SELECT id FROM p WHERE l && ST_MakeEnvelope(10, 10, 11, 11)
----
QUERY PLAN text
Index Scan using p_l on p
  Index Cond: (l && '010300000001000000050000000000000000002440000000000000244000000000000024400000000000002640000000000000264000000000000026400000000000002640000000000000244000000000000024400000000000002440'::geometry)
  Filter: (l && '010300000001000000050000000000000000002440000000000000244000000000000024400000000000002640000000000000264000000000000026400000000000002640000000000000244000000000000024400000000000002440'::geometry)

SELECT id FROM p WHERE l && ST_MakeEnvelope(10, 10, 11, 11) ORDER BY id
----
id integer
1010
1011
1110
1111

EXPLAIN SELECT id FROM p WHERE ST_DWithin(l, 'POINT(50 20)', 1)
----
QUERY PLAN text
Index Scan using p_l on p
  Index Cond: st_dwithin(l, '010100000000000000000049400000000000003440'::geometry, '1'::double precision)
  Filter: st_dwithin(l, '010100000000000000000049400000000000003440'::geometry, '1'::double precision)

SELECT id FROM p WHERE ST_DWithin(l, 'POINT(50 20)', 1) ORDER BY id
----
id integer
1950
2049
2050
2051
2150

SELECT count(*) FROM p WHERE ST_Within(l, 'POLYGON((0 0,9.5 0,9.5 9.5,0 9.5,0 0))')
----
count bigint
81

SELECT id FROM p WHERE ST_DWithin(g, ST_Point(50, 20), 1)
----
ERROR 22023: ST_DWithin: Operation on mixed SRID geometries (Point, 4326) != (Point, 0)

SELECT id, ST_Distance(l, 'POINT(50.2 20.1)') FROM p ORDER BY l <-> 'POINT(50.2 20.1)' LIMIT 3
----
id integer | st_distance double precision
2050 | 0.22360679774998216
2051 | 0.8062257748298522
2150 | 0.921954445729288
