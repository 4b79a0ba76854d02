-- question: The statements that prepare a session, with times in UTC and no notices, and that tell
--           whose it is.

-- name: prepare
select
    set_config('timezone', 'UTC', false) as timezone,
    set_config('client_min_messages', 'warning', false) as client_min_messages,
    set_config('application_name', $1, false) as application_name;

-- name: version
select current_setting('server_version') as version;
