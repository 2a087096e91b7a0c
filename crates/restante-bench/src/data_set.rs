use std::path::PathBuf;

use restante::{Restante, To};

use crate::app::{open, two_threads, user};
use crate::scratch::Scratch;
use crate::traffic::{message, send_to_random_users};
use crate::{Result, bare};

/// The file that pages, counts and bytes are measured on: a million deliveries to 50,000 users and
/// 100 live broadcasts, nothing read.
pub(crate) struct DataSet {
    pub(crate) file: PathBuf,
    pub(crate) restante: Restante,
    pub(crate) users: usize,
}

impl DataSet {
    /// The data set in a file of its own.
    pub(crate) fn fill(scratch: &Scratch) -> Result<Self> {
        let file = scratch.file();
        let restante = open(&file)?;
        let users = two_threads()?.block_on(send(scratch, &restante))?;
        bare::settle(&bare::open(&file)?)?;
        Ok(Self { file, restante, users })
    }
}

/// Sends the data set, in the order in which an app would: lists to random users and single messages
/// by turns, so that the rows of one user arrive one by one between those of others. Gives the number
/// of users.
///
/// Two choices favour the baseline. The broadcasts come first, so that the first page is made of
/// rows and not of broadcasts, which the store remembers. And each list fits one part, so that its
/// items' position is the message's id and the text is found by the shortest join there is.
pub(crate) async fn send(scratch: &Scratch, restante: &Restante) -> Result<usize> {
    let users = scratch.scale(50_000, 500);
    let list = scratch.scale(1_800, 180);
    let singles = scratch.scale(1_000, 96);
    for _ in 0..scratch.scale(100, 10) {
        restante.send(message(), To::everyone()).await?;
    }
    for _ in 0..scratch.scale(100, 10) {
        for _ in 0..5 {
            let to = To::users((0..list).map(|_| user(fastrand::usize(..users))));
            restante.send(message(), to).await?;
        }
        send_to_random_users(restante, singles.min(256), singles, users).await?;
    }
    Ok(users)
}
