-- halfvec and what converts to vectors, as pgvector has them.

SELECT '[1,2.5,-3]'::halfvec
----
halfvec halfvec
[1,2.5,-3]

SELECT '[1,2.5,-3]'::halfvec(3)
----
halfvec halfvec(3)
[1,2.5,-3]

SELECT '[1,2]'::halfvec(3)
----
ERROR 22000 at 8: expected 3 dimensions, not 2

SELECT '[65520]'::halfvec
----
ERROR 22003 at 8: "65520" is out of range for type halfvec

SELECT '[NaN]'::halfvec
----
ERROR 22000 at 8: NaN not allowed in halfvec

SELECT '[]'::halfvec
----
ERROR 22000 at 8: halfvec must have at least 1 dimension

SELECT '[0.1]'::halfvec
----
halfvec halfvec
[0.099975586]

SELECT '[1]'::halfvec(0)
----
ERROR 22023 at 15: dimensions for type halfvec must be at least 1

SELECT '[1,2]'::vector::halfvec
----
halfvec halfvec
[1,2]

SELECT '[1,2]'::halfvec::vector(2)
----
vector vector(2)
[1,2]

SELECT '[1,2]'::halfvec::vector(3)
----
ERROR 22000: expected 3 dimensions, not 2

SELECT '[0,0]'::halfvec <-> '[3,4]'
----
?column? double precision
5

SELECT '[3,4]'::halfvec <#> '[1,2]'
----
?column? double precision
-11

SELECT '[1,0]'::halfvec <=> '[0,1]'
----
?column? double precision
1

SELECT '[0,0]'::halfvec <+> '[3,4]'
----
?column? double precision
7

SELECT '[1,2]'::halfvec <-> '[3]'::halfvec
----
ERROR 22000: different halfvec dimensions 2 and 1

SELECT '[1,2]'::halfvec + '[3,4]'
----
?column? halfvec
[4,6]

SELECT '[65504]'::halfvec + '[65504]'
----
ERROR 22003: value out of range: overflow

SELECT '[1,2]'::halfvec || '[3]'
----
?column? halfvec
[1,2,3]

SELECT l2_norm('[3,4]'::halfvec)
----
l2_norm double precision
5

SELECT l2_normalize('[3,4]'::halfvec)
----
l2_normalize halfvec
[0.60009766,0.7998047]

SELECT subvector('[1,2,3,4]'::halfvec, 2, 2)
----
subvector halfvec
[2,3]

SELECT subvector('[1,2,3,4]'::vector, 3, 9)
----
subvector vector
[3,4]

SELECT subvector('[1,2,3,4]'::vector, 5, 1)
----
ERROR 22000: vector must have at least 1 dimension

SELECT subvector('[1,2,3,4]'::vector, -1, 3)
----
subvector vector
[1]

SELECT '[1,2]'::halfvec < '[1,3]'::halfvec
----
?column? boolean
t

SELECT '[-1]'::halfvec < '[1]'::halfvec
----
?column? boolean
t

SELECT '{1,2.5}'::float4[]::vector
----
vector vector
[1,2.5]

SELECT array[1,2,3]::vector(3)
----
array vector(3)
[1,2,3]

SELECT array[1,null]::vector
----
ERROR 22004: array must not contain nulls

SELECT array[]::int[]::vector
----
ERROR 22000: vector must have at least 1 dimension

SELECT '[1,2]'::vector::real[]
----
float4 real[]
{1,2}

SELECT pg_typeof('[1]'::halfvec)
----
pg_typeof regtype
halfvec
