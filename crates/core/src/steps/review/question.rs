//! A question about faces: who are these, or are they this person?

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{answer::Asked, instead::Instead, words::Kind};
use crate::{
    naming::{Name, montage},
    steps::naming::{ACROSS, Member, NameChoice, Pair, Session, Side, Suggestion},
    store::{FaceId, FaceState},
    text::count,
};

/// A question that can be asked, and asked again when its answer is undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Faces closer than this were linked.
    pub threshold: f32,
    /// Its place among its kind at this threshold, from 1.
    pub number: usize,
    /// How many of its kind there are.
    pub of: usize,
    /// The faces, and whether they may be a person's.
    pub about: About,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// Faces that look like each other.
    Cluster(Vec<Member>),
    /// Faces that may be a person's.
    Person(Suggestion),
    /// Several such, a row each, for one answer. A page shows the rows of
    /// [`screens`](crate::steps::naming::screens), the person's faces on the left and the asked ones on the right, all
    /// chosen; what is clicked is wrong, and one button gives all to
    /// [`Session::decide_rows`].
    Rows(Vec<Suggestion>),
    /// Pairs that may be one person, a row each. A page shows those of [`Session::pairs`], and gives them to
    /// [`Session::decide_pairs`].
    Pairs(Vec<Pair>),
    /// Faces of groups too small for a question of their own, like ones beside each other. A page shows those of
    /// [`Session::singles`], to be picked.
    Singles(Vec<Member>),
}

impl About {
    /// For the keys and the help.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Cluster(_) => Kind::Cluster,
            Self::Person(_) => Kind::Person,
            Self::Rows(_) => Kind::Rows,
            Self::Pairs(pairs) if pairs.len() == 1 => Kind::Pair,
            Self::Pairs(_) => Kind::Pairs,
            Self::Singles(_) => Kind::Singles,
        }
    }

    /// What of it is still to be asked; `None` where nothing is. Of a single row a question about a person is left.
    pub(super) fn open(&self, session: &Session) -> Option<Self> {
        let is_open = |face: &&Member| session.state(&face.id) == Some(FaceState::Unnamed);
        let open =
            |faces: &[Member]| -> Vec<Member> { faces.iter().filter(is_open).cloned().collect() };
        match self {
            Self::Cluster(faces) => some(open(faces)).map(Self::Cluster),
            Self::Singles(faces) => some(open(faces)).map(Self::Singles),
            Self::Person(suggestion) => {
                let faces = some(session.still_open(suggestion))?;
                let suggestion = suggestion.clone();
                Some(Self::Person(Suggestion {
                    faces,
                    ..suggestion
                }))
            }
            Self::Rows(rows) => {
                let rows = rows.iter().filter_map(|row| {
                    let faces = some(session.still_open(row))?;
                    Some(Suggestion {
                        faces,
                        ..row.clone()
                    })
                });
                let mut rows: Vec<_> = rows.collect();
                match rows.len() {
                    0 => None,
                    1 => rows.pop().map(Self::Person),
                    _ => Some(Self::Rows(rows)),
                }
            }
            Self::Pairs(pairs) => {
                let people = session.people();
                let side = |side: &Side| match side.person() {
                    // By the name that they have now.
                    Some(id) => people.iter().find(|row| row.id == id).map(|row| Side {
                        person: Some((id, row.name.clone())),
                        ..side.clone()
                    }),
                    None => some(open(&side.faces)).map(|faces| Side {
                        faces,
                        ..side.clone()
                    }),
                };
                let pairs = pairs.iter().filter_map(|pair| {
                    Some(Pair {
                        left: side(&pair.left)?,
                        right: side(&pair.right)?,
                        distance: pair.distance,
                    })
                });
                some(pairs.collect()).map(Self::Pairs)
            }
        }
    }

    /// All faces that it asks about.
    #[must_use]
    pub fn faces(&self) -> Vec<Member> {
        self.groups().concat()
    }

    /// How many these are.
    pub(super) fn count(&self) -> usize {
        self.groups().iter().map(|group| group.len()).sum()
    }

    fn groups(&self) -> Vec<&[Member]> {
        match self {
            Self::Cluster(faces) | Self::Singles(faces) => vec![faces],
            Self::Person(suggestion) => vec![&suggestion.faces],
            Self::Rows(rows) => rows.iter().map(|row| &row.faces[..]).collect(),
            Self::Pairs(pairs) => {
                let sides = pairs.iter().flat_map(|pair| [&pair.left, &pair.right]);
                let groups = sides.filter(|side| side.person.is_none());
                groups.map(|side| &side.faces[..]).collect()
            }
        }
    }
}

/// The questions, numbered after those `before`.
pub(super) fn numbered(about: Vec<About>, threshold: f32, before: usize) -> VecDeque<Question> {
    let of = before + about.len();
    (before + 1..)
        .zip(about)
        .map(|(number, about)| Question {
            threshold,
            number,
            of,
            about,
        })
        .collect()
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl Question {
    /// `Is this Ada?`
    pub(super) fn prompt(&self) -> String {
        match &self.about {
            About::Cluster(_) => "Who is this?".to_owned(),
            About::Person(suggestion) => format!("Is this {}?", suggestion.name),
            About::Rows(_) => "Are these all right?".to_owned(),
            About::Pairs(pairs) if pairs.len() == 1 => "Are they one person?".to_owned(),
            About::Pairs(_) => "Is each pair one person?".to_owned(),
            About::Singles(_) => "Is anyone here that you know?".to_owned(),
        }
    }
}

/// A row to draw and to read: what is known on the left, what is asked about on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRow {
    /// Its number, from 1.
    pub number: usize,
    /// `Ada Lovelace: 3 faces`.
    pub text: String,
    /// What the faces on the left are called: the person's name, or `left`.
    pub left: String,
    /// The same of those on the right, where they are one of a pair, and have no numbers of their own.
    pub right: Option<String>,
    /// Faces of the person, or of the first of a pair.
    pub known: Vec<FaceId>,
    /// The faces that are asked about, or those of the second of a pair.
    pub asked: Vec<FaceId>,
}

/// A question as it is shown, and what was taken out of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The question.
    pub question: Question,
    /// The faces that had no decision when it was first shown; a face's number is its place, from 1.
    pub faces: Vec<Member>,
    /// The numbers of those that were taken out.
    pub out: BTreeSet<usize>,
    /// Rows that were said to be somebody else, by their numbers: decided with the screen.
    pub instead: BTreeMap<usize, Instead>,
    /// Names from Flickr to choose by number, from 1.
    pub choices: Vec<NameChoice>,
    /// How many more answers decide about most of the faces. May be empty.
    pub progress_hint: String,
}

impl Shown {
    /// The faces that an answer is about, with their numbers.
    pub fn left(&self) -> impl Iterator<Item = (usize, &Member)> {
        (1..)
            .zip(&self.faces)
            .filter(|(number, _)| !self.out.contains(number))
    }

    /// The ids of the faces that are taken out, or of those that are not.
    pub(super) fn ids(&self, out: bool) -> Vec<FaceId> {
        (1..)
            .zip(&self.faces)
            .filter(|(number, _)| self.out.contains(number) == out)
            .map(|(_, face)| face.id.clone())
            .collect()
    }

    /// Faces of the person to show beside those that are asked about.
    #[must_use]
    pub fn samples(&self) -> &[FaceId] {
        match &self.question.about {
            About::Person(suggestion) => &suggestion.samples,
            _ => &[],
        }
    }

    /// The faces to be seen at once where there is room for `most`, with their numbers: the first page has some of every
    /// kind, the most typical and the least typical one among them; later ones have the others in order, and of single faces
    /// all have. After the last page comes the first.
    #[must_use]
    pub fn page(&self, page: usize, most: usize) -> Vec<(usize, &Member)> {
        let all: Vec<_> = self.left().collect();
        let most = most.max(1);
        let first = match self.question.about {
            // Like ones beside each other.
            About::Singles(_) => (0..all.len().min(most)).collect(),
            _ => montage::spread(all.len(), most),
        };
        let page = page % all.len().div_ceil(most).max(1);
        if page == 0 {
            return first.into_iter().map(|index| all[index]).collect();
        }
        let others = (0..all.len()).filter(|index| first.binary_search(index).is_err());
        let others = others.skip((page - 1) * most).take(most);
        others.map(|index| all[index]).collect()
    }

    /// The rows of a screen; none where it is a question about one group.
    #[must_use]
    pub fn rows(&self) -> Vec<ShownRow> {
        let ids = |faces: &[Member]| faces.iter().map(|face| face.id.clone()).collect();
        match &self.question.about {
            About::Rows(rows) => (1..)
                .zip(rows)
                .map(|(number, row)| ShownRow {
                    number,
                    text: self.row_text(number, row),
                    left: row.name.clone(),
                    right: None,
                    known: row.samples.clone(),
                    asked: ids(&row.faces),
                })
                .collect(),
            About::Pairs(pairs) => (1..)
                .zip(pairs)
                .map(|(number, pair)| ShownRow {
                    number,
                    text: format!("{} and {}", side_text(&pair.left), side_text(&pair.right)),
                    left: called(&pair.left, "left"),
                    right: Some(called(&pair.right, "right")),
                    known: ids(&pair.left.faces[..pair.left.faces.len().min(ACROSS)]),
                    asked: ids(&pair.right.faces[..pair.right.faces.len().min(ACROSS)]),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// `Ada: 3 faces`; where the row is somebody else, `Eve, not Ada: 3 faces`.
    fn row_text(&self, number: usize, row: &Suggestion) -> String {
        let faces = count(row.faces.len(), "face", "faces");
        let Some(said) = self.instead.get(&number) else {
            return format!("{}: {faces}", row.name);
        };
        let not = match said.others.len() {
            0 => String::new(),
            others => format!(", {} neither", count(others, "is", "are")),
        };
        format!("{}, not {}: {faces}{not}", said.words(), row.name)
    }

    /// The name of the file for its montage.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Question {
            threshold, number, ..
        } = self.question;
        let faces = self.left().count();
        match &self.question.about {
            About::Cluster(_) => montage::file_name(threshold, number, faces),
            About::Person(_) => montage::suggestion_file_name(threshold, number, faces),
            About::Rows(_) => montage::screen_file_name(threshold, "known", number, faces),
            About::Pairs(_) => {
                let rows = self.rows();
                let faces = rows.iter().map(|row| row.known.len() + row.asked.len());
                montage::screen_file_name(threshold, "pairs", number, faces.sum())
            }
            About::Singles(_) => montage::screen_file_name(threshold, "singles", number, faces),
        }
    }

    /// `Cluster 2 of 7: 12 faces`.
    #[must_use]
    pub fn title(&self) -> String {
        let Question { number, of, .. } = self.question;
        let kind = match &self.question.about {
            About::Cluster(_) => "Cluster",
            About::Person(_) => "Suggestion",
            About::Rows(rows) => {
                let people = count(rows.len(), "row", "rows");
                let faces = count(self.faces.len(), "face", "faces");
                return format!("Known people, screen {number} of {of}: {people}, {faces}");
            }
            About::Pairs(pairs) => {
                let pairs = count(pairs.len(), "pair", "pairs");
                return format!("The same person? Screen {number} of {of}: {pairs}");
            }
            About::Singles(_) => "Single faces, screen",
        };
        let faces = count(self.left().count(), "face", "faces");
        format!("{kind} {number} of {of}: {faces}")
    }

    /// What belongs on lines of their own below the title: the rows of a screen, and names from Flickr, each with the
    /// number to type.
    #[must_use]
    pub fn numbered(&self) -> Vec<String> {
        let rows = self.rows();
        let rows = rows
            .iter()
            .map(|row| format!("{:>3}  {}", row.number, row.text));
        let choices = (1..).zip(&self.choices);
        let choices = choices.map(|(number, choice)| format!("{number:>3}  {}", choice.words()));
        rows.chain(choices).collect()
    }

    /// Why it is asked, which faces are the odd ones, and how far it is to the end: a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match &self.question.about {
            About::Person(suggestion) => notes.push(suggestion.reason()),
            About::Rows(_) => notes.push(
                "Left are faces of the person, right those that may be theirs, too.".to_owned(),
            ),
            About::Pairs(_) => {
                notes.push("Left is one, right the other; no photo shows both.".to_owned());
            }
            About::Singles(_) => notes.push("Like faces stand beside each other.".to_owned()),
            About::Cluster(_) => {}
        }
        if matches!(self.question.about, About::Cluster(_) | About::Person(_)) {
            let odd = self.left().filter(|(_, face)| face.outlier);
            let odd: Vec<_> = odd.map(|(number, _)| number.to_string()).collect();
            if !odd.is_empty() {
                notes.push(format!("Odd, perhaps of someone else: {}.", odd.join(" ")));
            }
        }
        if !self.choices.is_empty() {
            notes.push("Tags on Flickr that may be the name:".to_owned());
        }
        if !self.progress_hint.is_empty() {
            notes.insert(
                notes.len() - usize::from(!self.choices.is_empty()),
                format!("{}.", self.progress_hint),
            );
        }
        notes
    }

    /// What a line typed now is about. `person` is the one asked about, as they are called now.
    pub(super) fn asked<'a>(&'a self, person: Option<&'a Name>, next_threshold: bool) -> Asked<'a> {
        Asked {
            faces: self.faces.len(),
            out: &self.out,
            person,
            picking: false,
            next_threshold,
        }
    }
}

/// The name of a side, or where it stands.
fn called(side: &Side, place: &str) -> String {
    let name = side.person.as_ref().map(|(_, name)| name.as_str());
    name.unwrap_or(place).to_owned()
}

/// `Ada (12 faces)`, `12 faces without a name`.
fn side_text(side: &Side) -> String {
    let faces = count(side.of, "face", "faces");
    match &side.person {
        Some((_, name)) => format!("{name} ({faces})"),
        None => format!("{faces} without a name"),
    }
}
