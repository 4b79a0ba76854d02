-- question: The statements with which the program keeps its schemas. Names in braces are
--           identifiers, filled in quoted.

-- name: search
select set_config('search_path', $1, false);

-- name: is_there
select 1 from pg_namespace
where nspname = $1;

-- name: names
select nspname::text as name
from pg_namespace
order by nspname;

-- name: is_versioned
select to_regclass('abcjob.version') is not null as known;

-- name: versions
select
    version.name,
    version.version
from abcjob.version
inner join pg_namespace as namespace on version.name = namespace.nspname
order by version.name;

-- name: record_version
insert into abcjob.version (name, version, made_after)
select
    $1 as name,
    $2 as version,
    coalesce(max(run_id), 0) as made_after
from abcjob.run
on conflict (name) do update
    set
        version = excluded.version,
        made_after = excluded.made_after,
        cleared_after = null;

-- name: record_clearing
update abcjob.version
set cleared_after = (select coalesce(max(run.run_id), 0) from abcjob.run)
where name = $1;

-- name: forget_version
delete from abcjob.version
where name = $1;

-- name: make
create schema {schema};

-- name: rename
alter schema {schema} rename to {aside};

-- name: drop
drop schema {schema};

-- name: drop_staging
drop schema if exists {schema} cascade;

-- name: tables_of
select class.relname::text as name
from pg_class as class
where
    class.relnamespace = to_regnamespace(quote_ident($1))
    and class.relkind in ('r', 'p')
    and not class.relispartition
order by class.relname;

-- name: share_out
-- Rows without statistics are thought to be found by the million, and handing them over to cost
-- more than finding them.
select set_config('parallel_tuple_cost', '0', true);

-- name: limit_waiting
select set_config('lock_timeout', $1, true);

-- name: drop_tables
drop table {tables};

-- name: empty_tables
truncate {tables};

-- name: await_rows
-- Rows come in several transactions. Autovacuum, in their midst, learns of the first alone: what
-- judges them all was then seen to take five times as long.
alter table {table}
add column _row bigint not null,
set (autovacuum_enabled = false);

-- name: have_rows
alter table {table}
drop column _row,
reset (autovacuum_enabled);

-- name: lock_maker
select pg_advisory_lock(hashtext('abcjob'), hashtext('schema'));

-- name: unlock_maker
select pg_advisory_unlock(hashtext('abcjob'), hashtext('schema'));

-- name: columns
select
    attribute.attname::text as name,
    format_type(attribute.atttypid, attribute.atttypmod) as type,
    (
        attribute.attnotnull and not attribute.atthasdef and attribute.attidentity = ''
    ) as is_required
from pg_attribute as attribute
where
    attribute.attrelid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
    and attribute.attnum > 0
    and not attribute.attisdropped
order by attribute.attnum;
