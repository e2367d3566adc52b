-- Who asks.
--
--   { viewer { client scopes person { displayName } organization { name } } }
--
-- Asked by a person with a token.
-- $1 token_grant_id
-- $2 token_client_id
-- $3 token_organization_id
-- $4 token_person_id
-- $5 token_jti
-- $6 token_scopes
-- $7 q0_0
-- $8 q1_0
-- $9 viewer_organization
-- $10 viewer_person

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
    '{"viewer":{"client":%s,"scopes":%s,"person":%s,"organization":%s}}',
    to_json($7::VARCHAR),
    to_json($8::TEXT[]),
    coalesce(
      (
        SELECT format('{"displayName":%s}', to_json(row_1.display_name)) AS format_1
        FROM (
          SELECT persons_1.display_name AS display_name
          FROM persons AS persons_1
          WHERE
            (
              (
                EXISTS (
                  SELECT team_members_1.id
                  FROM team_members AS team_members_1
                  WHERE
                    team_members_1.person_id = persons_1.id
                    AND team_members_1.organization_id = $9::VARCHAR COLLATE "C"
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR persons_1.id = $10::VARCHAR COLLATE "C"
              OR (
                EXISTS (
                  SELECT group_members_1.id
                  FROM group_members AS group_members_1
                  WHERE
                    group_members_1.person_id = persons_1.id
                    AND (
                      (
                        EXISTS (
                          SELECT groups_1.id
                          FROM groups AS groups_1
                          WHERE
                            groups_1.id = group_members_1.group_id
                            AND groups_1.organization_id = $9::VARCHAR COLLATE "C"
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                      OR group_members_1.group_id IN (
                        SELECT group_members_2.group_id
                        FROM group_members AS group_members_2
                        WHERE
                          group_members_2.person_id = $10::VARCHAR COLLATE "C"
                          AND group_members_2.status = 'ACTIVE'
                      )
                      OR group_members_1.person_id = $10::VARCHAR COLLATE "C"
                      AND (
                        EXISTS (
                          SELECT groups_2.id
                          FROM groups AS groups_2
                          WHERE
                            groups_2.id = group_members_1.group_id
                            AND (
                              (
                                groups_2.owner_visibility IN ('PUBLIC', 'UNLISTED')
                                OR groups_2.organization_id = $9::VARCHAR COLLATE "C"
                                OR groups_2.owner_visibility IN (
                                  'ALLIANCE', 'UNLISTED'
                                )
                                AND groups_2.organization_id IN (
                                  SELECT alliance_members_1.organization_id
                                  FROM alliance_members AS alliance_members_1
                                  JOIN alliance_members AS alliance_members_2 ON alliance_members_2.alliance_id = alliance_members_1.alliance_id
                                  WHERE
                                    alliance_members_2.organization_id = $9::VARCHAR COLLATE "C"
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
                              )
                              AND (
                                groups_2.visibility IN ('PUBLIC', 'UNLISTED')
                                OR groups_2.visibility IN ('ALLIANCE', 'UNLISTED')
                                AND (
                                  EXISTS (
                                    SELECT group_shares_1.alliance_id
                                    FROM group_shares AS group_shares_1
                                    JOIN alliance_members AS alliance_members_3 ON alliance_members_3.alliance_id = group_shares_1.alliance_id
                                    JOIN alliance_members AS alliance_members_4 ON alliance_members_4.alliance_id = group_shares_1.alliance_id
                                    WHERE
                                      group_shares_1.group_id = groups_2.id
                                      AND alliance_members_3.organization_id = groups_2.organization_id
                                      AND alliance_members_3.status = 'ACTIVE'
                                      AND alliance_members_4.organization_id = $9::VARCHAR COLLATE "C"
                                      AND alliance_members_4.status = 'ACTIVE'
                                      AND (
                                        EXISTS (
                                          SELECT alliances_2.id
                                          FROM alliances AS alliances_2
                                          WHERE
                                            alliances_2.id = alliance_members_4.alliance_id
                                            AND alliances_2.status != 'DISSOLVED'
                                          LIMIT ALL
                                          OFFSET 0
                                        )
                                      )
                                    LIMIT ALL
                                    OFFSET 0
                                  )
                                )
                              )
                              OR groups_2.organization_id = $9::VARCHAR COLLATE "C"
                              OR groups_2.id IN (
                                SELECT group_members_3.group_id
                                FROM group_members AS group_members_3
                                WHERE
                                  group_members_3.person_id = $10::VARCHAR COLLATE "C"
                                  AND group_members_3.status = 'ACTIVE'
                              )
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
              OR (
                EXISTS (
                  SELECT handovers_1.id
                  FROM handovers AS handovers_1
                  WHERE
                    handovers_1.giver_id = persons_1.id
                    AND (
                      handovers_1.giver_id = $9::VARCHAR COLLATE "C"
                      OR handovers_1.taker_id = $9::VARCHAR COLLATE "C"
                      OR handovers_1.giver_id = $10::VARCHAR COLLATE "C"
                      OR handovers_1.taker_id = $10::VARCHAR COLLATE "C"
                      OR handovers_1.subject_id = $9::VARCHAR COLLATE "C"
                      AND (
                        EXISTS (
                          SELECT team_members_2.id
                          FROM team_members AS team_members_2
                          WHERE
                            team_members_2.organization_id = $9::VARCHAR COLLATE "C"
                            AND team_members_2.person_id = $10::VARCHAR COLLATE "C"
                            AND team_members_2.role IN ('OWNER')
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT handovers_1.id
                  FROM handovers AS handovers_1
                  WHERE
                    handovers_1.taker_id = persons_1.id
                    AND (
                      handovers_1.giver_id = $9::VARCHAR COLLATE "C"
                      OR handovers_1.taker_id = $9::VARCHAR COLLATE "C"
                      OR handovers_1.giver_id = $10::VARCHAR COLLATE "C"
                      OR handovers_1.taker_id = $10::VARCHAR COLLATE "C"
                      OR handovers_1.subject_id = $9::VARCHAR COLLATE "C"
                      AND (
                        EXISTS (
                          SELECT team_members_3.id
                          FROM team_members AS team_members_3
                          WHERE
                            team_members_3.organization_id = $9::VARCHAR COLLATE "C"
                            AND team_members_3.person_id = $10::VARCHAR COLLATE "C"
                            AND team_members_3.role IN ('OWNER')
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT rsvps_1.id
                  FROM rsvps AS rsvps_1
                  WHERE
                    rsvps_1.person_id = persons_1.id
                    AND (
                      EXISTS (
                        SELECT team_members_4.id
                        FROM team_members AS team_members_4
                        WHERE
                          team_members_4.organization_id = $9::VARCHAR COLLATE "C"
                          AND team_members_4.person_id = $10::VARCHAR COLLATE "C"
                          AND team_members_4.role IN (
                            'ADMIN', 'EDITOR', 'EVENT_MANAGER', 'OWNER'
                          )
                        LIMIT ALL
                        OFFSET 0
                      )
                    )
                    AND (
                      (
                        EXISTS (
                          SELECT events_1.id
                          FROM events AS events_1
                          WHERE
                            events_1.id = rsvps_1.event_id
                            AND events_1.organization_id = $9::VARCHAR COLLATE "C"
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                      OR (
                        EXISTS (
                          SELECT rsvp_consents_1.id
                          FROM rsvp_consents AS rsvp_consents_1
                          WHERE
                            rsvp_consents_1.rsvp_id = rsvps_1.id
                            AND rsvp_consents_1.organization_id = $9::VARCHAR COLLATE "C"
                            AND rsvp_consents_1.withdrawn_at IS NULL
                          LIMIT ALL
                          OFFSET 0
                        )
                      )
                      AND (
                        EXISTS (
                          SELECT event_hosts_1.id
                          FROM event_hosts AS event_hosts_1
                          WHERE
                            event_hosts_1.event_id = rsvps_1.event_id
                            AND event_hosts_1.organization_id = $9::VARCHAR COLLATE "C"
                            AND event_hosts_1.status = 'ACCEPTED'
                            AND (
                              event_hosts_1.attendee_sharing = 'ALL_WITH_CONSENT'
                              OR event_hosts_1.attendee_sharing = 'REFERRED_ONLY'
                              AND rsvps_1.referred_by_id = $9::VARCHAR COLLATE "C"
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
            )
            AND persons_1.id = $10::VARCHAR COLLATE "C"
        ) AS row_1
      ),
      'null'
    ),
    coalesce(
      (
        SELECT format('{"name":%s}', to_json(row_2.name)) AS format_2
        FROM (
          SELECT organizations_1.name AS name
          FROM organizations AS organizations_1
          WHERE
            (
              organizations_1.visibility IN ('PUBLIC', 'UNLISTED')
              OR organizations_1.id = $9::VARCHAR COLLATE "C"
              OR organizations_1.visibility IN ('ALLIANCE', 'UNLISTED')
              AND organizations_1.id IN (
                SELECT alliance_members_5.organization_id
                FROM alliance_members AS alliance_members_5
                JOIN alliance_members AS alliance_members_6 ON alliance_members_6.alliance_id = alliance_members_5.alliance_id
                WHERE
                  alliance_members_6.organization_id = $9::VARCHAR COLLATE "C"
                  AND alliance_members_6.status = 'ACTIVE'
                  AND (
                    EXISTS (
                      SELECT alliances_3.id
                      FROM alliances AS alliances_3
                      WHERE
                        alliances_3.id = alliance_members_6.alliance_id
                        AND alliances_3.status != 'DISSOLVED'
                      LIMIT ALL
                      OFFSET 0
                    )
                  )
                  AND alliance_members_5.status = 'ACTIVE'
              )
              OR (
                EXISTS (
                  SELECT alliance_members_7.id
                  FROM alliance_members AS alliance_members_7
                  JOIN alliances AS alliances_4 ON alliances_4.id = alliance_members_7.alliance_id
                  WHERE
                    alliances_4.convener_id = organizations_1.id
                    AND alliance_members_7.organization_id = $9::VARCHAR COLLATE "C"
                    AND alliance_members_7.status IN (
                      'ACTIVE', 'INVITED', 'PENDING_AGREEMENT', 'REQUESTED', 'SUSPENDED'
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT event_hosts_2.id
                  FROM event_hosts AS event_hosts_2
                  JOIN events AS events_2 ON events_2.id = event_hosts_2.event_id
                  WHERE
                    events_2.organization_id = organizations_1.id
                    AND event_hosts_2.organization_id = $9::VARCHAR COLLATE "C"
                    AND event_hosts_2.status IN ('ACCEPTED', 'INVITED', 'REQUESTED')
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT alliance_members_8.id
                  FROM alliance_members AS alliance_members_8
                  JOIN proposals AS proposals_1 ON proposals_1.alliance_id = alliance_members_8.alliance_id
                  WHERE
                    proposals_1.organization_id = organizations_1.id
                    AND alliance_members_8.organization_id = $9::VARCHAR COLLATE "C"
                    AND alliance_members_8.status IN ('ACTIVE', 'SUSPENDED')
                  LIMIT ALL
                  OFFSET 0
                )
              )
              OR (
                EXISTS (
                  SELECT groups_3.id
                  FROM groups AS groups_3
                  WHERE
                    groups_3.organization_id = organizations_1.id
                    AND groups_3.id IN (
                      SELECT group_members_4.group_id
                      FROM group_members AS group_members_4
                      WHERE
                        group_members_4.person_id = $10::VARCHAR COLLATE "C"
                        AND group_members_4.status = 'ACTIVE'
                    )
                  LIMIT ALL
                  OFFSET 0
                )
              )
            )
            AND organizations_1.id = $9::VARCHAR COLLATE "C"
        ) AS row_2
      ),
      'null'
    )
  )
  ELSE ''
END AS answer
