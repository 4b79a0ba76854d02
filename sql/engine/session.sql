-- question: The statement that prepares a session: times in UTC, no notices.

-- name: prepare
select
    set_config('timezone', 'UTC', false) as timezone,
    set_config('client_min_messages', 'warning', false) as client_min_messages,
    set_config('application_name', $1, false) as application_name;
