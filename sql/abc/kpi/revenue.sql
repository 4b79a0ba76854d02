-- question: How much revenue did we make, by company size, in each month?
-- definition: Monthly recurring revenue (MRR): the plan's price times the companies active in the
--             month. A company is not billed for the month in which it churned.
-- why: It is what the business lives on. Told by size, it shows which customers carry it: a large
--      company pays as much as five small ones and stays nearly twice as long.
-- grain: one row for each month and company size, and one for all sizes together
-- unit: US dollars
-- across: company_size
-- show: revenue money
select
    size_month.period,
    coalesce(size_month.company_size, 'all') as company_size,
    sum(plan.monthly_price * size_month.active_companies)::numeric(18, 2) as revenue
from size_month
inner join plan on size_month.company_size = plan.company_size
group by grouping sets ((size_month.period, size_month.company_size), (size_month.period))
order by size_month.period, grouping(size_month.company_size), min(plan.monthly_price)
