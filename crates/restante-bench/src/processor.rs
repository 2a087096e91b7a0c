//! The processor time of other processes, as Linux tells it.

use std::fs::{read_dir, read_to_string};

use crate::Result;

/// What Linux counts in, whatever the kernel's own clock.
const TICKS_A_SECOND: f64 = 100.0;

/// Of one process, in seconds.
pub(crate) fn seconds(process: u32) -> Result<f64> {
    Ok(Stat::read(&process.to_string()).ok_or("the process is gone")?.seconds)
}

/// Of a process and its children, without those that have ended, in seconds.
pub(crate) fn seconds_with_children(process: u32) -> Result<f64> {
    let mut total = seconds(process)?;
    for entry in read_dir("/proc")? {
        let name = entry?.file_name();
        let child = name.to_str().and_then(Stat::read).filter(|stat| stat.parent == process);
        total += child.map_or(0.0, |stat| stat.seconds);
    }
    Ok(total)
}

struct Stat {
    parent: u32,
    seconds: f64,
}

impl Stat {
    fn read(process: &str) -> Option<Self> {
        let stat = read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before it may hold anything.
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ').skip(1);
        let parent = fields.next()?.parse().ok()?;
        let mut times = fields.skip(9).map_while(|ticks| ticks.parse::<f64>().ok());
        Some(Self { parent, seconds: (times.next()? + times.next()?) / TICKS_A_SECOND })
    }
}
