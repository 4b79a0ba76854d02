-- question: Are the company ids 1 to the number of companies? (1.8)
-- severity: error
select
    min(company_id) as least,
    max(company_id) as greatest,
    count(*) as companies
from company
having min(company_id) <> 1 or max(company_id) <> count(*)
