-- question: What changed since the last published run of an earlier date?
-- definition: The aggregate of this date against that of the last earlier date that has one; a
--             customer that is new has no figures before, one that is gone none now.
-- why: A file that has lost or gained many rows overnight is seen here before it is missed.
-- grain: a customer of either date; no rows where there is no earlier date
-- unit: rows, rating points
-- show: since text, count_before count, count_now count, count_change count, sum_change count,
--       high_value_change count, invalid_change count
with told as (
    select
        logical_date,
        key as customer,
        max(value) filter (where measure = 'count_customer_number') as rows_loaded,
        max(value) filter (where measure = 'sum_customer_rating') as rating,
        max(value) filter (where measure = 'high_value_count') as high_value_rows,
        max(value) filter (where measure = 'invalid_customer_number_count') as rows_rejected
    from abcjob.figure_of_date
    where
        job = 'ratings'
        and kpi = 'aggregate'
        and logical_date <= current_setting('abcjob.date')::date
    group by logical_date, key
),

dates as (
    select
        logical_date,
        row_number() over (order by logical_date desc) as age
    from told
    group by logical_date
),

now_told as (
    select told.* from told
    inner join dates on told.logical_date = dates.logical_date and dates.age = 1
),

before as (
    select told.* from told
    inner join dates on told.logical_date = dates.logical_date and dates.age = 2
),

change as (
    select
        earlier.logical_date as since,
        before.rows_loaded::bigint as count_before,
        now_told.rows_loaded::bigint as count_now,
        coalesce(now_told.customer, before.customer) as customer,
        (now_told.rows_loaded - before.rows_loaded)::bigint as count_change,
        (now_told.rating - before.rating)::bigint as sum_change,
        (now_told.high_value_rows - before.high_value_rows)::bigint as high_value_change,
        (now_told.rows_rejected - before.rows_rejected)::bigint as invalid_change
    from now_told
    full join before on now_told.customer = before.customer
    inner join dates as earlier on earlier.age = 2
)

select
    customer,
    since,
    count_before,
    count_now,
    count_change,
    sum_change,
    high_value_change,
    invalid_change
from change
order by customer collate "C"
