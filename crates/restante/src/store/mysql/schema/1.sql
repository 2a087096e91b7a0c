-- Times are milliseconds since 1970. Each statement can be done again: there are no transactions
-- around changes of tables here, and a process may be killed between two of them.

-- One row. Whoever writes locks it until the commit. `last` is the last position given out,
-- `version` rises with every change of what readers keep in memory (broadcasts and retracting),
-- `forgotten` with every user forgotten (ids looked up before are to be looked up again), `writes`
-- with every commit, by which other processes see that there was one.
CREATE TABLE IF NOT EXISTS restante_clock(
    one TINYINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL,
    version BIGINT NOT NULL,
    forgotten BIGINT NOT NULL,
    writes BIGINT NOT NULL
) ENGINE=InnoDB;
INSERT IGNORE INTO restante_clock VALUES (1, 0, 0, 0, 0);

-- Ids are bytes: a collation would make one user of `a`, `A`, `a ` and `á`.
CREATE TABLE IF NOT EXISTS restante_users(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `key` VARBINARY(191),
    joined BIGINT,
    read_through BIGINT NOT NULL DEFAULT 0,
    -- Whether anything was ever kept of the user. A row has to be there before it is known whether
    -- what needs it will be done; until then it stands for nobody.
    is_kept TINYINT NOT NULL,
    UNIQUE KEY restante_users_key (`key`)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS restante_messages(
    id BIGINT NOT NULL PRIMARY KEY,
    sent_at BIGINT NOT NULL,
    inbox_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    retracted_at BIGINT,
    total BIGINT NOT NULL,
    gone_delivered BIGINT NOT NULL DEFAULT 0,
    gone_read BIGINT NOT NULL DEFAULT 0,
    level INT NOT NULL,
    sender VARBINARY(255) NOT NULL,
    text MEDIUMTEXT NOT NULL,
    tags TEXT NOT NULL,
    url TEXT,
    data MEDIUMTEXT,
    recipients MEDIUMBLOB,
    KEY restante_messages_expiry (expires_at),
    KEY restante_messages_sender (sender, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS restante_broadcasts(
    position BIGINT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    newcomers TINYINT NOT NULL
) ENGINE=InnoDB;

-- The table that grows, clustered by its key. The state comes before the position, so that unread
-- items are one range of it: new and kept are 1 and 2. `message` is only set where the position is
-- not the message's id: in the parts of a long list.
CREATE TABLE IF NOT EXISTS restante_deliveries(
    user_id BIGINT NOT NULL,
    state TINYINT NOT NULL,
    position BIGINT NOT NULL,
    until BIGINT NOT NULL,
    message BIGINT,
    at BIGINT,
    PRIMARY KEY (user_id, state, position)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS restante_seen(
    user_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    state TINYINT NOT NULL,
    at BIGINT,
    PRIMARY KEY (user_id, position),
    KEY restante_seen_position (position)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS restante_marks(
    user_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, position)
) ENGINE=InnoDB;

-- A part that waits has no position. An index holds any number of those, in the order of the key.
CREATE TABLE IF NOT EXISTS restante_parts(
    message BIGINT NOT NULL,
    part BIGINT NOT NULL,
    position BIGINT,
    users MEDIUMBLOB NOT NULL,
    PRIMARY KEY (message, part),
    UNIQUE KEY restante_parts_position (position)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS restante_retracting(position BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS restante_keys(
    sender VARBINARY(255) NOT NULL,
    `key` VARBINARY(255) NOT NULL,
    hash VARBINARY(32) NOT NULL,
    message BIGINT NOT NULL,
    recipients BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (sender, `key`),
    KEY restante_keys_age (at)
) ENGINE=InnoDB;

-- Wider than what is accepted, so that a row that breaks a rule is kept with its error. Text, also
-- the recipient, so that whatever character set a program speaks ends up as UTF-8. A row that was not
-- refused is found by the index as one whose `refused_at` is not set, in the order of ids.
CREATE TABLE IF NOT EXISTS restante_outbox(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    recipient VARCHAR(400) NOT NULL,
    level BIGINT NOT NULL DEFAULT 20,
    message MEDIUMTEXT NOT NULL,
    tags VARCHAR(4000) NOT NULL DEFAULT '',
    url TEXT,
    data MEDIUMTEXT,
    expires_at BIGINT,
    `key` VARCHAR(1000),
    error TEXT,
    refused_at BIGINT,
    KEY restante_outbox_refused (refused_at),
    KEY restante_outbox_recipient (recipient)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS restante_secrets(
    name VARBINARY(255) NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS restante_api_keys(
    id VARBINARY(255) NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    hash BINARY(32) NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE KEY restante_api_keys_hash (hash)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS restante_ended_tokens(
    `key` VARBINARY(191) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    KEY restante_ended_tokens_age (at)
) ENGINE=InnoDB;
-- What works once and was used, until it would have ended anyway.
CREATE TABLE IF NOT EXISTS restante_used_once(
    id BINARY(32) NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL,
    KEY restante_used_once_age (until)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS restante_followers(
    name VARBINARY(255) NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    holder VARBINARY(255),
    until BIGINT NOT NULL
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS restante_days(
    day BIGINT NOT NULL PRIMARY KEY,
    sent BIGINT NOT NULL,
    `read` BIGINT NOT NULL,
    read_all BIGINT NOT NULL
) ENGINE=InnoDB;
