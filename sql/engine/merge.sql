-- question: The statements that let staged rows come to those that readers see, by key. Names in
--           braces are identifiers.

-- name: judge_known
-- Rows whose key is published: alike, or with other content; where $3, the latter stay, to take the
-- known row's place. So do rows with numbers up to $4, which have waited: the run that brought them
-- was to correct, or their key would not be known.
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    staged._row,
    'skip' as verdict,
    case
        when ({columns:staged}) = ({columns:known}) then 'known'
        else 'known_with_other_content'
    end as rule,
    $2 as column_name,
    staged.ctid as place
from {table} as staged
inner join {published} as known on ({key:staged}) = ({key:known})
where
    not ($3 or staged._row between 1 and $4)
    or ({columns:staged}) = ({columns:known});

-- name: has_rejected_known
-- Whether staged rows that were judged unfit, and not taken out yet, have a key that is published.
select exists(
    select 1
    from {verdict} as verdict
    inner join {table} as staged on verdict.place = staged.ctid
    inner join {published} as known on ({key:staged}) = ({key:known})
    where verdict.input = $1 and verdict.verdict = 'reject'
) as is_true;

-- name: has_corrections
-- Whether staged rows with numbers up to $1 have a key that is published.
select exists(
    select 1
    from {table} as staged
    inner join {published} as known on ({key:staged}) = ({key:known})
    where staged._row between 1 and $1
) as is_true;

-- name: has_orphans
-- The keys that are referred to are few: they are looked for first.
select exists(
    select 1
    from (select distinct {column} as parent from {table}) as child
    where
        not exists (
            select 1 from {parent} as known
            where known.{key} = child.parent
        )
        and not exists (
            select 1 from {staged_parent} as added
            where added.{key} = child.parent
        )
) as is_true;

-- name: judge_orphans
insert into {verdict} (input, _row, verdict, rule, column_name, place)
select
    $1 as input,
    child._row,
    'wait' as verdict,
    $2 as rule,
    $3 as column_name,
    child.ctid as place
from {table} as child
where
    not exists (
        select 1 from {parent} as known
        where known.{key} = {column:child}
    )
    and not exists (
        select 1 from {staged_parent} as added
        where added.{key} = {column:child}
    );

-- name: count
select count(*) as rows from {published};

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

-- name: set_apart
alter table {table} rename to {apart};

-- name: see_together
-- What readers are to see, under the table's name.
create view {table} as
select {columns} from {published}
union all
select {columns} from {added};

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

-- name: add
insert into {published} ({columns})
select {columns} from {added}
on conflict ({key}) do update set ({columns}) = row ({columns:excluded});
