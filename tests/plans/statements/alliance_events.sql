-- An alliance's next events, as one of its members sees them.
--
--   query AllianceEvents($id: ID!, $from: DateTime!) {
--     alliance(id: $id) {
--       name
--       events(filter: { from: $from }, first: 10) {
--         nodes { title startsAt host { name } }
--         pageInfo { hasNextPage endCursor }
--       }
--     }
--   }
--
-- Asked by a person with a token.
-- $1 token_grant_id
-- $2 token_client_id
-- $3 token_organization_id
-- $4 token_person_id
-- $5 token_jti
-- $6 token_scopes
-- $7 viewer_organization
-- $8 viewer_person
-- $9 q1_page_first
-- $10 q1_0_from_
-- $11 q1_0_publication_statuses
-- $12 q0_0

SELECT CASE
  WHEN (
    EXISTS (
      SELECT grants.scopes
      FROM grants
      JOIN clients ON clients.id = grants.client_id
      LEFT OUTER JOIN
        team_members ON team_members.person_id = grants.person_id
        AND team_members.organization_id = grants.organization_id
      LEFT OUTER JOIN peerings ON peerings.hub_id = grants.hub_id
      WHERE
        grants.id = $1::VARCHAR COLLATE "C"
        AND grants.client_id = $2::VARCHAR
        AND grants.organization_id IS NOT DISTINCT FROM $3::VARCHAR COLLATE "C"
        AND grants.person_id IS NOT DISTINCT FROM $4::VARCHAR COLLATE "C"
        AND grants.revoked_at IS NULL
        AND clients.revoked_at IS NULL
        AND (
          grants.hub_id IS NULL
          AND (grants.person_id IS NULL OR team_members.role IS NOT NULL)
          OR peerings.status = 'ACTIVE'
          AND (grants.person_id IS NULL OR peerings.keys_replaced_at IS NULL)
        )
        AND NOT (
          EXISTS (
            SELECT *
            FROM denied_tokens
            WHERE denied_tokens.jti = $5::VARCHAR
          )
        )
        AND (grants.scopes @> $6::TEXT[])
    )
  ) THEN format(
    '{"alliance":%s}',
    coalesce(
      (
        SELECT format(
          '{"name":%s,"events":%s}',
          to_json(row_1.name),
          (
            SELECT format(
              '{"nodes":[%s],"pageInfo":{"hasNextPage":%s,"endCursor":%s}}',
              coalesce(
                string_agg(
                  format(
                    '{"title":%s,"startsAt":%s,"host":%s}',
                    to_json(row_2.title),
                    convoke_moment(row_2.starts_at, row_2.time_zone),
                    coalesce(
                      (
                        SELECT format('{"name":%s}', to_json(row_3.name)) AS format_3
                        FROM (
                          SELECT organizations_1.name AS name
                          FROM organizations AS organizations_1
                          WHERE
                            (
                              organizations_1.visibility IN ('PUBLIC', 'UNLISTED')
                              OR organizations_1.id = $7::VARCHAR COLLATE "C"
                              OR organizations_1.visibility IN ('ALLIANCE', 'UNLISTED')
                              AND organizations_1.id IN (
                                SELECT alliance_members_1.organization_id
                                FROM alliance_members AS alliance_members_1
                                JOIN alliance_members AS alliance_members_2 ON alliance_members_2.alliance_id = alliance_members_1.alliance_id
                                WHERE
                                  alliance_members_2.organization_id = $7::VARCHAR COLLATE "C"
                                  AND alliance_members_2.status = 'ACTIVE'
                                  AND (
                                    EXISTS (
                                      SELECT alliances_1.id
                                      FROM alliances AS alliances_1
                                      WHERE
                                        alliances_1.id = alliance_members_2.alliance_id
                                        AND alliances_1.status != 'DISSOLVED'
                                      LIMIT ALL
                                      OFFSET 0
                                    )
                                  )
                                  AND alliance_members_1.status = 'ACTIVE'
                              )
                              OR (
                                EXISTS (
                                  SELECT alliance_members_3.id
                                  FROM alliance_members AS alliance_members_3
                                  JOIN alliances AS alliances_2 ON alliances_2.id = alliance_members_3.alliance_id
                                  WHERE
                                    alliances_2.convener_id = organizations_1.id
                                    AND alliance_members_3.organization_id = $7::VARCHAR COLLATE "C"
                                    AND alliance_members_3.status IN (
                                      'ACTIVE',
                                      'INVITED',
                                      'PENDING_AGREEMENT',
                                      'REQUESTED',
                                      'SUSPENDED'
                                    )
                                  LIMIT ALL
                                  OFFSET 0
                                )
                              )
                              OR (
                                EXISTS (
                                  SELECT event_hosts_1.id
                                  FROM event_hosts AS event_hosts_1
                                  JOIN events AS events_1 ON events_1.id = event_hosts_1.event_id
                                  WHERE
                                    events_1.organization_id = organizations_1.id
                                    AND event_hosts_1.organization_id = $7::VARCHAR COLLATE "C"
                                    AND event_hosts_1.status IN (
                                      'ACCEPTED', 'INVITED', 'REQUESTED'
                                    )
                                  LIMIT ALL
                                  OFFSET 0
                                )
                              )
                              OR (
                                EXISTS (
                                  SELECT alliance_members_4.id
                                  FROM alliance_members AS alliance_members_4
                                  JOIN proposals AS proposals_1 ON proposals_1.alliance_id = alliance_members_4.alliance_id
                                  WHERE
                                    proposals_1.organization_id = organizations_1.id
                                    AND alliance_members_4.organization_id = $7::VARCHAR COLLATE "C"
                                    AND alliance_members_4.status IN (
                                      'ACTIVE', 'SUSPENDED'
                                    )
                                  LIMIT ALL
                                  OFFSET 0
                                )
                              )
                              OR (
                                EXISTS (
                                  SELECT groups_1.id
                                  FROM groups AS groups_1
                                  WHERE
                                    groups_1.organization_id = organizations_1.id
                                    AND groups_1.id IN (
                                      SELECT group_members_1.group_id
                                      FROM group_members AS group_members_1
                                      WHERE
                                        group_members_1.person_id = $8::VARCHAR COLLATE "C"
                                        AND group_members_1.status = 'ACTIVE'
                                    )
                                  LIMIT ALL
                                  OFFSET 0
                                )
                              )
                            )
                            AND organizations_1.id = row_2.organization_id
                        ) AS row_3
                      ),
                      '"\u0000"'
                    )
                  ),
                  ',' ORDER BY row_2.position
                ) FILTER (WHERE row_2.position <= $9::INTEGER),
                ''
              ),
              CAST(count(row_2.position) > $9::INTEGER AS TEXT),
              coalesce(
                '"' || max(
                  CASE
                    WHEN (
                      row_2.position <= $9::INTEGER
                      AND row_2.position = least(row_2.last_position, $9::INTEGER)
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
                row_4.title AS title,
                row_4.starts_at AS starts_at,
                row_4.time_zone AS time_zone,
                row_4.organization_id AS organization_id,
                row_number() OVER () AS position,
                count(*) OVER () AS last_position,
                row_4.key_next_at AS key_next_at,
                row_4.key_id AS key_id
              FROM (
                SELECT
                  events_2.title AS title,
                  events_2.starts_at AS starts_at,
                  events_2.time_zone AS time_zone,
                  events_2.organization_id AS organization_id,
                  anon_1.key_next_at AS key_next_at,
                  anon_1.key_id AS key_id
                FROM events AS events_2
                JOIN (
                  SELECT anon_2.key_next_at AS key_next_at, anon_2.key_id AS key_id
                  FROM (
                    (SELECT anon_3.key_next_at AS key_next_at, anon_3.key_id AS key_id FROM (SELECT event_shares_1.starts_at AS key_next_at, event_shares_1.event_id AS key_id FROM event_shares AS event_shares_1 WHERE NOT event_shares_1.recurring AND event_shares_1.starts_at > coalesce($10::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour', '-infinity') AND (event_shares_1.starts_at >= $10::TIMESTAMP WITH TIME ZONE OR event_shares_1.over_at > $10::TIMESTAMP WITH TIME ZONE) AND event_shares_1.alliance_id = row_1.id AND coalesce(event_shares_1.organization_id = ANY (array((SELECT alliance_members_5.organization_id FROM alliance_members AS alliance_members_5 WHERE alliance_members_5.alliance_id = row_1.id AND alliance_members_5.status = 'ACTIVE'))), false) AND (EXISTS (SELECT events_3.id FROM events AS events_3 WHERE events_3.id = event_shares_1.event_id AND events_3.publication_status = ANY ($11::TEXT[]) AND events_3.status != 'CANCELLED' AND events_3.replaced_by_id IS NULL AND (events_3.publication_status IN ('ARCHIVED', 'PUBLISHED') AND (events_3.visibility = 'PUBLIC' OR events_3.visibility IN ('ALLIANCE', 'UNLISTED') AND (EXISTS (SELECT event_shares_2.alliance_id FROM event_shares AS event_shares_2 JOIN alliance_members AS alliance_members_6 ON alliance_members_6.alliance_id = event_shares_2.alliance_id JOIN alliance_members AS alliance_members_7 ON alliance_members_7.alliance_id = event_shares_2.alliance_id WHERE event_shares_2.event_id = events_3.id AND alliance_members_6.organization_id = events_3.organization_id AND alliance_members_6.status = 'ACTIVE' AND alliance_members_7.organization_id = $7::VARCHAR COLLATE "C" AND alliance_members_7.status = 'ACTIVE' AND (EXISTS (SELECT alliances_3.id FROM alliances AS alliances_3 WHERE alliances_3.id = alliance_members_7.alliance_id AND alliances_3.status != 'DISSOLVED' LIMIT ALL OFFSET 0)) LIMIT ALL OFFSET 0)) OR events_3.visibility = 'GROUP' AND events_3.group_id IN (SELECT group_members_2.group_id FROM group_members AS group_members_2 WHERE group_members_2.person_id = $8::VARCHAR COLLATE "C" AND group_members_2.status = 'ACTIVE')) AND (events_3.owner_visibility IN ('PUBLIC', 'UNLISTED') OR events_3.organization_id = $7::VARCHAR COLLATE "C" OR events_3.owner_visibility IN ('ALLIANCE', 'UNLISTED') AND events_3.organization_id IN (SELECT alliance_members_8.organization_id FROM alliance_members AS alliance_members_8 JOIN alliance_members AS alliance_members_9 ON alliance_members_9.alliance_id = alliance_members_8.alliance_id WHERE alliance_members_9.organization_id = $7::VARCHAR COLLATE "C" AND alliance_members_9.status = 'ACTIVE' AND (EXISTS (SELECT alliances_4.id FROM alliances AS alliances_4 WHERE alliances_4.id = alliance_members_9.alliance_id AND alliances_4.status != 'DISSOLVED' LIMIT ALL OFFSET 0)) AND alliance_members_8.status = 'ACTIVE')) OR events_3.organization_id = $7::VARCHAR COLLATE "C" OR (EXISTS (SELECT event_hosts_2.id FROM event_hosts AS event_hosts_2 WHERE event_hosts_2.event_id = events_3.id AND event_hosts_2.organization_id = $7::VARCHAR COLLATE "C" AND event_hosts_2.status IN ('ACCEPTED', 'INVITED', 'REQUESTED') LIMIT ALL OFFSET 0))) LIMIT ALL OFFSET 0)) ORDER BY event_shares_1.starts_at ASC, event_shares_1.event_id ASC LIMIT 101) AS anon_3 ORDER BY anon_3.key_next_at ASC, anon_3.key_id ASC LIMIT $9::INTEGER + 1)
                    UNION ALL (
                      SELECT anon_4.key_next_at AS key_next_at, anon_4.key_id AS key_id
                      FROM (
                        SELECT anon_5.next_at AS key_next_at, anon_5.event_id AS key_id
                        FROM (
                          SELECT
                            event_shares_1.event_id AS event_id,
                            event_shares_1.alliance_id AS alliance_id,
                            event_shares_1.shared_at AS shared_at,
                            event_shares_1.organization_id AS organization_id,
                            event_shares_1.starts_at AS starts_at,
                            event_shares_1.over_at AS over_at,
                            event_shares_1.recurring AS recurring,
                            CASE
                              WHEN event_shares_1.recurring THEN coalesce(
                                (
                                  SELECT CASE
                                    WHEN (
                                      occurrences_1.follows_at <= $10::TIMESTAMP WITH TIME ZONE
                                    ) THEN occurrences_1.starts_at
                                  END AS anon_6
                                  FROM occurrences AS occurrences_1
                                  WHERE
                                    occurrences_1.event_id = event_shares_1.event_id
                                    AND occurrences_1.starts_at >= $10::TIMESTAMP
                                  WITH TIME ZONE
                                  ORDER BY occurrences_1.starts_at, occurrences_1.id
                                  LIMIT 1
                                ),
                                (
                                  SELECT min(occurrences_2.starts_at) AS min_1
                                  FROM occurrences AS occurrences_2
                                  WHERE
                                    occurrences_2.event_id = event_shares_1.event_id
                                    AND occurrences_2.starts_at >= $10::TIMESTAMP
                                  WITH
                                    TIME ZONE - interval '400 days'
                                    AND occurrences_2.starts_at < $10::TIMESTAMP
                                  WITH
                                    TIME ZONE
                                    AND occurrences_2.ends_at > $10::TIMESTAMP
                                  WITH TIME ZONE
                                ),
                                (
                                  SELECT min(occurrences_3.starts_at) AS min_2
                                  FROM occurrences AS occurrences_3
                                  WHERE
                                    occurrences_3.event_id = event_shares_1.event_id
                                    AND occurrences_3.starts_at >= $10::TIMESTAMP
                                  WITH TIME ZONE
                                )
                              )
                              ELSE event_shares_1.starts_at
                            END AS next_at
                          FROM event_shares AS event_shares_1
                          WHERE
                            (
                              event_shares_1.recurring
                              OR convoke_span(
                                event_shares_1.starts_at, event_shares_1.over_at
                              ) > 3
                            )
                            AND (
                              event_shares_1.recurring
                              OR event_shares_1.starts_at <= coalesce(
                                $10::TIMESTAMP WITH TIME ZONE - 25 * interval '1 hour',
                                '-infinity'
                              )
                            )
                            AND event_shares_1.over_at > $10::TIMESTAMP
                          WITH
                            TIME ZONE
                            AND event_shares_1.alliance_id = row_1.id
                            AND coalesce(
                              event_shares_1.organization_id = ANY (
                                array(
                                  (
                                    SELECT alliance_members_5.organization_id
                                    FROM alliance_members AS alliance_members_5
                                    WHERE
                                      alliance_members_5.alliance_id = row_1.id
                                      AND alliance_members_5.status = 'ACTIVE'
                                  )
                                )
                              ),
                              false
                            )
                          ORDER BY next_at ASC, event_shares_1.event_id ASC
                          LIMIT ALL
                          OFFSET 0
                        ) AS anon_5
                        WHERE
                          anon_5.next_at IS NOT NULL
                          AND (
                            EXISTS (
                              SELECT events_4.id
                              FROM events AS events_4
                              WHERE
                                events_4.id = anon_5.event_id
                                AND events_4.publication_status = ANY (
                                  $11::TEXT[]
                                )
                                AND events_4.status != 'CANCELLED'
                                AND events_4.replaced_by_id IS NULL
                                AND (
                                  events_4.publication_status IN (
                                    'ARCHIVED', 'PUBLISHED'
                                  )
                                  AND (
                                    events_4.visibility = 'PUBLIC'
                                    OR events_4.visibility IN (
                                      'ALLIANCE', 'UNLISTED'
                                    )
                                    AND (
                                      EXISTS (
                                        SELECT event_shares_3.alliance_id
                                        FROM event_shares AS event_shares_3
                                        JOIN alliance_members AS alliance_members_10 ON alliance_members_10.alliance_id = event_shares_3.alliance_id
                                        JOIN alliance_members AS alliance_members_11 ON alliance_members_11.alliance_id = event_shares_3.alliance_id
                                        WHERE
                                          event_shares_3.event_id = events_4.id
                                          AND alliance_members_10.organization_id = events_4.organization_id
                                          AND alliance_members_10.status = 'ACTIVE'
                                          AND alliance_members_11.organization_id = $7::VARCHAR COLLATE "C"
                                          AND alliance_members_11.status = 'ACTIVE'
                                          AND (
                                            EXISTS (
                                              SELECT alliances_5.id
                                              FROM alliances AS alliances_5
                                              WHERE
                                                alliances_5.id = alliance_members_11.alliance_id
                                                AND alliances_5.status != 'DISSOLVED'
                                              LIMIT ALL
                                              OFFSET 0
                                            )
                                          )
                                        LIMIT ALL
                                        OFFSET 0
                                      )
                                    )
                                    OR events_4.visibility = 'GROUP'
                                    AND events_4.group_id IN (
                                      SELECT group_members_3.group_id
                                      FROM group_members AS group_members_3
                                      WHERE
                                        group_members_3.person_id = $8::VARCHAR COLLATE "C"
                                        AND group_members_3.status = 'ACTIVE'
                                    )
                                  )
                                  AND (
                                    events_4.owner_visibility IN (
                                      'PUBLIC', 'UNLISTED'
                                    )
                                    OR events_4.organization_id = $7::VARCHAR COLLATE "C"
                                    OR events_4.owner_visibility IN (
                                      'ALLIANCE', 'UNLISTED'
                                    )
                                    AND events_4.organization_id IN (
                                      SELECT alliance_members_12.organization_id
                                      FROM alliance_members AS alliance_members_12
                                      JOIN alliance_members AS alliance_members_13 ON alliance_members_13.alliance_id = alliance_members_12.alliance_id
                                      WHERE
                                        alliance_members_13.organization_id = $7::VARCHAR COLLATE "C"
                                        AND alliance_members_13.status = 'ACTIVE'
                                        AND (
                                          EXISTS (
                                            SELECT alliances_6.id
                                            FROM alliances AS alliances_6
                                            WHERE
                                              alliances_6.id = alliance_members_13.alliance_id
                                              AND alliances_6.status != 'DISSOLVED'
                                            LIMIT ALL
                                            OFFSET 0
                                          )
                                        )
                                        AND alliance_members_12.status = 'ACTIVE'
                                    )
                                  )
                                  OR events_4.organization_id = $7::VARCHAR COLLATE "C"
                                  OR (
                                    EXISTS (
                                      SELECT event_hosts_3.id
                                      FROM event_hosts AS event_hosts_3
                                      WHERE
                                        event_hosts_3.event_id = events_4.id
                                        AND event_hosts_3.organization_id = $7::VARCHAR COLLATE "C"
                                        AND event_hosts_3.status IN (
                                          'ACCEPTED', 'INVITED', 'REQUESTED'
                                        )
                                      LIMIT ALL
                                      OFFSET 0
                                    )
                                  )
                                )
                              LIMIT ALL
                              OFFSET 0
                            )
                          )
                        ORDER BY anon_5.next_at ASC, anon_5.event_id ASC
                        LIMIT 101
                      ) AS anon_4
                      ORDER BY anon_4.key_next_at ASC, anon_4.key_id ASC
                      LIMIT $9::INTEGER + 1
                    )
                  ) AS anon_2
                  ORDER BY anon_2.key_next_at ASC, anon_2.key_id ASC
                  LIMIT $9::INTEGER + 1
                ) AS anon_1 ON anon_1.key_id = events_2.id
                ORDER BY anon_1.key_next_at ASC, anon_1.key_id ASC
              ) AS row_4
            ) AS row_2
          )
        ) AS format_1
        FROM (
          SELECT alliances_7.name AS name, alliances_7.id AS id
          FROM alliances AS alliances_7
          WHERE
            (
              alliances_7.visibility IN ('PUBLIC', 'UNLISTED')
              AND (
                EXISTS (
                  SELECT organizations_2.id
                  FROM organizations AS organizations_2
                  WHERE
                    organizations_2.id = alliances_7.convener_id
                    AND (
                      organizations_2.visibility IN ('PUBLIC', 'UNLISTED')
                      OR organizations_2.id = $7::VARCHAR COLLATE "C"
                      OR organizations_2.visibility IN ('ALLIANCE', 'UNLISTED')
                      AND organizations_2.id IN (
                        SELECT alliance_members_14.organization_id
                        FROM alliance_members AS alliance_members_14
                        JOIN alliance_members AS alliance_members_15 ON alliance_members_15.alliance_id = alliance_members_14.alliance_id
                        WHERE
                          alliance_members_15.organization_id = $7::VARCHAR COLLATE "C"
                          AND alliance_members_15.status = 'ACTIVE'
                          AND (
                            EXISTS (
                              SELECT alliances_8.id
                              FROM alliances AS alliances_8
                              WHERE
                                alliances_8.id = alliance_members_15.alliance_id
                                AND alliances_8.status != 'DISSOLVED'
                              LIMIT ALL
                              OFFSET 0
                            )
                          )
                          AND alliance_members_14.status = 'ACTIVE'
                      )
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT alliance_members_16.id
                  FROM alliance_members AS alliance_members_16
                  WHERE
                    alliance_members_16.alliance_id = alliances_7.id
                    AND alliance_members_16.organization_id = $7::VARCHAR COLLATE "C"
                    AND alliance_members_16.status IN (
                      'ACTIVE', 'INVITED', 'PENDING_AGREEMENT', 'REQUESTED', 'SUSPENDED'
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
            )
            AND alliances_7.id = $12::VARCHAR
        ) AS row_1
      ),
      'null'
    )
  )
  ELSE ''
END AS answer
