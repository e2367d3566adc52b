-- Events of an organization, and how many there are.
--
--   query OrganizationEvents($slug: String!) {
--     organization(slug: $slug) {
--       name
--       events(first: 5) { totalCount edges { cursor node { title startsAt } } }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q1_0_publication_statuses
-- $2 q1_page_first
-- $3 q0_1

SELECT format(
  '{"organization":%s}',
  coalesce(
    (
      SELECT format(
        '{"name":%s,"events":%s}',
        to_json(row_1.name),
        (
          SELECT format(
            '{"totalCount":%s,"edges":[%s]}',
            coalesce(
              CAST(
                (
                  SELECT CASE WHEN (count(*) <= 10000) THEN count(*) END AS count
                  FROM (
                    SELECT event_hosts_1.event_id AS id
                    FROM event_hosts AS event_hosts_1
                    WHERE
                      event_hosts_1.organization_id = row_1.id
                      AND event_hosts_1.status = 'ACCEPTED'
                      AND event_hosts_1.role IN ('CO_HOST', 'HOST')
                      AND (
                        EXISTS (
                          SELECT events_1.id
                          FROM events AS events_1
                          WHERE
                            events_1.id = event_hosts_1.event_id
                            AND events_1.publication_status = ANY ($1::TEXT[])
                            AND events_1.status != 'CANCELLED'
                            AND events_1.replaced_by_id IS NULL
                            AND events_1.publication_status IN ('ARCHIVED', 'PUBLISHED')
                            AND events_1.visibility = 'PUBLIC'
                            AND events_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                    LIMIT 10001
                  ) AS anon_1
                ) AS TEXT
              ),
              'null'
            ),
            coalesce(
              string_agg(
                format(
                  '{"cursor":"%s","node":{"title":%s,"startsAt":%s}}',
                  convoke_cursor(
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
                  ),
                  to_json(row_2.title),
                  convoke_moment(row_2.starts_at, row_2.time_zone)
                ),
                ',' ORDER BY row_2.position
              ) FILTER (WHERE row_2.position <= $2::INTEGER),
              ''
            )
          ) AS format_2
          FROM (
            SELECT
              row_3.key_next_at AS key_next_at,
              row_3.key_id AS key_id,
              row_3.title AS title,
              row_3.starts_at AS starts_at,
              row_3.time_zone AS time_zone,
              row_number() OVER () AS position
            FROM (
              SELECT
                anon_2.key_next_at AS key_next_at,
                anon_2.key_id AS key_id,
                events_2.title AS title,
                events_2.starts_at AS starts_at,
                events_2.time_zone AS time_zone
              FROM events AS events_2
              JOIN (
                SELECT anon_3.key_next_at AS key_next_at, anon_3.key_id AS key_id
                FROM (
                  SELECT anon_4.key_next_at AS key_next_at, anon_4.key_id AS key_id
                  FROM (
                    SELECT
                      event_hosts_1.starts_at AS key_next_at,
                      event_hosts_1.event_id AS key_id
                    FROM event_hosts AS event_hosts_1
                    WHERE
                      event_hosts_1.organization_id = row_1.id
                      AND event_hosts_1.status = 'ACCEPTED'
                      AND event_hosts_1.role IN ('CO_HOST', 'HOST')
                      AND (
                        EXISTS (
                          SELECT events_1.id
                          FROM events AS events_1
                          WHERE
                            events_1.id = event_hosts_1.event_id
                            AND events_1.publication_status = ANY ($1::TEXT[])
                            AND events_1.status != 'CANCELLED'
                            AND events_1.replaced_by_id IS NULL
                            AND events_1.publication_status IN (
                              'ARCHIVED', 'PUBLISHED'
                            )
                            AND events_1.visibility = 'PUBLIC'
                            AND events_1.owner_visibility IN (
                              'PUBLIC', 'UNLISTED'
                            )
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                    ORDER BY event_hosts_1.starts_at ASC, event_hosts_1.event_id ASC
                    LIMIT 101
                  ) AS anon_4
                  ORDER BY anon_4.key_next_at ASC, anon_4.key_id ASC
                  LIMIT $2::INTEGER + 1
                ) AS anon_3
                ORDER BY anon_3.key_next_at ASC, anon_3.key_id ASC
                LIMIT $2::INTEGER + 1
              ) AS anon_2 ON anon_2.key_id = events_2.id
              ORDER BY anon_2.key_next_at ASC, anon_2.key_id ASC
            ) AS row_3
          ) AS row_2
        )
      ) AS format_1
      FROM (
        SELECT organizations_1.name AS name, organizations_1.id AS id
        FROM organizations AS organizations_1
        WHERE
          organizations_1.visibility IN ('PUBLIC', 'UNLISTED')
          AND organizations_1.slug = $3::VARCHAR
          AND organizations_1.hub_id IN (
            SELECT hubs.id
            FROM hubs
            WHERE hubs.is_local
          )
      ) AS row_1
    ),
    'null'
  )
) AS answer
