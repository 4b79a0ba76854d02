-- question: What did each product bring in?
-- definition: Pieces sold times the price.
-- why: It is the toy's only question.
-- grain: one row for each product sold
-- unit: dollars
-- show: turnover money, quantity count
select
    product.name,
    product_total.quantity,
    (product.price * product_total.quantity)::numeric(12, 2) as turnover
from product_total
inner join product on product_total.product_id = product.product_id
order by product.name
