#!/bin/sh
# Records PostgreSQL 15's answers again: ./record.sh [psql options].
# To add a case, first add a line `type|input|` to text_forms.txt or `operation|a|b|` to arithmetic.txt.
set -eu
cd "$(dirname "$0")"

# ask FILE FIELDS ANSWER: the first FIELDS fields of each line of FILE, as SQL that answers them.
ask() {
    cat record.sql
    echo "copy asked (line) from stdin with (format csv, delimiter E'\\x01', quote E'\\x02');"
    cut -d '|' -f "1-$2" "$1"
    echo '\.'
    echo "copy (select line || '|' || $3 from asked order by n)" \
        "to stdout with (format csv, delimiter E'\\x01', quote E'\\x02');"
}

ask text_forms.txt 2 "pg_temp.answer(pg_temp.read_back(split_part(line, '|', 1), split_part(line, '|', 2)))" > ask.sql
psql -q -X -v ON_ERROR_STOP=1 "$@" -f ask.sql > answers
mv answers text_forms.txt
ask arithmetic.txt 3 "pg_temp.answer(pg_temp.expression(split_part(line, '|', 1), split_part(line, '|', 2), split_part(line, '|', 3)))" > ask.sql
psql -q -X -v ON_ERROR_STOP=1 "$@" -f ask.sql > answers
mv answers arithmetic.txt
rm ask.sql
