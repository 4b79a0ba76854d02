-- rule: Every sale is of a known product in a known store.
-- requirement: 2.4
-- severity: error
select sales.id
from sales
left join products on sales.product_id = products.id
left join stores on sales.store_id = stores.id
where products.id is null or stores.id is null
