//! What was asked about people and cannot be done.

use crate::{naming::name::NameError, text::did_you_mean};

/// What was asked about people and cannot be done; nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PeopleError {
    /// No person has this name.
    #[error("no one is called {name:?}{}", did_you_mean(.similar.as_deref()))]
    NotFound {
        /// The name as it was given.
        name: String,
        /// The name most like it.
        similar: Option<String>,
    },
    /// Something that names no face of the person.
    #[error(
        "{found:?} is not a face of {name}'s: expected numbers from 1 to {faces}, such as 3 or 7-9, \
         face ids such as 53000000001:2, or ids of photos that show them"
    )]
    NoFace {
        /// What was given.
        found: String,
        /// Whose faces.
        name: String,
        /// How many they have.
        faces: usize,
    },
    /// No face was named.
    #[error("say which of {name}'s faces, such as 3 or 7-9; they are numbered 1 to {faces}")]
    NoFaces {
        /// Whose faces.
        name: String,
        /// How many they have.
        faces: usize,
    },
    /// Nothing to undo.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// No such part.
    #[error("there is no part {part}: at {threshold} {name} falls into {parts}")]
    NoPart {
        /// The number that was given.
        part: usize,
        /// The threshold of the split.
        threshold: f32,
        /// Who was split.
        name: String,
        /// Into how many parts.
        parts: usize,
    },
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A text of another form.
    #[error("{found:?}: expected {expected}")]
    Expected {
        /// What was given.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A command that does not exist.
    #[error("there is no command {0:?}; :? shows what can be typed")]
    Command(String),
    /// Something after a command that takes nothing.
    #[error("nothing may follow {command}, found {rest:?}")]
    Rest {
        /// The command.
        command: String,
        /// What followed it.
        rest: String,
    },
}
