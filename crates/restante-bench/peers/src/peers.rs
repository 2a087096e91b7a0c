//! What is measured beside what.

use crate::actix_side::{self, actix};
use crate::axum_sides::Axum;
use crate::side::Operation;
use crate::visits::{Measured, Visits};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Arc,
    Restante,
    Sessions,
    AxumMessages,
    RestanteOnActix,
    Actix,
}

impl Peer {
    pub(crate) const ALL: [Self; 6] = [
        Self::Arc,
        Self::Restante,
        Self::Sessions,
        Self::AxumMessages,
        Self::RestanteOnActix,
        Self::Actix,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Arc => "axum: an Arc in the extensions",
            Self::Restante => "restante on axum",
            Self::Sessions => "tower-sessions 0.14 alone",
            Self::AxumMessages => "axum-messages 0.8 with it",
            Self::RestanteOnActix => "restante on actix-web",
            Self::Actix => "actix-web-flash-messages 0.5",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }

    /// Whether it does this: two are here to be compared with when idle.
    pub(crate) fn can(self, operation: Operation) -> bool {
        operation == Operation::Idle || !matches!(self, Self::Arc | Self::Sessions)
    }

    pub(crate) fn start(self) -> Box<dyn Measured> {
        match self {
            Self::Arc => Box::new(Visits::new(Axum::arc())),
            Self::Restante => Box::new(Visits::new(Axum::restante())),
            Self::Sessions => Box::new(Visits::new(Axum::sessions())),
            Self::AxumMessages => Box::new(Visits::new(Axum::axum_messages())),
            Self::RestanteOnActix => Box::new(Visits::new(actix_side::restante())),
            Self::Actix => Box::new(Visits::new(actix())),
        }
    }
}
