-- rule: Every session lies in the company and the month that its id names.
-- requirement: 1.13
-- severity: error
-- Numbered by counting the months before, as a window function would keep PostgreSQL from
-- comparing the sessions in parallel; and a range costs less than to truncate each time.
with calendar as (
    select
        month.period::timestamp at time zone 'UTC' as begins_at,
        (month.period + interval '1 month') at time zone 'UTC' as ends_at,
        count(*) as number
    from month
    inner join month as earlier on month.period >= earlier.period
    group by month.period
)

select session.session_id
from session
left join calendar on (session.session_id / 100 % 10000) = calendar.number
where
    session.session_id / 1000000 <> session.company_id
    or calendar.number is null
    or session.created_at < calendar.begins_at
    or session.created_at >= calendar.ends_at
