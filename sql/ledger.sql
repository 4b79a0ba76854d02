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
comment on column run.outcome is 'How it ended; failed after published_at: only the report failed';
comment on column run.published_at is 'When its rows took the place of the old ones';
comment on column run.error is 'Why it failed, in one line';

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
comment on column run_input.retried is 'Rows that had waited since an earlier run';
comment on column run_input.loaded is 'Rows found in the table before publishing';
comment on column run_input.skipped is 'Repeated rows';
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
