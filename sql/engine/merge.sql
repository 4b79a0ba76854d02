-- question: The statements that let staged rows come to those that readers see, by key. Names in
--           braces are identifiers.

-- name: find_new
-- Staged rows that readers do not see as they are. In a table of its own, as PostgreSQL finds them
-- by several processes then; to delete the others was seen to take ten times as long.
create table {found} as
select
    {columns:staged},
    staged._row,
    known.ctid is not null as has_known_key
from {table} as staged
left join {published} as known on ({key:staged}) = ({key:known})
where known.ctid is null or ({columns:staged}) is distinct from ({columns:known});

-- name: count_known
select
    (select count(*) from {table})
    - (select count(*) from {found}) as rows,
    (select bool_or(has_known_key) from {found}) is true as has_others;

-- name: put_back
truncate {table};

insert into {table} ({columns}, _row)
select
    {columns},
    _row
from {found};

-- name: drop_found
drop table {found};

-- name: judge_known
-- Rows with other content than the published one of their key, but where $3: then they are to take
-- its place. So do rows with numbers up to $4, which have waited: the run that brought them was to
-- correct, or their key would not be known.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    staged._row,
    'skip' as verdict,
    'known_with_other_content' as rule,
    $2 as column_name,
    staged.ctid as place
from {table} as staged
inner join {published} as known on ({key:staged}) = ({key:known})
where not ($3 or staged._row between 1 and $4);

-- name: judge_known_by_time
-- Rows with other content than the published one of their key, and not as late. Those that are
-- later stay, to take its place.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    staged._row,
    'reject' as verdict,
    'repeated_with_other_content' as rule,
    $2 as column_name,
    staged.ctid as place
from {table} as staged
inner join {published} as known on ({key:staged}) = ({key:known})
where
    ({latest:staged}, sha256(convert_to(row({columns:staged})::text, 'UTF8')))
    <= ({latest:known}, sha256(convert_to(row({columns:known})::text, 'UTF8')));

-- name: has_rejected_known
-- Whether staged rows that were judged unfit, and not taken out yet, have a key that is published.
select exists(
    select 1
    from {verdict} as verdict
    inner join {table} as staged on verdict.place = staged.ctid
    inner join {published} as known on ({key:staged}) = ({key:known})
    where verdict.input = $1 and verdict.verdict = 'reject'
) as is_true;

-- name: has_known_keys
-- Whether staged rows with numbers up to $1 have a key that is published. Where nothing is, each
-- would be looked up all the same.
select
    exists (select 1 from {published})
    and exists (
        select 1
        from {table} as staged
        inner join {published} as known on ({key:staged}) = ({key:known})
        where staged._row between 1 and $1
    ) as is_true;

-- name: make_parents
create table {parents} as
select {column} as parent from {table}
with no data;

-- name: find_parents
-- What rows refer to. In a table of its own, as PostgreSQL finds it by several processes then.
create table {parents} as
select distinct {column} as parent from {table}
where {column} is not null;

-- name: find_unknown
-- Of that what is neither published nor staged; those who refer to it are looked for only if there
-- is any.
create table {unknown} as
select child.parent
from {parents} as child
where
    not exists (
        select 1 from {parent} as known
        where known.{key} = child.parent
    )
    and not exists (
        select 1 from {staged_parent} as added
        where added.{key} = child.parent
    );

-- name: has_unknown
select exists(select 1 from {unknown}) as is_true;

-- name: find_orphans
create table {found} as
select
    _row,
    ctid as place
from {table}
where {column} in (select unknown.parent from {unknown} as unknown);

-- name: judge_orphans
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    _row,
    'wait' as verdict,
    $2 as rule,
    $3 as column_name,
    place
from {found};

-- name: count
-- No further than to $1; not at all where statistics know of as many.
select
    case
        when $1 <= class.reltuples then $1
        else
            (
                select count(*)
                from (
                    select 1 as one
                    from {published}
                    limit $1 -- noqa: AM09
                ) as counted
            )
    end as rows
from pg_class as class
where class.oid = $2::regclass;

-- name: stay
-- Published rows come to the staged ones, but for those whose place these take.
insert into {table} ({columns}, _row)
select
    {columns:known},
    0 as _row
from {published} as known
where not exists (
    select 1 from {table} as added
    where ({key:added}) = ({key:known})
);

-- name: has_upset
-- Whether a staged row takes the place of a published one on which others may rest.
select exists(
    select 1
    from {table} as staged
    inner join {published} as known on ({key:staged}) = ({key:known})
    where ({relied_on:staged}) is distinct from ({relied_on:known})
) as is_true;

-- name: forget_places
-- Of rows that have been taken out: others may come to lie there.
update {verdict}
set place = '(0,0)'
where input = $1;

-- name: judge_again
-- Published rows come to the staged ones, with negative numbers, so that they are judged with them:
-- one whose key a staged row has gives way.
with come as (
    insert into {table} ({columns}, _row)
    select
        {columns:known},
        -row_number() over () as _row
    from {published} as known
    where {comes}
    returning ctid as place, _row, {key}
)

insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    come._row,
    'reject' as verdict,
    'repeated_with_other_content' as rule,
    $2 as column_name,
    come.place
from come
where ({key:come}) in (select {key} from {table}); -- noqa: RF02

-- name: is_replaced
-- A condition.
({key:known}) in (select {key} from {table}) -- noqa: PRS

-- name: find_by_rule
-- By the job's own statement; in a table of its own, as PostgreSQL finds them by several processes
-- then.
create table {found} as
{select};

-- name: judge_by_rule
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    found._row,
    'wait' as verdict,
    found.rule,
    found.column_name,
    found.place
from {found} as found;

-- name: restate
-- Published rows that were judged unfit go to the staged quarantine, as lines that read the same.
insert into {staged_quarantine} (
    run_id, part, input, source, digest, line_number, raw, is_text, failed_rules, error, state
)
with unfit as ( -- noqa: ST03
    select
        _row,
        min(place) as place,
        min(verdict) as verdict,
        jsonb_agg(jsonb_build_object('rule', rule, 'column', column_name) order by rule)
            as failed_rules,
        string_agg(column_name || ': ' || replace(rule, '_', ' '), '; ' order by rule) as error
    from {verdict}
    where input = $3 and _row < 0 and verdict <> 'skip'
    group by _row
),

staged as ( -- noqa: ST03
    select all_rows.*
    from {table} as all_rows
    inner join unfit on all_rows.ctid = unfit.place
),

restated as ({select})

select
    $1 as run_id,
    $2 as part,
    $3 as input,
    $4 as source,
    encode(sha256(convert_to($1::text, 'UTF8')), 'hex') as digest,
    -restated._row as line_number,
    restated.raw,
    true as is_text,
    unfit.failed_rules,
    unfit.error,
    case unfit.verdict when 'wait' then 'waiting' else 'rejected' end as state
from restated
inner join unfit on restated._row = unfit._row;

-- name: set_apart
alter table {table} rename to {apart};

-- name: see_together
-- What readers are to see, under the table's name; and the rows that give way to others: none does.
create view {table} as
select {columns} from {published}
union all
select {columns} from {added};

create view {replaced} as
select {columns} from {published}
where false;

-- name: see_corrected
-- The same, where the rows added may take the place of published ones.
create view {table} as
select {columns:known} from {published} as known
where
    not exists (
        select 1 from {added} as added
        where ({key:added}) = ({key:known})
    )
union all
select {columns} from {added};

create view {replaced} as
select {columns:known} from {published} as known
where exists (
    select 1 from {added} as added
    where ({key:added}) = ({key:known})
);

-- name: add
insert into {published} ({columns})
select {columns} from {added};

-- name: add_corrected
insert into {published} ({columns})
select {columns} from {added}
on conflict ({key}) do update set ({columns}) = row ({columns:excluded});
