-- question: The statement that makes the embedded server's database.

-- name: make_database
create database {name};
