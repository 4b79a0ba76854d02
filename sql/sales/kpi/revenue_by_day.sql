-- question: How much did we sell on each of the last days?
-- definition: The amounts of the day's sales, for the days of the window that ends with the date
--             of the report; beside them the mean of the day and the six days before it, each of
--             which counts, with a sale or without one, within the window or before it.
-- why: It is the first place to see a closed store or a missing file. The mean over seven days
--      takes the week out, so that a Monday is not taken for a fall.
-- requirement: 2.15
-- grain: a day of the window, also one without a sale
-- unit: euros and sales
-- show: revenue euros, sales count, mean_7_days euros
with calendar as (
    select current_setting('abcjob.date')::date - days_before as day
    from generate_series(0, current_setting('abcjob.window')::integer + 5) as days_before
),

sold as (
    select
        sale_date,
        sum(revenue) as revenue,
        sum(sales)::bigint as sales
    from store_day
    where
        sale_date between (select min(calendar.day) from calendar)
        and (select max(calendar.day) from calendar)
    group by sale_date
),

told as (
    select
        calendar.day,
        coalesce(sold.revenue, 0) as revenue,
        coalesce(sold.sales, 0) as sales,
        sum(sold.revenue) over (
            order by calendar.day rows between 6 preceding and current row
        ) as revenue_7_days
    from calendar
    left join sold on calendar.day = sold.sale_date
)

select
    day,
    revenue::numeric(24, 2) as revenue,
    sales,
    (coalesce(revenue_7_days, 0) / 7)::numeric(24, 2) as mean_7_days
from told
where
    day > current_setting('abcjob.date')::date - current_setting('abcjob.window')::integer
    and day >= '0001-01-01' -- programs know none before it
order by day
