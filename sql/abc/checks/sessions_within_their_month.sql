-- rule: Every session lies in the company and the month that its id names.
-- requirement: 1.13
-- severity: error
with calendar as (
    select
        period,
        row_number() over (order by period) as number
    from month
)

select session.session_id
from session
left join calendar on (session.session_id / 100 % 10000) = calendar.number
where
    session.session_id / 1000000 <> session.company_id
    or date_trunc('month', session.created_at at time zone 'UTC') is distinct from calendar.period
