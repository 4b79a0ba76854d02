-- question: What tables does the job jukebox keep, and what does each column serve?
-- grain: event: an event; customers, locations, agents, devices, artists, albums, songs: the latest
--        state of each; allocations: a device given to a location by an agent; payments: a payment;
--        songs_played: a song played, to its end or not; sales: an allocation that is paid
create table event (
    event_id varchar(200) collate "C" not null,
    event_type varchar(40) collate "C" not null,
    occurred_at timestamptz not null,
    customer_id bigint,
    location_id bigint,
    device_id bigint,
    agent_id bigint,
    payment_id bigint,
    song_id bigint,
    name varchar(300),
    address varchar(500),
    phone_number varchar(50),
    identity_number varchar(50),
    latitude numeric(9, 6),
    longitude numeric(9, 6),
    agent_name varchar(300),
    amount numeric(14, 2),
    artist_name varchar(300),
    album_name varchar(300),
    song_length integer,
    song_size numeric(10, 3),
    is_completed boolean
);
comment on table event is 'Every event that was accepted, once: the record of truth (3.10)';
comment on column event.event_id is
'The sender''s; of an event that came without one, SHA-256 of its content';
comment on column event.event_type is 'What happened; it says which of the columns are given (3.9)';
comment on column event.occurred_at is 'When; the latest state of a thing wins by it (3.10)';
comment on column event.customer_id is 'Of a customer, a location, and of a payment where known';
comment on column event.location_id is 'Of a location, or where a device is allocated';
comment on column event.device_id is
'Of a device bought or allocated, and of payments and plays where known';
comment on column event.agent_id is 'Who allocated the device';
comment on column event.payment_id is 'Of a payment';
comment on column event.song_id is 'Of a song published, removed or listened to';
comment on column event.name is
'Of the customer, the device or the song; a customer''s is personal';
comment on column event.address is 'A customer''s legal address, or a location''s: personal';
comment on column event.phone_number is 'A customer''s: personal';
comment on column event.identity_number is 'A customer''s: personal';
comment on column event.latitude is 'Of a location, in degrees: personal';
comment on column event.longitude is 'Of a location, in degrees: personal';
comment on column event.agent_name is 'Of the agent who allocated the device';
comment on column event.amount is
'Paid, or the device''s price: its cost where it is bought, its sale price where allocated (3.15)';
comment on column event.artist_name is 'Of a song';
comment on column event.album_name is 'Of a song';
comment on column event.song_length is 'Of a song, in seconds';
comment on column event.song_size is 'Of a song, in MB';
comment on column event.is_completed is 'Whether the song was played to its end (3.19)';

create table customers (
    id bigint not null,
    name varchar(300) not null,
    legal_address varchar(500) not null,
    phone_number varchar(50) not null,
    identity_number varchar(50) not null,
    updated_at timestamptz not null,
    event_id varchar(200) collate "C" not null
);
comment on table customers is 'Who has jukeboxes, as last registered';
comment on column customers.id is 'The sender''s';
comment on column customers.name is 'Personal';
comment on column customers.legal_address is 'Personal';
comment on column customers.phone_number is 'Personal (3.12)';
comment on column customers.identity_number is 'Personal (3.12)';
comment on column customers.updated_at is 'When that was registered';
comment on column customers.event_id is 'The event that says so (3.26)';

create table locations (
    id bigint not null,
    customer_id bigint not null,
    latitude numeric(9, 6) not null,
    longitude numeric(9, 6) not null,
    address varchar(500) not null,
    updated_at timestamptz not null,
    event_id varchar(200) collate "C" not null
);
comment on table locations is 'Where jukeboxes stand, as last registered';
comment on column locations.id is 'The sender''s';
comment on column locations.customer_id is 'Whose it is (3.22)';
comment on column locations.latitude is 'In degrees; personal';
comment on column locations.longitude is 'In degrees; personal';
comment on column locations.address is 'Personal';
comment on column locations.updated_at is 'When that was registered';
comment on column locations.event_id is 'The event that says so (3.26)';

create table agents (
    id bigint not null,
    name varchar(300) not null,
    updated_at timestamptz not null,
    event_id varchar(200) collate "C" not null
);
comment on table agents is 'Who sells, by the last allocation of each';
comment on column agents.id is 'The sender''s';
comment on column agents.name is 'Who is to be rewarded (3.2)';
comment on column agents.updated_at is 'When that allocation was';
comment on column agents.event_id is 'The event that says so (3.26)';

create table devices (
    id bigint not null,
    name varchar(300) not null,
    purchase_cost numeric(14, 2),
    purchased_at timestamptz,
    purchase_event_id varchar(200) collate "C",
    sale_price numeric(14, 2),
    allocated_at timestamptz,
    allocation_event_id varchar(200) collate "C"
);
comment on table devices is 'The jukeboxes, as last bought and as last allocated (3.15)';
comment on column devices.id is 'The sender''s';
comment on column devices.name is 'The product, by the later of both (3.7)';
comment on column devices.purchase_cost is 'What it cost us; null: its purchase is not known';
comment on column devices.purchased_at is 'When it was bought (3.4)';
comment on column devices.purchase_event_id is 'The event that says so (3.26)';
comment on column devices.sale_price is 'What its last customer is to pay; null: not allocated yet';
comment on column devices.allocated_at is 'When that was';
comment on column devices.allocation_event_id is 'The event that says so (3.26)';

create table allocations (
    id bigint not null,
    device_id bigint not null,
    location_id bigint not null,
    agent_id bigint not null,
    price numeric(14, 2) not null,
    starts_at timestamptz not null,
    ends_at timestamptz,
    event_id varchar(200) collate "C" not null
);
comment on table allocations is 'Devices given to locations, one row for each event (3.1)';
comment on column allocations.id is
'The first 63 bits of SHA-256 of the event''s id: the same for the same events (3.11)';
comment on column allocations.device_id is 'What was sold';
comment on column allocations.location_id is 'Where it stands, and by that whose it is';
comment on column allocations.agent_id is 'Who sold it (3.2)';
comment on column allocations.price is 'What is expected for it (3.6)';
comment on column allocations.starts_at is 'In force from then on';
comment on column allocations.ends_at is
'... until then, when the device''s next begins; null: it is in force now';
comment on column allocations.event_id is 'The event that says so (3.26)';

create table payments (
    id bigint not null,
    device_id bigint,
    customer_id bigint,
    amount numeric(14, 2) not null,
    received_at timestamptz not null,
    event_id varchar(200) collate "C" not null
);
comment on table payments is 'Money received, as last told';
comment on column payments.id is 'The sender''s';
comment on column payments.device_id is
'For which device; null: nobody said, nobody guesses (3.16)';
comment on column payments.customer_id is 'By whom; null: nobody said';
comment on column payments.amount is 'Not negative (3.22)';
comment on column payments.received_at is 'When (3.3)';
comment on column payments.event_id is 'The event that says so (3.26)';

create table artists (
    id bigint not null,
    name varchar(300) not null
);
comment on table artists is 'Every artist that a song was published of';
comment on column artists.id is 'The first 63 bits of SHA-256 of the name (3.11)';
comment on column artists.name is 'As published';

create table albums (
    id bigint not null,
    artist_id bigint not null,
    name varchar(300) not null
);
comment on table albums is 'Every album that a song was published of';
comment on column albums.id is
'The first 63 bits of SHA-256 of the artist''s name, a line feed and its own (3.11)';
comment on column albums.artist_id is 'Whose it is; albums of two artists may share a name';
comment on column albums.name is 'As published';

create table songs (
    id bigint not null,
    album_id bigint not null,
    name varchar(300) not null,
    length integer not null,
    size numeric(10, 3) not null,
    is_removed boolean not null,
    updated_at timestamptz not null,
    event_id varchar(200) collate "C" not null
);
comment on table songs is 'Songs as last published, or removed since (3.17)';
comment on column songs.id is 'The sender''s';
comment on column songs.album_id is 'The album, and by that the artist';
comment on column songs.name is 'As last published';
comment on column songs.length is 'Seconds';
comment on column songs.size is 'MB';
comment on column songs.is_removed is 'Removed after it was last published';
comment on column songs.updated_at is 'When it was last published or removed';
comment on column songs.event_id is 'The event that says so (3.26)';

create table songs_played (
    played_at timestamptz not null,
    song_id bigint not null,
    is_completed boolean not null,
    device_id bigint,
    event_id varchar(200) collate "C" not null
);
comment on table songs_played is 'Each time that a song was listened to';
comment on column songs_played.event_id is 'The event that says so (3.26)';
comment on column songs_played.song_id is 'Which song';
comment on column songs_played.device_id is 'Where; null: nobody said, nobody guesses (3.18)';
comment on column songs_played.played_at is
'When; whose the device was then, and who had sold it, is asked of the allocations (3.2)';
comment on column songs_played.is_completed is 'To its end: others count only where asked (3.19)';

create table agent_days (
    begins_at timestamptz not null,
    agent_id bigint not null,
    songs_played bigint not null,
    songs_completed bigint not null
);
comment on table agent_days is
'The plays of a day on the devices that an agent had allocated: made anew for each day of which'
' an event, maybe late, changes them (3.2)';
comment on column agent_days.begins_at is 'The day: its midnight by UTC';
comment on column agent_days.agent_id is 'Whose allocation was in force, paid or not';
comment on column agent_days.songs_played is 'To their end or not';
comment on column agent_days.songs_completed is 'To their end (3.19)';

create table sales (
    allocation_id bigint not null,
    device_id bigint not null,
    price numeric(14, 2) not null,
    received numeric(24, 2) not null,
    sold_at timestamptz not null
);
comment on table sales is 'Allocations whose payments reach their price (3.20)';
comment on column sales.allocation_id is
'The allocation; by it the location, the customer, the agent';
comment on column sales.device_id is 'What was sold';
comment on column sales.price is 'What it was sold for';
comment on column sales.received is 'What was paid for this allocation by now, maybe more';
comment on column sales.sold_at is
'The later of the allocation and the payment that reached the price';
