-- rule: The months covered follow on one another, none left out.
-- requirement: 0.10
-- severity: error
with calendar as (
    select
        period,
        lag(period) over (order by period) as previous
    from month
)

select period
from calendar
where period <> previous + interval '1 month'
