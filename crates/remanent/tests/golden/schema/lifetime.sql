-- how long rows stay: retention, disk_budget, time_column; the texts of what is common are PostgreSQL's

CREATE TABLE imu (device int, at timestamptz, v float8, PRIMARY KEY (device, at)) WITH (retention = '7 days', disk_budget = '2GB')
----
done

SELECT relname, reloptions FROM pg_class WHERE relname LIKE 'imu%' ORDER BY 1
----
relname name | reloptions text[]
imu | {"retention=7 days",disk_budget=2GB}
imu_pkey | NULL

CREATE TABLE plain (a int PRIMARY KEY)
----
done

SELECT reloptions FROM pg_class WHERE relname = 'plain'
----
reloptions text[]
NULL

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '7 days', foo = 1)
----
ERROR 22023: unrecognized parameter "foo"

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '7 days', retention = '8 days')
----
ERROR 22023: parameter "retention" specified more than once

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (foo.retention = '7 days')
----
ERROR 22023: unrecognized parameter namespace "foo"

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (fillfactor = 70)
----
ERROR 0A000 at 53: storage parameter "fillfactor" is not supported

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (toast.autovacuum_enabled = off)
----
ERROR 0A000 at 53: storage parameter "toast.autovacuum_enabled" is not supported

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = 'a week')
----
ERROR 22023: invalid value for interval option "retention": a week
HINT: An interval is written as in '7 days' or '90 minutes'.

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention)
----
ERROR 22023: invalid value for interval option "retention": true
HINT: An interval is written as in '7 days' or '90 minutes'.

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = 30)
----
ERROR 22023: invalid value for interval option "retention": 30
HINT: An interval is written as in '7 days' or '90 minutes'.

CREATE TABLE precise (at timestamptz(3), seen timestamptz, PRIMARY KEY (at, seen)) WITH (retention = '7 days')
----
done

DROP TABLE precise
----
done

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '')
----
ERROR 22023: invalid value for interval option "retention": 
HINT: An interval is written as in '7 days' or '90 minutes'.

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '-7 days')
----
ERROR 22023: value -7 days out of bounds for option "retention"
DETAIL: Valid values are at least "1 second".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '0')
----
ERROR 22023: value 0 out of bounds for option "retention"
DETAIL: Valid values are at least "1 second".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '1 month -29 days')
----
ERROR 22023: value 1 month -29 days out of bounds for option "retention"
DETAIL: Valid values are at least "1 second".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (disk_budget = 'much')
----
ERROR 22023: invalid value for size option "disk_budget": much
HINT: Valid units for this parameter are "B", "kB", "MB", "GB", "TB".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (disk_budget = '2 parsecs')
----
ERROR 22023: invalid value for size option "disk_budget": 2 parsecs
HINT: Valid units for this parameter are "B", "kB", "MB", "GB", "TB".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (disk_budget = -1)
----
ERROR 22023: value -1 out of bounds for option "disk_budget"
DETAIL: Valid values are between "64kB" and "4096TB".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (disk_budget = 1000)
----
ERROR 22023: value 1000 out of bounds for option "disk_budget"
DETAIL: Valid values are between "64kB" and "4096TB".

CREATE TABLE bad (at timestamptz PRIMARY KEY) WITH (disk_budget = 'NaN')
----
ERROR 22023: invalid value for size option "disk_budget": NaN
HINT: Valid units for this parameter are "B", "kB", "MB", "GB", "TB".

-- which column is the time

CREATE TABLE bad (id int PRIMARY KEY, at timestamptz) WITH (retention = '7 days')
----
ERROR 42P16: option "retention" needs a time, and table "bad" has none
DETAIL: It is the first column of the primary key that is of type timestamp, timestamptz or date.
HINT: Name another column in the option "time_column".

CREATE TABLE bad (id int, at timestamptz) WITH (retention = '7 days')
----
ERROR 42P16: option "retention" needs a time, and table "bad" has none
DETAIL: It is the first column of the primary key that is of type timestamp, timestamptz or date.
HINT: Name another column in the option "time_column".

CREATE TABLE bad (id int PRIMARY KEY) WITH (disk_budget = '1GB')
----
ERROR 42P16: option "disk_budget" needs a time, and table "bad" has none
DETAIL: It is the first column of the primary key that is of type timestamp, timestamptz or date.
HINT: Name another column in the option "time_column".

CREATE TABLE bad (id int PRIMARY KEY, at timestamptz) WITH (retention = '7 days', time_column = att)
----
ERROR 42703: column "att" named in option "time_column" does not exist

CREATE TABLE bad (id int PRIMARY KEY, at text) WITH (retention = '7 days', time_column = at)
----
ERROR 42804: column "at" named in option "time_column" is of type text
DETAIL: A time is of type timestamp, timestamptz or date; for "disk_budget" alone also of a type of whole numbers.

CREATE TABLE bad (id int PRIMARY KEY, at text) WITH (retention = '7 days', time_column = id)
----
ERROR 42804: column "id" named in option "time_column" is of type integer
DETAIL: A time is of type timestamp, timestamptz or date; for "disk_budget" alone also of a type of whole numbers.

CREATE TABLE by_name (id int PRIMARY KEY, at date) WITH (retention = '7 days', time_column = at)
----
done

CREATE TABLE by_number (id int PRIMARY KEY) WITH (disk_budget = '1GB', time_column = id)
----
done

CREATE TABLE by_age (note text) WITH (disk_budget = '1 GB')
----
done

CREATE TEMP TABLE bad (at timestamptz PRIMARY KEY) WITH (retention = '7 days')
----
ERROR 0A000: rows of a temporary table that leave by their age are not supported

CREATE TABLE from_query WITH (disk_budget = '1GB') AS SELECT 1 AS a
----
1 affected

SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL ORDER BY 1
----
relname name | reloptions text[]
by_age | {"disk_budget=1 GB"}
by_name | {"retention=7 days",time_column=at}
by_number | {disk_budget=1GB,time_column=id}
from_query | {disk_budget=1GB}
imu | {"retention=7 days",disk_budget=2GB}

-- ALTER TABLE

ALTER TABLE imu SET (retention = '1  month')
----
done

SELECT reloptions FROM pg_class WHERE relname = 'imu'
----
reloptions text[]
{disk_budget=2GB,"retention=1 month"}

ALTER TABLE imu SET (retention = '2 days', retention = '3 days')
----
ERROR 22023: parameter "retention" specified more than once

ALTER TABLE imu SET (retention = 'soon')
----
ERROR 22023: invalid value for interval option "retention": soon
HINT: An interval is written as in '7 days' or '90 minutes'.

ALTER TABLE imu SET ()
----
ERROR 42601 at 22: syntax error at or near ")"

ALTER TABLE imu RESET ()
----
ERROR 42601 at 24: syntax error at or near ")"

ALTER TABLE imu RESET (retention = 3)
----
ERROR 42601: RESET must not include values for parameters

ALTER TABLE imu RESET (disk_budget, foo)
----
done

SELECT reloptions FROM pg_class WHERE relname = 'imu'
----
reloptions text[]
{"retention=1 month"}

ALTER TABLE plain SET (retention = '7 days')
----
ERROR 42P16: option "retention" needs a time, and table "plain" has none
DETAIL: It is the first column of the primary key that is of type timestamp, timestamptz or date.
HINT: Name another column in the option "time_column".

ALTER TABLE nope SET (retention = '7 days')
----
ERROR 42P01: relation "nope" does not exist

ALTER TABLE IF EXISTS nope SET (retention = '7 days')
----
done

CREATE VIEW v AS SELECT 1 AS a
----
done

ALTER TABLE v SET (security_barrier = on)
----
ERROR 0A000 at 20: an option of a view is not supported

CREATE SEQUENCE s
----
done

ALTER TABLE s SET (retention = '7 days')
----
ERROR 42809: ALTER action cannot be performed on relation "s"
DETAIL: This operation is not supported for sequences.

BEGIN
----
done

ALTER TABLE imu RESET (retention)
----
done

SELECT reloptions FROM pg_class WHERE relname = 'imu'
----
reloptions text[]
NULL

ROLLBACK
----
done

SELECT reloptions FROM pg_class WHERE relname = 'imu'
----
reloptions text[]
{"retention=1 month"}

-- what speaks of the time column

ALTER TABLE by_name RENAME COLUMN at TO seen
----
done

SELECT reloptions FROM pg_class WHERE relname = 'by_name'
----
reloptions text[]
{"retention=7 days",time_column=seen}

ALTER TABLE by_name DROP COLUMN seen
----
ERROR 42703: column "seen" named in option "time_column" does not exist

ALTER TABLE by_name ALTER COLUMN seen TYPE text
----
ERROR 42804: column "seen" named in option "time_column" is of type text
DETAIL: A time is of type timestamp, timestamptz or date; for "disk_budget" alone also of a type of whole numbers.

ALTER TABLE by_name ALTER COLUMN seen TYPE timestamp
----
done

ALTER TABLE imu DROP CONSTRAINT imu_pkey
----
ERROR 42P16: option "retention" needs a time, and table "imu" has none
DETAIL: It is the first column of the primary key that is of type timestamp, timestamptz or date.
HINT: Name another column in the option "time_column".

ALTER TABLE by_name ADD COLUMN more int
----
done

TRUNCATE by_name
----
done

-- reopen

SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL ORDER BY 1
----
relname name | reloptions text[]
by_age | {"disk_budget=1 GB"}
by_name | {"retention=7 days",time_column=seen}
by_number | {disk_budget=1GB,time_column=id}
from_query | {disk_budget=1GB}
imu | {"retention=1 month"}

CREATE TABLE alike (LIKE imu INCLUDING ALL)
----
done

SELECT reloptions FROM pg_class WHERE relname = 'alike'
----
reloptions text[]
NULL

-- downsample

CREATE TABLE log (device int, at timestamptz, temp float8, peak int, state text, PRIMARY KEY (device, at)) WITH (downsample = '10 s after 7 days, max(peak), first("state")')
----
done

SELECT reloptions FROM pg_class WHERE relname = 'log'
----
reloptions text[]
{"downsample=10 s after 7 days, max(peak), first(\"state\")"}

ALTER TABLE log RENAME COLUMN peak TO top
----
done

SELECT reloptions FROM pg_class WHERE relname = 'log'
----
reloptions text[]
{"downsample=10 s after 7 days, max(\"top\"), first(\"state\")"}

ALTER TABLE log DROP COLUMN top
----
ERROR 42703: column "top" named in option "downsample" does not exist

ALTER TABLE log SET (downsample = '10 s')
----
ERROR 22023: invalid value for option "downsample": 10 s
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = 'soon after 7 days')
----
ERROR 22023: invalid value for option "downsample": soon after 7 days
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '0 s after 7 days')
----
ERROR 22023: invalid value for option "downsample": 0 s after 7 days
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '10 s after -7 days')
----
ERROR 22023: invalid value for option "downsample": 10 s after -7 days
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '1 month 1 day after 1 year')
----
ERROR 22023: invalid value for option "downsample": 1 month 1 day after 1 year
DETAIL: A bucket is of months, or of none; of dates it is whole days.
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '10 s after 7 days, max')
----
ERROR 22023: invalid value for option "downsample": 10 s after 7 days, max
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '10 s after 7 days, median(temp)')
----
ERROR 22023: invalid value for option "downsample": 10 s after 7 days, median(temp)
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '10 s after 7 days, max(nope)')
----
ERROR 42703: column "nope" named in option "downsample" does not exist

ALTER TABLE log SET (downsample = '10 s after 7 days, max(at)')
----
ERROR 22023: invalid value for option "downsample": 10 s after 7 days, max(at)
DETAIL: Column "at" is part of the primary key.
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

ALTER TABLE log SET (downsample = '10 s after 7 days, avg(state)')
----
ERROR 42804: option "downsample" cannot have avg of column "state" of type text

CREATE UNIQUE INDEX ON log (state)
----
ERROR 0A000: option "downsample" is not supported beside the unique index "log_state_idx"

CREATE INDEX ON log (lower(state))
----
ERROR 0A000: option "downsample" is not supported beside indexes on expressions or with WHERE

CREATE INDEX ON log (state)
----
done

ALTER TABLE log ADD UNIQUE (temp)
----
ERROR 0A000: option "downsample" is not supported beside the unique index "log_temp_key"

ALTER TABLE log ADD FOREIGN KEY (device) REFERENCES by_number
----
ERROR 0A000 at 53: a foreign key to "by_number", whose rows leave by their age, is not supported

ALTER TABLE log ADD COLUMN twice float8 GENERATED ALWAYS AS (temp * 2) STORED
----
ERROR 0A000: option "downsample" is not supported beside generated columns

ALTER TABLE by_name SET (downsample = '1 day after 7 days')
----
ERROR 42P16: option "downsample" needs a time that is part of the primary key
DETAIL: The other columns of the key say which series a row is of.
HINT: Make a key of series and time, or leave out "time_column".

CREATE TABLE bad (at timestamptz, temp float8) WITH (downsample = '1 day after 7 days', time_column = at)
----
ERROR 42P16: option "downsample" needs a time that is part of the primary key
DETAIL: The other columns of the key say which series a row is of.
HINT: Make a key of series and time, or leave out "time_column".

CREATE TABLE days (at date PRIMARY KEY, temp float8) WITH (downsample = '1 hour after 7 days')
----
ERROR 22023: invalid value for option "downsample": 1 hour after 7 days
DETAIL: A bucket is of months, or of none; of dates it is whole days.
HINT: It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.

CREATE TABLE days (at date PRIMARY KEY, temp float8) WITH (downsample = '1 week after 1 month')
----
done

-- foreign keys

CREATE TABLE child (device int, at timestamptz, FOREIGN KEY (device, at) REFERENCES imu)
----
ERROR 0A000 at 85: a foreign key to "imu", whose rows leave by their age, is not supported

CREATE TABLE parent (at timestamptz PRIMARY KEY)
----
done

CREATE TABLE child (at timestamptz PRIMARY KEY REFERENCES parent) WITH (retention = '7 days')
----
done

ALTER TABLE parent SET (retention = '7 days')
----
ERROR 0A000: rows of "parent" cannot leave by their age while the foreign key "child_at_fkey" refers to them

CREATE TABLE tree (at timestamptz PRIMARY KEY, above timestamptz REFERENCES tree) WITH (retention = '7 days')
----
ERROR 0A000 at 77: a foreign key to "tree", whose rows leave by their age, is not supported

CREATE TABLE tree (at timestamptz PRIMARY KEY, above timestamptz REFERENCES tree)
----
done

ALTER TABLE tree SET (retention = '7 days')
----
ERROR 0A000: rows of "tree" cannot leave by their age while the foreign key "tree_above_fkey" refers to them

ALTER TABLE child DROP CONSTRAINT child_at_fkey, SET (retention = '8 days')
----
done

ALTER TABLE parent SET (retention = '7 days')
----
done

ALTER TABLE child ADD FOREIGN KEY (at) REFERENCES parent
----
ERROR 0A000 at 51: a foreign key to "parent", whose rows leave by their age, is not supported
