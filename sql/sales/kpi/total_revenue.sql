-- question: How much did we sell in all?
-- definition: The amounts of all sales loaded, and how many sales and pieces they are; the average
--             is the revenue of one sale, undefined where there is none. Later sales are those
--             dated after the date of the report: they count here, but in no month or day of it.
-- why: It is what every other figure here is a share of. The average sale tells whether revenue
--      moves because there are more sales or because each is larger.
-- requirement: 2.11
-- grain: one row, also where nothing was sold
-- unit: euros, sales and pieces
-- show: revenue euros, sales count, quantity count, average_sale euros, first_sale text,
--       last_sale text, later_sales count
with sold as (
    select
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(sales), 0)::bigint as sales,
        coalesce(sum(quantity), 0)::bigint as quantity,
        min(sale_date) as first_sale,
        max(sale_date) as last_sale,
        coalesce(
            sum(sales) filter (where sale_date > current_setting('abcjob.date')::date), 0
        )::bigint as later_sales
    from store_day
)

-- Its columns stand in the order in which people ask.
select -- noqa: ST06
    'all' as scope,
    revenue::numeric(24, 2) as revenue,
    sales,
    quantity,
    (revenue / nullif(sales, 0))::numeric(24, 2) as average_sale,
    first_sale,
    last_sale,
    later_sales
from sold
