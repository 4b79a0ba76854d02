-- rule: No company is active again after a month without a session.
-- requirement: 1.14
-- severity: error
with calendar as (
    select
        period,
        row_number() over (order by period) as number
    from month
),

active as (
    select
        company_id,
        count(*) as months,
        max(period) as last_month
    from company_month
    group by company_id
)

select active.company_id
from active
inner join calendar on active.last_month = calendar.period
where active.months <> calendar.number
