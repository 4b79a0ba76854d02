-- question: The statements with which staged tables take the place of those that readers see.
--           Names in braces are identifiers.

-- name: limit_waiting
select set_config('lock_timeout', $1, true);

-- name: privileges
-- Writes the grants on table $2 of schema $1, its owner's own apart: a new table has none.
select
    format(
        'grant %s on table %I.%I to %s%s',
        granted.privilege_type,
        $1,
        $2,
        case granted.grantee when 0 then 'public' else granted.grantee::regrole::text end,
        case when granted.is_grantable then ' with grant option' end
    ) as statement
from pg_class as class
cross join aclexplode(class.relacl) as granted
where
    class.oid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
    and granted.grantee <> class.relowner
order by statement;

-- name: drop_old
drop table {tables};

-- name: move_in
alter table {table} set schema {schema};
