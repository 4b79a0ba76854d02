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

-- name: published
select to_regclass($1) is not null as is_there;

-- name: stay
-- Rows that are loaded, and stay: before all that come.
insert into {table} ({columns}, _row)
select
    {columns},
    -row_number() over () as _row
from {published};

-- name: count_stayed
select count(*) as rows from {table}
where _row < 0;

-- name: make_suspects
create table {suspect} as
select {key} from {table}
with no data;

-- name: sort_rather_than_hash
-- Hardly a key comes twice: sorting them all was seen to take a third of hashing them.
select set_config('enable_hashagg', 'off', true);

-- name: suspect_repeated
insert into {suspect}
select {key} from {table}
group by {key}
having count(*) > 1;

-- name: judge_repeats
-- Of rows alike under one key the first stays; rows that differ under one key all go, but for what
-- is loaded and stays, which has a negative number.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
with compared as (
    select
        _row,
        ctid as place,
        count(*) over same_key as rows_of_key,
        min(_row) over same_key as first_row,
        count(*) over (partition by {columns}) as rows_alike
    from {table}
    where ({key}) in (select {key} from {suspect}) -- noqa: RF02
    window same_key as (partition by {key})
)

select
    $1 as input,
    _row,
    case when rows_alike < rows_of_key then 'reject' else 'skip' end as verdict,
    case
        when rows_alike < rows_of_key then 'repeated_with_other_content' else 'repeated'
    end as rule,
    $2 as column_name,
    place
from compared
where _row > 0 and (rows_alike < rows_of_key or _row <> first_row);

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
