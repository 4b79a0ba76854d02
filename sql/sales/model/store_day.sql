-- question: What did each store sell on each day?
-- grain: one row for each store and day on which it sold something
-- unit: sales, pieces and euros
select
    store_id,
    sale_date,
    count(*) as sales,
    sum(quantity) as quantity,
    sum(amount) as revenue
from sales
where {is_touched:sale_date}
group by store_id, sale_date
