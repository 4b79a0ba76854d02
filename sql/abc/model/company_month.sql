-- question: In which months was each company active, and how much?
-- grain: one row for each company and month in which it had a session
-- unit: sessions
-- For every session, a zone would be looked up by its name and a month be made a date: a tenth of
-- the time each. So UTC is an interval, and months become dates when they are counted.
select
    company_id,
    month::date as period,
    count(*)::integer as sessions,
    min(session_id) as first_session_id,
    max(session_id) as last_session_id
from (
    select
        company_id,
        session_id,
        date_trunc('month', created_at at time zone interval '0') as month
    from session
) as dated
group by company_id, month
