-- halfvec and what converts to vectors, as pgvector has them.

SELECT '[1,2.5,-3]'::halfvec
----

SELECT '[1,2.5,-3]'::halfvec(3)
----

SELECT '[1,2]'::halfvec(3)
----

SELECT '[65520]'::halfvec
----

SELECT '[NaN]'::halfvec
----

SELECT '[]'::halfvec
----

SELECT '[0.1]'::halfvec
----

SELECT '[1]'::halfvec(0)
----

SELECT '[1,2]'::vector::halfvec
----

SELECT '[1,2]'::halfvec::vector(2)
----

SELECT '[1,2]'::halfvec::vector(3)
----

SELECT '[0,0]'::halfvec <-> '[3,4]'
----

SELECT '[3,4]'::halfvec <#> '[1,2]'
----

SELECT '[1,0]'::halfvec <=> '[0,1]'
----

SELECT '[0,0]'::halfvec <+> '[3,4]'
----

SELECT '[1,2]'::halfvec <-> '[3]'::halfvec
----

SELECT '[1,2]'::halfvec + '[3,4]'
----

SELECT '[65504]'::halfvec + '[65504]'
----

SELECT '[1,2]'::halfvec || '[3]'
----

SELECT l2_norm('[3,4]'::halfvec)
----

SELECT l2_normalize('[3,4]'::halfvec)
----

SELECT subvector('[1,2,3,4]'::halfvec, 2, 2)
----

SELECT subvector('[1,2,3,4]'::vector, 3, 9)
----

SELECT subvector('[1,2,3,4]'::vector, 5, 1)
----

SELECT subvector('[1,2,3,4]'::vector, -1, 3)
----

SELECT '[1,2]'::halfvec < '[1,3]'::halfvec
----

SELECT '[-1]'::halfvec < '[1]'::halfvec
----

SELECT '{1,2.5}'::float4[]::vector
----

SELECT array[1,2,3]::vector(3)
----

SELECT array[1,null]::vector
----

SELECT array[]::int[]::vector
----

SELECT '[1,2]'::vector::real[]
----

SELECT pg_typeof('[1]'::halfvec)
----
