//! Taking answers back.

use super::{About, Event, Review, Shown, stage::Stage};
use crate::{steps::StepError, store::StoreError};

impl Review {
    /// Gives back what was just taken out of the question, or what was just said of a row. Else undoes the last answer: its question comes again, and then
    /// the one that is `open`.
    pub(super) async fn undo(&mut self, open: Shown) -> Result<(), StepError> {
        if let Some(before) = self.marked.pop() {
            self.show(Shown {
                progress_hint: String::new(),
                ..before
            });
            return Ok(());
        }
        let Some(done) = self.done.last().cloned() else {
            self.events.push_back(Event::NothingToUndo);
            self.open = Some(open);
            return Ok(());
        };
        let event = match self.session.undo(done.entry).await {
            Ok((undone, saved)) => Event::Undone(undone, saved),
            Err(StepError::Store(StoreError::AlreadyUndone { .. })) => {
                Event::UndoneElsewhere(done.what)
            }
            Err(error) => {
                self.open = Some(open);
                return Err(error);
            }
        };
        self.events.push_back(event);
        self.done.pop();
        self.counters = done.before;
        self.queue.push_front(open.question);
        // What was left for later meanwhile may belong to it.
        for face in done.question.about.faces() {
            self.later.remove(&face.id);
            self.later_groups.remove(&face.id);
        }
        if let About::Pairs(pairs) = &done.question.about {
            if pairs.iter().any(|pair| pair.left.person.is_none()) {
                // Those that were one are grouped again.
                self.queue.clear();
                self.clusters = 0;
                self.stage = Stage::Clusters(self.stage.threshold());
            }
            for face in pairs
                .iter()
                .flat_map(|pair| pair.left.ids().chain(pair.right.ids()))
            {
                self.later_pairs.remove(face);
            }
        }
        self.queue.push_front(done.question);
        Ok(())
    }
}
