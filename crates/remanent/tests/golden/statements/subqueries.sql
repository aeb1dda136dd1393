CREATE TABLE part (p_partkey int PRIMARY KEY, p_name text, p_brand text, p_container text, p_size int, p_type text, p_mfgr text)
----
done

CREATE TABLE supplier (s_suppkey int PRIMARY KEY, s_name text, s_address text, s_nationkey int, s_acctbal numeric(15,2))
----
done

CREATE TABLE partsupp (ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost numeric(15,2), PRIMARY KEY (ps_partkey, ps_suppkey))
----
done

CREATE TABLE nation (n_nationkey int PRIMARY KEY, n_name text, n_regionkey int)
----
done

CREATE TABLE region (r_regionkey int PRIMARY KEY, r_name text)
----
done

CREATE TABLE customer (c_custkey int PRIMARY KEY, c_phone text, c_acctbal numeric(15,2))
----
done

CREATE TABLE orders (o_orderkey int PRIMARY KEY, o_custkey int, o_orderstatus text, o_orderdate date, o_orderpriority text)
----
done

CREATE TABLE lineitem (l_orderkey int, l_partkey int, l_suppkey int, l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_shipdate date, l_commitdate date, l_receiptdate date)
----
done

EXPLAIN SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr FROM part, supplier, partsupp, nation, region WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15 AND p_type LIKE '%BRASS' AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE' AND ps_supplycost = (SELECT min(ps_supplycost) FROM partsupp, supplier, nation, region WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE') ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100
----
QUERY PLAN text
Top-N Sort
  Sort Key: supplier.s_acctbal DESC, nation.n_name, supplier.s_name, part.p_partkey
  Rows: 100
  ->  Hash Join
        Hash Cond: (nation.n_regionkey = region.r_regionkey)
        ->  Seq Scan on region
              Range Cond: (r_name = 'EUROPE'::text)
              Filter: (region.r_name = 'EUROPE'::text)
        ->  Hash
              ->  Hash Join
                    Hash Cond: (supplier.s_nationkey = nation.n_nationkey)
                    ->  Seq Scan on nation
                    ->  Hash
                          ->  Hash Join
                                Hash Cond: (partsupp.ps_suppkey = supplier.s_suppkey)
                                ->  Seq Scan on supplier
                                ->  Hash
                                      ->  Hash Join
                                            Hash Cond: (min(ps_supplycost) = (partsupp.ps_supplycost)::numeric) AND (part.p_partkey = partsupp.ps_partkey)
                                            ->  Seq Scan on partsupp
                                            ->  Hash
                                                  ->  Hash Join
                                                        Hash Cond: (part.p_partkey = partsupp.ps_partkey)
                                                        ->  HashAggregate
                                                              Group Key: partsupp.ps_partkey
                                                              ->  Hash Join
                                                                    Hash Cond: (partsupp.ps_suppkey = supplier.s_suppkey)
                                                                    ->  Seq Scan on partsupp
                                                                    ->  Hash
                                                                          ->  Hash Join
                                                                                Hash Cond: (supplier.s_nationkey = nation.n_nationkey)
                                                                                ->  Seq Scan on supplier
                                                                                ->  Hash
                                                                                      ->  Hash Join
                                                                                            Hash Cond: (nation.n_regionkey = region.r_regionkey)
                                                                                            ->  Seq Scan on nation
                                                                                            ->  Hash
                                                                                                  ->  Seq Scan on region
                                                                                                        Range Cond: (r_name = 'EUROPE'::text)
                                                                                                        Filter: (region.r_name = 'EUROPE'::text)
                                                        ->  Hash
                                                              ->  Seq Scan on part
                                                                    Range Cond: (p_size = 15)
                                                                    Filter: ((part.p_size = 15) AND (part.p_type ~~ '%BRASS'::text))

EXPLAIN SELECT o_orderpriority, count(*) AS order_count FROM orders WHERE o_orderdate >= date '1993-07-01' AND o_orderdate < date '1993-07-01' + interval '3' month AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate) GROUP BY o_orderpriority ORDER BY o_orderpriority
----
QUERY PLAN text
Sort
  Sort Key: orders.o_orderpriority
  ->  HashAggregate
        Group Key: orders.o_orderpriority
        ->  Hash Semi Join
              Hash Cond: (orders.o_orderkey = lineitem.l_orderkey)
              ->  Seq Scan on orders
                    Range Cond: (o_orderdate >= '1993-07-01'::date) AND (o_orderdate < '1993-10-01'::date)
                    Filter: ((orders.o_orderdate >= '1993-07-01'::date) AND (orders.o_orderdate < '1993-10-01'::date))
              ->  Hash
                    ->  Seq Scan on lineitem
                          Filter: (lineitem.l_commitdate < lineitem.l_receiptdate)

EXPLAIN SELECT sum(l_extendedprice) / 7.0 AS avg_yearly FROM lineitem, part WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container = 'MED BOX' AND l_quantity < (SELECT 0.2 * avg(l_quantity) FROM lineitem WHERE l_partkey = p_partkey)
----
QUERY PLAN text
Aggregate
  ->  Hash Join
        Hash Cond: (part.p_partkey = lineitem.l_partkey)
        Join Filter: (lineitem.l_quantity < (0.2 * avg(l_quantity)))
        ->  HashAggregate
              Group Key: lineitem.l_partkey
              ->  Seq Scan on lineitem
        ->  Hash
              ->  Hash Join
                    Hash Cond: (lineitem.l_partkey = part.p_partkey)
                    ->  Seq Scan on lineitem
                    ->  Hash
                          ->  Seq Scan on part
                                Range Cond: (p_brand = 'Brand#23'::text) AND (p_container = 'MED BOX'::text)
                                Filter: ((part.p_brand = 'Brand#23'::text) AND (part.p_container = 'MED BOX'::text))

EXPLAIN SELECT s_name, s_address FROM supplier, nation WHERE s_suppkey IN (SELECT ps_suppkey FROM partsupp WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%') AND ps_availqty > (SELECT 0.5 * sum(l_quantity) FROM lineitem WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey AND l_shipdate >= date '1994-01-01' AND l_shipdate < date '1995-01-01')) AND s_nationkey = n_nationkey AND n_name = 'CANADA' ORDER BY s_name
----
QUERY PLAN text
Sort
  Sort Key: supplier.s_name
  ->  Hash Semi Join
        Hash Cond: (supplier.s_suppkey = partsupp.ps_suppkey)
        ->  Hash Join
              Hash Cond: (supplier.s_nationkey = nation.n_nationkey)
              ->  Seq Scan on supplier
              ->  Hash
                    ->  Seq Scan on nation
                          Range Cond: (n_name = 'CANADA'::text)
                          Filter: (nation.n_name = 'CANADA'::text)
        ->  Hash
              ->  Hash Join
                    Hash Cond: (partsupp.ps_partkey = lineitem.l_partkey) AND (partsupp.ps_suppkey = lineitem.l_suppkey)
                    Join Filter: ((partsupp.ps_availqty)::numeric > (0.5 * sum(l_quantity)))
                    ->  HashAggregate
                          Group Key: lineitem.l_partkey, lineitem.l_suppkey
                          ->  Seq Scan on lineitem
                                Range Cond: (l_shipdate >= '1994-01-01'::date) AND (l_shipdate < '1995-01-01'::date)
                                Filter: ((lineitem.l_shipdate >= '1994-01-01'::date) AND (lineitem.l_shipdate < '1995-01-01'::date))
                    ->  Hash
                          ->  Hash Semi Join
                                Hash Cond: (partsupp.ps_partkey = part.p_partkey)
                                ->  Seq Scan on partsupp
                                ->  Hash
                                      ->  Seq Scan on part
                                            Range Cond: (p_name >= 'forest'::text) AND (p_name < 'foresu'::text)
                                            Filter: (part.p_name ~~ 'forest%'::text)

EXPLAIN SELECT s_name, count(*) AS numwait FROM supplier, lineitem l1, orders, nation WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F' AND l1.l_receiptdate > l1.l_commitdate AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey) AND NOT EXISTS (SELECT * FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey AND l3.l_receiptdate > l3.l_commitdate) AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA' GROUP BY s_name ORDER BY numwait DESC, s_name LIMIT 100
----
QUERY PLAN text
Top-N Sort
  Sort Key: count(*) DESC, supplier.s_name
  Rows: 100
  ->  HashAggregate
        Group Key: supplier.s_name
        ->  Hash Anti Join
              Hash Cond: (l1.l_orderkey = l3.l_orderkey)
              Join Filter: (l3.l_suppkey <> l1.l_suppkey)
              ->  Seq Scan on lineitem l3
                    Filter: (l3.l_receiptdate > l3.l_commitdate)
              ->  Hash
                    ->  Hash Semi Join
                          Hash Cond: (l1.l_orderkey = l2.l_orderkey)
                          Join Filter: (l2.l_suppkey <> l1.l_suppkey)
                          ->  Seq Scan on lineitem l2
                          ->  Hash
                                ->  Hash Join
                                      Hash Cond: (supplier.s_nationkey = nation.n_nationkey)
                                      ->  Seq Scan on nation
                                            Range Cond: (n_name = 'SAUDI ARABIA'::text)
                                            Filter: (nation.n_name = 'SAUDI ARABIA'::text)
                                      ->  Hash
                                            ->  Hash Join
                                                  Hash Cond: (supplier.s_suppkey = l1.l_suppkey)
                                                  ->  Seq Scan on supplier
                                                  ->  Hash
                                                        ->  Hash Join
                                                              Hash Cond: (l1.l_orderkey = orders.o_orderkey)
                                                              ->  Seq Scan on lineitem l1
                                                                    Filter: (l1.l_receiptdate > l1.l_commitdate)
                                                              ->  Hash
                                                                    ->  Seq Scan on orders
                                                                          Range Cond: (o_orderstatus = 'F'::text)
                                                                          Filter: (orders.o_orderstatus = 'F'::text)

EXPLAIN SELECT cntrycode, count(*) AS numcust, sum(c_acctbal) AS totacctbal FROM (SELECT substring(c_phone, 1, 2) AS cntrycode, c_acctbal FROM customer WHERE substring(c_phone, 1, 2) IN ('13', '31', '23') AND c_acctbal > (SELECT avg(c_acctbal) FROM customer WHERE c_acctbal > 0.00 AND substring(c_phone, 1, 2) IN ('13', '31', '23')) AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey)) AS custsale GROUP BY cntrycode ORDER BY cntrycode
----
QUERY PLAN text
Sort
  Sort Key: substring(c_phone, 1, 2)
  ->  HashAggregate
        Group Key: substring(customer.c_phone, 1, 2)
        ->  Hash Anti Join
              Hash Cond: (customer.c_custkey = orders.o_custkey)
              ->  Seq Scan on orders
              ->  Hash
                    ->  Seq Scan on customer
                          Range Cond: (c_acctbal > $2)
                          Filter: ((customer.c_acctbal > $2) AND (substring(customer.c_phone, 1, 2) IN ('13'::text, '31'::text, '23'::text)))
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Seq Scan on customer
                Range Cond: (c_acctbal > 0.00)
                Filter: ((customer.c_acctbal > 0.00) AND (substring(customer.c_phone, 1, 2) IN ('13'::text, '31'::text, '23'::text)))

EXPLAIN SELECT c_custkey, count(o_orderkey) FROM customer LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_orderpriority NOT LIKE '%special%' GROUP BY c_custkey
----
QUERY PLAN text
HashAggregate
  Group Key: customer.c_custkey
  ->  Hash Left Join
        Hash Cond: (customer.c_custkey = orders.o_custkey)
        ->  Seq Scan on customer
        ->  Hash
              ->  Seq Scan on orders
                    Filter: (orders.o_orderpriority !~~ '%special%'::text)

EXPLAIN SELECT p_brand, count(DISTINCT ps_suppkey) FROM partsupp, part WHERE p_partkey = ps_partkey AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_name LIKE '%Complaints%') GROUP BY p_brand
----
QUERY PLAN text
HashAggregate
  Group Key: part.p_brand
  ->  Hash Not In Join
        Hash Cond: (partsupp.ps_suppkey = supplier.s_suppkey)
        ->  Hash Join
              Hash Cond: (partsupp.ps_partkey = part.p_partkey)
              ->  Seq Scan on partsupp
              ->  Hash
                    ->  Seq Scan on part
        ->  Hash
              ->  Seq Scan on supplier
                    Filter: (supplier.s_name ~~ '%Complaints%'::text)

EXPLAIN SELECT p_partkey, (SELECT s_name FROM supplier WHERE s_suppkey = p_size) FROM part WHERE p_size > 3 OR EXISTS (SELECT 1 FROM partsupp WHERE ps_partkey = p_partkey)
----
QUERY PLAN text
Hash Single Join
  Hash Cond: (part.p_size = supplier.s_suppkey)
  ->  Hash Left Join
        Hash Cond: (part.p_partkey = partsupp.ps_partkey)
        Filter: ((part.p_size > 3) OR (partsupp.ps_partkey IS NOT NULL))
        ->  Seq Scan on part
        ->  Hash
              ->  Unique
                    ->  Seq Scan on partsupp
  ->  Hash
        ->  Seq Scan on supplier

EXPLAIN SELECT p_partkey, (SELECT max(ps_supplycost) FROM partsupp WHERE ps_suppkey < p_size) FROM part
----
QUERY PLAN text
Seq Scan on part
  SubPlan
    ->  Aggregate
          ->  Seq Scan on partsupp
                Range Cond: (ps_suppkey < $1)
                Filter: (ps_suppkey < $1)

EXPLAIN WITH c AS (SELECT p_size, count(*) AS n FROM part GROUP BY p_size) SELECT * FROM c a JOIN c b USING (n)
----
QUERY PLAN text
With
  ->  HashAggregate
        Group Key: p_size
        ->  Seq Scan on part
  ->  Hash Join
        Hash Cond: (n = n)
        ->  CTE Scan on a
        ->  Hash
              ->  CTE Scan on b

-- What is collected keeps the order of the query below, whatever is done with the query around.
SELECT (SELECT string_agg(q.v, ',') FROM (SELECT v FROM (VALUES (1, 'a'), (2, 'b'), (1, 'c'), (1, 'b')) AS w(k, v) WHERE k = g ORDER BY v DESC) AS q) FROM generate_series(1, 3) AS g
----
string_agg text
c,b,a
b
NULL

-- A value that is computed anew for each row, and one that is NULL for all, stand on the left of NOT IN.
SELECT count(*) FROM generate_series(1, 3) AS g WHERE random() NOT IN (SELECT h + 1.5 FROM generate_series(1, 2) AS h)
----
count bigint
3

SELECT g FROM generate_series(1, 3) AS g
WHERE EXISTS (SELECT 1 WHERE abs(NULL::integer) NOT IN (SELECT h FROM generate_series(1, g - 1) AS h))
----
g integer
1

SELECT g FROM generate_series(1, 3) AS g
WHERE EXISTS (SELECT 1 FROM generate_series(1, 2) AS h WHERE abs(NULL::integer) <> ALL (SELECT i FROM generate_series(1, 2) AS i WHERE i > g))
----
g integer
2
3

-- What stands left of ANY, ALL and IN may be an aggregate or a window function.
SELECT g % 3 AS k FROM generate_series(1, 7) AS g GROUP BY g % 3 HAVING sum(g) > ALL (SELECT avg(h) * 2 FROM generate_series(1, 7) AS h) ORDER BY k
----
k integer
0
1

SELECT g % 3 AS k, (count(*), max(g)) IN (SELECT 3, 7) AS a, grouping(g % 3) NOT IN (SELECT 0) AS b, rank() OVER (ORDER BY max(g)) = ANY (SELECT 1) AS c
FROM generate_series(1, 7) AS g GROUP BY g % 3 ORDER BY k
----
k integer | a boolean | b boolean | c boolean
0 | f | f | f
1 | t | f | f
2 | f | f | t

SELECT unnest(ARRAY[1, 2]) IN (SELECT 2) AS a
----
ERROR 42804 at 28: row comparison operator must not return a set
