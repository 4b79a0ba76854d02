-- question: The statements that let a role read a job's views, and nothing else of it. Names in
--           braces are identifiers.

-- name: views_of
-- Those in schema $1.
select class.relname::text as name
from pg_class as class
where
    class.relnamespace = to_regnamespace(quote_ident($1))
    and class.relkind = 'v'
order by class.relname;

-- name: drop_views
drop view {views};

-- name: find_role
-- Whether role $1 is there, and whether this user may make it.
select
    exists(
        select 1 from pg_roles
        where rolname = $1
    ) as is_there,
    (
        select rolcreaterole or rolsuper from pg_roles
        where rolname = current_user
    ) as may_be_made;

-- name: may_read
-- Whether role $1 may read each of the views that the JSON array $3 names in schema $2.
select
    has_schema_privilege($1, $2, 'usage')
    and bool_and(
        has_table_privilege($1, quote_ident($2) || '.' || quote_ident(named.value), 'select')
    ) as is_true
from json_array_elements_text($3::json) as named;

-- name: make_role
create role {role};

-- name: let_in
grant usage on schema {schema} to {role};

-- name: let_read
grant select on {views} to {role};
