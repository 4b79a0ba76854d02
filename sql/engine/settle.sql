-- question: The statements that judge staged rows against each other. Names in braces are
--           identifiers.

-- name: make_verdicts
create table {verdict} (
    input text not null,
    _row bigint not null,
    verdict text not null check (verdict in ('reject', 'skip')),
    rule text not null,
    column_name text,
    place tid not null,
    primary key (input, _row)
);

-- name: sort_rather_than_hash
-- Hardly a key comes twice: sorting them all was seen to take a third of hashing them.
select set_config('enable_hashagg', 'off', true);

-- name: judge_repeats
-- Of rows alike under one key the first stays; rows that differ under one key all go.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
with repeated_key as materialized (
    select {key} from {table}
    group by {key}
    having count(*) > 1
),

repeated as materialized (
    select
        {columns}, -- noqa: RF02
        staged._row,
        staged.ctid as place
    from {table} as staged
    inner join repeated_key using ({key}) -- noqa: ST07
),

judged as (
    select
        {key},
        count(distinct ({columns})) > 1 as is_conflict, -- noqa: ST08,LT01,LT06
        min(_row) as first_row
    from repeated
    group by {key}
)

select
    $1 as input,
    repeated._row,
    case when judged.is_conflict then 'reject' else 'skip' end as verdict,
    case when judged.is_conflict then 'repeated_with_other_content' else 'repeated' end as rule,
    $2 as column_name,
    repeated.place
from repeated
inner join judged using ({key}) -- noqa: ST07
where judged.is_conflict or repeated._row <> judged.first_row;

-- name: count_verdicts
select
    count(*) filter (where verdict = 'reject') as rejected,
    count(*) filter (where verdict = 'skip') as skipped
from {verdict}
where input = $1;

-- name: rejected_between
select
    _row,
    rule,
    column_name
from {verdict}
where input = $1 and verdict = 'reject' and _row between $2 and $3;

-- name: take_out
delete from {table} as staged
using {verdict} as verdict
where verdict.input = $1 and staged.ctid = verdict.place;

-- name: count
select count(*) as rows from {table};
