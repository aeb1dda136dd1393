-- What record.sh asks with: functions that turn a line into an expression, and one that answers it.
set timezone = 'UTC';
set datestyle = 'ISO, MDY';
set intervalstyle = 'postgres';
create temp table asked (n serial, line text);

-- `ok|text`, or `SQLSTATE|message`.
create function pg_temp.answer(expression text) returns text language plpgsql as $$
declare found text;
begin
  execute 'select (' || expression || ')::text' into found;
  return 'ok|' || coalesce(found, 'NULL');
exception when others then
  return sqlstate || '|' || replace(sqlerrm, e'\n', ' ');
end $$;

create function pg_temp.read_back(type text, input text) returns text language sql as
$$ select format('%L::%s', input, type) $$;

create function pg_temp.expression(op text, a text, b text) returns text language sql as $$
select case
  when op in ('add', 'sub', 'mul', 'div', 'rem') then format('%L::numeric %s %L::numeric', a, sign, b)
  when op in ('sqrt', 'exp', 'ln', 'trim_scale') then format('%s(%L::numeric)', op, a)
  when op in ('log', 'power') then format('%s(%L::numeric, %L::numeric)', op, a, b)
  when op = 'divtrunc' then format('div(%L::numeric, %L::numeric)', a, b)
  when op in ('round', 'trunc') then format('%s(%L::numeric, %s)', op, a, b)
  when op in ('ceil', 'floor') then format('%s(%L::numeric)', op, a)
  when op = 'ncmp' then format('numeric_cmp(%L, %L)', a, b)
  when op in ('int8', 'float8') then format('%L::numeric::%s', a, op)
  when op = 'fromf8' then format('%L::float8::numeric', a)
  when op = 'fromf4' then format('%L::float4::numeric', a)
  when op = 'fit' then format('%L::numeric::numeric(%s)', a, b)
  when op in ('iadd', 'isub') then format('%L::interval %s %L::interval', a, sign, b)
  when op in ('imul', 'idiv') then format('%L::interval %s %L::float8', a, sign, b)
  when op = 'jh' then format('justify_hours(%L)', a)
  when op = 'jd' then format('justify_days(%L)', a)
  when op = 'ji' then format('justify_interval(%L)', a)
  when op = 'icmp' then format('interval_cmp(%L, %L)', a, b)
  when op = 'iextract' then format('extract(%I from %L::interval)', b, a)
  when op = 'itrunc' then format('date_trunc(%L, %L::interval)', b, a)
  when op in ('tplus', 'tminus') then format('%L::timestamp %s %L::interval', a, sign, b)
  when op = 'tdiff' then format('%L::timestamp - %L::timestamp', a, b)
  when op = 'age' then format('age(%L::timestamp, %L::timestamp)', a, b)
  when op = 'textract' then format('extract(%I from %L::timestamp)', b, a)
  when op = 'ttrunc' then format('date_trunc(%L, %L::timestamp)', b, a)
  when op = 'bin' then format('date_bin(%L::interval, %L::timestamp, %L::timestamp)', a,
    split_part(b, ' ; ', 1), split_part(b, ' ; ', 2))
  when op in ('dplus', 'dminus') then format('%L::date %s (%L)::int4', a, sign, b)
  when op = 'ddiff' then format('%L::date - %L::date', a, b)
  when op = 'dextract' then format('extract(%I from %L::date)', b, a)
  when op = 'd2t' then format('%L::date::timestamp', a)
  when op = 't2d' then format('%L::timestamp::date', a)
end
from (select case when op in ('add', 'iadd', 'tplus', 'dplus') then '+' when op in ('mul', 'imul') then '*'
  when op in ('div', 'idiv') then '/' when op = 'rem' then '%' else '-' end) as s(sign)
$$;
