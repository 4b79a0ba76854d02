-- question: How often did customers use the product on average, by company size, in each month?
-- definition: Sessions of the month divided by the companies active in it: those with at least
--             one session. Undefined in a month in which none was active.
-- why: Use comes before money. A customer who opens the product less often is the next to leave,
--      so a falling average warns a month or more before revenue shows it.
-- grain: one row for each month and company size, and one for all sizes together
-- unit: sessions per active company, and sessions
-- across: company_size
-- show: average_sessions decimal, sessions count
select
    size_month.period,
    coalesce(size_month.company_size, 'all') as company_size,
    sum(size_month.sessions)::bigint as sessions,
    sum(size_month.active_companies)::bigint as active_companies,
    sum(size_month.sessions) / nullif(sum(size_month.active_companies), 0) as average_sessions
from size_month
inner join plan on size_month.company_size = plan.company_size
group by grouping sets ((size_month.period, size_month.company_size), (size_month.period))
order by size_month.period, grouping(size_month.company_size), min(plan.monthly_price)
