//! A question that can be asked, and asked again when its answer was taken back.

use std::path::{Path, PathBuf};

use flickr_faces::{
    naming::montage,
    steps::naming::{Member, Session, Suggestion, Why},
    store::{FaceId, FaceState},
};

/// Who are these?
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Faces nearer than this were linked.
    pub(crate) threshold: f32,
    /// Its place among its kind at this threshold, from 1.
    pub(crate) number: usize,
    /// How many of its kind there are.
    pub(crate) of: usize,
    pub(crate) about: About,
}

/// What it is about.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// Faces that look like each other.
    Cluster(Vec<Member>),
    /// Faces that may be a person's.
    Person(Suggestion),
}

impl Question {
    /// The faces, whatever was decided since.
    pub(crate) fn faces(&self) -> &[Member] {
        match &self.about {
            About::Cluster(faces) => faces,
            About::Person(suggestion) => &suggestion.faces,
        }
    }

    /// The faces that are still to be decided about.
    pub(crate) fn open(&self, session: &Session) -> Vec<Member> {
        match &self.about {
            About::Cluster(faces) => faces
                .iter()
                .filter(|face| session.state(&face.id) == Some(FaceState::Unnamed))
                .cloned()
                .collect(),
            About::Person(suggestion) => session.still_open(suggestion),
        }
    }

    /// Faces to show beside those that are asked about.
    pub(crate) fn samples(&self) -> &[FaceId] {
        match &self.about {
            About::Cluster(_) => &[],
            About::Person(suggestion) => &suggestion.samples,
        }
    }

    /// Where its picture goes.
    pub(crate) fn picture(&self, folder: &Path, faces: usize) -> PathBuf {
        folder.join(match self.about {
            About::Cluster(_) => montage::file_name(self.threshold, self.number, faces),
            About::Person(_) => montage::suggestion_file_name(self.threshold, self.number, faces),
        })
    }

    /// `Cluster 2 of 7`.
    pub(crate) fn title(&self) -> String {
        let kind = match self.about {
            About::Cluster(_) => "Cluster",
            About::Person(_) => "Suggestion",
        };
        format!("{kind} {} of {}", self.number, self.of)
    }

    /// What is asked.
    pub(crate) fn prompt(&self) -> String {
        match &self.about {
            About::Cluster(_) => "Who is this?".to_owned(),
            About::Person(suggestion) => format!("Is this {}?", suggestion.name),
        }
    }

    /// Why it is asked, where that is not plain to see.
    pub(crate) fn reason(&self) -> Option<String> {
        let About::Person(suggestion) = &self.about else {
            return None;
        };
        let name = &suggestion.name;
        let one = suggestion.faces.len() == 1;
        let looks = || match suggestion.distance {
            Some(distance) if one => format!("It looks like {name} (distance {distance:.2})"),
            Some(distance) => format!("They look like {name} (distance {distance:.2})"),
            None => format!("It may be {name}"),
        };
        let tagged = if one {
            format!("its photo is tagged {name} on Flickr")
        } else {
            format!("photos of theirs are tagged {name} on Flickr")
        };
        Some(match suggestion.why {
            Why::Looks => format!("{}.", looks()),
            Why::TaggedOnFlickr if one => format!("Its photo is tagged {name} on Flickr."),
            Why::TaggedOnFlickr => format!("Photos of theirs are tagged {name} on Flickr."),
            Why::Both => format!("{}, and {tagged}.", looks()),
        })
    }
}
