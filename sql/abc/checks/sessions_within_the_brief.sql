-- rule: No company has more sessions in a month than twice its base, 5 or 10.
-- requirement: 1.11, 1.12
-- severity: error
select
    company_month.company_id,
    company_month.period
from company_month
inner join company on company_month.company_id = company.company_id
where
    company_month.sessions > 20
    or (company_month.sessions > 10 and company.company_size = 'small')
