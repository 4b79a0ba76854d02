-- question: The statements that keep a job's quarantine: the rows that were rejected, or that wait.
--           Names in braces are identifiers.

-- name: make
create table quarantine (
    run_id bigint not null,
    part text not null,
    input text not null,
    source text not null,
    digest text not null,
    line_number bigint not null,
    raw bytea not null,
    is_text boolean not null,
    failed_rules jsonb not null,
    error text not null,
    state text not null check (state in ('rejected', 'waiting')),
    constraint no_row_stands_twice primary key (part, input, digest, line_number)
);
comment on table quarantine is 'Rows that were not loaded, as they came, and why';
comment on column quarantine.run_id is 'The last run that read it';
comment on column quarantine.part is 'The part of the run';
comment on column quarantine.input is 'The table that it was meant for';
comment on column quarantine.source is 'The file''s name';
comment on column quarantine.digest is
'SHA-256 of the file: a row stands here once, however often its file is read';
comment on column quarantine.line_number is 'Its line there; the header is line 1';
comment on column quarantine.raw is 'The line as it came, without its end';
comment on column quarantine.is_text is 'Whether that is UTF-8 that PostgreSQL''s text can hold';
comment on column quarantine.failed_rules is 'Every rule that it broke, and the column of each';
comment on column quarantine.error is 'The same in words';
comment on column quarantine.state is
'rejected, or waiting for what it refers to';

-- name: make_staged
create table {staged} (like {quarantine});

-- name: count
select
    input,
    count(*) as rows
from {staged}
group by input;

-- name: most
select
    error,
    count(*) as broken_rows
from {staged}
group by error
order by broken_rows desc, error asc
limit 3;

-- name: forget
-- What is known of the sources that were read now.
delete from {quarantine}
where (part, input, digest) in (
    select distinct
        part,
        input,
        digest
    from {staged}
);

-- name: take_in
insert into {quarantine} (
    run_id, part, input, source, digest, line_number, raw, is_text, failed_rules, error, state
)
select
    run_id,
    part,
    input,
    source,
    digest,
    line_number,
    raw,
    is_text,
    failed_rules,
    error,
    state
from {staged};

-- name: listed
-- Of part $2, or of all: what was rejected by the runs whose rows readers see, or that were the
-- last to read the part. $1 is the job.
select
    quarantine.part,
    quarantine.source,
    quarantine.line_number,
    quarantine.state,
    quarantine.error,
    quarantine.run_id,
    quarantine.failed_rules,
    case
        when quarantine.is_text then convert_from(quarantine.raw, 'UTF8')
        else encode(quarantine.raw, 'escape')
    end as raw
from {quarantine} as quarantine
inner join abcjob.part_state
    on
        part_state.job = $1
        and quarantine.part = part_state.part
        and quarantine.run_id in (part_state.loaded_by, part_state.read_by)
where $2 in ('', quarantine.part)
order by quarantine.part, quarantine.source, quarantine.line_number, quarantine.digest
limit $3;

-- name: origins
-- The files of the same rows, with the first line of each.
select
    quarantine.part,
    quarantine.source,
    quarantine.digest,
    run_source.header,
    count(*) as rows
from {quarantine} as quarantine
inner join abcjob.part_state
    on
        part_state.job = $1
        and quarantine.part = part_state.part
        and quarantine.run_id in (part_state.loaded_by, part_state.read_by)
inner join abcjob.run_source
    on
        quarantine.run_id = run_source.run_id
        and quarantine.part = run_source.part
        and quarantine.source = run_source.source
        and quarantine.digest = run_source.digest
where $2 in ('', quarantine.part)
group by quarantine.part, quarantine.source, quarantine.digest, run_source.header
order by quarantine.part, quarantine.source, min(quarantine.run_id);

-- name: lines
-- The lines of source $3 of part $2 among them, with digest $4, as they came, behind line $5.
select
    quarantine.line_number,
    quarantine.raw
from {quarantine} as quarantine
inner join abcjob.part_state
    on
        part_state.job = $1
        and quarantine.part = part_state.part
        and quarantine.run_id in (part_state.loaded_by, part_state.read_by)
where
    quarantine.part = $2
    and quarantine.source = $3
    and quarantine.digest = $4
    and quarantine.line_number > $5
order by quarantine.line_number
limit $6;
