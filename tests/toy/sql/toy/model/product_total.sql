-- question: How many of each product were sold?
-- grain: one row for each product sold
-- unit: pieces
select
    product_id,
    sum(quantity) as quantity
from sale
group by product_id
