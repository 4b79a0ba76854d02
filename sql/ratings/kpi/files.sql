-- question: Which file is each customer's, and where did its rows go?
-- definition: The file whose rows are loaded, with the rows below its header: loaded, skipped as
--             blank or repeated, rejected. Where the file of the last run was refused or missing,
--             the rows of an earlier one stay. Where mended rows were added, both files are named,
--             and the rows are those of the second.
-- why: It tells how current each customer's figures are, and that no row was lost: those read are
--      always the sum of the three.
-- grain: a customer of the last run
-- unit: rows
-- show: state text, file text, read count, loaded count, skipped count, rejected count
with source as (
    select
        run_id,
        part,
        string_agg(distinct source, ', ') as file
    from abcjob.run_source
    group by run_id, part
),

file as (
    select
        part_state.part as customer,
        source.file,
        run_input.read,
        run_input.loaded,
        run_input.skipped,
        run_input.rejected,
        part_state.error as problem,
        case
            when part_state.error is not null then part_state.outcome
            when part_state.loaded_by is null then 'not loaded'
            else 'loaded'
        end as state
    from abcjob.part_state
    left join source
        on part_state.confirmed_by = source.run_id and part_state.part = source.part
    left join abcjob.run_input
        on part_state.loaded_by = run_input.run_id and part_state.part = run_input.part
    where part_state.job = 'ratings' and part_state.is_current
)

select
    customer,
    state,
    file,
    read,
    loaded,
    skipped,
    rejected,
    problem
from file
order by customer collate "C"
