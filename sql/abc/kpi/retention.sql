-- question: How many customers did we have, by company size, in each month, and how many did we
--           lose?
-- definition: Companies with at least one session in the month; lost are those of the month before
--             that have none in this one. In the first month: companies acquired that never had a
--             session. Who is lost never comes back.
-- why: Nobody is acquired after the first month, so the business is worth what it keeps. The
--      companies lost show a bad month before revenue averages it out.
-- grain: one row for each month and company size, and one for all sizes together
-- unit: companies
-- across: company_size
-- between: lost
-- show: companies count, lost count
with acquired as (
    select
        company_size,
        count(*) as companies
    from company
    group by company_size
),

by_size as (
    select
        size_month.period,
        size_month.company_size,
        plan.monthly_price,
        size_month.active_companies as companies,
        lag(size_month.active_companies, 1, coalesce(acquired.companies, 0))
            over (partition by size_month.company_size order by size_month.period)
        - size_month.active_companies as lost
    from size_month
    inner join plan on size_month.company_size = plan.company_size
    left join acquired on size_month.company_size = acquired.company_size
)

select
    period,
    coalesce(company_size, 'all') as company_size,
    sum(companies)::bigint as companies,
    sum(lost)::bigint as lost
from by_size
group by grouping sets ((period, company_size), (period))
order by period, grouping(company_size), min(monthly_price)
