-- rule: Of every device that was allocated the purchase is known too.
-- requirement: 3.4, 3.15
-- severity: warning
-- Where it is not, the cash spent is told too low.
select id
from devices
where purchase_cost is null
