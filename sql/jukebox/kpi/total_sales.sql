-- question: How many jukeboxes did we sell in all, and for how much?
-- definition: A sale is an allocation whose payments reach its price, in one or in instalments. The
--             revenue is the sum of the prices of the sales, not of what was paid for them. Every
--             sale counts, also one that is dated later than the report.
-- why: It is what the company lives on. A device that stands somewhere and is not paid is no sale.
-- requirement: 3.1, 3.20
-- grain: one row, also where nothing was sold
-- unit: sales, and the currency of the payments
-- show: revenue decimal
select
    count(*) as sales,
    coalesce(sum(price), 0)::numeric(24, 2) as revenue
from sales
