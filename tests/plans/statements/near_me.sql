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
-- $2 q0_0_from_
-- $3 q0_0_near_cells
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
            (SELECT anon_3.key_next_at AS key_next_at, anon_3.key_id AS key_id FROM (SELECT events_2.starts_at AS key_next_at, events_2.id AS key_id FROM events AS events_2 WHERE events_2.rrule IS NULL AND events_2.starts_at > coalesce($2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour', '-infinity') AND (events_2.starts_at >= $2::TIMESTAMP WITH TIME ZONE OR events_2.over_at > $2::TIMESTAMP WITH TIME ZONE) AND events_2.geo_cell = ($3::INTEGER[])[1] AND convoke_distance_km(events_2.place_latitude, events_2.place_longitude, $4::FLOAT, $5::FLOAT) <= $6::FLOAT AND events_2.publication_status = ANY ($7::TEXT[]) AND events_2.status != 'CANCELLED' AND events_2.replaced_by_id IS NULL AND events_2.publication_status IN ('ARCHIVED', 'PUBLISHED') AND events_2.visibility = 'PUBLIC' AND events_2.owner_visibility IN ('PUBLIC', 'UNLISTED') ORDER BY events_2.starts_at ASC, events_2.id ASC LIMIT 101) AS anon_3 ORDER BY anon_3.key_next_at ASC, anon_3.key_id ASC LIMIT $1::INTEGER + 1)
            UNION ALL (
              SELECT anon_4.key_next_at AS key_next_at, anon_4.key_id AS key_id
              FROM (
                SELECT events_3.starts_at AS key_next_at, events_3.id AS key_id
                FROM events AS events_3
                WHERE
                  events_3.rrule IS NULL
                  AND events_3.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_3.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_3.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_3.geo_cell = ($3::INTEGER[])[2]
                  AND convoke_distance_km(
                    events_3.place_latitude,
                    events_3.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_3.publication_status = ANY ($7::TEXT[])
                  AND events_3.status != 'CANCELLED'
                  AND events_3.replaced_by_id IS NULL
                  AND events_3.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_3.visibility = 'PUBLIC'
                  AND events_3.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_3.starts_at ASC, events_3.id ASC
                LIMIT 101
              ) AS anon_4
              ORDER BY anon_4.key_next_at ASC, anon_4.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_5.key_next_at AS key_next_at, anon_5.key_id AS key_id
              FROM (
                SELECT events_4.starts_at AS key_next_at, events_4.id AS key_id
                FROM events AS events_4
                WHERE
                  events_4.rrule IS NULL
                  AND events_4.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_4.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_4.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_4.geo_cell = ($3::INTEGER[])[3]
                  AND convoke_distance_km(
                    events_4.place_latitude,
                    events_4.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_4.publication_status = ANY ($7::TEXT[])
                  AND events_4.status != 'CANCELLED'
                  AND events_4.replaced_by_id IS NULL
                  AND events_4.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_4.visibility = 'PUBLIC'
                  AND events_4.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_4.starts_at ASC, events_4.id ASC
                LIMIT 101
              ) AS anon_5
              ORDER BY anon_5.key_next_at ASC, anon_5.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_6.key_next_at AS key_next_at, anon_6.key_id AS key_id
              FROM (
                SELECT events_5.starts_at AS key_next_at, events_5.id AS key_id
                FROM events AS events_5
                WHERE
                  events_5.rrule IS NULL
                  AND events_5.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_5.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_5.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_5.geo_cell = ($3::INTEGER[])[4]
                  AND convoke_distance_km(
                    events_5.place_latitude,
                    events_5.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_5.publication_status = ANY ($7::TEXT[])
                  AND events_5.status != 'CANCELLED'
                  AND events_5.replaced_by_id IS NULL
                  AND events_5.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_5.visibility = 'PUBLIC'
                  AND events_5.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_5.starts_at ASC, events_5.id ASC
                LIMIT 101
              ) AS anon_6
              ORDER BY anon_6.key_next_at ASC, anon_6.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_7.key_next_at AS key_next_at, anon_7.key_id AS key_id
              FROM (
                SELECT events_6.starts_at AS key_next_at, events_6.id AS key_id
                FROM events AS events_6
                WHERE
                  events_6.rrule IS NULL
                  AND events_6.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_6.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_6.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_6.geo_cell = ($3::INTEGER[])[5]
                  AND convoke_distance_km(
                    events_6.place_latitude,
                    events_6.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_6.publication_status = ANY ($7::TEXT[])
                  AND events_6.status != 'CANCELLED'
                  AND events_6.replaced_by_id IS NULL
                  AND events_6.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_6.visibility = 'PUBLIC'
                  AND events_6.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_6.starts_at ASC, events_6.id ASC
                LIMIT 101
              ) AS anon_7
              ORDER BY anon_7.key_next_at ASC, anon_7.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_8.key_next_at AS key_next_at, anon_8.key_id AS key_id
              FROM (
                SELECT events_7.starts_at AS key_next_at, events_7.id AS key_id
                FROM events AS events_7
                WHERE
                  events_7.rrule IS NULL
                  AND events_7.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_7.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_7.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_7.geo_cell = ($3::INTEGER[])[6]
                  AND convoke_distance_km(
                    events_7.place_latitude,
                    events_7.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_7.publication_status = ANY ($7::TEXT[])
                  AND events_7.status != 'CANCELLED'
                  AND events_7.replaced_by_id IS NULL
                  AND events_7.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_7.visibility = 'PUBLIC'
                  AND events_7.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_7.starts_at ASC, events_7.id ASC
                LIMIT 101
              ) AS anon_8
              ORDER BY anon_8.key_next_at ASC, anon_8.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_9.key_next_at AS key_next_at, anon_9.key_id AS key_id
              FROM (
                SELECT events_8.starts_at AS key_next_at, events_8.id AS key_id
                FROM events AS events_8
                WHERE
                  events_8.rrule IS NULL
                  AND events_8.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_8.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_8.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_8.geo_cell = ($3::INTEGER[])[7]
                  AND convoke_distance_km(
                    events_8.place_latitude,
                    events_8.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_8.publication_status = ANY ($7::TEXT[])
                  AND events_8.status != 'CANCELLED'
                  AND events_8.replaced_by_id IS NULL
                  AND events_8.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_8.visibility = 'PUBLIC'
                  AND events_8.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_8.starts_at ASC, events_8.id ASC
                LIMIT 101
              ) AS anon_9
              ORDER BY anon_9.key_next_at ASC, anon_9.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_10.key_next_at AS key_next_at, anon_10.key_id AS key_id
              FROM (
                SELECT events_9.starts_at AS key_next_at, events_9.id AS key_id
                FROM events AS events_9
                WHERE
                  events_9.rrule IS NULL
                  AND events_9.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_9.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_9.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_9.geo_cell = ($3::INTEGER[])[8]
                  AND convoke_distance_km(
                    events_9.place_latitude,
                    events_9.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_9.publication_status = ANY ($7::TEXT[])
                  AND events_9.status != 'CANCELLED'
                  AND events_9.replaced_by_id IS NULL
                  AND events_9.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_9.visibility = 'PUBLIC'
                  AND events_9.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_9.starts_at ASC, events_9.id ASC
                LIMIT 101
              ) AS anon_10
              ORDER BY anon_10.key_next_at ASC, anon_10.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL (
              SELECT anon_11.key_next_at AS key_next_at, anon_11.key_id AS key_id
              FROM (
                SELECT events_10.starts_at AS key_next_at, events_10.id AS key_id
                FROM events AS events_10
                WHERE
                  events_10.rrule IS NULL
                  AND events_10.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                    '-infinity'
                  )
                  AND (
                    events_10.starts_at >= $2::TIMESTAMP WITH TIME ZONE
                    OR events_10.over_at > $2::TIMESTAMP WITH TIME ZONE
                  )
                  AND events_10.geo_cell = ($3::INTEGER[])[9]
                  AND convoke_distance_km(
                    events_10.place_latitude,
                    events_10.place_longitude,
                    $4::FLOAT,
                    $5::FLOAT
                  ) <= $6::FLOAT
                  AND events_10.publication_status = ANY ($7::TEXT[])
                  AND events_10.status != 'CANCELLED'
                  AND events_10.replaced_by_id IS NULL
                  AND events_10.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND events_10.visibility = 'PUBLIC'
                  AND events_10.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY events_10.starts_at ASC, events_10.id ASC
                LIMIT 101
              ) AS anon_11
              ORDER BY anon_11.key_next_at ASC, anon_11.key_id ASC
              LIMIT $1::INTEGER + 1
            )
            UNION ALL
            SELECT anon_12.key_next_at AS key_next_at, anon_12.key_id AS key_id
            FROM unnest($3::INTEGER[]) AS anon_13(cell)
            JOIN LATERAL (
              SELECT anon_14.key_next_at AS key_next_at, anon_14.key_id AS key_id
              FROM (
                SELECT anon_15.next_at AS key_next_at, anon_15.id AS key_id
                FROM (
                  SELECT
                    events_11.id AS id,
                    events_11.hub_id AS hub_id,
                    events_11.visibility AS visibility,
                    events_11.version AS version,
                    events_11.created_at AS created_at,
                    events_11.updated_at AS updated_at,
                    events_11.synced_at AS synced_at,
                    events_11.language AS language,
                    events_11.translations AS translations,
                    events_11.search AS search,
                    events_11.causes AS causes,
                    events_11.organization_id AS organization_id,
                    events_11.owner_visibility AS owner_visibility,
                    events_11.group_id AS group_id,
                    events_11.title AS title,
                    events_11.summary AS summary,
                    events_11.description AS description,
                    events_11.starts_at AS starts_at,
                    events_11.ends_at AS ends_at,
                    events_11.time_zone AS time_zone,
                    events_11.all_day AS all_day,
                    events_11.rrule AS rrule,
                    events_11.recurrence_dates AS recurrence_dates,
                    events_11.recurrence_exceptions AS recurrence_exceptions,
                    events_11.over_at AS over_at,
                    events_11.status AS status,
                    events_11.cancellation_reason AS cancellation_reason,
                    events_11.publication_status AS publication_status,
                    events_11.attendance_mode AS attendance_mode,
                    events_11.online_url AS online_url,
                    events_11.accessibility_status AS accessibility_status,
                    events_11.accessibility_notes AS accessibility_notes,
                    events_11.accessibility_features AS accessibility_features,
                    events_11.image_url AS image_url,
                    events_11.image_alternative_text AS image_alternative_text,
                    events_11.languages AS languages,
                    events_11.is_free AS is_free,
                    events_11.capacity AS capacity,
                    events_11.join_mode AS join_mode,
                    events_11.registration_url AS registration_url,
                    events_11.replaced_by_id AS replaced_by_id,
                    events_11.report_text AS report_text,
                    events_11.report_attended AS report_attended,
                    events_11.report_published_at AS report_published_at,
                    events_11.follows_id AS follows_id,
                    events_11.rolls_on_at AS rolls_on_at,
                    events_11.place_name AS place_name,
                    events_11.place_street_address AS place_street_address,
                    events_11.place_locality AS place_locality,
                    events_11.place_region AS place_region,
                    events_11.place_postal_code AS place_postal_code,
                    events_11.place_country AS place_country,
                    events_11.place_latitude AS place_latitude,
                    events_11.place_longitude AS place_longitude,
                    events_11.place_precision AS place_precision,
                    events_11.geo_cell AS geo_cell,
                    events_11.contact_name AS contact_name,
                    events_11.contact_email AS contact_email,
                    events_11.contact_telephone AS contact_telephone,
                    events_11.contact_url AS contact_url,
                    CASE
                      WHEN (events_11.rrule IS NOT NULL) THEN coalesce(
                        (
                          SELECT CASE
                            WHEN (
                              occurrences_1.follows_at <= $2::TIMESTAMP WITH TIME ZONE
                            ) THEN occurrences_1.starts_at
                          END AS anon_16
                          FROM occurrences AS occurrences_1
                          WHERE
                            occurrences_1.event_id = events_11.id
                            AND occurrences_1.starts_at >= $2::TIMESTAMP
                          WITH TIME ZONE
                          ORDER BY occurrences_1.starts_at, occurrences_1.id
                          LIMIT 1
                        ),
                        (
                          SELECT min(occurrences_2.starts_at) AS min_1
                          FROM occurrences AS occurrences_2
                          WHERE
                            occurrences_2.event_id = events_11.id
                            AND occurrences_2.starts_at >= $2::TIMESTAMP
                          WITH
                            TIME ZONE - interval '400 days'
                            AND occurrences_2.starts_at < $2::TIMESTAMP
                          WITH TIME ZONE AND occurrences_2.ends_at > $2::TIMESTAMP
                          WITH TIME ZONE
                        ),
                        (
                          SELECT min(occurrences_3.starts_at) AS min_2
                          FROM occurrences AS occurrences_3
                          WHERE
                            occurrences_3.event_id = events_11.id
                            AND occurrences_3.starts_at >= $2::TIMESTAMP
                          WITH TIME ZONE
                        )
                      )
                      ELSE events_11.starts_at
                    END AS next_at
                  FROM events AS events_11
                  WHERE
                    (
                      events_11.rrule IS NOT NULL
                      OR convoke_span(events_11.starts_at, events_11.over_at) > 3
                    )
                    AND (
                      events_11.rrule IS NOT NULL
                      OR events_11.starts_at <= coalesce(
                        $2::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                        '-infinity'
                      )
                    )
                    AND events_11.over_at > $2::TIMESTAMP
                  WITH
                    TIME ZONE
                    AND events_11.geo_cell = anon_13.cell
                    AND convoke_distance_km(
                      events_11.place_latitude,
                      events_11.place_longitude,
                      $4::FLOAT,
                      $5::FLOAT
                    ) <= $6::FLOAT
                  ORDER BY next_at ASC, events_11.id ASC
                  LIMIT ALL
                  OFFSET 0
                ) AS anon_15
                WHERE
                  anon_15.next_at IS NOT NULL
                  AND anon_15.publication_status = ANY ($7::TEXT[])
                  AND anon_15.status != 'CANCELLED'
                  AND anon_15.replaced_by_id IS NULL
                  AND anon_15.publication_status IN ('ARCHIVED', 'PUBLISHED')
                  AND anon_15.visibility = 'PUBLIC'
                  AND anon_15.owner_visibility IN ('PUBLIC', 'UNLISTED')
                ORDER BY anon_15.next_at ASC, anon_15.id ASC
                LIMIT 101
              ) AS anon_14
              ORDER BY anon_14.key_next_at ASC, anon_14.key_id ASC
              LIMIT $1::INTEGER + 1
            ) AS anon_12 ON true
          ) AS anon_2
          ORDER BY anon_2.key_next_at ASC, anon_2.key_id ASC
          LIMIT $1::INTEGER + 1
        ) AS anon_1 ON anon_1.key_id = events_1.id
        ORDER BY anon_1.key_next_at ASC, anon_1.key_id ASC
      ) AS row_2
    ) AS row_1
  )
) AS answer
