-- question: What tables does the job ratings keep, and what does each column serve?
-- grain: customer_rating: a number that a customer rated; file_invalid_rows: a row of a file that
--        could not be loaded
create table customer_rating (
    customer text not null,
    customer_number integer not null,
    customer_rating integer not null,
    customer_rating_limit integer not null,
    customer_status varchar(25) not null
) partition by list (customer);
comment on table customer_rating is
'Every customer''s ratings; each one''s own are in the partition customer_rating_<customer>';
comment on column customer_rating.customer is 'Whose file it came from; figures are told by it';
comment on column customer_rating.customer_number is 'Unique in a file; counted (4.7)';
comment on column customer_rating.customer_rating is 'Summed (4.8)';
comment on column customer_rating.customer_rating_limit is
'What the rating should not be above; a check warns';
comment on column customer_rating.customer_status is
'high-value, in whatever case, is counted (4.9)';

-- Its columns stand in the order in which people ask.
create view file_invalid_rows as
select -- noqa: ST06
    run_id,
    part as customer,
    source as file,
    line_number,
    case
        when is_text then convert_from(raw, 'UTF8') else encode(raw, 'escape')
    end as raw,
    failed_rules,
    error
from quarantine
where state = 'rejected';
comment on view file_invalid_rows is 'The quarantine in the words of the brief (4.4, 4.20)';
comment on column file_invalid_rows.run_id is 'The last run that read it';
comment on column file_invalid_rows.customer is 'Whose file it came from';
comment on column file_invalid_rows.file is 'The file''s name';
comment on column file_invalid_rows.line_number is 'Its line there; the header is line 1';
comment on column file_invalid_rows.raw is
'The line as it came; bytes that are no text as octal numbers behind a backslash';
comment on column file_invalid_rows.failed_rules is
'Every rule that it broke, and the column of each';
comment on column file_invalid_rows.error is 'The same in words';
