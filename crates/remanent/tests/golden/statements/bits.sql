-- Strings of bits in tables, and what converts to them.

CREATE TABLE b (id int PRIMARY KEY, a bit(3), b bit varying(4), c bit varying DEFAULT B'1')
----
done

INSERT INTO b VALUES (1, B'10', B'1')
----
ERROR 22026: bit string length 2 does not match type bit(3)

INSERT INTO b VALUES (1, B'101', B'10000')
----
ERROR 22001: bit string too long for type bit varying(4)

INSERT INTO b VALUES (1, '101', '10000')
----
ERROR 22001 at 33: bit string too long for type bit varying(4)

INSERT INTO b VALUES (1, 'x5', '1000')
----
ERROR 22026 at 26: bit string length 4 does not match type bit(3)

INSERT INTO b VALUES (1, 5, B'1111')
----
ERROR 42804 at 26: column "a" is of type bit but expression is of type integer
HINT: You will need to rewrite or cast the expression.

INSERT INTO b VALUES (1, B'101'::varbit, B'1111'), (2, 5::bit(3), 'b01'), (3, NULL, ''), (4, B'111', X'F')
----
4 affected

UPDATE b SET c = a || b WHERE id < 3
----
2 affected

UPDATE b SET a = B'11' WHERE id = 1
----
ERROR 22026: bit string length 2 does not match type bit(3)

SELECT * FROM b ORDER BY id
----
id integer | a bit(3) | b bit varying(4) | c bit varying
1 | 101 | 1111 | 1011111
2 | 101 | 01 | 10101
3 | NULL |  | 1
4 | 111 | 1111 | 1

SELECT id FROM b WHERE b > B'01' ORDER BY b DESC, id
----
id integer
1
4

SELECT b, count(*) FROM b GROUP BY b ORDER BY b
----
b bit varying(4) | count bigint
 | 1
01 | 1
1111 | 2

SELECT bit_and(a), bit_or(a), bit_xor(a) FROM b
----
bit_and bit | bit_or bit | bit_xor bit
101 | 111 | 111

SELECT id, bit_or(a) OVER (ORDER BY id) FROM b ORDER BY id
----
id integer | bit_or bit
1 | 101
2 | 101
3 | 101
4 | 111

SELECT x.id, y.id FROM b x JOIN b y ON x.a = y.b ORDER BY 1, 2
----
id integer | id integer
(no rows)

SELECT B'1100' <~> B'1010', hamming_distance(B'1100', B'1010'), B'1100' <%> B'1010', jaccard_distance(B'11', B'00'), B'' <~> B'', B'1100' <%> B'1100'
----
?column? double precision | hamming_distance double precision | ?column? double precision | jaccard_distance double precision | ?column? double precision | ?column? double precision
2 | 2 | 0.6666666666666667 | 1 | 0 | 0

SELECT B'1' <~> B'10'
----
ERROR 22000: different bit lengths 1 and 2

SELECT jaccard_distance(B'1', B'10')
----
ERROR 22000: different bit lengths 1 and 2

SELECT binary_quantize('[1,0,-2,0.5]'::vector), binary_quantize('[-1,0.5,3,0,0,0,0,1]'::halfvec)
----
binary_quantize bit | binary_quantize bit
1001 | 01100001

CREATE INDEX ON b USING hnsw (b bit_hamming_ops)
----
ERROR 42804: operator class "bit_hamming_ops" does not accept data type bit varying(4)

CREATE INDEX ON b USING hnsw (a bit_hamming_ops)
----
done

CREATE INDEX ON b USING ivfflat (a bit_jaccard_ops)
----
done

CREATE INDEX ON b USING hnsw (a vector_l2_ops)
----
ERROR 42804: operator class "vector_l2_ops" does not accept data type bit(3)

CREATE INDEX ON b (a, b)
----
done

SELECT id, a <~> B'100' FROM b ORDER BY a <~> B'100', id LIMIT 3
----
id integer | ?column? double precision
1 | 1
2 | 1
4 | 2

SELECT id FROM b ORDER BY a <%> B'100', id LIMIT 3
----
id integer
1
2
4

SELECT id FROM b WHERE a = B'101' ORDER BY id
----
id integer
1
2

ALTER TABLE b ALTER a TYPE bit(2)
----
ERROR 22026: bit string length 3 does not match type bit(2)

ALTER TABLE b ALTER a TYPE bit(2) USING a::bit(2), ALTER c TYPE bit(1) USING get_bit(c, 0)::bit
----
done

SELECT * FROM b ORDER BY id
----
id integer | a bit(2) | b bit varying(4) | c bit(1)
1 | 10 | 1111 | 1
2 | 10 | 01 | 1
3 | NULL |  | 1
4 | 11 | 1111 | 1

ALTER TABLE b ALTER b TYPE int
----
ERROR 42804: column "b" cannot be cast automatically to type integer
HINT: You might need to specify "USING b::integer".

CREATE VIEW v AS SELECT bit '101' AS x, char 'abc' AS y, bit(2) '1' AS z, B'1'::"bit" AS w, CAST('1' AS bit) AS u
----
done

SELECT * FROM v
----
x bit | y bpchar | z bit(2) | w bit | u bit(1)
101 | abc | 10 | 1 | 1
