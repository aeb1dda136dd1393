-- CREATE TABLE and DROP TABLE.

CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL, score numeric(6,2) DEFAULT 1.5, at timestamptz DEFAULT now())
----
done

SELECT * FROM t
----
id bigint | name text | score numeric(6,2) | at timestamp with time zone
(no rows)

CREATE TABLE t (id int)
----
ERROR 42P07: relation "t" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

CREATE TABLE IF NOT EXISTS t (id int)
----
done

CREATE TABLE public.p (a int, b text, c vector(3), PRIMARY KEY (b, a))
----
done

CREATE TABLE other.p (a int)
----
ERROR 3F000 at 14: schema "other" does not exist

CREATE TABLE x (a int, a text)
----
ERROR 42701 at 24: column "a" specified more than once

CREATE TABLE x (a int PRIMARY KEY, b int PRIMARY KEY)
----
ERROR 42P16 at 42: multiple primary keys for table "x" are not allowed

CREATE TABLE x (a int PRIMARY KEY, PRIMARY KEY (a))
----
ERROR 42P16 at 36: multiple primary keys for table "x" are not allowed

CREATE TABLE x (a int, PRIMARY KEY (b))
----
ERROR 42703 at 24: column "b" named in key does not exist

CREATE TABLE x (a int, PRIMARY KEY (a, a))
----
ERROR 42701 at 24: column "a" appears twice in primary key constraint

CREATE TABLE x (a nothing)
----
ERROR 42704 at 19: type "nothing" does not exist

CREATE TABLE x (a numeric(0))
----
ERROR 22023 at 19: NUMERIC precision 0 must be between 1 and 1000

CREATE TABLE x (a int(4))
----
ERROR 42601 at 22: syntax error at or near "("

CREATE TABLE x (a int DEFAULT 'abc')
----
ERROR 22P02 at 31: invalid input syntax for type integer: "abc"

CREATE TABLE x (a int DEFAULT b)
----
ERROR 0A000 at 31: cannot use column reference in DEFAULT expression

CREATE TABLE x (a int DEFAULT (SELECT 1))
----
ERROR 0A000 at 32: cannot use subquery in DEFAULT expression

CREATE TABLE x (a int DEFAULT count(*))
----
ERROR 42803 at 31: aggregate functions are not allowed in DEFAULT expressions

CREATE TABLE x (a int DEFAULT true)
----
ERROR 42804 at 31: column "a" is of type integer but expression is of type boolean
HINT: You will need to rewrite or cast the expression.

CREATE TABLE x (a int NOT NULL NULL)
----
ERROR 42601 at 32: conflicting NULL/NOT NULL declarations for column "a" of table "x"

CREATE TABLE xu (a int UNIQUE)
----
done

CREATE TABLE x (a int REFERENCES t MATCH PARTIAL)
----
ERROR 0A000 at 36: MATCH PARTIAL not yet implemented

CREATE TABLE xv (a int, UNIQUE (a))
----
done

CREATE TEMP TABLE x (a int)
----
ERROR 25006: a session that only reads along cannot make temporary relations

CREATE TABLE "Mixed Case" ("Kol" int PRIMARY KEY)
----
done

INSERT INTO "Mixed Case" VALUES (1)
----
1 affected

SELECT "Kol" FROM "Mixed Case"
----
Kol integer
1

SELECT kol FROM "Mixed Case"
----
ERROR 42703 at 8: column "kol" does not exist
HINT: Perhaps you meant to reference the column "Mixed Case.Kol".

DROP TABLE nothing
----
ERROR 42P01 at 12: table "nothing" does not exist

DROP TABLE IF EXISTS nothing
----
done

DROP TABLE t, nothing
----
ERROR 42P01 at 15: table "nothing" does not exist

DROP TABLE t, p
----
done

SELECT * FROM t
----
ERROR 42P01 at 15: relation "t" does not exist

DROP TABLE "Mixed Case"
----
done
