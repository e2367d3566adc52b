-- An event, with its host and its co-hosts.
--
--   query Event($id: ID!) {
--     event(id: $id) {
--       title
--       startsAt
--       place { name locality }
--       host { name }
--       hosts(roles: [CO_HOST]) { nodes { role organization { name } } }
--     }
--   }
--
-- Asked by nobody in particular.
-- $1 q1_page_first
-- $2 q1_0
-- $3 q0_0

SELECT format(
  '{"event":%s}',
  coalesce(
    (
      SELECT format(
        '{"title":%s,"startsAt":%s,"place":%s,"host":%s,"hosts":%s}',
        to_json(row_1.title),
        convoke_moment(row_1.starts_at, row_1.time_zone),
        CASE
          WHEN (row_1.place_precision IS NOT NULL) THEN format(
            '{"name":%s,"locality":%s}',
            coalesce(to_json(row_1.place_name), json 'null'),
            coalesce(to_json(row_1.place_locality), json 'null')
          )
          ELSE 'null'
        END,
        coalesce(
          (
            SELECT format('{"name":%s}', to_json(row_2.name)) AS format_2
            FROM (
              SELECT organizations_1.name AS name
              FROM organizations AS organizations_1
              WHERE
                organizations_1.visibility IN ('PUBLIC', 'UNLISTED')
                AND organizations_1.id = row_1.organization_id
            ) AS row_2
          ),
          '"\u0000"'
        ),
        (
          SELECT format(
            '{"nodes":[%s]}',
            coalesce(
              string_agg(
                format(
                  '{"role":"%s","organization":%s}',
                  row_3.role,
                  coalesce(
                    (
                      SELECT format('{"name":%s}', to_json(row_4.name)) AS format_4
                      FROM (
                        SELECT organizations_2.name AS name
                        FROM organizations AS organizations_2
                        WHERE
                          organizations_2.visibility IN ('PUBLIC', 'UNLISTED')
                          AND organizations_2.id = row_3.organization_id
                      ) AS row_4
                    ),
                    '"\u0000"'
                  )
                ),
                ',' ORDER BY row_3.position
              ) FILTER (WHERE row_3.position <= $1::INTEGER),
              ''
            )
          ) AS format_3
          FROM (
            SELECT
              row_5.role AS role,
              row_5.organization_id AS organization_id,
              row_number() OVER () AS position
            FROM (
              SELECT anon_1.role AS role, anon_1.organization_id AS organization_id
              FROM (
                SELECT
                  event_hosts_1.id AS id,
                  event_hosts_1.event_id AS event_id,
                  event_hosts_1.organization_id AS organization_id,
                  event_hosts_1.role AS role,
                  event_hosts_1.status AS status,
                  event_hosts_1.initiated_by AS initiated_by,
                  event_hosts_1.via_alliance_id AS via_alliance_id,
                  event_hosts_1.may_edit AS may_edit,
                  event_hosts_1.attendee_sharing AS attendee_sharing,
                  event_hosts_1.message AS message,
                  event_hosts_1.created_at AS created_at,
                  event_hosts_1.expires_at AS expires_at,
                  event_hosts_1.responded_at AS responded_at,
                  event_hosts_1.ended_at AS ended_at,
                  event_hosts_1.end_reason AS end_reason,
                  event_hosts_1.created_at AS key_created_at,
                  event_hosts_1.id AS key_id
                FROM event_hosts AS event_hosts_1
                WHERE
                  event_hosts_1.status = 'ACCEPTED'
                  AND (
                    EXISTS (
                      SELECT organizations_3.id
                      FROM organizations AS organizations_3
                      WHERE
                        organizations_3.id = event_hosts_1.organization_id
                        AND organizations_3.visibility IN ('PUBLIC', 'UNLISTED')
                      LIMIT ALL
                      OFFSET 0
                    )
                  )
                  AND event_hosts_1.event_id = row_1.id
                  AND event_hosts_1.role = ANY ($2::TEXT[])
                ORDER BY event_hosts_1.created_at ASC, event_hosts_1.id ASC
                LIMIT 101
              ) AS anon_1
              ORDER BY anon_1.key_created_at ASC, anon_1.key_id ASC
              LIMIT $1::INTEGER + 1
            ) AS row_5
          ) AS row_3
        )
      ) AS format_1
      FROM (
        SELECT
          events_1.title AS title,
          events_1.starts_at AS starts_at,
          events_1.time_zone AS time_zone,
          events_1.place_precision AS place_precision,
          events_1.place_name AS place_name,
          events_1.place_locality AS place_locality,
          events_1.organization_id AS organization_id,
          events_1.id AS id
        FROM events AS events_1
        WHERE
          events_1.publication_status IN ('ARCHIVED', 'PUBLISHED')
          AND events_1.visibility IN ('PUBLIC', 'UNLISTED')
          AND events_1.owner_visibility IN ('PUBLIC', 'UNLISTED')
          AND events_1.id = $3::VARCHAR
      ) AS row_1
    ),
    'null'
  )
) AS answer
