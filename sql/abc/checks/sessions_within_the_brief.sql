-- question: Which companies had more sessions in a month than the brief allows: twice the base,
--           5 for a small company, 10 for a large one? (1.11, 1.12)
-- severity: error
select
    company_month.company_id,
    company_month.period
from company_month
inner join company on company_month.company_id = company.company_id
where
    company_month.sessions > case company.company_size when 'small' then 10 else 20 end
