-- rule: Every sale is of something.
-- severity: error
select sale_id
from sale
where quantity <= 0
