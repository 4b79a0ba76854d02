-- question: The statements that judge staged rows against each other. Names in braces are
--           identifiers.

-- name: make_verdicts
create table {verdict} (
    input text not null,
    _row bigint not null,
    verdict text not null check (verdict in ('reject', 'skip', 'wait')),
    rule text not null,
    column_name text,
    place tid not null,
    primary key (input, _row, rule)
);

-- name: published
select to_regclass($1) is not null as is_there;

-- name: count_published
select count(*) as rows from {table};

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

-- name: set_suspected_apart
-- In a table of its own, as PostgreSQL finds them by several processes then.
create table {apart} as
select
    _row,
    ctid as place,
    {columns}
from {table}
where ({key}) in (select {key} from {suspect}); -- noqa: RF02

-- name: judge_repeats
-- Of rows alike under one key the first stays; rows that differ under one key all go, but for what
-- is loaded and stays, which has a negative number. Rows up to $3 have waited: where new ones of
-- other content come under their key, these are judged alone.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
with suspected as (
    select
        _row,
        place,
        {columns},
        _row between 1 and $3
        and count(*) filter (where _row > $3) over (partition by {key})
        > count(*) filter (where _row > $3) over (partition by {columns}) as is_superseded
    from {apart}
),

compared as (
    select
        _row,
        place,
        is_superseded,
        count(*) over same_key as rows_of_key,
        min(_row) over same_key as first_row,
        count(*) over (partition by is_superseded, {columns}) as rows_alike
    from suspected
    window same_key as (partition by is_superseded, {key})
),

judged as (
    select
        _row,
        place,
        not is_superseded and rows_alike < rows_of_key as is_rejected,
        is_superseded or _row <> first_row as is_more
    from compared
)

select
    $1 as input,
    _row,
    case when is_rejected then 'reject' else 'skip' end as verdict,
    case when is_rejected then 'repeated_with_other_content' else 'repeated' end as rule,
    $2 as column_name,
    place
from judged
where _row > 0 and (is_rejected or is_more);

-- name: judge_by_time
-- Of rows that differ under one key the latest stays, of those the one whose content has the
-- greatest SHA-256; of rows alike the first stays.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
with suspected as (
    select
        {key},
        {latest},
        _row,
        place,
        sha256(convert_to(row({columns})::text, 'UTF8')) as _content
    from {apart}
),

compared as (
    select
        _row,
        place,
        _content,
        first_value(_content) over (
            partition by {key}
            order by {latest} desc, _content desc
        ) as best_content,
        min(_row) over (partition by {key}, _content) as first_row
    from suspected
)

select
    $1 as input,
    _row,
    case when _content = best_content then 'skip' else 'reject' end as verdict,
    case
        when _content = best_content then 'repeated'
        else 'repeated_with_other_content'
    end as rule,
    $2 as column_name,
    place
from compared
where _content <> best_content or _row <> first_row;

-- name: count_verdicts
select
    count(distinct _row) filter (where verdict = 'reject') as rejected,
    count(distinct _row) filter (where verdict = 'skip') as skipped,
    count(distinct _row) filter (where verdict = 'wait') as waiting,
    count(*) filter (where rule = 'known_with_other_content') as ignored
from {verdict}
where input = $1;

-- name: unfit_between
select
    _row,
    verdict,
    rule,
    column_name
from {verdict}
where input = $1 and verdict in ('reject', 'wait') and _row between $2 and $3;

-- name: unseen_rows
-- What is not simply loaded. A row that is skipped as a repeat is among them: what it repeats may
-- wait.
select distinct _row from {verdict}
where input = $1
order by _row;

-- name: take_out
delete from {table} as staged
using {verdict} as verdict
where verdict.input = $1 and staged.ctid = verdict.place;

-- name: count
select
    count(*) filter (where _row > 0) as new_rows,
    count(*) filter (where _row <= 0) as old_rows
from {table};
