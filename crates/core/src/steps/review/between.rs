//! Known people among the clusters that are still to be asked about, looked for between questions.
//!
//! To group anew what is left takes seconds in a large library. There it goes on behind the questions, which are asked
//! from what is known, until it is done.

use std::sync::Arc;

use super::{About, Review, looking::look, question::numbered, stage::Stage};
use crate::steps::{
    StepError,
    naming::{Suggestion, screens_in},
};

/// A screen in between takes an answer: with fewer rows than this a cluster brings more.
pub(super) const WORTH: usize = 4;

/// Only those are on it that are as near: while many have no name, the nearest person who has one is often another.
const NEAR: f32 = 0.46;

impl Review {
    /// Whether it is time to look at whom the next clusters may be, and they make a screen that is worth it.
    pub(super) async fn look_between(&mut self) -> Result<(), StepError> {
        let (Stage::Between(place), Some(next)) = (self.stage, self.queue.front()) else {
            // What comes next looks for itself.
            self.looking.behind = None;
            return Ok(());
        };
        let next = next.about.count();
        let Some(found) = self.found(place).await? else {
            return Ok(());
        };
        let near = found
            .iter()
            .filter(|row| row.distance.is_some_and(|distance| distance < NEAR));
        let rows = near.filter_map(|row| {
            // They may have got an answer meanwhile.
            let faces = self.session.still_open(row);
            let is_asked = self.is_some_new(&faces);
            is_asked.then(|| Suggestion {
                faces,
                ..row.clone()
            })
        });
        let screens = screens_in(&rows.collect::<Vec<_>>(), self.options.room);
        let Some(screen) = screens.into_iter().find(|screen| screen.len() >= WORTH) else {
            return Ok(());
        };
        let brings: usize = screen.iter().map(|row| row.faces.len()).sum();
        if brings >= WORTH * next {
            let screen = numbered(vec![About::Rows(screen)], self.threshold(place), 0);
            screen
                .into_iter()
                .for_each(|one| self.queue.push_front(one));
        }
        Ok(())
    }

    /// What was found since it was last looked. Begins to look where it is time to.
    async fn found(&mut self, place: usize) -> Result<Option<Arc<Vec<Suggestion>>>, StepError> {
        let (session, threshold) = (&self.session, self.threshold(place));
        let looking = &mut self.looking;
        if let Some(behind) = looking.behind.take_if(|behind| behind.is_finished()) {
            let found = behind.await;
            return found
                .map_err(|_| StepError::TaskFailed("looking for known people"))?
                .map(Some);
        }
        if looking.behind.is_some() || self.counters.clusters < looking.last + looking.every {
            return Ok(None);
        }
        looking.last = self.counters.clusters;
        let look = look(session.clone(), threshold, self.options.subset);
        if !self.is_large() {
            return look.await.map(Some);
        }
        self.looking.behind = Some(tokio::spawn(look));
        Ok(None)
    }
}
