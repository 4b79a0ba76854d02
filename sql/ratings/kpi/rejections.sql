-- question: Why could rows not be loaded?
-- definition: The rows of each customer's file that broke a rule, by rule and column; a row that
--             broke several is counted under each. A file of the last run that was refused as a
--             whole stands beside the one that is loaded.
-- why: Whoever sends the file can mend what is named, and a rule that many rows break all at once
--      points to a change on their side rather than to single mistakes.
-- grain: a file, a rule, a column
-- unit: rows
-- show: state text, rule text, field text, broken_rows count
with customer as (
    select
        part as customer,
        loaded_by as run_id,
        'loaded' as state
    from abcjob.part_state
    where job = 'ratings' and is_current
    union all
    select
        part as customer,
        read_by as run_id,
        'refused' as state
    from abcjob.part_state
    where job = 'ratings' and is_current and outcome = 'refused'
),

broken as (
    select
        customer.customer,
        customer.state,
        quarantine.source as file,
        failed."column" as field,
        replace(failed.rule, '_', ' ') as rule,
        count(*) as broken_rows
    from customer
    inner join quarantine
        on customer.customer = quarantine.part and customer.run_id = quarantine.run_id
    cross join
        jsonb_to_recordset(quarantine.failed_rules) as failed (rule text, "column" text)
    group by
        customer.customer, customer.state, quarantine.source, failed."column", failed.rule
)

select
    customer,
    state,
    file,
    rule,
    field,
    broken_rows
from broken
order by
    customer collate "C" asc,
    state asc,
    file collate "C" asc,
    broken_rows desc,
    rule collate "C" asc,
    field collate "C" asc
