-- question: How many companies of each size were active in each month, and how much?
-- grain: one row for each month covered and company size, zeros included
-- unit: companies, sessions
with active as (
    select
        company_month.period,
        company.company_size,
        count(*) as active_companies,
        sum(company_month.sessions) as sessions
    from company_month
    inner join company on company_month.company_id = company.company_id
    group by company_month.period, company.company_size
),

calendar as (
    select
        month.period,
        plan.company_size
    from month
    cross join plan
)

select
    calendar.period,
    calendar.company_size,
    coalesce(active.active_companies, 0) as active_companies,
    coalesce(active.sessions, 0) as sessions
from calendar
left join active
    on
        calendar.period = active.period
        and calendar.company_size = active.company_size
