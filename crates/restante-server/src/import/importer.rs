//! Sends what was found: many at once, in order, each once.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use indicatif::ProgressBar;
use restante::store::{NewMessage, SentFilter};
use restante::{Error, Message, Recipients, Sent, Store, UserId, limits};
use tokio::task::coop::unconstrained;

use super::Plan;
use super::dates::Zone;
use super::fitting::{Fitted, fit};
use super::found::{Found, List};
use super::key::{SENDER, key};
use super::report::{Change, Reason, Report};
use super::times::Stay;
use crate::backend::bar;
use crate::failure::Failure;

/// How many messages are on their way at once, and to how many recipients: two groups of a store
/// that gathers writes, so that one fills while the other is made durable.
const UNDER_WAY: usize = 1_024;
const RECIPIENTS_UNDER_WAY: usize = 4_096;

/// A list from which on a store may record it first and deliver it later, whereupon what is sent
/// next would come before it.
const LONG: usize = 500;

type Sending = Pin<Box<dyn Future<Output = (Letter, Result<Sent, Error>)> + Send>>;

/// Takes what was found, judges it and sends it.
pub(super) struct Importer<'p> {
    plan: &'p Plan,
    /// Without one it only counts.
    store: Option<Arc<dyn Store>>,
    /// Whether messages that were handed over one after the other get their places in that order.
    keeps_order: bool,
    /// Whether something was imported before, so that messages may be there in another shape.
    is_again: bool,
    under_way: FuturesUnordered<Sending>,
    recipients_under_way: usize,
    /// Who gets what is under way, where the store does not keep the order.
    busy: HashSet<UserId>,
    report: Report,
    bar: ProgressBar,
}

/// A part of a message that is sent: those recipients of it who have read it, or those who have not.
#[derive(Debug)]
struct Letter {
    date: SystemTime,
    message: NewMessage,
    to: Recipients,
    list: List,
    /// Of several letters of a message one is counted as the message.
    is_first: bool,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// By an earlier run.
    WasThere,
    /// By an earlier run, when other users had read it.
    WasThereOtherwise,
}

impl<'p> Importer<'p> {
    pub(super) fn new(plan: &'p Plan, store: Option<Arc<dyn Store>>) -> Self {
        let report = Report { dry_run: store.is_none(), ..Report::default() };
        Self {
            plan,
            // Redis is asked through two connections by turns; the others have one queue.
            keeps_order: store.as_ref().is_none_or(|store| store.name() != "redis"),
            store,
            is_again: false,
            under_way: FuturesUnordered::new(),
            recipients_under_way: 0,
            busy: HashSet::new(),
            report,
            bar: ProgressBar::hidden(),
        }
    }

    pub(super) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    pub(super) fn zone(&self) -> &'p Zone {
        &self.plan.zone
    }

    /// Counts what is no message that could be read.
    pub(super) fn unreadable(&mut self, place: &str) {
        self.report.found += 1;
        self.report.skipped.add(Reason::Malformed, 1, place);
    }

    pub(super) fn into_report(self) -> Report {
        self.bar.finish_and_clear();
        self.report
    }

    /// Shows how far it is, now that it is known how many messages there are.
    pub(super) fn expect(&mut self, messages: u64) {
        let what = if self.store.is_some() { "Importing" } else { "Counting" };
        self.bar = bar(what, messages, "messages");
    }

    /// Looks whether the store has messages of an import.
    pub(super) async fn look_for_earlier_import(&mut self) -> Result<(), Failure> {
        if let Some(store) = &self.store {
            let ours =
                SentFilter { sender: Some(SENDER.to_owned()), limit: 1, ..SentFilter::default() };
            self.is_again = !store.sent(self.plan.times.now(), &ours).await?.messages.is_empty();
        }
        Ok(())
    }

    /// Takes one message. What was handed over before may still be under way afterwards.
    pub(super) async fn take(&mut self, mut found: Found) -> Result<(), Failure> {
        self.report.found += 1;
        self.bar.inc(1);
        if found.recipients.is_empty() {
            self.report.skipped.add(Reason::NoRecipient, 1, &found.place);
            return Ok(());
        }
        let (unread, read) = self.recipients(&mut found);
        if unread.is_empty() && read.is_empty() {
            return Ok(());
        }
        let (letters, changes) = match self.letters(&found, &unread, &read) {
            Ok(made) => made,
            Err(reason) => {
                self.report.skipped.add(reason, 1, &found.place);
                return Ok(());
            }
        };
        for change in changes {
            self.report.changed.add(change, 1, &found.place);
        }
        self.send(letters).await
    }

    /// What is to be sent, and what had to be changed for it, or why there is nothing to send.
    fn letters(
        &self,
        found: &Found,
        unread: &[UserId],
        read: &[UserId],
    ) -> Result<(Vec<Letter>, Vec<Change>), Reason> {
        let Fitted { message, date, changes } = fit(found, &self.plan.zone)?;
        let date = date.unwrap_or(self.plan.times.now());
        let stay = self.plan.times.stay(date).ok_or(Reason::Expired)?;
        let letters = letters(found, &message, date, stay, [unread, read]);
        Ok((letters.map_err(|_| Reason::Refused)?, changes))
    }

    /// Who has it unread and who has read it, each user once.
    fn recipients(&mut self, found: &mut Found) -> (Vec<UserId>, Vec<UserId>) {
        let all = &mut found.recipients;
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        let duplicates = before - all.len();
        self.report.skipped.add(Reason::Duplicate, duplicates as u64, &found.place);
        // Whoever is in the inbox is in the archive too: that is one and the same, and not read.
        all.dedup_by(|second, first| second.user == first.user);
        let (mut unread, mut read) = (Vec::new(), Vec::new());
        for recipient in &found.recipients {
            match UserId::new(&recipient.user) {
                Ok(user) if recipient.list == List::Inbox => unread.push(user),
                Ok(user) => read.push(user),
                Err(_) => self.report.skipped.add(Reason::User, 1, &found.place),
            }
        }
        (unread, read)
    }

    /// Sends the letters of one message.
    ///
    /// The first letter's key stands for the message. If another run has sent the message when
    /// others had read it, that letter meets a conflict, and the rest of the message is there too:
    /// so the rest waits for the first one, where there was another run.
    async fn send(&mut self, letters: Vec<Letter>) -> Result<(), Failure> {
        let Some(store) = self.store.clone() else {
            for letter in &letters {
                self.count(letter, Outcome::Sent);
            }
            return Ok(());
        };
        if letters.len() == 1 || !self.is_again {
            for letter in letters {
                self.start(&store, letter).await?;
            }
            return Ok(());
        }
        self.finish().await?;
        for letter in letters {
            if self.send_alone(&store, letter).await? == Outcome::WasThereOtherwise {
                break;
            }
        }
        Ok(())
    }

    /// Hands a letter over without waiting for it to arrive.
    async fn start(&mut self, store: &Arc<dyn Store>, letter: Letter) -> Result<(), Failure> {
        if letter.to.as_slice().len() > LONG {
            self.finish().await?;
            return self.send_alone(store, letter).await.map(|_| ());
        }
        while self.under_way.len() >= UNDER_WAY
            || self.recipients_under_way >= RECIPIENTS_UNDER_WAY
            || letter.to.as_slice().iter().any(|user| self.busy.contains(user))
        {
            self.one_arrives().await?;
        }
        self.recipients_under_way += letter.to.as_slice().len();
        if !self.keeps_order {
            self.busy.extend(letter.to.as_slice().iter().cloned());
        }
        let store = Arc::clone(store);
        // A future does nothing before it is looked at: this is what puts it in the queue, behind
        // those before it. The runtime must not send it away because this task has done much by now.
        let mut sending: Sending = Box::pin(unconstrained(async move {
            let sent = store.send(letter.date, &letter.message, &letter.to).await;
            (letter, sent)
        }));
        match poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
            Poll::Ready((letter, sent)) => self.arrived(&letter, sent).map(|_| ()),
            Poll::Pending => {
                self.under_way.push(sending);
                Ok(())
            }
        }
    }

    /// Sends a letter when nothing else is under way, and sees to it that all of its recipients have
    /// it before anything else is sent.
    async fn send_alone(
        &mut self,
        store: &Arc<dyn Store>,
        letter: Letter,
    ) -> Result<Outcome, Failure> {
        let sent = store.send(letter.date, &letter.message, &letter.to).await;
        let waits = matches!(&sent, Ok(sent) if sent.waiting > 0);
        self.recipients_under_way += letter.to.as_slice().len();
        let outcome = self.arrived(&letter, sent)?;
        if waits {
            while store.deliver(SystemTime::now(), false).await?.is_some() {}
        }
        Ok(outcome)
    }

    /// Waits until nothing is under way.
    pub(super) async fn finish(&mut self) -> Result<(), Failure> {
        while !self.under_way.is_empty() {
            self.one_arrives().await?;
        }
        Ok(())
    }

    async fn one_arrives(&mut self) -> Result<(), Failure> {
        match self.under_way.next().await {
            Some((letter, sent)) => self.arrived(&letter, sent).map(|_| ()),
            None => Ok(()),
        }
    }

    fn arrived(&mut self, letter: &Letter, sent: Result<Sent, Error>) -> Result<Outcome, Failure> {
        self.recipients_under_way -= letter.to.as_slice().len();
        for user in letter.to.as_slice() {
            self.busy.remove(user);
        }
        let outcome = match sent {
            Ok(sent) if sent.repeated => Outcome::WasThere,
            Ok(_) => Outcome::Sent,
            Err(error) if error.is_conflict() => Outcome::WasThereOtherwise,
            Err(error) => return Err(error.into()),
        };
        self.count(letter, outcome);
        Ok(outcome)
    }

    fn count(&mut self, letter: &Letter, outcome: Outcome) {
        let recipients = letter.to.as_slice().len() as u64;
        let imported = &mut self.report.imported;
        match (outcome, letter.list) {
            (Outcome::Sent, List::Inbox) => imported.unread += recipients,
            (Outcome::Sent, List::Archive) => imported.read += recipients,
            _ => {}
        }
        match outcome {
            Outcome::Sent => imported.messages += u64::from(letter.is_first),
            _ => self.report.already_imported += u64::from(letter.is_first),
        }
    }
}

/// A message's letters, those in the inbox first. The lists of users are those who have it unread
/// and those who have read it.
fn letters(
    found: &Found,
    message: &Message,
    date: SystemTime,
    stay: Stay,
    users: [&[UserId]; 2],
) -> Result<Vec<Letter>, Error> {
    let key = key(found);
    let mut letters = Vec::with_capacity(1);
    let lists = [(List::Inbox, stay.unread), (List::Archive, stay.read)];
    for (users, (list, expiry)) in users.iter().zip(lists) {
        for some in users.chunks(limits::RECIPIENTS) {
            let to = match some {
                [user] => Recipients::from(user.clone()),
                users => Recipients::new(users.iter().map(UserId::as_str))?,
            };
            let is_first = letters.is_empty();
            let number = letters.len();
            let key = if is_first { key.clone() } else { format!("{key}:{number}") };
            let (message, key) = (message.clone(), Some(key.as_str()));
            let message =
                NewMessage::prepare(stay.from, message, SENDER, key, Some(&to), false, expiry)?;
            // For as long as there is a message it must not come a second time.
            let until = message.expires_at();
            let message = message.keep_key_until(until);
            letters.push(Letter { date, message, to, list, is_first });
        }
    }
    Ok(letters)
}
