-- question: In which months was each company active, and how much?
-- grain: one row for each company and month in which it had a session
-- unit: sessions
select
    company_id,
    date_trunc('month', created_at at time zone 'UTC')::date as period,
    count(*)::integer as sessions,
    min(session_id) as first_session_id,
    max(session_id) as last_session_id
from session
group by company_id, period
