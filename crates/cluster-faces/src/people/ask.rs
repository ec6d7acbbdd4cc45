//! One line from whoever answers.

use flickr_faces::{steps::StepError, store::StoreError};
use flickr_faces_terminal::{exit::BadAnswer, prompt::Reply};

use super::Desk;

impl Desk<'_> {
    /// Asks and waits; the prompt blocks until somebody answers.
    pub(super) async fn line(&mut self, prompt: &str, keys: &str) -> anyhow::Result<Reply> {
        let people = self.people.list().await?;
        let names: Vec<_> = people.into_iter().map(|person| person.name).collect();
        let asker = &mut self.asker;
        tokio::task::block_in_place(|| asker.ask(prompt, keys, &names))
    }
}

/// What is wrong with an answer, where that is all that is wrong; else the error.
pub(super) fn problem(error: anyhow::Error) -> anyhow::Result<String> {
    let store = match error.downcast_ref::<StepError>() {
        Some(StepError::People(_)) => return Ok(error.to_string()),
        Some(StepError::Store(error)) => Some(error),
        _ => None,
    };
    let of_the_answer = error.is::<BadAnswer>()
        || matches!(
            store,
            Some(
                StoreError::NameTaken { .. }
                    | StoreError::SamePerson { .. }
                    | StoreError::NoEntry { .. }
                    | StoreError::AlreadyUndone { .. }
                    | StoreError::NoPerson { .. }
            )
        );
    if of_the_answer {
        Ok(error.to_string())
    } else {
        Err(error)
    }
}
