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
insert into abcjob.run_input (run_id, part, input, read, loaded)
select
    $1 as run_id,
    $2 as part,
    item.input,
    item.read,
    item.loaded
from jsonb_to_recordset($3::text::jsonb) as item (input text, read bigint, loaded bigint);

-- name: checks
insert into abcjob.check_result (run_id, part, name, severity, violations)
select
    $1 as run_id,
    $2 as part,
    item.name,
    item.severity,
    item.violations
from jsonb_to_recordset($3::text::jsonb) as item (name text, severity text, violations bigint);

-- name: publish
update abcjob.run
set published_at = clock_timestamp()
where run_id = $1;

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

-- name: inputs_of
select input, sum(read)::bigint as read, sum(loaded)::bigint as loaded
from abcjob.run_input
where run_id = $1
group by input;

-- name: checks_of
select name, severity, sum(violations)::bigint as violations
from abcjob.check_result
where run_id = $1
group by name, severity
order by name;
