-- rule: No payment is negative.
-- requirement: 3.22
-- severity: error
select id
from payments
where amount < 0
