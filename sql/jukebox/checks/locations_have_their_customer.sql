-- rule: Every location is of a customer that is known.
-- requirement: 3.22
-- severity: error
select locations.id
from locations
left join customers on locations.customer_id = customers.id
where customers.id is null
