-- An alliance's members, with the agreements that each has yet to accept.
--
--   query Members($id: ID!) {
--     alliance(id: $id) {
--       agreements { title }
--       members(first: 20) {
--         nodes { role organization { name } missingAgreements { title } }
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
-- $10 q1_0
-- $11 q0_0

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
          '{"agreements":[%s],"members":%s}',
          (
            SELECT coalesce(
              string_agg(
                format('{"title":%s}', to_json(row_1.title)), ',' ORDER BY row_1.position
              ),
              ''
            ) AS coalesce_1
            FROM (
              SELECT row_2.title AS title, row_number() OVER () AS position
              FROM (
                SELECT anon_1.title AS title
                FROM (
                  SELECT
                    agreements_1.id AS id,
                    agreements_1.alliance_id AS alliance_id,
                    agreements_1.title AS title,
                    agreements_1.body AS body,
                    agreements_1.language AS language,
                    agreements_1.translations AS translations,
                    agreements_1.version_number AS version_number,
                    agreements_1.active_from AS active_from,
                    agreements_1.required AS required,
                    agreements_1.active_from AS key_active_from,
                    agreements_1.id AS key_id
                  FROM agreements AS agreements_1
                  WHERE
                    (
                      EXISTS (
                        SELECT alliances_1.id
                        FROM alliances AS alliances_1
                        WHERE
                          alliances_1.id = agreements_1.alliance_id
                          AND (
                            alliances_1.visibility IN ('PUBLIC', 'UNLISTED')
                            AND (
                              EXISTS (
                                SELECT organizations_1.id
                                FROM organizations AS organizations_1
                                WHERE
                                  organizations_1.id = alliances_1.convener_id
                                  AND (
                                    organizations_1.visibility IN (
                                      'PUBLIC', 'UNLISTED'
                                    )
                                    OR organizations_1.id = $7::VARCHAR COLLATE "C"
                                    OR organizations_1.visibility IN (
                                      'ALLIANCE', 'UNLISTED'
                                    )
                                    AND organizations_1.id IN (
                                      SELECT alliance_members_1.organization_id
                                      FROM alliance_members AS alliance_members_1
                                      JOIN alliance_members AS alliance_members_2 ON alliance_members_2.alliance_id = alliance_members_1.alliance_id
                                      WHERE
                                        alliance_members_2.organization_id = $7::VARCHAR COLLATE "C"
                                        AND alliance_members_2.status = 'ACTIVE'
                                        AND (
                                          EXISTS (
                                            SELECT alliances_2.id
                                            FROM alliances AS alliances_2
                                            WHERE
                                              alliances_2.id = alliance_members_2.alliance_id
                                              AND alliances_2.status != 'DISSOLVED'
                                            LIMIT ALL
                                            OFFSET 0
                                          )
                                        )
                                        AND alliance_members_1.status = 'ACTIVE'
                                    )
                                  )
                                LIMIT ALL
                                OFFSET 0
                              )
                            )
                            OR (
                              EXISTS (
                                SELECT alliance_members_3.id
                                FROM alliance_members AS alliance_members_3
                                WHERE
                                  alliance_members_3.alliance_id = alliances_1.id
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
                          )
                        LIMIT ALL
                        OFFSET 0
                      )
                    )
                    AND NOT (
                      EXISTS (
                        SELECT agreements_2.id
                        FROM agreements AS agreements_2
                        WHERE
                          agreements_2.alliance_id = agreements_1.alliance_id
                          AND agreements_2.title = agreements_1.title
                          AND agreements_2.version_number > agreements_1.version_number
                      )
                    )
                    AND agreements_1.alliance_id = row_3.id
                  ORDER BY agreements_1.active_from ASC, agreements_1.id ASC
                  LIMIT 101
                ) AS anon_1
                ORDER BY anon_1.key_active_from ASC, anon_1.key_id ASC
                LIMIT 99 + 1
              ) AS row_2
            ) AS row_1
          ),
          (
            SELECT format(
              '{"nodes":[%s]}',
              coalesce(
                string_agg(
                  format(
                    '{"role":"%s","organization":%s,"missingAgreements":[%s]}',
                    row_4.role,
                    coalesce(
                      (
                        SELECT format('{"name":%s}', to_json(row_5.name)) AS format_3
                        FROM (
                          SELECT organizations_2.name AS name
                          FROM organizations AS organizations_2
                          WHERE
                            (
                              organizations_2.visibility IN ('PUBLIC', 'UNLISTED')
                              OR organizations_2.id = $7::VARCHAR COLLATE "C"
                              OR organizations_2.visibility IN ('ALLIANCE', 'UNLISTED')
                              AND organizations_2.id IN (
                                SELECT alliance_members_4.organization_id
                                FROM alliance_members AS alliance_members_4
                                JOIN alliance_members AS alliance_members_5 ON alliance_members_5.alliance_id = alliance_members_4.alliance_id
                                WHERE
                                  alliance_members_5.organization_id = $7::VARCHAR COLLATE "C"
                                  AND alliance_members_5.status = 'ACTIVE'
                                  AND (
                                    EXISTS (
                                      SELECT alliances_3.id
                                      FROM alliances AS alliances_3
                                      WHERE
                                        alliances_3.id = alliance_members_5.alliance_id
                                        AND alliances_3.status != 'DISSOLVED'
                                      LIMIT ALL
                                      OFFSET 0
                                    )
                                  )
                                  AND alliance_members_4.status = 'ACTIVE'
                              )
                              OR (
                                EXISTS (
                                  SELECT alliance_members_6.id
                                  FROM alliance_members AS alliance_members_6
                                  JOIN alliances AS alliances_4 ON alliances_4.id = alliance_members_6.alliance_id
                                  WHERE
                                    alliances_4.convener_id = organizations_2.id
                                    AND alliance_members_6.organization_id = $7::VARCHAR COLLATE "C"
                                    AND alliance_members_6.status IN (
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
                                    events_1.organization_id = organizations_2.id
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
                                  SELECT alliance_members_7.id
                                  FROM alliance_members AS alliance_members_7
                                  JOIN proposals AS proposals_1 ON proposals_1.alliance_id = alliance_members_7.alliance_id
                                  WHERE
                                    proposals_1.organization_id = organizations_2.id
                                    AND alliance_members_7.organization_id = $7::VARCHAR COLLATE "C"
                                    AND alliance_members_7.status IN (
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
                                    groups_1.organization_id = organizations_2.id
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
                            AND organizations_2.id = row_4.organization_id
                        ) AS row_5
                      ),
                      '"\u0000"'
                    ),
                    (
                      SELECT coalesce(
                        string_agg(
                          format('{"title":%s}', to_json(row_6.title)),
                          ',' ORDER BY row_6.position
                        ),
                        ''
                      ) AS coalesce_2
                      FROM (
                        SELECT row_7.title AS title, row_number() OVER () AS position
                        FROM (
                          SELECT anon_2.title AS title
                          FROM (
                            SELECT
                              agreements_3.id AS id,
                              agreements_3.alliance_id AS alliance_id,
                              agreements_3.title AS title,
                              agreements_3.body AS body,
                              agreements_3.language AS language,
                              agreements_3.translations AS translations,
                              agreements_3.version_number AS version_number,
                              agreements_3.active_from AS active_from,
                              agreements_3.required AS required,
                              agreements_3.active_from AS key_active_from,
                              agreements_3.id AS key_id
                            FROM agreements AS agreements_3
                            WHERE
                              (
                                EXISTS (
                                  SELECT alliances_5.id
                                  FROM alliances AS alliances_5
                                  WHERE
                                    alliances_5.id = agreements_3.alliance_id
                                    AND (
                                      alliances_5.visibility IN ('PUBLIC', 'UNLISTED')
                                      AND (
                                        EXISTS (
                                          SELECT organizations_3.id
                                          FROM organizations AS organizations_3
                                          WHERE
                                            organizations_3.id = alliances_5.convener_id
                                            AND (
                                              organizations_3.visibility IN (
                                                'PUBLIC', 'UNLISTED'
                                              )
                                              OR organizations_3.id = $7::VARCHAR COLLATE "C"
                                              OR organizations_3.visibility IN (
                                                'ALLIANCE', 'UNLISTED'
                                              )
                                              AND organizations_3.id IN (
                                                SELECT alliance_members_8.organization_id
                                                FROM alliance_members AS alliance_members_8
                                                JOIN alliance_members AS alliance_members_9 ON alliance_members_9.alliance_id = alliance_members_8.alliance_id
                                                WHERE
                                                  alliance_members_9.organization_id = $7::VARCHAR COLLATE "C"
                                                  AND alliance_members_9.status = 'ACTIVE'
                                                  AND (
                                                    EXISTS (
                                                      SELECT alliances_6.id
                                                      FROM alliances AS alliances_6
                                                      WHERE
                                                        alliances_6.id = alliance_members_9.alliance_id
                                                        AND alliances_6.status != 'DISSOLVED'
                                                      LIMIT ALL
                                                      OFFSET 0
                                                    )
                                                  )
                                                  AND alliance_members_8.status = 'ACTIVE'
                                              )
                                            )
                                          LIMIT ALL
                                          OFFSET 0
                                        )
                                      )
                                      OR (
                                        EXISTS (
                                          SELECT alliance_members_10.id
                                          FROM alliance_members AS alliance_members_10
                                          WHERE
                                            alliance_members_10.alliance_id = alliances_5.id
                                            AND alliance_members_10.organization_id = $7::VARCHAR COLLATE "C"
                                            AND alliance_members_10.status IN (
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
                                    )
                                  LIMIT ALL
                                  OFFSET 0
                                )
                              )
                              AND NOT (
                                EXISTS (
                                  SELECT agreements_4.id
                                  FROM agreements AS agreements_4
                                  WHERE
                                    agreements_4.alliance_id = agreements_3.alliance_id
                                    AND agreements_4.title = agreements_3.title
                                    AND agreements_4.version_number > agreements_3.version_number
                                )
                              )
                              AND agreements_3.alliance_id = row_4.alliance_id
                              AND agreements_3.required
                              AND row_4.status IN (
                                'ACTIVE',
                                'INVITED',
                                'PENDING_AGREEMENT',
                                'REQUESTED',
                                'SUSPENDED'
                              )
                              AND NOT (
                                EXISTS (
                                  SELECT agreement_acceptances_1.id
                                  FROM agreement_acceptances AS agreement_acceptances_1
                                  WHERE
                                    agreement_acceptances_1.agreement_id = agreements_3.id
                                    AND agreement_acceptances_1.organization_id = row_4.organization_id
                                )
                              )
                            ORDER BY agreements_3.active_from ASC, agreements_3.id ASC
                            LIMIT 101
                          ) AS anon_2
                          ORDER BY anon_2.key_active_from ASC, anon_2.key_id ASC
                          LIMIT 99 + 1
                        ) AS row_7
                      ) AS row_6
                    )
                  ),
                  ',' ORDER BY row_4.position
                ) FILTER (WHERE row_4.position <= $9::INTEGER),
                ''
              )
            ) AS format_2
            FROM (
              SELECT
                row_8.role AS role,
                row_8.organization_id AS organization_id,
                row_8.alliance_id AS alliance_id,
                row_8.status AS status,
                row_number() OVER () AS position
              FROM (
                SELECT
                  anon_3.role AS role,
                  anon_3.organization_id AS organization_id,
                  anon_3.alliance_id AS alliance_id,
                  anon_3.status AS status
                FROM (
                  SELECT
                    alliance_members_11.id AS id,
                    alliance_members_11.alliance_id AS alliance_id,
                    alliance_members_11.organization_id AS organization_id,
                    alliance_members_11.role AS role,
                    alliance_members_11.status AS status,
                    alliance_members_11.initiated_by AS initiated_by,
                    alliance_members_11.message AS message,
                    alliance_members_11.created_at AS created_at,
                    alliance_members_11.joined_at AS joined_at,
                    alliance_members_11.ended_at AS ended_at,
                    alliance_members_11.end_reason AS end_reason,
                    alliance_members_11.expires_at AS expires_at,
                    alliance_members_11.suspended_by AS suspended_by,
                    alliance_members_11.created_at AS key_created_at,
                    alliance_members_11.id AS key_id
                  FROM alliance_members AS alliance_members_11
                  WHERE
                    (
                      alliance_members_11.status = 'ACTIVE'
                      OR alliance_members_11.organization_id = $7::VARCHAR COLLATE "C"
                      OR (
                        EXISTS (
                          SELECT alliance_members_12.id
                          FROM alliance_members AS alliance_members_12
                          WHERE
                            alliance_members_12.alliance_id = alliance_members_11.alliance_id
                            AND alliance_members_12.organization_id = $7::VARCHAR COLLATE "C"
                            AND alliance_members_12.status = 'ACTIVE'
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                    )
                    AND (
                      EXISTS (
                        SELECT organizations_4.id
                        FROM organizations AS organizations_4
                        WHERE
                          organizations_4.id = alliance_members_11.organization_id
                          AND (
                            organizations_4.visibility IN ('PUBLIC', 'UNLISTED')
                            OR organizations_4.id = $7::VARCHAR COLLATE "C"
                            OR organizations_4.visibility IN (
                              'ALLIANCE', 'UNLISTED'
                            )
                            AND organizations_4.id IN (
                              SELECT alliance_members_13.organization_id
                              FROM alliance_members AS alliance_members_13
                              JOIN alliance_members AS alliance_members_14 ON alliance_members_14.alliance_id = alliance_members_13.alliance_id
                              WHERE
                                alliance_members_14.organization_id = $7::VARCHAR COLLATE "C"
                                AND alliance_members_14.status = 'ACTIVE'
                                AND (
                                  EXISTS (
                                    SELECT alliances_7.id
                                    FROM alliances AS alliances_7
                                    WHERE
                                      alliances_7.id = alliance_members_14.alliance_id
                                      AND alliances_7.status != 'DISSOLVED'
                                    LIMIT ALL
                                    OFFSET 0
                                  )
                                )
                                AND alliance_members_13.status = 'ACTIVE'
                            )
                            OR (
                              EXISTS (
                                SELECT alliances_8.id
                                FROM alliances AS alliances_8
                                WHERE
                                  alliances_8.id = alliance_members_11.alliance_id
                                  AND alliances_8.convener_id = organizations_4.id
                                LIMIT ALL
                                OFFSET 0
                              )
                            )
                          )
                        LIMIT ALL
                        OFFSET 0
                      )
                    )
                    AND alliance_members_11.alliance_id = row_3.id
                    AND alliance_members_11.status = ANY ($10::TEXT[])
                  ORDER BY alliance_members_11.created_at ASC, alliance_members_11.id ASC
                  LIMIT 101
                ) AS anon_3
                ORDER BY anon_3.key_created_at ASC, anon_3.key_id ASC
                LIMIT $9::INTEGER + 1
              ) AS row_8
            ) AS row_4
          )
        ) AS format_1
        FROM (
          SELECT alliances_9.id AS id
          FROM alliances AS alliances_9
          WHERE
            (
              alliances_9.visibility IN ('PUBLIC', 'UNLISTED')
              AND (
                EXISTS (
                  SELECT organizations_5.id
                  FROM organizations AS organizations_5
                  WHERE
                    organizations_5.id = alliances_9.convener_id
                    AND (
                      organizations_5.visibility IN ('PUBLIC', 'UNLISTED')
                      OR organizations_5.id = $7::VARCHAR COLLATE "C"
                      OR organizations_5.visibility IN ('ALLIANCE', 'UNLISTED')
                      AND organizations_5.id IN (
                        SELECT alliance_members_15.organization_id
                        FROM alliance_members AS alliance_members_15
                        JOIN alliance_members AS alliance_members_16 ON alliance_members_16.alliance_id = alliance_members_15.alliance_id
                        WHERE
                          alliance_members_16.organization_id = $7::VARCHAR COLLATE "C"
                          AND alliance_members_16.status = 'ACTIVE'
                          AND (
                            EXISTS (
                              SELECT alliances_10.id
                              FROM alliances AS alliances_10
                              WHERE
                                alliances_10.id = alliance_members_16.alliance_id
                                AND alliances_10.status != 'DISSOLVED'
                              LIMIT ALL
                              OFFSET 0
                            )
                          )
                          AND alliance_members_15.status = 'ACTIVE'
                      )
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT alliance_members_17.id
                  FROM alliance_members AS alliance_members_17
                  WHERE
                    alliance_members_17.alliance_id = alliances_9.id
                    AND alliance_members_17.organization_id = $7::VARCHAR COLLATE "C"
                    AND alliance_members_17.status IN (
                      'ACTIVE', 'INVITED', 'PENDING_AGREEMENT', 'REQUESTED', 'SUSPENDED'
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
            )
            AND alliances_9.id = $11::VARCHAR
        ) AS row_3
      ),
      'null'
    )
  )
  ELSE ''
END AS answer
