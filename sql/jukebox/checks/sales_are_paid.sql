-- rule: Of every sale at least the price is received, and none is dated before its allocation.
-- requirement: 3.20
-- severity: error
select sales.allocation_id
from sales
inner join allocations on sales.allocation_id = allocations.id
where
    sales.price <> allocations.price
    or sales.received < sales.price
    or sales.sold_at < allocations.starts_at
