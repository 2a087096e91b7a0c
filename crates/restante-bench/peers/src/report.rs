use std::fmt;

use crate::costs::Cost;
use crate::peers::Peer;
use crate::side::Operation;

/// All costs; shown as Markdown, with the goals below.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<(Peer, Operation, Cost)>);

/// What is hoped of ours against another's, and in which figures.
const GOALS: [(&str, Operation, Peer, Peer, f64); 6] = [
    ("idle", Operation::Idle, Peer::Restante, Peer::Arc, 1.5),
    ("add and redirect", Operation::Add, Peer::Restante, Peer::Actix, 0.85),
    ("read one and clear", Operation::Read, Peer::Restante, Peer::Actix, 0.7),
    ("idle", Operation::Idle, Peer::RestanteOnActix, Peer::Actix, 1.0),
    ("add and redirect", Operation::Add, Peer::RestanteOnActix, Peer::Actix, 1.0),
    ("read one and clear", Operation::Read, Peer::RestanteOnActix, Peer::Actix, 1.0),
];

impl Report {
    pub(crate) fn add(&mut self, peer: Peer, operation: Operation, cost: Cost) {
        self.0.push((peer, operation, cost));
    }

    fn cost(&self, peer: Peer, operation: Operation) -> Option<Cost> {
        let found = self.0.iter().find(|(p, o, _)| (*p, *o) == (peer, operation));
        found.map(|(_, _, cost)| *cost)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| over the app without | idle | add and redirect | read one and clear |")?;
        writeln!(f, "|---|--:|--:|--:|")?;
        for peer in Peer::ALL {
            write!(f, "| {} |", peer.name())?;
            for operation in Operation::MEASURED {
                match self.cost(peer, operation) {
                    Some(Cost { instructions, nanoseconds }) => {
                        write!(f, " {} instr., {nanoseconds:.0} ns |", thousands(instructions))?;
                    }
                    None => write!(f, " |")?,
                }
            }
            writeln!(f)?;
        }
        writeln!(f, "\n| goal | at most | instructions | nanoseconds |\n|---|--:|--:|--:|")?;
        for (name, operation, ours, peer, most) in GOALS {
            let costs = (self.cost(ours, operation), self.cost(peer, operation));
            let (Some(cost), Some(theirs)) = costs else { continue };
            let told = |ratio: f64| {
                format!("{ratio:.2} × {}", if ratio <= most { "met" } else { "MISSED" })
            };
            let (instructions, nanoseconds) = (
                told(cost.instructions / theirs.instructions),
                told(cost.nanoseconds / theirs.nanoseconds),
            );
            let (own, over) = (ours.name(), peer.name());
            writeln!(
                f,
                "| {name}: {own} over {over} | {most} × | {instructions} | {nanoseconds} |"
            )?;
        }
        Ok(())
    }
}

/// Thousands apart.
fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
