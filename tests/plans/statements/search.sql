-- Whatever has these words.
--
--   query Search($text: String!) {
--     search(text: $text, first: 10) {
--       nodes {
--         __typename
--         ... on Event { title startsAt }
--         ... on Organization { name }
--       }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q0_page_first
-- $2 q0_0

SELECT format(
  '{"search":%s}',
  (
    SELECT format(
      '{"nodes":[%s]}',
      coalesce(
        string_agg(
          format(
            '%s',
            CASE row_1.type_name
              WHEN 'Organization' THEN format(
                '%s',
                coalesce(
                  (
                    SELECT format('{"__typename":"Organization","name":%s}', to_json(row_2.name)) AS format_2
                    FROM (
                      SELECT organizations_1.name AS name
                      FROM organizations AS organizations_1
                      WHERE
                        organizations_1.visibility IN ('PUBLIC', 'UNLISTED')
                        AND organizations_1.id = row_1.id
                    ) AS row_2
                  ),
                  'null'
                )
              )
              WHEN 'Group' THEN format(
                '%s',
                coalesce(
                  (
                    SELECT '{"__typename":"Group"}'
                    FROM (
                      SELECT
                      FROM groups AS groups_1
                      WHERE
                        groups_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
                        AND groups_1.visibility IN ('PUBLIC', 'UNLISTED')
                        AND groups_1.id = row_1.id
                    ) AS row_3
                  ),
                  'null'
                )
              )
              WHEN 'Event' THEN format(
                '%s',
                coalesce(
                  (
                    SELECT format(
                      '{"__typename":"Event","title":%s,"startsAt":%s}',
                      to_json(row_4.title),
                      convoke_moment(row_4.starts_at, row_4.time_zone)
                    ) AS format_3
                    FROM (
                      SELECT
                        events_1.title AS title,
                        events_1.starts_at AS starts_at,
                        events_1.time_zone AS time_zone
                      FROM events AS events_1
                      WHERE
                        events_1.publication_status IN ('ARCHIVED', 'PUBLISHED')
                        AND events_1.visibility IN ('PUBLIC', 'UNLISTED')
                        AND events_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
                        AND events_1.id = row_1.id
                    ) AS row_4
                  ),
                  'null'
                )
              )
              WHEN 'Alliance' THEN format(
                '%s',
                coalesce(
                  (
                    SELECT '{"__typename":"Alliance"}'
                    FROM (
                      SELECT
                      FROM alliances AS alliances_1
                      WHERE
                        alliances_1.visibility IN ('PUBLIC', 'UNLISTED')
                        AND (
                          EXISTS (
                            SELECT organizations_2.id
                            FROM organizations AS organizations_2
                            WHERE
                              organizations_2.id = alliances_1.convener_id
                              AND organizations_2.visibility IN ('PUBLIC', 'UNLISTED')
                            LIMIT ALL
                            OFFSET 0
                          )
                        )
                        AND alliances_1.id = row_1.id
                    ) AS row_5
                  ),
                  'null'
                )
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
      SELECT row_6.id AS id, row_6.type_name AS type_name, row_number() OVER () AS position
      FROM (
        SELECT anon_1.id AS id, anon_1.type_name AS type_name
        FROM (
          SELECT
            anon_2.type_name AS type_name,
            anon_2.id AS id,
            anon_2.rank AS rank,
            anon_2.rank AS key_rank,
            anon_2.id AS key_id
          FROM (
            SELECT
              'Organization' AS type_name,
              organizations_3.id AS id,
              CAST(
                ts_rank(
                  organizations_3.search,
                  (
                    SELECT convoke_query($2::VARCHAR) AS convoke_query_1
                  )
                ) AS FLOAT
              ) AS rank
            FROM organizations AS organizations_3
            WHERE
              (
                organizations_3.search @@ (
                  SELECT convoke_query($2::VARCHAR) AS convoke_query_2
                )
              )
              AND organizations_3.visibility = 'PUBLIC'
            UNION ALL
            SELECT
              'Group' AS type_name,
              groups_2.id AS id,
              CAST(
                ts_rank(
                  groups_2.search,
                  (
                    SELECT convoke_query($2::VARCHAR) AS convoke_query_3
                  )
                ) AS FLOAT
              ) AS rank
            FROM groups AS groups_2
            WHERE
              (
                groups_2.search @@ (
                  SELECT convoke_query($2::VARCHAR) AS convoke_query_4
                )
              )
              AND groups_2.owner_visibility IN ('PUBLIC', 'UNLISTED')
              AND groups_2.visibility = 'PUBLIC'
            UNION ALL
            SELECT
              'Event' AS type_name,
              events_2.id AS id,
              CAST(
                ts_rank(
                  events_2.search,
                  (
                    SELECT convoke_query($2::VARCHAR) AS convoke_query_5
                  )
                ) AS FLOAT
              ) AS rank
            FROM events AS events_2
            WHERE
              (
                events_2.search @@ (
                  SELECT convoke_query($2::VARCHAR) AS convoke_query_6
                )
              )
              AND events_2.replaced_by_id IS NULL
              AND events_2.publication_status IN ('ARCHIVED', 'PUBLISHED')
              AND events_2.visibility = 'PUBLIC'
              AND events_2.owner_visibility IN ('PUBLIC', 'UNLISTED')
              AND events_2.publication_status = 'PUBLISHED'
            UNION ALL
            SELECT
              'Alliance' AS type_name,
              alliances_2.id AS id,
              CAST(
                ts_rank(
                  alliances_2.search,
                  (
                    SELECT convoke_query($2::VARCHAR) AS convoke_query_7
                  )
                ) AS FLOAT
              ) AS rank
            FROM alliances AS alliances_2
            WHERE
              (
                alliances_2.search @@ (
                  SELECT convoke_query($2::VARCHAR) AS convoke_query_8
                )
              )
              AND alliances_2.visibility = 'PUBLIC'
              AND (
                EXISTS (
                  SELECT organizations_4.id
                  FROM organizations AS organizations_4
                  WHERE
                    organizations_4.id = alliances_2.convener_id
                    AND organizations_4.visibility IN ('PUBLIC', 'UNLISTED')
                  LIMIT ALL
                  OFFSET 0
                )
              )
          ) AS anon_2
          ORDER BY anon_2.rank DESC, anon_2.id DESC
          LIMIT 101
        ) AS anon_1
        ORDER BY anon_1.key_rank DESC, anon_1.key_id DESC
        LIMIT $1::INTEGER + 1
      ) AS row_6
    ) AS row_1
  )
) AS answer
