-- question: The statements that fill the staging schema. Names in braces are identifiers.

-- name: ask_extent
-- Writes the query for the number of rows of table $2 in schema $1, and for the least and the
-- greatest value of the columns that the JSON array $3 names, text by code point as the program
-- compares it.
select
    format(
        'select count(*) as rows%s from %I.%I',
        coalesce(string_agg(
            format(
                ', min(%1$I%2$s) as %3$I, max(%1$I%2$s) as %4$I',
                attribute.attname,
                case when attribute.attcollation <> 0 then ' collate "C"' end,
                'min_' || attribute.attname,
                'max_' || attribute.attname
            ),
            '' order by attribute.attnum
        ), ''),
        $1,
        $2
    ) as query
from pg_attribute as attribute
inner join json_array_elements_text($3::json) as sent (attname)
    on attribute.attname = sent.attname
where
    attribute.attrelid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
    and attribute.attnum > 0
    and not attribute.attisdropped;

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
analyze {tables};
