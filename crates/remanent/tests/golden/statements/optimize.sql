-- The plan as bound and after each pass that changes it.

CREATE TABLE t (id int PRIMARY KEY, a int, b text, c float8 NOT NULL)
----
done

CREATE TABLE u (x int, y int, z int, PRIMARY KEY (x, y))
----
done

CREATE TABLE big (k int, t_id int, u_x int, v float8)
----
done

-- passes
SELECT a, count(c) FROM t WHERE a > 2 + 3 AND true GROUP BY a HAVING a < 100 ORDER BY a LIMIT 10
----
bind:
Limit
  Output: a, count
  Rows: (10)::bigint
  ->  Sort
        Output: a, count
        Sort Key: a
        ->  HashAggregate
              Output: a, count(c)
              Group Key: a
              Aggregates: count(c)
              Filter: (a < 100)
              ->  Seq Scan on t
                    Output: id, a, b, c
                    Filter: ((a > (2 + 3)) AND true)
fold:
Limit
  Output: a, count
  Rows: 10
  ->  Sort
        Output: a, count
        Sort Key: a
        ->  HashAggregate
              Output: a, count(c)
              Group Key: a
              Aggregates: count(c)
              Filter: (a < 100)
              ->  Seq Scan on t
                    Output: id, a, b, c
                    Filter: (a > 5)
push_filters:
Limit
  Output: a, count
  Rows: 10
  ->  Sort
        Output: a, count
        Sort Key: a
        ->  HashAggregate
              Output: a, count(c)
              Group Key: a
              Aggregates: count(c)
              ->  Seq Scan on t
                    Output: id, a, b, c
                    Filter: ((a > 5) AND (a < 100))
merge_projects:
Limit
  Output: a, count(c)
  Rows: 10
  ->  Sort
        Output: a, count(c)
        Sort Key: a
        ->  HashAggregate
              Output: a, count(c)
              Group Key: a
              Aggregates: count(c)
              ->  Seq Scan on t
                    Output: id, a, b, c
                    Filter: ((a > 5) AND (a < 100))
limits:
Top-N Sort
  Output: a, count(c)
  Sort Key: a
  Rows: 10
  ->  HashAggregate
        Output: a, count(c)
        Group Key: a
        Aggregates: count(c)
        ->  Seq Scan on t
              Output: id, a, b, c
              Filter: ((a > 5) AND (a < 100))
counts:
Top-N Sort
  Output: a, count(*)
  Sort Key: a
  Rows: 10
  ->  HashAggregate
        Output: a, count(*)
        Group Key: a
        Aggregates: count(*)
        ->  Seq Scan on t
              Output: id, a, b, c
              Filter: ((a > 5) AND (a < 100))
prune:
Top-N Sort
  Output: a, count(*)
  Sort Key: a
  Rows: 10
  ->  HashAggregate
        Output: a, count(*)
        Group Key: a
        Aggregates: count(*)
        ->  Seq Scan on t
              Output: a
              Filter: ((a > 5) AND (a < 100))
ranges:
Top-N Sort
  Output: a, count(*)
  Sort Key: a
  Rows: 10
  ->  HashAggregate
        Output: a, count(*)
        Group Key: a
        Aggregates: count(*)
        ->  Seq Scan on t
              Output: a
              Range Cond: (a > 5) AND (a < 100)
              Filter: ((a > 5) AND (a < 100))

-- passes
SELECT n FROM (SELECT id AS n, b, c + 1 AS d FROM t) AS s WHERE n = 7 AND d > 1
----
bind:
Subquery Scan
  Output: n
  Filter: ((n = 7) AND (d > (1)::double precision))
  ->  Seq Scan on t
        Output: id, a, b, c
fold:
Subquery Scan
  Output: n
  Filter: ((n = 7) AND (d > '1'::double precision))
  ->  Seq Scan on t
        Output: id, a, b, c
push_filters:
Seq Scan on t
  Output: n
  Filter: ((id = 7) AND ((c + '1'::double precision) > '1'::double precision))
merge_projects:
Seq Scan on t
  Output: id
  Filter: ((id = 7) AND ((c + '1'::double precision) > '1'::double precision))
point_get:
Index Scan using t_pkey on t
  Output: id
  Index Cond: (id = 7)
  Filter: ((c + '1'::double precision) > '1'::double precision)

-- passes
SELECT t.b, u.z FROM t, u, big WHERE big.t_id = t.id AND big.u_x = u.x AND u.z > 5 AND v > 0.5
----
bind:
Nested Loop
  Output: t.b, u.z
  Filter: ((big.t_id = t.id) AND (big.u_x = u.x) AND (u.z > 5) AND (big.v > (0.5)::double precision))
  ->  Nested Loop
        Output: t.id, t.a, t.b, t.c, u.x, u.y, u.z
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Seq Scan on u
              Output: u.x, u.y, u.z
  ->  Seq Scan on big
        Output: big.k, big.t_id, big.u_x, big.v
fold:
Nested Loop
  Output: t.b, u.z
  Filter: ((big.t_id = t.id) AND (big.u_x = u.x) AND (u.z > 5) AND (big.v > '0.5'::double precision))
  ->  Nested Loop
        Output: t.id, t.a, t.b, t.c, u.x, u.y, u.z
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Seq Scan on u
              Output: u.x, u.y, u.z
  ->  Seq Scan on big
        Output: big.k, big.t_id, big.u_x, big.v
push_filters:
Nested Loop
  Output: t.b, u.z
  Join Filter: ((big.t_id = t.id) AND (big.u_x = u.x))
  ->  Nested Loop
        Output: t.id, t.a, t.b, t.c, u.x, u.y, u.z
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Seq Scan on u
              Output: u.x, u.y, u.z
              Filter: (u.z > 5)
  ->  Seq Scan on big
        Output: big.k, big.t_id, big.u_x, big.v
        Filter: (big.v > '0.5'::double precision)
join_order:
Nested Loop
  Output: t.b, u.z
  Join Filter: (big.u_x = u.x)
  ->  Nested Loop
        Output: t.id, t.a, t.b, t.c, big.k, big.t_id, big.u_x, big.v
        Join Filter: (big.t_id = t.id)
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Seq Scan on big
              Output: big.k, big.t_id, big.u_x, big.v
              Filter: (big.v > '0.5'::double precision)
  ->  Seq Scan on u
        Output: u.x, u.y, u.z
        Filter: (u.z > 5)
join_keys:
Hash Join
  Output: t.b, u.z
  Hash Cond: (big.u_x = u.x)
  ->  Hash Join
        Output: t.id, t.a, t.b, t.c, big.k, big.t_id, big.u_x, big.v
        Hash Cond: (t.id = big.t_id)
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Hash
              ->  Seq Scan on big
                    Output: big.k, big.t_id, big.u_x, big.v
                    Filter: (big.v > '0.5'::double precision)
  ->  Hash
        ->  Seq Scan on u
              Output: u.x, u.y, u.z
              Filter: (u.z > 5)
prune:
Hash Join
  Output: t.b, u.z
  Hash Cond: (big.u_x = u.x)
  ->  Hash Join
        Output: t.b, big.u_x
        Hash Cond: (t.id = big.t_id)
        ->  Seq Scan on t
              Output: t.id, t.b
        ->  Hash
              ->  Seq Scan on big
                    Output: big.t_id, big.u_x, big.v
                    Filter: (big.v > '0.5'::double precision)
  ->  Hash
        ->  Seq Scan on u
              Output: u.x, u.z
              Filter: (u.z > 5)
ranges:
Hash Join
  Output: t.b, u.z
  Hash Cond: (big.u_x = u.x)
  ->  Hash Join
        Output: t.b, big.u_x
        Hash Cond: (t.id = big.t_id)
        ->  Seq Scan on t
              Output: t.id, t.b
        ->  Hash
              ->  Seq Scan on big
                    Output: big.t_id, big.u_x, big.v
                    Range Cond: (v > '0.5'::double precision)
                    Filter: (big.v > '0.5'::double precision)
  ->  Hash
        ->  Seq Scan on u
              Output: u.x, u.z
              Range Cond: (z > 5)
              Filter: (u.z > 5)

-- passes
SELECT * FROM t WHERE NOT (a > 5 OR a IS NULL) AND a <= 5
----
bind:
Seq Scan on t
  Output: id, a, b, c
  Filter: ((NOT ((a > 5) OR (a IS NULL))) AND (a <= 5))
simplify:
Seq Scan on t
  Output: id, a, b, c
  Filter: ((a <= 5) AND (a IS NOT NULL))
ranges:
Seq Scan on t
  Output: id, a, b, c
  Range Cond: (a <= 5)
  Filter: ((a <= 5) AND (a IS NOT NULL))

-- passes
SELECT a FROM t WHERE id IN (SELECT x FROM u WHERE z = 1) ORDER BY c DESC LIMIT 5
----
bind:
Limit
  Output: a
  Rows: (5)::bigint
  ->  Sort
        Output: a
        Sort Key: c DESC
        ->  Seq Scan on t
              Output: a, c
              Filter: (id ANY (SubPlan))
              SubPlan
                ->  Seq Scan on u
                      Output: x
                      Filter: (z = 1)
fold:
Limit
  Output: a
  Rows: 5
  ->  Sort
        Output: a
        Sort Key: c DESC
        ->  Seq Scan on t
              Output: a, c
              Filter: (id ANY (SubPlan))
              SubPlan
                ->  Seq Scan on u
                      Output: x
                      Filter: (z = 1)
unnest:
Limit
  Output: t.a
  Rows: 5
  ->  Sort
        Output: t.a
        Sort Key: t.c DESC
        ->  Nested Loop Semi Join
              Output: t.a, t.c
              Join Filter: (t.id = u.x)
              ->  Seq Scan on t
                    Output: t.id, t.a, t.b, t.c
              ->  Seq Scan on u
                    Output: u.x
                    Filter: (u.z = 1)
join_keys:
Limit
  Output: t.a
  Rows: 5
  ->  Sort
        Output: t.a
        Sort Key: t.c DESC
        ->  Hash Semi Join
              Output: t.a, t.c
              Hash Cond: (t.id = u.x)
              ->  Seq Scan on t
                    Output: t.id, t.a, t.b, t.c
              ->  Hash
                    ->  Seq Scan on u
                          Output: u.x
                          Filter: (u.z = 1)
limits:
Top-N Sort
  Output: t.a
  Sort Key: t.c DESC
  Rows: 5
  ->  Hash Semi Join
        Output: t.a, t.c
        Hash Cond: (t.id = u.x)
        ->  Seq Scan on t
              Output: t.id, t.a, t.b, t.c
        ->  Hash
              ->  Seq Scan on u
                    Output: u.x
                    Filter: (u.z = 1)
prune:
Top-N Sort
  Output: t.a
  Sort Key: t.c DESC
  Rows: 5
  ->  Hash Semi Join
        Output: t.a, t.c
        Hash Cond: (t.id = u.x)
        ->  Seq Scan on t
              Output: t.id, t.a, t.c
        ->  Hash
              ->  Seq Scan on u
                    Output: u.x
                    Filter: (u.z = 1)
ranges:
Top-N Sort
  Output: t.a
  Sort Key: t.c DESC
  Rows: 5
  ->  Hash Semi Join
        Output: t.a, t.c
        Hash Cond: (t.id = u.x)
        ->  Seq Scan on t
              Output: t.id, t.a, t.c
        ->  Hash
              ->  Seq Scan on u
                    Output: u.x
                    Range Cond: (z = 1)
                    Filter: (u.z = 1)

-- passes
SELECT x FROM u WHERE false ORDER BY y
----
bind:
Sort
  Output: x
  Sort Key: y
  ->  Seq Scan on u
        Output: x, y
        Filter: false
simplify:
Result
  Output: x
  One-Time Filter: false

-- passes
DELETE FROM t WHERE id = 3 AND a = 1
----
bind:
Delete on t
  ->  Seq Scan on t
        Output: id, ctid
        Filter: ((id = 3) AND (a = 1))
point_get:
Delete on t
  ->  Index Scan using t_pkey on t
        Output: id, ctid
        Index Cond: (id = 3)
        Filter: (a = 1)
