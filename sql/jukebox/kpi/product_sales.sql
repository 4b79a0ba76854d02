-- question: How does the product sell over time against the others?
-- definition: The sales of each month by the name of the device sold, as last told: the product to
--             compare in every month, the others in those in which they sold. The share is of the
--             month's sales, and undefined in a month without any. Months are those of UTC, up to
--             the date of the report.
-- why: It shows whether the product gains on the others or only grows with them.
-- requirement: 3.7
-- grain: a month from the first sale's to the last's and a product
-- unit: sales
-- key: month, product
-- show: product text, sales count, share percent
-- When the day ends is a select of its own, as it would be told anew for each row else.
with sold as (
    select
        devices.name as product,
        date_trunc('month', sales.sold_at at time zone 'UTC') as month_at,
        count(*) as sales
    from sales
    inner join devices on sales.device_id = devices.id
    where
        sales.sold_at
        < (select (current_setting('abcjob.date')::date + 1)::timestamp at time zone 'UTC')
    group by product, month_at
),

-- The chosen product in every month, though it sold nothing.
told as (
    select
        current_setting('abcjob.product') as product,
        month_at,
        0 as sales
    from
        generate_series(
            (select min(sold.month_at) from sold),
            (select max(sold.month_at) from sold),
            interval '1 month'
        ) as month_at
    union all
    select
        product,
        month_at,
        sales
    from sold
),

added_up as (
    select
        product,
        month_at,
        sum(sales) as sales
    from told
    group by product, month_at
)

-- Its columns stand in the order in which people ask.
select -- noqa: ST06
    to_char(month_at, 'YYYY-MM') as month,
    product,
    sales::bigint as sales,
    (sales / nullif(sum(sales) over (partition by month_at), 0))::numeric(38, 8) as share
from added_up
order by
    month_at asc,
    product = current_setting('abcjob.product') desc,
    product collate "C" asc
