-- rule: Every company was acquired in the first month covered.
-- requirement: 1.6
-- severity: error
with covered as (
    select min(period) as first_month
    from month
)

select company.company_id
from company
cross join covered
where company.acquired_on <> covered.first_month
