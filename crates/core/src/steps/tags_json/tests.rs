//! tags.json changed by hand: taken over, told, undone, never lost.

use std::collections::BTreeMap;

use super::*;
use crate::{
    faces::{Descriptor, Detector, Face, Models, Quality, Rect, Turn},
    naming::{Name, tags_file::Person},
    store::{Decision, FoundFace, ListedPhoto, Outcome, Processing},
};

/// A store and its tags.json.
struct Home {
    folder: tempfile::TempDir,
    store: Store,
}

/// A face whose descriptor is `mark` in every place: two marks differ by 11.3 times their difference.
fn face(left: i32, mark: f32) -> FoundFace {
    FoundFace {
        face: Face {
            rect: Rect {
                left,
                top: 10,
                right: left + 99,
                bottom: 109,
            },
            score: None,
            landmarks: [[1, 2]; 5],
            quality: Quality {
                sharpness: 80.0,
                yaw: 0.25,
            },
            descriptor: Descriptor([mark; 128]),
        },
        crop: vec![0xff, 0xd8],
        turn: Turn::None,
    }
}

/// Marks of three people.
const ADA: f32 = 0.1;
const BOB: f32 = 0.3;
const ZOE: f32 = 0.5;

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("faces.sqlite");
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        store.bind_account("1@N00").await.unwrap();
        Self { folder, store }
    }

    /// Photos with these faces, one with none; Ada and Bob are named.
    async fn with_names() -> Self {
        let home = Self::new().await;
        for (photo, marks) in [
            (1, &[ADA][..]),
            (2, &[ADA]),
            (3, &[ADA, BOB]),
            (4, &[BOB]),
            (5, &[]),
            (6, &[ZOE]),
            (7, &[ZOE, BOB, ADA]),
            (8, &[BOB, ZOE]),
        ] {
            home.photo(photo, marks).await;
        }
        home.name("Ada", ADA, &["1", "2", "3"]).await;
        home.name("Bob", BOB, &["3", "4"]).await;
        assert_eq!(home.save().await, None);
        home
    }

    async fn photo(&self, id: u64, marks: &[f32]) {
        let photo = ListedPhoto {
            id: id.to_string().parse().unwrap(),
            uploaded: id as i64,
            title: String::new(),
            tags: vec![],
            taken: None,
            rotation: None,
            secret: None,
            image: None,
        };
        self.store.add_listed(&[photo]).await.unwrap();
        let with = Processing {
            max_size: 1024,
            detector: Detector::Hog,
            upsample: 1,
            min_face: 40,
            turned: false,
            encoder: Models::ENCODER.sha256.to_owned(),
            engine: "test",
        };
        let faces = (0..).zip(marks);
        let done = Outcome::Done {
            width: 1024,
            height: 768,
            faces: faces.map(|(at, mark)| face(at * 200, *mark)).collect(),
        };
        self.store
            .finish(&id.to_string().parse().unwrap(), &with, &done)
            .await
            .unwrap();
    }

    async fn name(&self, name: &str, mark: f32, photos: &[&str]) {
        let faces = self.store.faces().await.unwrap().into_iter();
        let theirs: Vec<_> = faces
            .filter(|face| photos.contains(&face.photo.as_str()) && face.descriptor.0[0] == mark)
            .map(|face| face.id)
            .collect();
        assert_eq!(theirs.len(), photos.len());
        let decision = Decision::Named(Name::new(name).unwrap());
        self.store
            .decide(&theirs, &decision, &[], 10)
            .await
            .unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("tags.json")
    }

    async fn save(&self) -> Option<String> {
        let saved = save(&self.store, &self.path()).await.unwrap();
        self.told(saved.taken_over)
    }

    async fn take_over(&self) -> Option<String> {
        let taken = take_over(&self.store, &self.path()).await.unwrap();
        self.told(taken)
    }

    fn told(&self, taken: Option<TakenOver>) -> Option<String> {
        let folder = format!("{}/", self.folder.path().display());
        taken.map(|taken| taken.to_string().replace(&folder, ""))
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    /// Writes the file with these people.
    fn write_people(&self, people: &str) {
        self.write(&format!(
            r#"{{ "version": 1, "account": "1@N00", "people": [ {people} ] }}"#
        ));
    }

    /// Who is on which photo: as the file has it, which must be as the store has it.
    async fn people(&self) -> BTreeMap<String, Vec<String>> {
        let file = TagsFile::read(&self.path()).unwrap();
        assert_eq!(file, {
            let mut sorted = content(&self.store, None).await.unwrap();
            sorted.people.sort_by_key(|person| person.name.key());
            sorted
        });
        let photos = |person: Person| person.photos.iter().map(ToString::to_string).collect();
        (file.people.into_iter())
            .map(|person| (person.name.to_string(), photos(person)))
            .collect()
    }

    /// Names by face, of a photo.
    async fn faces_of(&self, photo: &str) -> Vec<Option<String>> {
        let people = self.store.people().await.unwrap();
        let name = |state| match state {
            crate::store::FaceState::Named(id) => {
                let person = people.iter().find(|person| person.id == id);
                person.map(|person| person.name.clone())
            }
            _ => None,
        };
        let faces = self.store.faces_on(&photo.parse().unwrap()).await.unwrap();
        faces.iter().map(|face| name(face.state)).collect()
    }
}

fn people(people: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    (people.iter())
        .map(|(name, photos)| {
            let photos = photos.iter().map(|&photo| photo.to_owned()).collect();
            ((*name).to_owned(), photos)
        })
        .collect()
}

#[tokio::test]
async fn every_edit_is_taken_over_reported_and_can_be_undone() {
    struct Case {
        edit: &'static str,
        told: &'static str,
        then: &'static [(&'static str, &'static [&'static str])],
    }
    const ADA_AND: &str = r#"{"name": "Ada", "photos": ["1", "2", "3"]}"#;
    const AND_BOB: &str = r#"{"name": "Bob", "photos": ["3", "4"]}"#;
    let cases = [
        Case {
            edit: r#"{"name": "Ada Lovelace", "photos": ["1", "2", "3"]}, BOB"#,
            told: "Ada is Ada Lovelace now.",
            then: &[("Ada Lovelace", &["1", "2", "3"]), ("Bob", &["3", "4"])],
        },
        Case {
            edit: r#"{"name": "Ada Lovelace", "photos": ["2", "3"]}, BOB"#,
            told: "1 photo is no longer Ada Lovelace's; Ada is Ada Lovelace now.",
            then: &[("Ada Lovelace", &["2", "3"]), ("Bob", &["3", "4"])],
        },
        Case {
            edit: r#"{"name": "ADA", "photos": ["1", "2", "3"]}, BOB"#,
            told: "Ada is ADA now.",
            then: &[("ADA", &["1", "2", "3"]), ("Bob", &["3", "4"])],
        },
        Case {
            edit: r#"ADA, {"name": "Bob", "photos": ["3"]}"#,
            told: "1 photo is no longer Bob's.",
            then: &[("Ada", &["1", "2", "3"]), ("Bob", &["3"])],
        },
        Case {
            edit: r#"ADA, {"name": "Bob", "photos": []}"#,
            told: "2 photos are no longer Bob's.",
            then: &[("Ada", &["1", "2", "3"]), ("Bob", &[])],
        },
        Case {
            edit: "ADA",
            told: "Bob is gone, and with them 2 photos.",
            then: &[("Ada", &["1", "2", "3"])],
        },
        // A face that fits, among others; the only face; no face; no photo of the store.
        Case {
            edit: r#"{"name": "Ada", "photos": ["1", "2", "3", "7"]}, BOB"#,
            told: "1 photo is Ada's now.",
            then: &[("Ada", &["1", "2", "3", "7"]), ("Bob", &["3", "4"])],
        },
        Case {
            edit: r#"ADA, BOB, {"name": "Zoë", "photos": ["6"]}"#,
            told: "Zoë is new, with 1 photo.",
            then: &[
                ("Ada", &["1", "2", "3"]),
                ("Bob", &["3", "4"]),
                ("Zoë", &["6"]),
            ],
        },
        Case {
            edit: r#"{"name": "Ada", "photos": ["1", "2", "3", "5", "99"]}, BOB"#,
            told: "2 photos are Ada's now. 2 photos have no face that can be named; they stay in the file.",
            then: &[("Ada", &["1", "2", "3", "5", "99"]), ("Bob", &["3", "4"])],
        },
        // None of the faces is near enough to be Ada's; which of two is Zoë's is unknown.
        Case {
            edit: r#"{"name": "Ada", "photos": ["1", "2", "3", "8"]}, BOB, {"name": "Zoë", "photos": ["8"]}"#,
            told: "1 photo is Ada's now; Zoë is new, with 1 photo. 2 photos have no face that can be named; they stay in the file.",
            then: &[
                ("Ada", &["1", "2", "3", "8"]),
                ("Bob", &["3", "4"]),
                ("Zoë", &["8"]),
            ],
        },
        Case {
            edit: r#"ADA, BOB, {"name": "Zoë", "tag": "zoe", "nsid": "2@N00", "write": false, "photos": []}"#,
            told: "Zoë is new, with 0 photos; Zoë is tagged \"zoe\"; Zoë is never written to Flickr; Zoë is 2@N00 on Flickr.",
            then: &[
                ("Ada", &["1", "2", "3"]),
                ("Bob", &["3", "4"]),
                ("Zoë", &[]),
            ],
        },
        // The photo goes from one to the other, and so does the face.
        Case {
            edit: r#"{"name": "Ada", "photos": ["1", "2", "3", "4"]}, {"name": "Bob", "photos": ["3"]}"#,
            told: "1 photo is no longer Bob's; 1 photo is Ada's now.",
            then: &[("Ada", &["1", "2", "3", "4"]), ("Bob", &["3"])],
        },
        // Bob is gone, and Ada has his name.
        Case {
            edit: r#"{"name": "Bob", "photos": ["1", "2", "3"]}"#,
            told: "Ada is gone, and with them 3 photos; 1 photo is no longer Bob's; 2 photos are Bob's now.",
            then: &[("Bob", &["1", "2", "3"])],
        },
        Case {
            edit: r#"{"name": "Ada", "tag": "ada l", "photos": ["1", "2", "3"]}, {"name": "Bob", "write": false, "nsid": "3@N00", "photos": ["3", "4"]}"#,
            told: "Ada is tagged \"ada l\"; Bob is never written to Flickr; Bob is 3@N00 on Flickr.",
            then: &[("Ada", &["1", "2", "3"]), ("Bob", &["3", "4"])],
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let home = Home::with_names().await;
        let before = home.read();
        let edit = case.edit.replace("ADA,", &format!("{ADA_AND},"));
        let edit = if edit == "ADA" {
            ADA_AND.to_owned()
        } else {
            edit
        };
        home.write_people(&edit.replace("BOB", AND_BOB));
        let told = home.take_over().await.unwrap_or_default();
        let then = home.people().await;
        if told != format!("tags.json was changed by hand: {}", case.told)
            || then != people(case.then)
        {
            wrong.push((case.edit, told, then));
        }
        // It is taken over once, and for good.
        assert_eq!(home.take_over().await, None, "{}", case.edit);
        assert_eq!(home.save().await, None, "{}", case.edit);
        let last = home.store.last_decision().await.unwrap().unwrap();
        home.store.undo(last, 99).await.unwrap();
        assert_eq!(home.save().await, None, "{}", case.edit);
        assert_eq!(home.read(), before, "{}", case.edit);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_the_same_is_no_edit() {
    let home = Home::with_names().await;
    let written = home.read();
    let revision = home.store.revision().await.unwrap();
    // Another order and other spaces, and a photo's id as a number.
    home.write_people(
        r#"{"photos": [4, "3"], "name": "Bob"}, {"name": " Ada", "photos": ["3", "2", "1"]}"#,
    );
    assert_eq!(home.take_over().await, None);
    assert_eq!(home.read(), written);
    // A file that was deleted is written again, and no person is lost.
    fs::remove_file(home.path()).unwrap();
    assert_eq!(home.take_over().await, None);
    assert_eq!(home.read(), written);
    assert_eq!(home.store.revision().await.unwrap(), revision);
}

#[tokio::test]
async fn a_face_goes_with_its_photo_and_is_not_offered_again() {
    let home = Home::with_names().await;
    home.write_people(
        r#"{"name": "Ada", "photos": ["1", "3", "4", "7"]}, {"name": "Bob", "photos": ["3"]}"#,
    );
    home.take_over().await.unwrap();
    let ada = || Some("Ada".to_owned());
    assert_eq!(home.faces_of("2").await, [None]);
    assert_eq!(home.faces_of("4").await, [ada()]);
    assert_eq!(home.faces_of("7").await, [None, None, ada()]);
    let rejected: Vec<_> = (home.store.rejections().await.unwrap().iter())
        .map(|(face, _)| face.to_string())
        .collect();
    assert_eq!(rejected, ["2:0", "4:0"]);
    // The photo is put back by hand: it shows her, but that face is known not to be hers.
    let again = home.read().replace("\"1\",", "\"1\", \"2\",");
    home.write(&again);
    assert_eq!(
        home.take_over().await.unwrap(),
        "tags.json was changed by hand: 1 photo is Ada's now. \
         1 photo has no face that can be named; it stays in the file."
    );
    assert_eq!(home.faces_of("2").await, [None]);
    assert_eq!(home.people().await["Ada"], ["1", "2", "3", "4", "7"]);
}

#[tokio::test]
async fn an_edit_between_two_answers_is_not_lost() {
    let home = Home::with_names().await;
    let edited = home.read().replace("\"Ada\"", "\"Ada Lovelace\"");
    home.write(&edited);
    home.name("Zoë", ZOE, &["6"]).await;
    assert_eq!(
        home.save().await.unwrap(),
        "tags.json was changed by hand: Ada is Ada Lovelace now."
    );
    let all = people(&[
        ("Ada Lovelace", &["1", "2", "3"]),
        ("Bob", &["3", "4"]),
        ("Zoë", &["6"]),
    ]);
    assert_eq!(home.people().await, all);
}

#[tokio::test]
async fn a_crash_between_answer_and_file_loses_nothing() {
    let home = Home::with_names().await;
    let old_known = fs::read(beside(&home.path(), ".written")).unwrap();
    let old = home.read();
    // Before the file: it is written at the next start.
    home.name("Zoë", ZOE, &["6"]).await;
    assert_eq!(home.take_over().await, None);
    let whole = home.read();
    assert!(whole.contains("Zoë") && !old.contains("Zoë"));
    // Between the file and what is known of it: nothing in it is an edit.
    fs::write(beside(&home.path(), ".written"), old_known).unwrap();
    assert_eq!(home.take_over().await, None);
    assert_eq!(home.read(), whole);
}

#[tokio::test]
async fn what_is_damaged_or_anothers_is_left_alone() {
    let home = Home::with_names().await;
    let revision = home.store.revision().await.unwrap();
    let whole = home.read();
    let cases = [
        (String::new(), ":1:0: the file is cut short"),
        (whole[..90].to_owned(), "the file is cut short"),
        (
            whole.replace("\"photos\"", "\"fotos\""),
            ":7:13: unknown field `fotos`",
        ),
        (
            whole.replace("1@N00", "2@N00"),
            ": holds photos of account 2@N00, but the store ",
        ),
    ];
    for (text, why) in cases {
        home.write(&text);
        let refused = take_over(&home.store, &home.path()).await.unwrap_err();
        let left = save(&home.store, &home.path()).await.unwrap();
        for said in [refused.to_string(), left.unreadable.unwrap()] {
            assert!(said.contains(why) && said.contains("tags.json"), "{said}");
        }
        assert_eq!(home.read(), text);
    }
    assert_eq!(home.store.revision().await.unwrap(), revision);
    home.write(&whole);
    assert_eq!(home.take_over().await, None);
}

#[tokio::test]
async fn a_file_of_which_nothing_is_known_only_adds() {
    // As after a new beginning with the old tags.json, or with an older copy of the store.
    let old = Home::with_names().await;
    let home = Home::new().await;
    for (photo, marks) in [(1, &[ADA][..]), (2, &[ADA]), (6, &[ZOE])] {
        home.photo(photo, marks).await;
    }
    home.name("Zoë", ZOE, &["6"]).await;
    for file in [".tags.json.written", "tags.json"] {
        fs::copy(old.folder.path().join(file), home.folder.path().join(file)).unwrap();
    }
    assert_eq!(
        home.take_over().await.unwrap(),
        "tags.json was changed by hand: Ada is new, with 3 photos; Bob is new, with 2 photos. \
         3 photos have no face that can be named; they stay in the file."
    );
    let all = people(&[
        ("Ada", &["1", "2", "3"]),
        ("Bob", &["3", "4"]),
        ("Zoë", &["6"]),
    ]);
    assert_eq!(home.people().await, all);
    assert_eq!(home.faces_of("1").await, [Some("Ada".to_owned())]);
    // Its last written form is lost: no person is, and a new name is still that of the old person.
    fs::remove_file(home.folder.path().join(".tags.json.written")).unwrap();
    home.write_people(r#"{"name": "Robert", "photos": ["3", "4"]}"#);
    assert_eq!(
        home.take_over().await.unwrap(),
        "tags.json was changed by hand: Bob is Robert now."
    );
    assert_eq!(home.people().await.len(), 3);
}

#[tokio::test]
async fn two_programs_at_once_lose_no_edit() {
    let home = Home::with_names().await;
    let (store, path) = (home.store.clone(), home.path());
    let saver = tokio::spawn(async move {
        let mut told = 0;
        for _ in 0..40 {
            told += usize::from(save(&store, &path).await.unwrap().taken_over.is_some());
        }
        told
    });
    let mut told = 0;
    for number in 0..20 {
        // As an editor does it: the new file beside the old one, and renamed.
        let text = home.read();
        let (before, rest) = text.split_once("\"name\": \"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        let text = format!("{before}\"name\": \"A{number}\"{after}");
        let new = home.folder.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, home.path()).unwrap();
        told += usize::from(home.save().await.is_some());
        assert!(home.people().await.contains_key(&format!("A{number}")));
    }
    assert_eq!(told + saver.await.unwrap(), 20);
    assert_eq!(home.people().await["A19"], ["1", "2", "3"]);
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_beside_it_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_names().await;
    for entry in fs::read_dir(home.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
