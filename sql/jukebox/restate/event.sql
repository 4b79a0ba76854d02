-- question: How are staged events written as lines of NDJSON that are read as the same events?
--           Names in braces are identifiers.
-- grain: a staged event
-- What is not given stays out. A location's contact was never kept (3.14), yet it has to be told.
with dated as (
    select
        *,
        to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from {staged}
),

told as (
    select
        _row,
        event_id,
        event_type,
        case event_type
            when 'Sale.CustomerRegistered'
                then
                    json_build_object(
                        'CustomerId', customer_id,
                        'CustomerName', name,
                        'LegalAddress', address,
                        'CustomerPhoneNumber', phone_number,
                        'CustomerIdentityNumber', identity_number,
                        'OccurredAt', at
                    )
            when 'Sale.LocationRegistered'
                then
                    json_build_object(
                        'LocationId', location_id,
                        'CustomerId', customer_id,
                        'Latitude', latitude,
                        'Longitude', longitude,
                        'Address', address,
                        'ContactName', '-',
                        'ContactPhoneNumber', '-',
                        'OccurredAt', at
                    )
            when 'Sale.DeviceAllocated'
                then
                    json_build_object(
                        'DeviceId', device_id,
                        'LocationAllocatedId', location_id,
                        'SellingAgent', json_build_object(
                            'AgentId', agent_id,
                            'AgentName', agent_name
                        ),
                        'DeviceDetails', json_build_object(
                            'DevicePrice', amount,
                            'DeviceName', name,
                            'Id', device_id
                        ),
                        'OccurredAt', at
                    )
            when 'Payment.PaymentReceived'
                then
                    json_build_object(
                        'PaymentId', payment_id,
                        'PaymentAmount', amount,
                        'DeviceId', device_id,
                        'CustomerId', customer_id,
                        'OccurredAt', at
                    )
            when 'Music.SongListened'
                then
                    json_build_object(
                        'SongId', song_id,
                        'SongCompleted', is_completed,
                        'DeviceId', device_id,
                        'OccurredAt', at
                    )
            when 'Music.SongPublished'
                then
                    json_build_object(
                        'SongId', song_id,
                        'SongDetails', json_build_object(
                            'ArtistName', artist_name,
                            'SongName', name,
                            'AlbumName', album_name,
                            'SongLength', song_length,
                            'SongSizeMb', song_size
                        ),
                        'OccurredAt', at
                    )
            when 'Music.SongRemoved'
                then
                    json_build_object(
                        'SongId', song_id,
                        'OccurredAt', at
                    )
            when 'Logistic.DevicePurchased' then json_build_object(
                'DeviceId', device_id,
                'DeviceDetails', json_build_object(
                    'DevicePrice', amount,
                    'DeviceName', name,
                    'Id', device_id
                ),
                'OccurredAt', at
            )
        end as payload
    from dated
)

select
    _row,
    event_id,
    convert_to(
        json_strip_nulls(
            json_build_object('EventId', event_id, 'EventType', event_type, 'Payload', payload)
        )::text,
        'UTF8'
    ) as raw
from told
