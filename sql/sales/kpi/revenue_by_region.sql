-- question: Which regions bring the revenue?
-- definition: The amounts of the sales of each region's stores, the largest first, and their share
--             of all revenue, which is undefined where that is zero. What is beyond the number of
--             rows asked for stands together in a last row, other, so that the rows add up to the
--             total; it has no rank. Where a region itself is called other, that row is other*.
--             A region without a sale is not told.
-- why: It shows where a store more is likely to pay, and where the stores there are need help.
-- requirement: 2.13, 2.14
-- grain: a region with sales, as the stores have it, and one row for the rest
-- unit: euros and sales
-- show: revenue euros, share percent, sales count
with sold as (
    select
        store_id,
        sum(revenue) as revenue,
        sum(sales) as sales
    from store_day
    group by store_id
),

by_region as (
    select
        stores.region,
        sum(sold.revenue) as revenue,
        sum(sold.sales) as sales
    from sold
    inner join stores on sold.store_id = stores.id
    group by stores.region
),

ranked as (
    select
        *,
        sum(revenue) over () as total,
        row_number() over (order by revenue desc, region collate "C" asc) as place
    from by_region
),

-- With a star more than any region of that name has.
rest as (
    select 'other' || repeat('*', coalesce(max(length(region)) - 4, 0)) as name
    from ranked
    where region ~ '^other[*]*$'
),

placed as (
    select
        *,
        place > current_setting('abcjob.top')::integer as is_rest,
        least(place, current_setting('abcjob.top')::integer + 1) as line
    from ranked
)

select
    case when placed.is_rest then rest.name else min(placed.region) end as region,
    sum(placed.revenue)::numeric(24, 2) as revenue,
    sum(placed.sales)::bigint as sales,
    (sum(placed.revenue) / nullif(min(placed.total), 0))::numeric(38, 8) as share,
    case when not placed.is_rest then placed.line end as rank
from placed
cross join rest
group by placed.line, placed.is_rest, rest.name
order by placed.line
