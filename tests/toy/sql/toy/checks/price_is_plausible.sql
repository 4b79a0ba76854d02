-- rule: No price is suspiciously high.
-- severity: warning
select product_id
from product
where price > 1000
