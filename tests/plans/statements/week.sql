-- The dates of a week.
--
--   query Week($from: DateTime!, $to: DateTime!) {
--     occurrences(from: $from, to: $to) {
--       nodes { startsAt endsAt title status event { id } }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q0_page_first
-- $2 q0_0_from_
-- $3 q0_0_to
-- $4 q0_0_publication_statuses

SELECT format(
  '{"occurrences":%s}',
  (
    SELECT format(
      '{"nodes":[%s]}',
      coalesce(
        string_agg(
          format(
            '{"startsAt":%s,"endsAt":%s,"title":%s,"status":"%s","event":%s}',
            convoke_moment(row_1.starts_at, row_1.time_zone),
            coalesce(convoke_moment(row_1.ends_at, row_1.time_zone), 'null'),
            to_json(coalesce(nullif(row_1.title, ''), row_1.event_title)),
            row_1.status,
            coalesce(
              (
                SELECT format('{"id":"%s"}', row_2.id) AS format_2
                FROM (
                  SELECT events_1.id AS id
                  FROM events AS events_1
                  WHERE
                    events_1.publication_status IN ('ARCHIVED', 'PUBLISHED')
                    AND events_1.visibility IN ('PUBLIC', 'UNLISTED')
                    AND events_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
                    AND events_1.id = row_1.event_id
                ) AS row_2
              ),
              '"\u0000"'
            )
          ),
          ',' ORDER BY row_1.position
        ) FILTER (WHERE row_1.position <= $1::INTEGER),
        ''
      )
    ) AS format_1
    FROM (
      SELECT
        row_3.starts_at AS starts_at,
        row_3.time_zone AS time_zone,
        row_3.ends_at AS ends_at,
        row_3.event_title AS event_title,
        row_3.title AS title,
        row_3.status AS status,
        row_3.event_id AS event_id,
        row_number() OVER () AS position
      FROM (
        SELECT
          occurrences_1.starts_at AS starts_at,
          events_2.time_zone AS time_zone,
          occurrences_1.ends_at AS ends_at,
          events_2.title AS event_title,
          occurrences_1.title AS title,
          occurrences_1.status AS status,
          occurrences_1.event_id AS event_id
        FROM occurrences AS occurrences_1
        JOIN events AS events_2 ON events_2.id = occurrences_1.event_id
        JOIN (
          SELECT anon_2.key_starts_at AS key_starts_at, anon_2.key_id AS key_id
          FROM (
            (SELECT anon_3.key_starts_at AS key_starts_at, anon_3.key_id AS key_id FROM (SELECT occurrences_2.starts_at AS key_starts_at, occurrences_2.id AS key_id FROM occurrences AS occurrences_2 WHERE occurrences_2.starts_at >= $2::TIMESTAMP WITH TIME ZONE AND occurrences_2.starts_at < $3::TIMESTAMP WITH TIME ZONE AND occurrences_2.status != 'CANCELLED' AND (EXISTS (SELECT events_3.id FROM events AS events_3 WHERE events_3.id = occurrences_2.event_id AND events_3.publication_status = ANY ($4::TEXT[]) AND events_3.status != 'CANCELLED' AND events_3.replaced_by_id IS NULL AND events_3.publication_status IN ('ARCHIVED', 'PUBLISHED') AND events_3.visibility = 'PUBLIC' AND events_3.owner_visibility IN ('PUBLIC', 'UNLISTED') LIMIT ALL OFFSET 0)) ORDER BY occurrences_2.starts_at ASC, occurrences_2.id ASC LIMIT 101) AS anon_3 ORDER BY anon_3.key_starts_at ASC, anon_3.key_id ASC LIMIT $1::INTEGER + 1)
            UNION ALL
            SELECT anon_4.key_starts_at AS key_starts_at, anon_4.key_id AS key_id
            FROM (
              VALUES (1, 3),
              (2, 12),
              (3, 25),
              (4, 48),
              (5, 169),
              (6, 337),
              (7, 745),
              (8, 841),
              (9, 2233),
              (10, 8785),
              (11, NULL)
            ) AS spans (span, hours)
            JOIN LATERAL (
              SELECT anon_5.key_starts_at AS key_starts_at, anon_5.key_id AS key_id
              FROM (
                SELECT occurrences_3.starts_at AS key_starts_at, occurrences_3.id AS key_id
                FROM occurrences AS occurrences_3
                WHERE
                  convoke_span(occurrences_3.starts_at, occurrences_3.ends_at) = spans.span
                  AND occurrences_3.starts_at < $2::TIMESTAMP
                WITH
                  TIME ZONE
                  AND occurrences_3.starts_at > coalesce(
                    $2::TIMESTAMP WITH TIME ZONE - spans.hours * interval '1 hour',
                    '-infinity'
                  )
                  AND occurrences_3.starts_at < $3::TIMESTAMP
                WITH TIME ZONE AND occurrences_3.ends_at > $2::TIMESTAMP
                WITH
                  TIME ZONE
                  AND occurrences_3.status != 'CANCELLED'
                  AND (
                    EXISTS (
                      SELECT events_4.id
                      FROM events AS events_4
                      WHERE
                        events_4.id = occurrences_3.event_id
                        AND events_4.publication_status = ANY ($4::TEXT[])
                        AND events_4.status != 'CANCELLED'
                        AND events_4.replaced_by_id IS NULL
                        AND events_4.publication_status IN (
                          'ARCHIVED', 'PUBLISHED'
                        )
                        AND events_4.visibility = 'PUBLIC'
                        AND events_4.owner_visibility IN ('PUBLIC', 'UNLISTED')
                      LIMIT ALL
                      OFFSET 0
                    )
                  )
                ORDER BY occurrences_3.starts_at ASC, occurrences_3.id ASC
                LIMIT 101
              ) AS anon_5
              ORDER BY anon_5.key_starts_at ASC, anon_5.key_id ASC
              LIMIT $1::INTEGER + 1
            ) AS anon_4 ON true
          ) AS anon_2
          ORDER BY anon_2.key_starts_at ASC, anon_2.key_id ASC
          LIMIT $1::INTEGER + 1
        ) AS anon_1 ON anon_1.key_id = occurrences_1.id
        ORDER BY anon_1.key_starts_at ASC, anon_1.key_id ASC
      ) AS row_3
    ) AS row_1
  )
) AS answer
