-- question: Which products bring the revenue?
-- definition: The amounts of each product's sales, the largest first, and their share of all
--             revenue, which is undefined where that is zero. What is beyond the number of rows
--             asked for stands together in a last row, other, so that the rows add up to the
--             total. A product without a sale is not told.
-- why: A few products bring most of the revenue of a shop: they may not run out. What brings
--      little takes up room and money in every store.
-- requirement: 2.12, 2.14
-- grain: a product that was sold, and one row for the rest, whose product_id is empty
-- unit: euros, sales and pieces
-- key: product_id
-- show: revenue euros, share percent, sales count, quantity count, product_id text
with sold as (
    select
        product_id,
        sum(amount) as revenue,
        count(*) as sales,
        sum(quantity) as quantity
    from sales
    group by product_id
),

named as (
    select
        products.id,
        products.name,
        products.category,
        sold.revenue,
        sold.sales,
        sold.quantity
    from sold
    inner join products on sold.product_id = products.id
),

ranked as (
    select
        *,
        sum(revenue) over () as total,
        row_number() over (order by revenue desc, name collate "C" asc, id asc) as place
    from named
),

placed as (
    select
        *,
        place > current_setting('abcjob.top')::integer as is_rest,
        least(place, current_setting('abcjob.top')::integer + 1) as line
    from ranked
)

select
    case when is_rest then 'other' else min(name) end as product,
    case when is_rest then '' else min(id) end as product_id,
    case when not is_rest then min(category) end as category,
    sum(revenue)::numeric(24, 2) as revenue,
    sum(sales)::bigint as sales,
    sum(quantity)::bigint as quantity,
    (sum(revenue) / nullif(min(total), 0))::numeric(38, 8) as share
from placed
group by line, is_rest
order by line
