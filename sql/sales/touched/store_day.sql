-- question: On which days did a store sell what added sales tell, or what they take the place of?
-- grain: one row for each key
-- unit: none
select added_sales.sale_date as key
from added_sales
union
select known.sale_date as key
from {published:sales} as known
inner join added_sales on known.id = added_sales.id
