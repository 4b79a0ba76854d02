-- question: The statements with which staged tables take the place of those that readers see.
--           Names in braces are identifiers.

-- name: privileges
-- Writes the grants on table $2 of schema $1 and on its columns, its owner's own apart: a new table
-- has none.
with granted as (
    select
        class.relowner,
        acl.*,
        null::name as column_name
    from pg_class as class
    cross join aclexplode(class.relacl) as acl
    where class.oid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
    union all
    select
        class.relowner,
        acl.*,
        attribute.attname as column_name
    from pg_class as class
    inner join pg_attribute as attribute on class.oid = attribute.attrelid
    cross join aclexplode(attribute.attacl) as acl
    where class.oid = to_regclass(quote_ident($1) || '.' || quote_ident($2))
)

select
    format(
        'grant %s%s on table %I.%I to %s%s',
        privilege_type,
        ' (' || quote_ident(column_name) || ')',
        $1,
        $2,
        case grantee when 0 then 'public' else grantee::regrole::text end,
        case when is_grantable then ' with grant option' end
    ) as statement
from granted
where grantee <> relowner
order by statement;

-- name: lock_staged
lock table {tables} in access exclusive mode;

-- name: drop_old
drop table {tables};

-- name: move_in
alter table {table} set schema {schema};

-- name: take_back
-- Rows of the keys that were touched and have none such any more.
delete from {published} as known
where
    {column:known} in (select touched.key from {keys} as touched)
    and not exists (
        select 1 from {added} as added
        where ({key:added}) = ({key:known})
    );

-- name: grow
insert into {published} ({columns})
select {columns} from {added};

-- name: renew
insert into {published} as known ({columns})
select {columns} from {added}
on conflict ({key}) do update
    set ({columns}) = row ({columns:excluded})
    where row({columns:known}) is distinct from row({columns:excluded});
