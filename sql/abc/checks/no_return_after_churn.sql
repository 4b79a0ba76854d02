-- rule: No company is active again after a month without a session.
-- requirement: 1.14
-- severity: error
with calendar as (
    select
        period,
        row_number() over (order by period) as number
    from month
)

select company_month.company_id
from company_month
inner join calendar on company_month.period = calendar.period
group by company_month.company_id
having count(*) <> max(calendar.number)
