-- question: The statements that make a database.

-- name: is_there
select 1 from pg_database
where datname = $1;

-- name: make_database
create database {name};
