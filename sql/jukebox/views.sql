-- question: What may people read who only read? Everything but what is personal: that is left out,
--           or masked (3.12, 3.28).
-- grain: as the table that each view is named after; a block for each. Three stars stand for what
--        is masked, however long it is.

-- name: readable_event
create view readable_event as
select -- noqa: ST06
    case
        when event_type in ('Sale.CustomerRegistered', 'Sale.LocationRegistered') then '***'
        else event_id
    end as event_id,
    event_type,
    occurred_at,
    customer_id,
    location_id,
    device_id,
    agent_id,
    payment_id,
    song_id,
    agent_name,
    amount,
    artist_name,
    album_name,
    song_length,
    song_size,
    is_completed
from event;

-- name: readable_customers
create view readable_customers as
select -- noqa: ST06
    id,
    case when length(name) > 2 then left(name, 1) else '' end || '***' as name,
    '***'::text as legal_address,
    '***' || case when length(phone_number) > 5 then right(phone_number, 2) else '' end
        as phone_number,
    '***'::text as identity_number,
    updated_at
from customers;

-- name: readable_locations
create view readable_locations as
select -- noqa: ST06
    id,
    customer_id,
    round(latitude, 1) as latitude,
    round(longitude, 1) as longitude,
    updated_at
from locations;

-- name: readable_agents
create view readable_agents as
select
    id,
    name,
    updated_at,
    event_id
from agents;

-- name: readable_devices
create view readable_devices as
select
    id,
    name,
    purchase_cost,
    purchased_at,
    purchase_event_id,
    sale_price,
    allocated_at,
    allocation_event_id
from devices;

-- name: readable_allocations
create view readable_allocations as
select
    id,
    device_id,
    location_id,
    agent_id,
    price,
    starts_at,
    ends_at,
    event_id
from allocations;

-- name: readable_payments
create view readable_payments as
select
    id,
    device_id,
    customer_id,
    amount,
    received_at,
    event_id
from payments;

-- name: readable_artists
create view readable_artists as
select
    id,
    name
from artists;

-- name: readable_albums
create view readable_albums as
select
    id,
    artist_id,
    name
from albums;

-- name: readable_songs
create view readable_songs as
select
    id,
    album_id,
    name,
    length,
    size,
    is_removed,
    updated_at,
    event_id
from songs;

-- name: readable_songs_played
create view readable_songs_played as
select
    event_id,
    song_id,
    device_id,
    played_at,
    is_completed
from songs_played;

-- name: readable_agent_days
create view readable_agent_days as
select
    begins_at,
    agent_id,
    songs_played,
    songs_completed
from agent_days;

-- name: readable_sales
create view readable_sales as
select
    allocation_id,
    device_id,
    price,
    received,
    sold_at
from sales;

comment on view readable_event is 'Every event that was accepted, without what is personal';
comment on column readable_event.event_id is
'As in `event`; masked of a customer or location: without the sender''s it is SHA-256 of what is'
' personal, by which a guess could be verified';
comment on column readable_event.event_type is
'What happened; it says which of the columns are given (3.9)';
comment on column readable_event.occurred_at is
'When; the latest state of a thing wins by it (3.10)';
comment on column readable_event.customer_id is
'Of a customer, a location, and of a payment where known';
comment on column readable_event.location_id is 'Of a location, or where a device is allocated';
comment on column readable_event.device_id is
'Of a device bought or allocated, and of payments and plays where known';
comment on column readable_event.agent_id is 'Who allocated the device';
comment on column readable_event.payment_id is 'Of a payment';
comment on column readable_event.song_id is 'Of a song published, removed or listened to';
comment on column readable_event.agent_name is 'Of the agent who allocated the device';
comment on column readable_event.amount is
'Paid, or the device''s price: its cost where it is bought, its sale price where allocated (3.15)';
comment on column readable_event.artist_name is 'Of a song';
comment on column readable_event.album_name is 'Of a song';
comment on column readable_event.song_length is 'Of a song, in seconds';
comment on column readable_event.song_size is 'Of a song, in MB';
comment on column readable_event.is_completed is 'Whether the song was played to its end (3.19)';
comment on view readable_customers is 'Who has jukeboxes, masked';
comment on column readable_customers.id is 'The sender''s';
comment on column readable_customers.name is 'Its first letter, of a longer name';
comment on column readable_customers.legal_address is 'Masked';
comment on column readable_customers.phone_number is 'Its last two characters';
comment on column readable_customers.identity_number is 'Masked';
comment on column readable_customers.updated_at is 'When that was registered';
comment on view readable_locations is 'Where jukeboxes stand, about';
comment on column readable_locations.id is 'The sender''s';
comment on column readable_locations.customer_id is 'Whose it is (3.22)';
comment on column readable_locations.latitude is 'In degrees, to about ten kilometres';
comment on column readable_locations.longitude is 'In degrees, to about ten kilometres';
comment on column readable_locations.updated_at is 'When that was registered';
comment on view readable_agents is 'Who sells, by the last allocation of each';
comment on column readable_agents.id is 'The sender''s';
comment on column readable_agents.name is 'Who is to be rewarded (3.2)';
comment on column readable_agents.updated_at is 'When that allocation was';
comment on column readable_agents.event_id is 'The event that says so (3.26)';
comment on view readable_devices is 'The jukeboxes, as last bought and as last allocated (3.15)';
comment on column readable_devices.id is 'The sender''s';
comment on column readable_devices.name is 'The product, by the later of both (3.7)';
comment on column readable_devices.purchase_cost is
'What it cost us; null: its purchase is not known';
comment on column readable_devices.purchased_at is 'When it was bought (3.4)';
comment on column readable_devices.purchase_event_id is 'The event that says so (3.26)';
comment on column readable_devices.sale_price is
'What its last customer is to pay; null: not allocated yet';
comment on column readable_devices.allocated_at is 'When that was';
comment on column readable_devices.allocation_event_id is 'The event that says so (3.26)';
comment on view readable_allocations is 'Devices given to locations, one row for each event (3.1)';
comment on column readable_allocations.id is
'The first 63 bits of SHA-256 of the event''s id: the same for the same events (3.11)';
comment on column readable_allocations.device_id is 'What was sold';
comment on column readable_allocations.location_id is 'Where it stands, and by that whose it is';
comment on column readable_allocations.agent_id is 'Who sold it (3.2)';
comment on column readable_allocations.price is 'What is expected for it (3.6)';
comment on column readable_allocations.starts_at is 'In force from then on';
comment on column readable_allocations.ends_at is
'... until then, when the device''s next begins; null: it is in force now';
comment on column readable_allocations.event_id is 'The event that says so (3.26)';
comment on view readable_payments is 'Money received, as last told';
comment on column readable_payments.id is 'The sender''s';
comment on column readable_payments.device_id is
'For which device; null: nobody said, nobody guesses (3.16)';
comment on column readable_payments.customer_id is 'By whom; null: nobody said';
comment on column readable_payments.amount is 'Not negative (3.22)';
comment on column readable_payments.received_at is 'When (3.3)';
comment on column readable_payments.event_id is 'The event that says so (3.26)';
comment on view readable_artists is 'Every artist that a song was published of';
comment on column readable_artists.id is 'The first 63 bits of SHA-256 of the name (3.11)';
comment on column readable_artists.name is 'As published';
comment on view readable_albums is 'Every album that a song was published of';
comment on column readable_albums.id is
'The first 63 bits of SHA-256 of the artist''s name, a line feed and its own (3.11)';
comment on column readable_albums.artist_id is
'Whose it is; albums of two artists may share a name';
comment on column readable_albums.name is 'As published';
comment on view readable_songs is 'Songs as last published, or removed since (3.17)';
comment on column readable_songs.id is 'The sender''s';
comment on column readable_songs.album_id is 'The album, and by that the artist';
comment on column readable_songs.name is 'As last published';
comment on column readable_songs.length is 'Seconds';
comment on column readable_songs.size is 'MB';
comment on column readable_songs.is_removed is 'Removed after it was last published';
comment on column readable_songs.updated_at is 'When it was last published or removed';
comment on column readable_songs.event_id is 'The event that says so (3.26)';
comment on view readable_songs_played is 'Each time that a song was listened to';
comment on column readable_songs_played.event_id is 'The event that says so (3.26)';
comment on column readable_songs_played.song_id is 'Which song';
comment on column readable_songs_played.device_id is
'Where; null: nobody said, nobody guesses (3.18)';
comment on column readable_songs_played.played_at is
'When; whose the device was then, and who had sold it, is asked of the allocations (3.2)';
comment on column readable_songs_played.is_completed is
'To its end: others count only where asked (3.19)';
comment on view readable_agent_days is
'The plays of a day on the devices that an agent had allocated: made anew for each day of which'
' an event, maybe late, changes them (3.2)';
comment on column readable_agent_days.begins_at is 'The day: its midnight by UTC';
comment on column readable_agent_days.agent_id is 'Whose allocation was in force, paid or not';
comment on column readable_agent_days.songs_played is 'To their end or not';
comment on column readable_agent_days.songs_completed is 'To their end (3.19)';
comment on view readable_sales is 'Allocations whose payments reach their price (3.20)';
comment on column readable_sales.allocation_id is
'The allocation; by it the location, the customer, the agent';
comment on column readable_sales.device_id is 'What was sold';
comment on column readable_sales.price is 'What it was sold for';
comment on column readable_sales.received is 'What was paid for this allocation by now, maybe more';
comment on column readable_sales.sold_at is
'The later of the allocation and the payment that reached the price';
