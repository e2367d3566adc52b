-- Things by their ids, of two types.
--
--   query Nodes($ids: [ID!]!) {
--     nodes(ids: $ids) { id ... on Event { title } ... on Group { name memberCount } }
--   }
--
-- Asked by nobody in particular.
-- $1 q0_1
-- $2 q0_2

SELECT format(
  '{"nodes":[%s]}',
  (
    SELECT coalesce(
      string_agg(
        format(
          '%s',
          CASE row_1.type_name
            WHEN 'Event' THEN format(
              '%s',
              coalesce(
                (
                  SELECT format('{"id":"%s","title":%s}', row_2.id, to_json(row_2.title)) AS format_1
                  FROM (
                    SELECT events_1.id AS id, events_1.title AS title
                    FROM events AS events_1
                    WHERE
                      events_1.publication_status IN ('ARCHIVED', 'PUBLISHED')
                      AND events_1.visibility IN ('PUBLIC', 'UNLISTED')
                      AND events_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
                      AND events_1.id = row_1.id
                  ) AS row_2
                ),
                'null'
              )
            )
            WHEN 'Group' THEN format(
              '%s',
              coalesce(
                (
                  SELECT format(
                    '{"id":"%s","name":%s,"memberCount":%s}',
                    row_3.id,
                    to_json(row_3.name),
                    CAST(row_3.member_count AS TEXT)
                  ) AS format_2
                  FROM (
                    SELECT
                      groups_1.id AS id,
                      groups_1.name AS name,
                      groups_1.member_count AS member_count
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
            ELSE 'null'
          END
        ),
        ',' ORDER BY row_1.position
      ),
      ''
    ) AS coalesce_1
    FROM (
      SELECT row_4.id AS id, row_4.type_name AS type_name, row_number() OVER () AS position
      FROM (
        SELECT anon_1.id AS id, anon_1.type_name AS type_name
        FROM unnest($1::TEXT[], $2::TEXT[])
        WITH ORDINALITY AS anon_1(type_name, id, position)
        ORDER BY anon_1.position
      ) AS row_4
    ) AS row_1
  )
) AS answer
