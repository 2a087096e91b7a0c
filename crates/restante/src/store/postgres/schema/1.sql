-- Times are milliseconds since 1970.

-- One row. Whoever takes a position locks it FOR UPDATE until the commit and does not change it: a
-- row that every transaction updates grows a tail of old versions as soon as somebody keeps a
-- snapshot open. The number itself comes from a sequence, which has no versions.
CREATE TABLE restante_clock(
    one integer PRIMARY KEY CHECK (one = 1),
    -- Rises with every change of what readers keep in memory: broadcasts and retracting.
    version bigint NOT NULL,
    -- How many users were forgotten: ids that were looked up before are to be looked up again.
    forgotten bigint NOT NULL
);
INSERT INTO restante_clock VALUES (1, 0, 0);
CREATE SEQUENCE restante_position MINVALUE 0 START 0 INCREMENT 2;
SELECT setval('restante_position', 0);

-- Ids are compared by their bytes, so that every server sorts new users the same way: the order in
-- which their rows are locked.
CREATE TABLE restante_users(
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key text COLLATE "C" UNIQUE,
    joined bigint,
    read_through bigint NOT NULL DEFAULT 0,
    -- Whether anything was ever kept of the user. A row has to be there before it is known whether
    -- what needs it will be done; until then it stands for nobody.
    is_kept boolean NOT NULL
);

CREATE TABLE restante_messages(
    id bigint PRIMARY KEY,
    sent_at bigint NOT NULL,
    inbox_until bigint NOT NULL,
    expires_at bigint NOT NULL,
    retracted_at bigint,
    total bigint NOT NULL,
    gone_delivered bigint NOT NULL DEFAULT 0,
    gone_read bigint NOT NULL DEFAULT 0,
    level integer NOT NULL,
    sender text COLLATE "C" NOT NULL,
    text text NOT NULL,
    tags text NOT NULL,
    url text,
    data text,
    recipients bytea
);
CREATE INDEX restante_messages_expiry ON restante_messages(expires_at);
CREATE INDEX restante_messages_sender ON restante_messages(sender, id);

CREATE TABLE restante_broadcasts(
    position bigint PRIMARY KEY,
    until bigint NOT NULL,
    expires_at bigint NOT NULL,
    sent_at bigint NOT NULL,
    newcomers boolean NOT NULL
);

-- The table that grows. The state comes before the position, so that unread items are one range of
-- the key: new and kept are 1 and 2. `message` is only set where the position is not the message's
-- id: in the parts of a long list. Columns stand in the order that wastes no byte on alignment.
CREATE TABLE restante_deliveries(
    user_id bigint NOT NULL,
    position bigint NOT NULL,
    until bigint NOT NULL,
    message bigint,
    at bigint,
    state smallint NOT NULL,
    -- With `until` in the key's leaves a count need not look at the rows, which lie far apart: it
    -- takes half the time and the key a fifth more room.
    PRIMARY KEY (user_id, state, position) INCLUDE (until)
);

CREATE TABLE restante_seen(
    user_id bigint NOT NULL,
    position bigint NOT NULL,
    at bigint,
    state smallint NOT NULL,
    PRIMARY KEY (user_id, position)
);
CREATE INDEX restante_seen_position ON restante_seen(position);

CREATE TABLE restante_marks(
    user_id bigint NOT NULL,
    position bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (user_id, position)
);

CREATE TABLE restante_parts(
    message bigint NOT NULL,
    part bigint NOT NULL,
    position bigint UNIQUE,
    users bytea NOT NULL,
    PRIMARY KEY (message, part)
);
CREATE INDEX restante_parts_waiting ON restante_parts(message, part) WHERE position IS NULL;

CREATE TABLE restante_retracting(position bigint PRIMARY KEY);

CREATE TABLE restante_keys(
    sender text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    message bigint NOT NULL,
    recipients bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (sender, key)
);
CREATE INDEX restante_keys_age ON restante_keys(at);

CREATE TABLE restante_outbox(
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    recipient text COLLATE "C" NOT NULL,
    level bigint NOT NULL DEFAULT 20,
    message text NOT NULL,
    tags text NOT NULL DEFAULT '',
    url text,
    data text,
    expires_at bigint,
    key text,
    error text,
    refused_at bigint
);
CREATE INDEX restante_outbox_fresh ON restante_outbox(id) WHERE error IS NULL;
CREATE INDEX restante_outbox_refused ON restante_outbox(refused_at) WHERE error IS NOT NULL;
CREATE INDEX restante_outbox_recipient ON restante_outbox(recipient);

CREATE TABLE restante_secrets(name text COLLATE "C" PRIMARY KEY, secret bytea NOT NULL);
CREATE TABLE restante_api_keys(
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);
CREATE TABLE restante_ended_tokens(key text COLLATE "C" PRIMARY KEY, at bigint NOT NULL);
CREATE INDEX restante_ended_tokens_age ON restante_ended_tokens(at);
-- What works once and was used, until it would have ended anyway.
CREATE TABLE restante_used_once(id bytea PRIMARY KEY, until bigint NOT NULL);
CREATE INDEX restante_used_once_age ON restante_used_once(until);
CREATE TABLE restante_followers(
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    holder text,
    until bigint NOT NULL
);
-- A day has several rows, which are added up: one row that every transaction updates would grow the
-- tail that the clock avoids.
CREATE TABLE restante_days(
    day bigint NOT NULL,
    slot smallint NOT NULL,
    sent bigint NOT NULL,
    read bigint NOT NULL,
    read_all bigint NOT NULL,
    PRIMARY KEY (day, slot)
);

-- Wakes whoever relays. Without it rows are found all the same, a little later.
CREATE FUNCTION restante_outbox_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('restante_' || md5(TG_TABLE_SCHEMA), E'\nw');
    RETURN NULL;
END
$$;
CREATE TRIGGER restante_outbox_left AFTER INSERT ON restante_outbox
    FOR EACH STATEMENT EXECUTE FUNCTION restante_outbox_left();

-- A user's page with its counts, all in the snapshot of the statement that calls it, in one round
-- trip: small statements whose plans are kept, which is half the time of one large statement.
--
-- Rows by kind: 0 says only that what the caller keeps in memory is not of this `version`. Else
-- 1: the user (position = id, until = joined, at = read_through, sent_at = unread personal items,
-- expires_at = the newest position of one); 2: the user's own states of broadcasts, oldest first;
-- 3: personal items, newest first. `marked` is when the first mark at or above the item was made.
CREATE FUNCTION restante_page(
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
        RETURN QUERY
            SELECT 3::smallint, z.position, z.state, z.until, z.at,
                CASE WHEN z.state = 1 AND z.position <= own.read_through THEN
                    (SELECT k.at FROM restante_marks k
                     WHERE k.user_id = own.id AND k.position >= z.position
                     ORDER BY k.position LIMIT 1) END,
                z.sent_at, z.expires_at, z.level, z.text, z.tags, z.url, z.data
            FROM (
                (SELECT d.position, d.state, d.until, d.at, m.sent_at, m.expires_at, m.level,
                        m.text, m.tags, m.url, m.data
                 FROM restante_deliveries d
                 JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
                 WHERE d.user_id = own.id AND d.state = 0 AND d.position < below
                   AND d.position <> ALL (retracting)
                   AND m.expires_at > now_ms AND m.retracted_at IS NULL
                 ORDER BY d.position DESC LIMIT at_most)
                UNION ALL
                (SELECT d.position, d.state, d.until, d.at, m.sent_at, m.expires_at, m.level,
                        m.text, m.tags, m.url, m.data
                 FROM restante_deliveries d
                 JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
                 WHERE d.user_id = own.id AND d.state = 1 AND d.position < below
                   AND d.position <> ALL (retracting)
                   AND m.expires_at > now_ms AND m.retracted_at IS NULL
                 ORDER BY d.position DESC LIMIT at_most)
                UNION ALL
                (SELECT d.position, d.state, d.until, d.at, m.sent_at, m.expires_at, m.level,
                        m.text, m.tags, m.url, m.data
                 FROM restante_deliveries d
                 JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
                 WHERE d.user_id = own.id AND d.state = 2 AND d.position < below
                   AND d.position <> ALL (retracting)
                   AND m.expires_at > now_ms AND m.retracted_at IS NULL
                 ORDER BY d.position DESC LIMIT at_most)
            ) z ORDER BY z.position DESC LIMIT at_most;
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
