-- question: What identifies a row of each table, and what does it refer to? A block for each
--           table, added when its rows are there. The event's other indexes find the few events
--           of which a run makes a row anew; plays are not made anew. Where a table is read
--           while it gets its keys, the primary one comes last, of an index made before: it alone
--           shuts out who reads.

-- name: event
create unique index event_pkey on event (event_id);
create index on event (customer_id) where event_type = 'Sale.CustomerRegistered';
create index on event (location_id) where event_type = 'Sale.LocationRegistered';
create index on event (device_id)
where event_type in ('Sale.DeviceAllocated', 'Logistic.DevicePurchased');
create index on event (agent_id) where event_type = 'Sale.DeviceAllocated';
create index on event (payment_id) where event_type = 'Payment.PaymentReceived';
create index on event (song_id) where event_type in ('Music.SongPublished', 'Music.SongRemoved');
alter table event add primary key using index event_pkey;

-- name: customers
alter table customers add primary key (id);

-- name: locations
alter table locations add primary key (id);
alter table locations add foreign key (customer_id) references customers;

-- name: agents
alter table agents add primary key (id);

-- name: artists
alter table artists add primary key (id);
alter table artists add unique (name);

-- name: albums
alter table albums add primary key (id);
alter table albums add unique (artist_id, name);
alter table albums add foreign key (artist_id) references artists;

-- name: songs
alter table songs add primary key (id);
alter table songs add foreign key (album_id) references albums;
alter table songs add check (length >= 0 and size >= 0);

-- name: devices
alter table devices add primary key (id);
alter table devices add check (purchase_cost >= 0 and sale_price >= 0);

-- name: allocations
alter table allocations add primary key (id);
alter table allocations add unique (event_id);
alter table allocations add foreign key (device_id) references devices;
alter table allocations add foreign key (location_id) references locations;
alter table allocations add foreign key (agent_id) references agents;
alter table allocations add check (price >= 0);
create index on allocations (device_id);

-- name: payments
alter table payments add primary key (id);
alter table payments add foreign key (device_id) references devices;
alter table payments add foreign key (customer_id) references customers;
alter table payments add check (amount >= 0);
create index on payments (device_id);

-- name: songs_played
create unique index songs_played_pkey on songs_played (event_id);
create index on songs_played using brin (played_at);
create index on songs_played (device_id) where device_id is null;
alter table songs_played add foreign key (song_id) references songs;
alter table songs_played add foreign key (device_id) references devices;
alter table songs_played add primary key using index songs_played_pkey;

-- name: agent_days
alter table agent_days add primary key (begins_at, agent_id);
alter table agent_days add foreign key (agent_id) references agents;

-- name: sales
alter table sales add primary key (allocation_id);
alter table sales add foreign key (allocation_id) references allocations;
alter table sales add foreign key (device_id) references devices;
alter table sales add check (received >= price);
create index on sales (device_id);
