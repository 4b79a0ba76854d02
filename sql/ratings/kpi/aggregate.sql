-- question: What did each customer's file bring, and how much of it could not be loaded?
-- definition: Over the rows loaded: how many there are, the sum of their ratings, how many are of
--             status high-value, in whatever case. Beside them the rows that could not be loaded,
--             and their percentage of both together; rows skipped as blank or repeated are in
--             neither.
-- why: These are the figures that customers are judged by. The percentage beside them tells whether
--      to trust them.
-- requirement: 4.7 to 4.11
-- grain: a customer of the last run, also one of whom nothing is loaded
-- unit: rows, rating points, percent
-- show: count_customer_number count, sum_customer_rating count, high_value_count count,
--       invalid_customer_number_count count, invalid_customer_number_percent decimal
with customer as (
    select
        part as customer,
        loaded_by
    from abcjob.part_state
    where job = 'ratings' and is_current
),

rated as (
    select
        customer,
        count(*) as rows_loaded,
        sum(customer_rating) as rating,
        count(*) filter (
            where lower(customer_status collate "C") = 'high-value'
        ) as high_value_rows
    from customer_rating
    group by customer
),

loaded as (
    select
        customer.customer,
        coalesce(rated.rows_loaded, 0) as rows_loaded,
        coalesce(rated.rating, 0) as rating,
        coalesce(rated.high_value_rows, 0) as high_value_rows,
        coalesce(run_input.rejected, 0) as rows_rejected
    from customer
    left join rated on customer.customer = rated.customer
    left join abcjob.run_input
        on customer.loaded_by = run_input.run_id and customer.customer = run_input.part
)

select
    customer,
    rows_loaded as count_customer_number,
    rating as sum_customer_rating,
    high_value_rows as high_value_count,
    rows_rejected as invalid_customer_number_count,
    (100.0 * rows_rejected / nullif(rows_loaded + rows_rejected, 0))::numeric(
        5, 2
    ) as invalid_customer_number_percent
from loaded
order by customer collate "C"
