-- rule: An amount is price times quantity, to the cent.
-- requirement: the section's last line: a warning, loaded and counted
-- severity: warning
-- Most amounts are exact: to compare first costs less than to take the distance of each.
select sales.id
from sales
inner join products on sales.product_id = products.id
where
    sales.amount <> products.price * sales.quantity
    and abs(sales.amount - products.price * sales.quantity) > 0.01
