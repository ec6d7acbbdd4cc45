//! What cannot be done with people.

/// What was asked of people and cannot be done; nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PeopleError {
    /// Nobody has this name.
    #[error("there is nobody called {name:?}{}", did_you_mean(.similar.as_deref()))]
    Nobody {
        /// The name as it was given.
        name: String,
        /// The name most like it.
        similar: Option<String>,
    },
    /// Something that names no face of the person.
    #[error(
        "{found:?} is no face of {name}'s: expected numbers from 1 to {faces}, such as 3 or 7-9, \
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
}

fn did_you_mean(similar: Option<&str>) -> String {
    similar.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}
