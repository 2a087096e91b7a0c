-- A user's page with its counts, all in the snapshot of the statement that calls it, in one round
-- trip: small statements whose plans are kept, which is half the time of one large statement.
--
-- Rows by kind: 0 says only that what the caller keeps in memory is not of this `version`. Else
-- 1: the user (position = id, until = joined, at = read_through, sent_at = unread personal items,
-- expires_at = the newest position of one); 2: the user's own states of broadcasts, oldest first;
-- 3: personal items, newest first. `marked` is when the first mark at or above the item was made.
CREATE OR REPLACE FUNCTION restante_page(
    for_user text,
    now_ms bigint,
    is_archive boolean,
    below bigint,
    at_most integer,
    known_version bigint,
    retracting bigint[]
) RETURNS TABLE(
    kind smallint, "position" bigint, state smallint, until bigint, at bigint, marked bigint,
    sent_at bigint, expires_at bigint, level integer, text text, tags text, url text, data text
) LANGUAGE plpgsql STABLE ROWS 25 AS $$
#variable_conflict use_column
DECLARE
    own restante_users;
    found_version bigint;
    unread bigint; fresh bigint; kept bigint; newest_kept bigint;
BEGIN
    SELECT c.version INTO found_version FROM restante_clock c;
    IF found_version <> known_version THEN
        kind := 0;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO own FROM restante_users u WHERE u.key = for_user;
    kind := 1;
    "position" := COALESCE(own.id, 0);
    until := own.joined;
    at := COALESCE(own.read_through, 0);
    sent_at := 0;
    expires_at := 0;
    IF own.id IS NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    -- New ones above the watermark and kept ones are one range of the key.
    SELECT count(*) FILTER (WHERE d.until > now_ms AND d.position <> ALL (retracting)),
           count(*) FILTER (WHERE d.state = 1), count(*) FILTER (WHERE d.state = 2),
           max(d.position) FILTER (WHERE d.state = 1)
        INTO unread, fresh, kept, expires_at
        FROM restante_deliveries d
        WHERE d.user_id = own.id AND d.state <= 2
          AND (d.state, d.position) > (1::smallint, own.read_through);
    IF kept > 0 THEN
        SELECT max(d.at) INTO newest_kept
            FROM restante_deliveries d WHERE d.user_id = own.id AND d.state = 2;
    END IF;
    sent_at := unread;
    expires_at := GREATEST(expires_at, newest_kept, 0);
    RETURN NEXT;
    RETURN QUERY SELECT 2::smallint, s.position, s.state, 0::bigint, s.at, 0::bigint, 0::bigint,
        0::bigint, 0, NULL, NULL, NULL, NULL
        FROM restante_seen s WHERE s.user_id = own.id ORDER BY s.position;
    IF at_most = 0 THEN
        RETURN;
    END IF;
    IF is_archive THEN
        -- Read, new and kept: three ranges of the key, from each as many as the page takes.
        RETURN QUERY
            SELECT 3::smallint, z.position, z.state, z.until, z.at,
                CASE WHEN z.state = 1 AND z.position <= own.read_through THEN
                    (SELECT k.at FROM restante_marks k
                     WHERE k.user_id = own.id AND k.position >= z.position
                     ORDER BY k.position LIMIT 1) END,
                z.sent_at, z.expires_at, z.level, z.text, z.tags, z.url, z.data
            FROM (
                SELECT one.*
                FROM unnest('{0,1,2}'::smallint[]) kind(state)
                CROSS JOIN LATERAL (
                    SELECT d.position, d.state, d.until, d.at, m.sent_at, m.expires_at, m.level,
                        m.text, m.tags, m.url, m.data
                    FROM restante_deliveries d
                    JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
                    WHERE d.user_id = own.id AND d.state = kind.state AND d.position < below
                      AND d.position <> ALL (retracting)
                      AND m.expires_at > now_ms AND m.retracted_at IS NULL
                    ORDER BY d.position DESC LIMIT at_most) one
                ORDER BY one.position DESC LIMIT at_most
            ) z;
        RETURN;
    END IF;
    -- An unread item leaves the inbox no later than its message expires, so `until` tells enough.
    IF fresh > 0 THEN
        RETURN QUERY
            SELECT 3::smallint, d.position, d.state, d.until, d.at, NULL::bigint,
                m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
            FROM restante_deliveries d
            JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
            WHERE d.user_id = own.id AND d.state = 1
              AND d.position > own.read_through AND d.position < below
              AND d.until > now_ms AND d.position <> ALL (retracting)
            ORDER BY d.position DESC LIMIT at_most;
    END IF;
    IF kept > 0 THEN
        RETURN QUERY
            SELECT 3::smallint, d.position, d.state, d.until, d.at, NULL::bigint,
                m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
            FROM restante_deliveries d
            JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
            WHERE d.user_id = own.id AND d.state = 2 AND d.position < below
              AND d.until > now_ms AND d.position <> ALL (retracting)
            ORDER BY d.position DESC LIMIT at_most;
    END IF;
END
$$;
