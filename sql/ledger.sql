-- question: What ran, when, with which rows and checks, and how did it end?
-- grain: run: one row for each run; the others: one for each run and what they are named after
create table version (
    name text primary key,
    version integer not null,
    made_after bigint not null,
    cleared_after bigint
);
comment on table version is 'The version of each schema that the program made';
comment on column version.name is 'The schema''s name';
comment on column version.version is 'Raised with every change of its tables';
comment on column version.made_after is
'The last run before it was made: rows of no earlier one are there';
comment on column version.cleared_after is
'The last run before its tables were emptied; null: never';

create table run (
    run_id bigint generated always as identity primary key,
    job text not null,
    logical_date date not null,
    program_version text not null,
    parameters jsonb not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    outcome text not null default 'running' check (
        outcome in ('running', 'published', 'dry run', 'failed', 'killed')
    ),
    published_at timestamptz,
    error text,
    check ((outcome = 'running') = (ended_at is null))
);
comment on table run is 'Every run of a job';
comment on column run.run_id is 'In the order of starting';
comment on column run.job is 'The job''s name';
comment on column run.logical_date is 'The date that the run was given, which its report bears';
comment on column run.program_version is 'The version of abcjob';
comment on column run.parameters is 'The job''s parameters, as given on the command line';
comment on column run.started_at is 'When the run had the job''s lock';
comment on column run.ended_at is 'When it ended, or was found killed';
comment on column run.outcome is
'How it ended; failed after published_at: parts were refused, or the report failed';
comment on column run.published_at is
'When its rows took the place of the old ones, or were found there; null: none did';
comment on column run.error is 'Why it failed, in one line';

create table run_part (
    run_id bigint not null references run on delete cascade,
    part text not null,
    outcome text not null default 'planned' check (
        outcome in ('planned', 'published', 'unchanged', 'refused', 'missing')
    ),
    ended_at timestamptz,
    error text,
    primary key (run_id, part),
    check ((outcome = 'planned') = (ended_at is null)),
    check ((outcome in ('refused', 'missing')) = (error is not null))
);
comment on table run_part is 'What is loaded, or refused, together: how each part of a run ended';
comment on column run_part.run_id is 'The run';
comment on column run_part.part is 'The part';
comment on column run_part.outcome is
'planned: not come to; unchanged: its sources are what is loaded; missing: a source was not there';
comment on column run_part.ended_at is 'When that was known';
comment on column run_part.error is 'Why it was refused or is missing, in one line';

create table run_source (
    run_id bigint not null references run on delete cascade,
    part text not null,
    source text not null,
    input text not null,
    digest text not null,
    header bytea,
    address text,
    etag text,
    last_modified text,
    primary key (run_id, part, source, input, digest)
);
comment on table run_source is 'The sources that the rows of each part came from';
comment on column run_source.run_id is 'The run';
comment on column run_source.part is 'The part';
comment on column run_source.source is 'The file''s name';
comment on column run_source.input is 'The table its rows were meant for';
comment on column run_source.digest is
'SHA-256 of the file as it lay there; where its name says their kind, of that kind and this';
comment on column run_source.header is
'Its first line, or the kind of its records that its name says; null: not read';
comment on column run_source.address is
'SHA-256 of the address that it was fetched from, in which a password may stand; null: a file';
comment on column run_source.etag is 'What the server calls this content, or null';
comment on column run_source.last_modified is 'When the server says that it changed, or null';

create table known_block (
    job text not null,
    input text not null,
    digest bytea not null,
    run_id bigint not null,
    primary key (job, input, digest)
);
comment on table known_block is
'Lines that a job whose rows are merged has read: when they come again, nothing can be new';
comment on column known_block.job is 'The job';
comment on column known_block.input is 'The table they were meant for';
comment on column known_block.digest is 'SHA-256 of what reads them, the header and the lines';
comment on column known_block.run_id is 'The last run that published after it read them';

create table run_step (
    run_id bigint not null references run on delete cascade,
    part text not null,
    step text not null,
    rows bigint,
    seconds double precision not null,
    primary key (run_id, part, step)
);
comment on table run_step is 'What each step of a run took';
comment on column run_step.run_id is 'The run';
comment on column run_step.part is 'The part; empty for a step of the whole run';
comment on column run_step.step is 'The stage''s name';
comment on column run_step.rows is 'Rows that it handled, where it counts them';
comment on column run_step.seconds is 'How long it took';

create table run_input (
    run_id bigint not null references run on delete cascade,
    part text not null,
    input text not null,
    read bigint not null,
    retried bigint not null default 0,
    loaded bigint not null,
    skipped bigint not null default 0,
    rejected bigint not null default 0,
    waiting bigint not null default 0,
    primary key (run_id, part, input),
    constraint no_row_is_lost check (
        read + retried = loaded + skipped + rejected + waiting
    )
);
comment on table run_input is 'Where the rows of each part and input went';
comment on column run_input.run_id is 'The run';
comment on column run_input.part is 'The part';
comment on column run_input.input is 'The table they were meant for';
comment on column run_input.read is 'Rows that the source gave';
comment on column run_input.retried is
'Rows that came to them: they had waited, or were loaded and are taken back';
comment on column run_input.loaded is
'Rows of these found in the table before publishing; not those that were there and stay';
comment on column run_input.skipped is
'Blank lines, repeated rows, and rows whose key is known, which stay as they were';
comment on column run_input.rejected is 'Rows refused';
comment on column run_input.waiting is 'Rows kept until what they refer to arrives';

create table check_result (
    run_id bigint not null references run on delete cascade,
    part text not null,
    name text not null,
    severity text not null check (severity in ('error', 'warning')),
    violations bigint not null,
    primary key (run_id, part, name)
);
comment on table check_result is 'Every check of every run, passed or not';
comment on column check_result.run_id is 'The run';
comment on column check_result.part is 'The part';
comment on column check_result.name is 'The check''s file in sql/<job>/checks';
comment on column check_result.severity is 'Whether a violation stops the part';
comment on column check_result.violations is 'How many rows broke the rule; 0: passed';

create table figure (
    run_id bigint not null references run on delete cascade,
    kpi text not null,
    key text not null,
    measure text not null,
    value numeric,
    primary key (run_id, kpi, key, measure)
);
comment on table figure is 'What KPIs said after each run, to be compared with later ones';
comment on column figure.run_id is 'The run';
comment on column figure.kpi is 'The KPI''s file in sql/<job>/kpi';
comment on column figure.key is 'What tells the row: the columns that the file calls its key';
comment on column figure.measure is 'The column';
comment on column figure.value is 'The figure; null: the KPI has none';

create view part_state as
with valid_run as (
    select
        run.run_id,
        run.job,
        max(run.run_id) over (partition by run.job) as last_run_id
    from run
    inner join version on run.job = version.name
    where
        run.run_id > greatest(version.made_after, version.cleared_after)
        and run.run_id in (select run_part.run_id from run_part)
),

part as (
    select
        valid_run.job,
        run_part.part,
        max(valid_run.run_id) as read_by,
        max(valid_run.run_id) filter (
            where run_part.outcome = 'published'
        ) as loaded_by,
        max(valid_run.run_id) filter (
            where run_part.outcome in ('published', 'unchanged')
        ) as confirmed_by,
        max(valid_run.run_id) = max(valid_run.last_run_id) as is_current
    from valid_run
    inner join run_part on valid_run.run_id = run_part.run_id
    group by valid_run.job, run_part.part
)

select
    part.job,
    part.part,
    part.loaded_by,
    part.confirmed_by,
    part.read_by,
    part.is_current,
    run_part.outcome,
    run_part.error
from part
inner join run_part on part.read_by = run_part.run_id and part.part = run_part.part;
comment on view part_state is
'What readers see of each part of a job, since its tables were last emptied';
comment on column part_state.job is 'The job';
comment on column part_state.part is 'The part';
comment on column part_state.loaded_by is 'The run whose rows readers see; null: there are none';
comment on column part_state.confirmed_by is
'The last run that loaded them, or found them up to date';
comment on column part_state.read_by is 'The last run that had it';
comment on column part_state.is_current is 'Whether that is the job''s last run';
comment on column part_state.outcome is 'How the part ended in it';
comment on column part_state.error is 'Why, where it did not end well';

create view figure_of_date as
with dated as (
    select
        run.job,
        run.logical_date,
        figure.kpi,
        figure.key,
        figure.measure,
        figure.value,
        run.run_id,
        max(run.run_id) over (partition by run.job, run.logical_date, figure.kpi) as last_run_id
    from figure
    inner join run on figure.run_id = run.run_id
    inner join version on run.job = version.name
    where run.run_id > greatest(version.made_after, version.cleared_after)
)

select
    job,
    logical_date,
    kpi,
    key,
    measure,
    value
from dated
where run_id = last_run_id;
comment on view figure_of_date is
'What KPIs said of each date, by its last run, since the job''s tables were last emptied';
comment on column figure_of_date.job is 'The job';
comment on column figure_of_date.logical_date is 'The date';
comment on column figure_of_date.kpi is 'The KPI''s file in sql/<job>/kpi';
comment on column figure_of_date.key is 'What tells the row';
comment on column figure_of_date.measure is 'The column';
comment on column figure_of_date.value is 'The figure; null: the KPI has none';
