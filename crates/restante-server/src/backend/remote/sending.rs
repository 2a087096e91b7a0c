//! Sending through a server: what was sent or may have been, and when all of a list have it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use ureq::http::{Method, StatusCode};

use super::Remote;
use super::connection::{Question, QuestionBody, Reply, Trouble};
use super::upload::Upload;
use crate::backend::shapes::Sent;
use crate::backend::{Answer, Backend, Letter, Recipients, progress};
use crate::failure::Failure;

/// How often a message with a key is sent, in all: again it changes nothing.
const ATTEMPTS: u32 = 3;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);
/// How soon, and how seldom at last, it is asked how far a list got. It takes the server some work
/// to tell.
const SOON: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_secs(2);
/// How long a list may stand still before nobody waits for it any more.
const STANDSTILL: Duration = Duration::from_secs(60);

impl Remote {
    pub(super) async fn send_letter(&self, letter: &Letter) -> Result<Answer<Sent>, Failure> {
        let mut attempt = 1;
        loop {
            let outcome = self.upload(letter)?;
            let may_try_again = letter.key.is_some() && attempt < ATTEMPTS;
            match outcome {
                Ok(reply) if reply.status == StatusCode::SERVICE_UNAVAILABLE && may_try_again => {}
                Ok(reply) => {
                    let is_waiting = reply.status == StatusCode::ACCEPTED;
                    let answer: Answer<Sent> = self.answer(self.connection.accept(reply)?)?;
                    return if is_waiting { self.see_delivered(answer).await } else { Ok(answer) };
                }
                Err(Trouble::Lost(_)) if may_try_again => {}
                Err(Trouble::Lost(sentence)) => {
                    return Err(Failure::said(match letter.key {
                        Some(_) => format!("{sentence}; send it again with the same --key"),
                        None => format!(
                            "{sentence}; the message may have been sent: see `restante sent`, and \
                             with --key it can be sent again without harm"
                        ),
                    }));
                }
                Err(trouble) => return Err(trouble.into_failure()),
            }
            sleep(BETWEEN_ATTEMPTS * attempt).await;
            attempt += 1;
        }
    }

    fn upload(&self, letter: &Letter) -> Result<Result<Reply, Trouble>, Failure> {
        let users = match &letter.to {
            Recipients::Everyone => 0,
            Recipients::Users(users) => users.len() as u64,
        };
        let bar = progress::bar("Sent", users, "users");
        let mut upload = Upload::of(letter, bar.clone())?;
        let length = upload
            .length()
            .map_err(|error| Failure::Io("cannot write the message".to_owned(), error))?;
        let reply = self.connection.ask(Question {
            method: Method::POST,
            path: "/messages".to_owned(),
            bearer: &self.key,
            body: QuestionBody::Stream(length, &mut upload),
        });
        bar.finish_and_clear();
        Ok(reply)
    }

    /// Stays until all have it. It is sent by now, so nothing that goes wrong here is a failure: the
    /// answer then says how many still wait.
    async fn see_delivered(&self, answer: Answer<Sent>) -> Result<Answer<Sent>, Failure> {
        let mut sent = answer.read()?;
        let bar = progress::bar("Delivered", sent.recipients, "users");
        let (mut pause, mut moved) = (SOON, Instant::now());
        while sent.waiting > 0 && moved.elapsed() < STANDSTILL {
            sleep(pause).await;
            pause = (pause * 3 / 2).min(SELDOM);
            let Ok(Some(receipts)) = self.receipts(sent.id).await else { break };
            let receipts = receipts.read()?;
            let delivered = receipts.delivered.unwrap_or(sent.recipients);
            let waiting = match receipts.sent.retracted_at {
                Some(_) => 0,
                None => sent.recipients.saturating_sub(delivered),
            };
            if waiting != sent.waiting {
                moved = Instant::now();
            }
            sent.waiting = waiting;
            bar.set_position(delivered);
        }
        bar.finish_and_clear();
        Answer::of(&sent)
    }
}
