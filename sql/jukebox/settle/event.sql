-- question: Which staged events refer to what is not known, neither to readers nor by another
--           staged event that is accepted? They wait. Names in braces are identifiers.
-- grain: a staged event and what it lacks; an event may lack two things
-- Plays are nearly all events: the ids that they name are few, and looked for first.
with other as materialized (
    select
        _row,
        ctid as place,
        event_type,
        customer_id,
        location_id,
        device_id,
        song_id
    from {staged}
    where event_type <> 'Music.SongListened'
),

known_customer as materialized (
    select id from {published:customers}
    union
    select customer_id as id
    from other
    where event_type = 'Sale.CustomerRegistered'
),

known_location as materialized (
    select id from {published:locations}
    union
    select location_id as id
    from other
    where
        event_type = 'Sale.LocationRegistered'
        and customer_id in (select known_customer.id from known_customer)
),

known_device as materialized (
    select id from {published:devices}
    union
    select device_id as id
    from other
    where
        event_type = 'Logistic.DevicePurchased'
        or (
            event_type = 'Sale.DeviceAllocated'
            and location_id in (select known_location.id from known_location)
        )
),

known_song as materialized (
    select id from {published:songs}
    union
    select song_id as id
    from other
    where event_type = 'Music.SongPublished'
),

unknown_song as materialized (
    select named.parent as id
    from {parents:song_id} as named
    where not exists (
        select 1 from known_song
        where known_song.id = named.parent
    )
),

unknown_device as materialized (
    select named.parent as id
    from {parents:device_id} as named
    where not exists (
        select 1 from known_device
        where known_device.id = named.parent
    )
)

select
    _row,
    'unknown_customer' as rule,
    'customer_id' as column_name,
    place
from other
where
    event_type in ('Sale.LocationRegistered', 'Payment.PaymentReceived')
    and customer_id is not null
    and not exists (
        select 1 from known_customer
        where known_customer.id = other.customer_id
    )
union all
select
    _row,
    'unknown_location' as rule,
    'location_id' as column_name,
    place
from other
where
    event_type = 'Sale.DeviceAllocated'
    and not exists (
        select 1 from known_location
        where known_location.id = other.location_id
    )
union all
select
    _row,
    'unknown_device' as rule,
    'device_id' as column_name,
    place
from other
where
    event_type = 'Payment.PaymentReceived'
    and device_id is not null
    and not exists (
        select 1 from known_device
        where known_device.id = other.device_id
    )
union all
select
    _row,
    'unknown_song' as rule,
    'song_id' as column_name,
    place
from other
where
    event_type = 'Music.SongRemoved'
    and not exists (
        select 1 from known_song
        where known_song.id = other.song_id
    )
union all
select
    _row,
    'unknown_device' as rule,
    'device_id' as column_name,
    ctid as place
from {staged}
where
    event_type = 'Music.SongListened'
    and device_id in (select unknown_device.id from unknown_device)
union all
select
    _row,
    'unknown_song' as rule,
    'song_id' as column_name,
    ctid as place
from {staged}
where
    event_type = 'Music.SongListened'
    and song_id in (select unknown_song.id from unknown_song)
