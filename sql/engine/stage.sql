-- question: The statements that fill the staging schema. Names in braces are identifiers.

-- name: ask_extent
-- Writes the query for the number of rows of table $2 in schema $1, and for the least and the
-- greatest value of each column that has an order, text by code point as the program compares it.
select
    format(
        'select count(*) as rows, %s from %I.%I',
        string_agg(
            format(
                'min(%1$I%2$s) as %3$I, max(%1$I%2$s) as %4$I',
                attribute.attname,
                case when attribute.attcollation <> 0 then ' collate "C"' end,
                'min_' || attribute.attname,
                'max_' || attribute.attname
            ),
            ', ' order by attribute.attnum
        ),
        $1,
        $2
    ) as query
from pg_attribute as attribute
where
    attribute.attrelid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
    and attribute.attnum > 0
    and not attribute.attisdropped
    and attribute.atttypid not in ('boolean'::regtype, 'jsonb'::regtype);

-- name: derive
insert into {table} ({columns})
select {columns} from (
    {select}
) as derived;

-- name: gather_statistics
analyze {tables};
