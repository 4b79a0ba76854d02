-- question: Which sales are of nothing?
-- severity: error
select sale_id
from sale
where quantity <= 0
