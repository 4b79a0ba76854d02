-- question: How much did we sell in all?
-- definition: The amounts of all sales loaded, and how many sales and pieces they are; the average
--             is the revenue of one sale, undefined where there is none.
-- why: It is what every other figure here is a share of. The average sale tells whether revenue
--      moves because there are more sales or because each is larger.
-- requirement: 2.11
-- grain: one row, also where nothing was sold
-- unit: euros, sales and pieces
-- show: revenue euros, sales count, quantity count, average_sale euros
with sold as (
    select
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(sales), 0)::bigint as sales,
        coalesce(sum(quantity), 0)::bigint as quantity
    from store_day
)

select
    'all' as scope,
    revenue::numeric(24, 2) as revenue,
    sales,
    quantity,
    (revenue / nullif(sales, 0))::numeric(24, 2) as average_sale
from sold
