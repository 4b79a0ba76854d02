-- question: The statements that make, attach and take out one partition of a table. Names in braces
--           are identifiers; those that begin with `write` write a statement with a value in it.

-- name: make
create table {partition} (
    like {table} including defaults including constraints including comments
);

-- name: write_value
-- The column $2 of the partition has the value $3 in every row; the check spares `attach` a scan.
select
    format(
        'alter table %1$s alter column %2$I set default %3$L, '
        'add constraint partition_value check (%2$I = %3$L)',
        $1,
        $2,
        $3
    ) as statement;

-- name: write_attach
select format('alter table %s attach partition %s for values in (%L)', $1, $2, $3) as statement;

-- name: drop_check
alter table {partition} drop constraint partition_value;

-- name: detach
alter table {table} detach partition {partition};

-- name: drop_old
drop table if exists {partition};

-- name: move_in
alter table {partition} set schema {schema};
