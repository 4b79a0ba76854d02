-- question: The statements that keep the run ledger and the jobs' locks.

-- name: lock
select pg_try_advisory_lock(hashtext('abcjob.job'), hashtext($1)) as is_mine;

-- name: holder
select run_id, started_at from abcjob.run
where job = $1 and outcome = 'running'
order by run_id desc
limit 1;

-- name: bury
update abcjob.run
set
    outcome = 'killed',
    ended_at = clock_timestamp(),
    error = 'it ended without a word; found by the next run'
where job = $1 and outcome = 'running';

-- name: start
insert into abcjob.run (job, logical_date, program_version, parameters)
values ($1, $2, $3, $4::text::jsonb)
returning run_id;

-- name: step
insert into abcjob.run_step (run_id, part, step, rows, seconds)
values ($1, $2, $3, $4, $5);

-- name: inputs
insert into abcjob.run_input (
    run_id, part, input, read, retried, loaded, skipped, rejected, waiting
)
select
    $1 as run_id,
    $2 as part,
    item.input,
    item.read,
    item.retried,
    item.loaded,
    item.skipped,
    item.rejected,
    item.waiting
from jsonb_to_recordset($3::text::jsonb) as item (
    input text,
    read bigint,
    retried bigint,
    loaded bigint,
    skipped bigint,
    rejected bigint,
    waiting bigint
);

-- name: sources
insert into abcjob.run_source (
    run_id, part, source, input, digest, address, etag, last_modified
)
select
    $1 as run_id,
    $2 as part,
    item.source,
    item.input,
    item.digest,
    item.address,
    item.etag,
    item.last_modified
from
    jsonb_to_recordset($3::text::jsonb)
        as item (
            source text,
            input text,
            digest text,
            address text,
            etag text,
            last_modified text
        )
on conflict do nothing;

-- name: carry_sources
-- The rows that readers see of part $3 of job $2 stay, and with them where they came from.
insert into abcjob.run_source (
    run_id, part, source, input, digest, header, address, etag, last_modified
)
select
    $1 as run_id,
    run_source.part,
    run_source.source,
    run_source.input,
    run_source.digest,
    run_source.header,
    run_source.address,
    run_source.etag,
    run_source.last_modified
from abcjob.part_state
inner join abcjob.run_source
    on part_state.loaded_by = run_source.run_id and part_state.part = run_source.part
where part_state.job = $2 and part_state.part = $3
on conflict do nothing;

-- name: header
update abcjob.run_source
set header = $4
where run_id = $1 and part = $2 and digest = $3;

-- name: checks
insert into abcjob.check_result (run_id, part, name, severity, violations)
select
    $1 as run_id,
    $2 as part,
    item.name,
    item.severity,
    item.violations
from jsonb_to_recordset($3::text::jsonb) as item (name text, severity text, violations bigint);

-- name: plan
insert into abcjob.run_part (run_id, part)
select
    $1 as run_id,
    item.part
from jsonb_array_elements_text($2::text::jsonb) as item (part);

-- name: part
update abcjob.run_part
set outcome = $3, ended_at = clock_timestamp(), error = $4
where run_id = $1 and part = $2;

-- name: outcome_of_part
select outcome from abcjob.run_part
where run_id = $1 and part = $2;

-- name: publish
update abcjob.run
set published_at = clock_timestamp()
where run_id = $1;

-- name: figures
insert into abcjob.figure (run_id, kpi, key, measure, value)
select
    $1 as run_id,
    $2 as kpi,
    item.key,
    item.measure,
    item.value
from jsonb_to_recordset($3::text::jsonb) as item (key text, measure text, value numeric);

-- name: end
update abcjob.run
set outcome = $2, ended_at = clock_timestamp(), error = $3
where run_id = $1;

-- name: last_published
select
    run.run_id,
    run.logical_date,
    run.parameters,
    run.run_id <= coalesce(version.cleared_after, 0) as is_cleared
from abcjob.run
inner join abcjob.version on run.job = version.name
where
    run.job = $1
    and run.published_at is not null
    and run.run_id > version.made_after
order by run.run_id desc
limit 1;

-- name: is_current
-- Whether the last run that was to publish came to all of its parts, and published or confirmed
-- any; and whether it goes on: who runs the job holds its lock. A dry run has no parts.
select
    run.error,
    run.outcome = 'running' as has_not_ended,
    exists(
        select 1 from pg_locks
        where
            pg_locks.locktype = 'advisory'
            and pg_locks.granted
            and pg_locks.database = (
                select pg_database.oid from pg_database
                where pg_database.datname = current_database()
            )
            and pg_locks.classid = hashtext('abcjob.job')::oid
            and pg_locks.objid = hashtext($1)::oid
    ) as is_locked,
    bool_and(run_part.outcome <> 'planned')
    and bool_or(run_part.outcome in ('published', 'unchanged')) as is_current
from abcjob.run
inner join abcjob.run_part on run.run_id = run_part.run_id
where run.job = $1
group by run.run_id
order by run.run_id desc
limit 1;

-- name: inputs_of
select
    run_input.input,
    sum(run_input.read)::bigint as read,
    sum(run_input.retried)::bigint as retried,
    sum(run_input.loaded)::bigint as loaded,
    sum(run_input.skipped)::bigint as skipped,
    sum(run_input.rejected)::bigint as rejected,
    sum(run_input.waiting)::bigint as waiting
from abcjob.part_state
inner join abcjob.run_input
    on part_state.loaded_by = run_input.run_id and part_state.part = run_input.part
where part_state.job = $1 and part_state.is_current
group by run_input.input;

-- name: checks_of
select
    check_result.name,
    check_result.severity,
    sum(check_result.violations)::bigint as violations
from abcjob.part_state
inner join abcjob.check_result
    on part_state.loaded_by = check_result.run_id and part_state.part = check_result.part
where part_state.job = $1 and part_state.is_current
group by check_result.name, check_result.severity
order by check_result.name;

-- name: digests_of
select run_source.digest
from abcjob.part_state
inner join abcjob.run_source
    on part_state.loaded_by = run_source.run_id and part_state.part = run_source.part
where part_state.job = $1 and part_state.part = $2
order by run_source.digest;

-- name: merged_sources
-- The sources of part $2 of job $1 whose rows came to those that readers see, the newest first;
-- another version of the program than $3 may have read them otherwise, and so may a run whose
-- parameter $4 was not $5, if that is not empty.
select
    run_source.input,
    run_source.digest,
    run_source.address,
    run_source.etag,
    run_source.last_modified
from abcjob.run
inner join abcjob.version on run.job = version.name
inner join abcjob.run_part on run.run_id = run_part.run_id
inner join abcjob.run_source
    on run_part.run_id = run_source.run_id and run_part.part = run_source.part
where
    run.job = $1
    and run.program_version = $3
    and $5 in ('', coalesce(run.parameters ->> $4, ''))
    and run_part.part = $2
    and run_part.outcome in ('published', 'unchanged')
    and run.run_id > greatest(version.made_after, version.cleared_after)
order by run.run_id desc, run_source.source asc;

-- name: known_blocks
select known_block.digest
from abcjob.known_block
inner join abcjob.version on known_block.job = version.name
where
    known_block.job = $1
    and known_block.input = $2
    and known_block.run_id > greatest(version.made_after, version.cleared_after);

-- name: forget_blocks
delete from abcjob.known_block
where job = $1 and input = $2;

-- name: know_blocks
-- The same lines may stand in a file more than once.
insert into abcjob.known_block (job, input, digest, run_id)
select distinct
    $1 as job,
    $2 as input,
    decode(item.digest, 'hex') as digest,
    $3 as run_id
from jsonb_array_elements_text($4::text::jsonb) as item (digest)
on conflict (job, input, digest) do update set run_id = excluded.run_id;

-- name: runs
-- Runs of the job $1, or of all, the last $2 of them; what stands in JSON is told in JSON alone.
with chosen as (
    select *
    from abcjob.run
    where $1 in ('', job)
    order by run_id desc
    limit $2
),

rows_of as (
    select
        run_id,
        sum(loaded)::bigint as loaded,
        jsonb_agg(to_jsonb(run_input) - 'run_id' order by part, input) as inputs
    from abcjob.run_input
    where run_id in (select chosen.run_id from chosen)
    group by run_id
),

parts_of as (
    select
        run_id,
        jsonb_agg(to_jsonb(run_part) - 'run_id' order by part) as parts
    from abcjob.run_part
    where run_id in (select chosen.run_id from chosen)
    group by run_id
),

sources_of as (
    select
        run_id,
        jsonb_agg(to_jsonb(run_source) - 'run_id' - 'header' order by part, source) as sources
    from abcjob.run_source
    where run_id in (select chosen.run_id from chosen)
    group by run_id
),

steps_of as (
    select
        run_id,
        jsonb_agg(to_jsonb(run_step) - 'run_id' order by part, step) as steps
    from abcjob.run_step
    where run_id in (select chosen.run_id from chosen)
    group by run_id
),

checks_of as (
    select
        run_id,
        jsonb_agg(to_jsonb(check_result) - 'run_id' order by part, name) as checks
    from abcjob.check_result
    where run_id in (select chosen.run_id from chosen)
    group by run_id
)

select
    chosen.run_id,
    chosen.job,
    chosen.logical_date,
    chosen.started_at,
    chosen.outcome,
    rows_of.loaded,
    chosen.error,
    chosen.program_version,
    extract(epoch from chosen.ended_at - chosen.started_at)::double precision as seconds,
    jsonb_build_object(
        'parameters', chosen.parameters,
        'parts', coalesce(parts_of.parts, '[]'),
        'sources', coalesce(sources_of.sources, '[]'),
        'inputs', coalesce(rows_of.inputs, '[]'),
        'steps', coalesce(steps_of.steps, '[]'),
        'checks', coalesce(checks_of.checks, '[]')
    )::text as detail
from chosen
left join rows_of on chosen.run_id = rows_of.run_id
left join parts_of on chosen.run_id = parts_of.run_id
left join sources_of on chosen.run_id = sources_of.run_id
left join steps_of on chosen.run_id = steps_of.run_id
left join checks_of on chosen.run_id = checks_of.run_id
order by chosen.run_id desc;
