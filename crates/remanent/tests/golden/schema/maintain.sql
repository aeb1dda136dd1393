-- CHECKPOINT, VACUUM, ANALYZE.

CREATE TABLE t (a integer, b text)
----
done

INSERT INTO t VALUES (1, 'a')
----
1 affected

ANALYZE
----
done

ANALYZE t
----
done

ANALYZE VERBOSE t (a, b), t
----
done

ANALYZE (VERBOSE, SKIP_LOCKED off) t
----
done

VACUUM
----
done

VACUUM FULL t
----
done

VACUUM (ANALYZE, PARALLEL 2) t
----
done

VACUUM FREEZE VERBOSE ANALYZE t (a)
----
done

CHECKPOINT
----
done

SELECT * FROM t
----
a integer | b text
1 | a

ANALYZE missing
----
ERROR 42P01: relation "missing" does not exist

VACUUM missing
----
ERROR 42P01: relation "missing" does not exist

ANALYZE t (c)
----
ERROR 42703: column "c" of relation "t" does not exist

VACUUM (NOTHING) t
----
ERROR 42601 at 9: syntax error at or near "NOTHING"

VACUUM t (a)
----
ERROR 0A000: ANALYZE option must be specified when a column list is provided

VACUUM (ANALYZE off, FULL true) t (a)
----
ERROR 0A000: ANALYZE option must be specified when a column list is provided

VACUUM (ANALYZE on, INDEX_CLEANUP auto, TRUNCATE 0) t (a)
----
done

VACUUM (FULL maybe) t
----
ERROR 42601 at 14: full requires a Boolean value

VACUUM (PARALLEL some) t
----
ERROR 42601 at 18: parallel requires an integer value

ANALYZE (FULL) t
----
ERROR 42601 at 10: syntax error at or near "FULL"

VACUUM t,
----
ERROR 42601 at 10: syntax error at end of input

CHECKPOINT t
----
ERROR 42601 at 12: syntax error at or near "t"

BEGIN
----
done

ANALYZE t
----
done

CHECKPOINT
----
done

VACUUM t
----
ERROR 25001: VACUUM cannot run inside a transaction block

ROLLBACK
----
done
