-- rule: Every device has a price: what it cost us, or what it is sold for.
-- requirement: 3.22
-- severity: error
select id
from devices
where purchase_cost is null and sale_price is null
