-- question: The statements that prepare a session, and that tell whose it is.

-- name: prepare
-- Times in UTC, as text in ISO's form, no notices. At least 64 MB of memory, in which a million
-- groups find room, and 256 MB to sort keys in; more where the server has more to give. An index is
-- made by one process, as two sessions work side by side: more take a third more of the processors.
-- To compile queries (jit) costs more than it gains here. Locks are waited for as long as each
-- place says, whatever a user is used to. A statement of a client that was killed ends within a
-- second, where the server can tell. Where we may say so, a vacuum gives way after a tenth of a
-- second to a run that replaces its table: readers wait behind the run meanwhile.
select
    set_config('timezone', 'UTC', false) as timezone,
    set_config('datestyle', 'ISO', false) as datestyle,
    set_config('client_min_messages', 'warning', false) as client_min_messages,
    set_config('application_name', $1, false) as application_name,
    set_config('jit', 'off', false) as jit,
    set_config('lock_timeout', '0', false) as lock_timeout,
    case
        when version() ~ 'linux'
            then set_config('client_connection_check_interval', '1000', false)
    end as client_connection_check_interval,
    set_config(
        'work_mem',
        greatest(pg_size_bytes(current_setting('work_mem')) / 1024, 65536)::text,
        false
    ) as work_mem,
    set_config(
        'maintenance_work_mem',
        greatest(pg_size_bytes(current_setting('maintenance_work_mem')) / 1024, 262144)::text,
        false
    ) as maintenance_work_mem,
    set_config('max_parallel_maintenance_workers', '0', false) as max_parallel_maintenance_workers,
    case
        when current_setting('is_superuser')::boolean
            then set_config('deadlock_timeout', '100ms', false)
    end as deadlock_timeout;

-- name: version
select current_setting('server_version') as version;
