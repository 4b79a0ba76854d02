-- rule: The companies' ids are 1 to their number.
-- requirement: 1.8
-- severity: error
select
    min(company_id) as least,
    max(company_id) as greatest,
    count(*) as companies
from company
having min(company_id) <> 1 or max(company_id) <> count(*)
