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
    content bytea
);
comment on table quarantine is 'Rows that were not loaded, as they came, and why';
comment on column quarantine.run_id is 'The last run that read it';
comment on column quarantine.part is 'The part of the run';
comment on column quarantine.input is 'The table that it was meant for';
comment on column quarantine.source is 'The file''s name';
comment on column quarantine.digest is 'What the file is known by, as in abcjob.run_source';
comment on column quarantine.line_number is 'Its line there; the header is line 1';
comment on column quarantine.raw is 'The line as it came, without its end';
comment on column quarantine.is_text is 'Whether that is UTF-8 that PostgreSQL''s text can hold';
comment on column quarantine.failed_rules is 'Every rule that it broke, and the column of each';
comment on column quarantine.error is 'The same in words';
comment on column quarantine.state is
'rejected, or waiting for what it refers to';
comment on column quarantine.content is
'SHA-256 of the file''s header and the line, where a row is known again by them; else null';

-- name: tell_by_line
-- Of a job whose rows replace others: each line of a file is a row of its own.
alter table quarantine
add constraint no_row_stands_twice primary key (part, input, digest, line_number);

-- name: tell_by_content
-- Of a job whose rows come to others: the same row may come with any file, again and again.
alter table quarantine
add constraint no_row_stands_twice primary key (part, input, content);
create index on quarantine (part, digest, line_number);

-- name: make_staged
create table {staged} (like {quarantine});
alter table {staged} drop column content;

-- name: count
select
    input,
    count(*) filter (where state = 'rejected') as rejected,
    count(*) filter (where state = 'waiting') as waiting
from {staged}
group by input;

-- name: most
select
    error,
    count(*) as broken_rows
from {staged}
where state = 'rejected'
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

-- name: merge_in
-- Of rows of one content the first is taken in; of one that is there already, what it is now.
insert into {quarantine} (
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
    state,
    content
)
with header as (
    select distinct on (digest)
        digest,
        header as line
    from abcjob.run_source
    order by digest asc, header desc nulls last
),

told as (
    select
        staged.*,
        sha256(coalesce(header.line, '') || '\x0a'::bytea || staged.raw) as content
    from {staged} as staged
    left join header on staged.digest = header.digest
)

select distinct on (part, input, content)
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
    state,
    content
from told
order by part, input, content, line_number
on conflict on constraint no_row_stands_twice do update
    set
        run_id = excluded.run_id,
        failed_rules = excluded.failed_rules,
        error = excluded.error,
        state = excluded.state;

-- name: let_go
-- Rows of part $1 that waited, and were read by run $2, which would have told of them if they still
-- did. Likewise those of the sources of which it read every line: $3, as JSON.
delete from {quarantine}
where
    part = $1
    and run_id <> $2
    and (
        state = 'waiting'
        or (input, digest) in (
            select
                source.input,
                source.digest
            from jsonb_to_recordset($3::text::jsonb) as source (input text, digest text)
        )
    );

-- name: listed
-- Of part $2, or of all: what was rejected by the runs whose rows readers see, or that were the
-- last to read the part. $1 is the job. Rows that are known by their content are all of interest.
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
left join abcjob.part_state
    on part_state.job = $1 and quarantine.part = part_state.part
where
    $2 in ('', quarantine.part)
    and (
        quarantine.run_id in (part_state.loaded_by, part_state.read_by)
        or quarantine.content is not null
    )
order by quarantine.part, quarantine.source, quarantine.line_number, quarantine.digest
limit $3;

-- name: origins
-- The files of the same rows, or of those in state $3 alone, with the first line of each.
with header as (
    select distinct on (digest)
        digest,
        header as line
    from abcjob.run_source
    order by digest asc, header desc nulls last
)

select
    quarantine.part,
    quarantine.input,
    quarantine.source,
    quarantine.digest,
    coalesce(header.line, '') as header,
    count(*) as rows
from {quarantine} as quarantine
left join header on quarantine.digest = header.digest
left join abcjob.part_state
    on part_state.job = $1 and quarantine.part = part_state.part
where
    $2 in ('', quarantine.part)
    and $3 in ('', quarantine.state)
    and (
        quarantine.run_id in (part_state.loaded_by, part_state.read_by)
        or quarantine.content is not null
    )
group by quarantine.part, quarantine.input, quarantine.source, quarantine.digest, header.line
order by quarantine.part, quarantine.source, min(quarantine.run_id);

-- name: lines
-- The lines of source $3 of part $2 among them, with digest $4 and for input $8, as they came,
-- behind line $5; those in state $6 alone, or all.
select
    quarantine.line_number,
    quarantine.raw
from {quarantine} as quarantine
left join abcjob.part_state
    on part_state.job = $1 and quarantine.part = part_state.part
where
    (
        quarantine.run_id in (part_state.loaded_by, part_state.read_by)
        or quarantine.content is not null
    )
    and quarantine.part = $2
    and quarantine.source = $3
    and quarantine.digest = $4
    and quarantine.line_number > $5
    and $6 in ('', quarantine.state)
    and quarantine.input = $8
order by quarantine.line_number
limit $7;
