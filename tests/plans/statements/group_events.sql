-- Events of a group, on the page after a cursor.
--
--   query GroupEvents($id: ID!, $after: String) {
--     group(id: $id) {
--       name
--       events(first: 5, after: $after) { nodes { title } pageInfo { endCursor } }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q1_page_first
-- $2 q1_0_publication_statuses
-- $3 q1_page_key_next_at
-- $4 q1_page_key_id
-- $5 q0_0

SELECT format(
  '{"group":%s}',
  coalesce(
    (
      SELECT format(
        '{"name":%s,"events":%s}',
        to_json(row_1.name),
        (
          SELECT format(
            '{"nodes":[%s],"pageInfo":{"endCursor":%s}}',
            coalesce(
              string_agg(
                format('{"title":%s}', to_json(row_2.title)), ',' ORDER BY row_2.position
              ) FILTER (WHERE row_2.position <= $1::INTEGER),
              ''
            ),
            coalesce(
              '"' || max(
                CASE
                  WHEN (
                    row_2.position <= $1::INTEGER
                    AND row_2.position = least(row_2.last_position, $1::INTEGER)
                  ) THEN convoke_cursor(
                    format(
                      '["STARTS_AT_ASC",%s,%s]',
                      coalesce(
                        CAST(
                          to_json(
                            CAST(EXTRACT(epoch FROM row_2.key_next_at) * 1000000 AS BIGINT)
                          ) AS TEXT
                        ),
                        'null'
                      ),
                      coalesce(CAST(to_json(row_2.key_id) AS TEXT), 'null')
                    )
                  )
                END
              ) || '"',
              'null'
            )
          ) AS format_2
          FROM (
            SELECT
              row_3.title AS title,
              row_number() OVER () AS position,
              count(*) OVER () AS last_position,
              row_3.key_next_at AS key_next_at,
              row_3.key_id AS key_id
            FROM (
              SELECT
                events_1.title AS title,
                anon_1.key_next_at AS key_next_at,
                anon_1.key_id AS key_id
              FROM events AS events_1
              JOIN (
                SELECT anon_2.key_next_at AS key_next_at, anon_2.key_id AS key_id
                FROM (
                  SELECT anon_3.key_next_at AS key_next_at, anon_3.key_id AS key_id
                  FROM (
                    SELECT events_2.starts_at AS key_next_at, events_2.id AS key_id
                    FROM events AS events_2
                    WHERE
                      events_2.group_id = row_1.id
                      AND events_2.publication_status = ANY ($2::TEXT[])
                      AND events_2.status != 'CANCELLED'
                      AND events_2.replaced_by_id IS NULL
                      AND events_2.publication_status IN ('ARCHIVED', 'PUBLISHED')
                      AND events_2.visibility = 'PUBLIC'
                      AND events_2.owner_visibility IN ('PUBLIC', 'UNLISTED')
                      AND (events_2.starts_at, events_2.id) > (
                        $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR
                      )
                    ORDER BY events_2.starts_at ASC, events_2.id ASC
                    LIMIT 101
                  ) AS anon_3
                  ORDER BY anon_3.key_next_at ASC, anon_3.key_id ASC
                  LIMIT $1::INTEGER + 1
                ) AS anon_2
                ORDER BY anon_2.key_next_at ASC, anon_2.key_id ASC
                LIMIT $1::INTEGER + 1
              ) AS anon_1 ON anon_1.key_id = events_1.id
              ORDER BY anon_1.key_next_at ASC, anon_1.key_id ASC
            ) AS row_3
          ) AS row_2
        )
      ) AS format_1
      FROM (
        SELECT groups_1.name AS name, groups_1.id AS id
        FROM groups AS groups_1
        WHERE
          groups_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
          AND groups_1.visibility IN ('PUBLIC', 'UNLISTED')
          AND groups_1.id = $5::VARCHAR
      ) AS row_1
    ),
    'null'
  )
) AS answer
