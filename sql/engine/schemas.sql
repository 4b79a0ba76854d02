-- question: The statements with which the program keeps its schemas. Names in braces are
--           identifiers, filled in quoted.

-- name: search
select set_config('search_path', $1, false);

-- name: is_there
select 1 from pg_namespace
where nspname = $1;

-- name: is_versioned
select to_regclass('abcjob.version') is not null as known;

-- name: versions
select
    name,
    version
from abcjob.version;

-- name: record_version
insert into abcjob.version (name, version) values ($1, $2);

-- name: forget_version
delete from abcjob.version
where name = $1;

-- name: make
create schema {schema};

-- name: drop
drop schema {schema};

-- name: drop_staging
drop schema if exists {schema} cascade;

-- name: drop_tables
drop table if exists {tables};

-- name: empty_tables
truncate {tables};

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
