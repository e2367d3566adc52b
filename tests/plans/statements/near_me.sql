-- Events within some kilometres.
--
--   query NearMe($latitude: Float!, $longitude: Float!, $from: DateTime!) {
--     events(
--       filter: { near: { latitude: $latitude, longitude: $longitude, radiusKm: 5 }, from: $from }
--     ) {
--       nodes { title startsAt place { latitude longitude } }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q0_page_first
-- $2 q0_0_near_cells
-- $3 q0_0_from_
-- $4 q0_0_near_latitude
-- $5 q0_0_near_longitude
-- $6 q0_0_near_radius_km
-- $7 q0_0_publication_statuses

SELECT format(
  '{"events":%s}',
  (
    SELECT format(
      '{"nodes":[%s]}',
      coalesce(
        string_agg(
          format(
            '{"title":%s,"startsAt":%s,"place":%s}',
            to_json(row_1.title),
            convoke_moment(row_1.starts_at, row_1.time_zone),
            CASE
              WHEN (row_1.place_precision IS NOT NULL) THEN format(
                '{"latitude":%s,"longitude":%s}',
                coalesce(CAST(row_1.place_latitude AS TEXT), 'null'),
                coalesce(CAST(row_1.place_longitude AS TEXT), 'null')
              )
              ELSE 'null'
            END
          ),
          ',' ORDER BY row_1.position
        ) FILTER (WHERE row_1.position <= $1::INTEGER),
        ''
      )
    ) AS format_1
    FROM (
      SELECT
        row_2.title AS title,
        row_2.starts_at AS starts_at,
        row_2.time_zone AS time_zone,
        row_2.place_precision AS place_precision,
        row_2.place_latitude AS place_latitude,
        row_2.place_longitude AS place_longitude,
        row_number() OVER () AS position
      FROM (
        SELECT
          events_1.title AS title,
          events_1.starts_at AS starts_at,
          events_1.time_zone AS time_zone,
          events_1.place_precision AS place_precision,
          events_1.place_latitude AS place_latitude,
          events_1.place_longitude AS place_longitude
        FROM events AS events_1
        JOIN (
          SELECT anon_2.key_next_at AS key_next_at, anon_2.key_id AS key_id
          FROM (
            SELECT anon_3.key_next_at AS key_next_at, anon_3.key_id AS key_id
            FROM unnest($2::INTEGER[]) AS anon_4(cell)
            JOIN LATERAL (
              SELECT anon_5.key_next_at AS key_next_at, anon_5.key_id AS key_id
              FROM (
                SELECT events_2.starts_at AS key_next_at, events_2.id AS key_id
                FROM events AS events_2
                WHERE
                  events_2.rrule IS NULL
                  AND events_2.starts_at > coalesce(
                    $3::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_2.starts_at >= $3::TIMESTAMP WITH TIME ZONE
                    OR events_2.over_at > $3::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_2.geo_cell = anon_4.cell
                  AND convoke_distance_km(
                    events_2.place_latitude,
                    events_2.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_2.publication_status = ANY ($7::TEXT[])
                  AND events_2.status != 'CANCELLED'
                  AND events_2.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_2.visibility = 'PUBLIC'
                  AND events_2.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_2.starts_at ASC, events_2.id ASC
                LIMIT 101
              ) AS anon_5
              ORDER BY anon_5.key_next_at ASC, anon_5.key_id ASC
              LIMIT $1::INTEGER + 1
            ) AS anon_3 ON true
            UNION ALL
            SELECT anon_6.key_next_at AS key_next_at, anon_6.key_id AS key_id
            FROM unnest($2::INTEGER[]) AS anon_4(cell)
            JOIN LATERAL (
              SELECT anon_7.key_next_at AS key_next_at, anon_7.key_id AS key_id
              FROM (
                SELECT anon_8.next_at AS key_next_at, anon_8.id AS key_id
                FROM (
                  SELECT
                    events_2.id AS id,
                    events_2.hub_id AS hub_id,
                    events_2.visibility AS visibility,
                    events_2.version AS version,
                    events_2.created_at AS created_at,
                    events_2.updated_at AS updated_at,
                    events_2.synced_at AS synced_at,
                    events_2.language AS language,
                    events_2.translations AS translations,
                    events_2.search AS search,
                    events_2.causes AS causes,
                    events_2.organization_id AS organization_id,
                    events_2.owner_visibility AS owner_visibility,
                    events_2.group_id AS group_id,
                    events_2.title AS title,
                    events_2.summary AS summary,
                    events_2.description AS description,
                    events_2.starts_at AS starts_at,
                    events_2.ends_at AS ends_at,
                    events_2.time_zone AS time_zone,
                    events_2.all_day AS all_day,
                    events_2.rrule AS rrule,
                    events_2.recurrence_dates AS recurrence_dates,
                    events_2.recurrence_exceptions AS recurrence_exceptions,
                    events_2.over_at AS over_at,
                    events_2.status AS status,
                    events_2.publication_status AS publication_status,
                    events_2.attendance_mode AS attendance_mode,
                    events_2.online_url AS online_url,
                    events_2.accessibility_status AS accessibility_status,
                    events_2.accessibility_notes AS accessibility_notes,
                    events_2.accessibility_features AS accessibility_features,
                    events_2.image_url AS image_url,
                    events_2.image_alternative_text AS image_alternative_text,
                    events_2.languages AS languages,
                    events_2.is_free AS is_free,
                    events_2.capacity AS capacity,
                    events_2.join_mode AS join_mode,
                    events_2.registration_url AS registration_url,
                    events_2.replaced_by_id AS replaced_by_id,
                    events_2.place_name AS place_name,
                    events_2.place_street_address AS place_street_address,
                    events_2.place_locality AS place_locality,
                    events_2.place_region AS place_region,
                    events_2.place_postal_code AS place_postal_code,
                    events_2.place_country AS place_country,
                    events_2.place_latitude AS place_latitude,
                    events_2.place_longitude AS place_longitude,
                    events_2.place_precision AS place_precision,
                    events_2.geo_cell AS geo_cell,
                    events_2.contact_name AS contact_name,
                    events_2.contact_email AS contact_email,
                    events_2.contact_telephone AS contact_telephone,
                    events_2.contact_url AS contact_url,
                    CASE
                      WHEN (events_2.rrule IS NOT NULL) THEN coalesce(
                        (
                          SELECT CASE
                            WHEN (
                              occurrences_1.follows_at <= $3::TIMESTAMP WITH TIME ZONE
                            ) THEN occurrences_1.starts_at
                          END AS anon_9
                          FROM occurrences AS occurrences_1
                          WHERE
                            occurrences_1.event_id = events_2.id
                            AND occurrences_1.starts_at >= $3::TIMESTAMP
                          WITH TIME ZONE
                          ORDER BY occurrences_1.starts_at, occurrences_1.id
                          LIMIT 1
                        ),
                        (
                          SELECT min(occurrences_2.starts_at) AS min_1
                          FROM occurrences AS occurrences_2
                          WHERE
                            occurrences_2.event_id = events_2.id
                            AND occurrences_2.starts_at >= $3::TIMESTAMP
                          WITH
                            TIME ZONE - interval '400 days'
                            AND occurrences_2.starts_at < $3::TIMESTAMP
                          WITH TIME ZONE AND occurrences_2.ends_at > $3::TIMESTAMP
                          WITH TIME ZONE
                        ),
                        (
                          SELECT min(occurrences_3.starts_at) AS min_2
                          FROM occurrences AS occurrences_3
                          WHERE
                            occurrences_3.event_id = events_2.id
                            AND occurrences_3.starts_at >= $3::TIMESTAMP
                          WITH TIME ZONE
                        )
                      )
                      ELSE events_2.starts_at
                    END AS next_at
                  FROM events AS events_2
                  WHERE
                    (
                      events_2.rrule IS NOT NULL
                      OR convoke_span(events_2.starts_at, events_2.over_at) > 3
                    )
                    AND (
                      events_2.rrule IS NOT NULL
                      OR events_2.starts_at <= coalesce(
                        $3::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                        '-infinity'
                      )
                    )
                    AND events_2.over_at > $3::TIMESTAMP
                  WITH
                    TIME ZONE
                    AND events_2.geo_cell = anon_4.cell
                    AND convoke_distance_km(
                      events_2.place_latitude,
                      events_2.place_longitude,
                      $4::FLOAT,
                      $5::FLOAT
                    ) <= $6::FLOAT
                  ORDER BY next_at ASC, events_2.id ASC
                  LIMIT ALL
                  OFFSET 0
                ) AS anon_8
                WHERE
                  anon_8.next_at IS NOT NULL
                  AND anon_8.publication_status = ANY ($7::TEXT[])
                  AND anon_8.status != 'CANCELLED'
                  AND anon_8.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND anon_8.visibility = 'PUBLIC'
                  AND anon_8.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY anon_8.next_at ASC, anon_8.id ASC
                LIMIT 101
              ) AS anon_7
              ORDER BY anon_7.key_next_at ASC, anon_7.key_id ASC
              LIMIT $1::INTEGER + 1
            ) AS anon_6 ON true
          ) AS anon_2
          ORDER BY anon_2.key_next_at ASC, anon_2.key_id ASC
          LIMIT $1::INTEGER + 1
        ) AS anon_1 ON anon_1.key_id = events_1.id
        ORDER BY anon_1.key_next_at ASC, anon_1.key_id ASC
      ) AS row_2
    ) AS row_1
  )
) AS answer
