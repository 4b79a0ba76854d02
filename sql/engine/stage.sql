-- question: The statements that fill the staging schema. Names in braces are identifiers.

-- name: ask_extent
-- Writes the query for the number of rows of table $2 in schema $1, and of the columns that the
-- JSON array $3 names for the least and the greatest value, or the bytes of all texts: to compare
-- these takes longer, and tells no more.
with sent as (
    select
        attribute.attnum,
        attribute.attname as name,
        attribute.attcollation <> 0 as is_text
    from pg_attribute as attribute
    inner join json_array_elements_text($3::json) as sent (attname)
        on attribute.attname = sent.attname
    where
        attribute.attrelid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
        and attribute.attnum > 0
        and not attribute.attisdropped
)

select
    format(
        'select count(*) as rows%s from %I.%I',
        coalesce(string_agg(
            case
                when is_text
                    then
                        format(
                            ', coalesce(sum(octet_length(%1$I)), 0)::bigint as %2$I',
                            name,
                            'bytes_' || name
                        )
                else
                    format(
                        ', min(%1$I) as %2$I, max(%1$I) as %3$I',
                        name,
                        'min_' || name,
                        'max_' || name
                    )
            end,
            '' order by attnum
        ), ''),
        $1,
        $2
    ) as query
from sent;

-- name: empty
truncate {table};

-- name: derive
insert into {table} ({columns})
select {columns} from (
    {select}
) as derived;

-- name: make_apart
create table {apart} as
{select};

-- name: copy
insert into {table} ({columns})
select {columns} from {apart};

-- name: drop_apart
drop table {apart};

-- name: gather_statistics
analyze {table};

-- name: find_touched
create table {keys} as
select distinct touched.key
from (
    {select}
) as touched
where touched.key is not null;

-- name: set_news_apart
alter table {table} rename to {news};

-- name: see_grown
-- All rows that readers are to see, under the table's name.
create view {table} as
select {columns:known} from {published} as known
where
    not exists (
        select 1 from {added} as added
        where ({key:added}) = ({key:known})
    )
union all
select {columns} from {added};

-- name: see_touched
-- The same, where the new rows are all that there are of the keys.
create view {table} as
select {columns:known} from {published} as known
where
    not exists (
        select 1 from {keys} as touched
        where touched.key = {column:known}
    )
union all
select {columns} from {added};

-- name: is_from_touched
-- A condition.
{column} >= (select min(touched.key) from {keys} as touched) -- noqa: PRS

-- name: is_touched
-- A condition.
{column} in (select touched.key from {keys} as touched) -- noqa: PRS
