//! What the server's errors mean to a caller.

use mysql_async::{DriverError, Error as DriversError};

use super::NAME;
use crate::Error;
use crate::store::group::Verdict;

/// Two transactions waited for each other, and this one was undone.
const CROSSED: [u16; 2] = [
    1213, // ER_LOCK_DEADLOCK; of a cluster also at the commit
    1020, // ER_CHECKREAD
];

/// The server goes away, or ends the connection.
const LOST: [u16; 12] = [
    1053, // ER_SERVER_SHUTDOWN
    1077, 1079, // ER_NORMAL_SHUTDOWN, ER_SHUTDOWN_COMPLETE
    1152, 1158, 1159, 1160, 1161, // ER_ABORTING_CONNECTION, ER_NET_…
    1184, // ER_NEW_ABORTING_CONNECTION
    1927, // MariaDB's ER_CONNECTION_KILLED
    3169, // ER_SESSION_WAS_KILLED
    4031, // ER_CLIENT_INTERACTION_TIMEOUT
];

/// Says what an error means, and keeps it as the cause.
pub(crate) fn error(source: DriversError) -> Error {
    let meaning = match &source {
        DriversError::Server(server) => of_code(server.code),
        _ if verdict(&source) == Verdict::Lost => Error::transient(
            NAME,
            "the server cannot be reached, or the connection broke off; try again",
        ),
        _ => Error::internal(NAME, "an unexpected error; its cause says more"),
    };
    meaning.with_source(source)
}

pub(super) fn verdict(error: &DriversError) -> Verdict {
    match error {
        DriversError::Server(server) if LOST.contains(&server.code) => Verdict::Lost,
        // It takes no writes any more: after a failover the address leads elsewhere.
        DriversError::Server(server) if matches!(server.code, 1290 | 1792 | 1836) => Verdict::Lost,
        DriversError::Server(server) if CROSSED.contains(&server.code) => Verdict::Crossed,
        DriversError::Server(_) => Verdict::Refused,
        DriversError::Io(_)
        | DriversError::Driver(
            DriverError::ConnectionClosed
            | DriverError::PacketOutOfOrder
            | DriverError::PoolDisconnected
            | DriverError::UnexpectedPacket { .. },
        ) => Verdict::Lost,
        DriversError::Driver(_) | DriversError::Other(_) | DriversError::Url(_) => Verdict::Unclear,
    }
}

pub(super) fn is_lost(error: &DriversError) -> bool {
    verdict(error) == Verdict::Lost
}

fn of_code(code: u16) -> Error {
    let transient = |message| Error::transient(NAME, message);
    let internal = |message| Error::internal(NAME, message);
    match code {
        1021 | 1114 => {
            transient("the server's disk is full: nothing was written; make room and try again")
        }
        1040 | 1203 | 1226 => {
            transient("the server has no connection left (`max_connections`); try again")
        }
        1037 | 1038 | 1041 => transient("the server is out of memory; try again"),
        1129 => transient("the server refuses this host for a while; try again"),
        1205 | 1213 | 1020 | 3572 => {
            transient("another program held what was to be written; try again")
        }
        1290 | 1792 | 1836 => transient("the server takes no writes (a replica?); try again"),
        1317 | 1969 | 3024 => transient("the server broke it off, or took too long; try again"),
        _ if LOST.contains(&code) => {
            transient("the server is stopping, or ended the connection; try again")
        }
        1044 | 1045 | 1698 | 3159 => internal("the server refused the user or the password"),
        1049 => internal("the database does not exist"),
        1142 | 1143 | 1227 | 1370 => internal("the user may not do this in the database"),
        1153 => internal("the server's `max_allowed_packet` is below 4 MB"),
        1665 => internal("the server's `binlog_format` is STATEMENT: it has to be ROW or MIXED"),
        _ => internal("an unexpected error; its cause says more"),
    }
}
