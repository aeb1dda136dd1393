-- ST_ClusterDBSCAN, as PostGIS 3.3 numbers clusters; what it says XX000 of is 22023.

CREATE TABLE p (id int PRIMARY KEY, g geometry, k int)
----
done

INSERT INTO p VALUES (1, 'POINT(0 0)', 1), (2, 'POINT(1 0)', 1), (3, 'POINT(1.5 0)', 2), (4, 'POINT(10 0)', 1), (5, 'POINT(10 1)', 2), (6, 'POINT EMPTY', 1), (7, NULL, 1), (8, 'POINT(50 50)', 2), (9, 'LINESTRING(10 3,20 3)', 1), (10, 'POLYGON((2 0,3 0,3 1,2 0))', 1)
----
10 affected

SELECT id, ST_ClusterDBSCAN(g, 1, 2) OVER (ORDER BY id) AS a, ST_ClusterDBSCAN(g, 1, 1) OVER (ORDER BY id) AS b, ST_ClusterDBSCAN(g, 1, 3) OVER (PARTITION BY k ORDER BY id DESC) AS c, ST_ClusterDBSCAN(g, 0, 0) OVER (ORDER BY id) AS d FROM p ORDER BY id
----
id integer | a integer | b integer | c integer | d integer
1 | 0 | 0 | 0 | 0
2 | 0 | 0 | 0 | 1
3 | 0 | 0 | NULL | 2
4 | 1 | 1 | NULL | 3
5 | 1 | 1 | NULL | 4
6 | NULL | 2 | NULL | 5
7 | NULL | NULL | NULL | NULL
8 | NULL | 4 | NULL | 7
9 | NULL | 5 | NULL | 8
10 | 0 | 0 | 0 | 9

SELECT id, ST_ClusterDBSCAN(g, 'inf', 2) OVER (ORDER BY id) AS a, ST_ClusterDBSCAN(g, 'nan', 2) OVER (ORDER BY id) AS b FROM p ORDER BY id
----
id integer | a integer | b integer
1 | 0 | NULL
2 | 0 | NULL
3 | 0 | NULL
4 | 0 | NULL
5 | 0 | NULL
6 | NULL | NULL
7 | NULL | NULL
8 | 0 | NULL
9 | 0 | NULL
10 | 0 | NULL

SELECT id, ST_ClusterDBSCAN(g, 1, 2) OVER (ORDER BY id) FROM p WHERE id < 2
----
id integer | st_clusterdbscan integer
1 | NULL

SELECT id, ST_ClusterDBSCAN(g, 1, 1) OVER (ORDER BY id) FROM p WHERE id IN (6, 7)
----
id integer | st_clusterdbscan integer
6 | 0
7 | NULL

SELECT ST_ClusterDBSCAN(g, -1, 2) OVER () FROM p
----
ERROR 22023: Tolerance must be a positive number

SELECT ST_ClusterDBSCAN(g, NULL, 2) OVER () FROM p
----
ERROR 22023: Tolerance must be a positive number

SELECT ST_ClusterDBSCAN(g, 1, -2) OVER () FROM p
----
ERROR 22023: Minpoints must be a positive number

SELECT ST_ClusterDBSCAN(g, 1, NULL) OVER () FROM p
----
ERROR 22023: Minpoints must be a positive number

SELECT ST_ClusterDBSCAN(g, 1, 2) FROM p
----
ERROR 42809 at 8: window function st_clusterdbscan requires an OVER clause

SELECT ST_ClusterDBSCAN(g, 1) OVER () FROM p
----
ERROR 42883 at 8: function st_clusterdbscan(geometry, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT id, ST_ClusterDBSCAN(g, minpoints := 2, eps := 1.0) OVER (ORDER BY id) FROM p WHERE id < 5 ORDER BY id
----
id integer | st_clusterdbscan integer
1 | 0
2 | 0
3 | 0
4 | NULL
