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
