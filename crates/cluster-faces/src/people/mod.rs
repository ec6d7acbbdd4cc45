//! `cluster-faces --people`: the people who have names, by flags and in a prompt.

mod arguments;
mod ask;
mod change;
mod menu;
mod split;
mod words;

use flickr_faces::{
    cluster::Grouping,
    config::Config,
    steps::{
        people::{Done, People},
        tags_json::{Saved, TakenOver},
    },
    store::{PersonFace, PersonRow, Store, Undone},
};
use flickr_faces_terminal::{
    exit::{BadAnswer, Exit},
    picture,
    prompt::{self, Asker},
    text::count,
};
use serde_json::{Value, json};

pub(crate) use self::arguments::{Action, Arguments};

/// So much stricter than config.ini's is the threshold of a split that names none.
const STRICTER: f32 = 0.15;

/// One run, by flags or with a person.
struct Desk<'a> {
    people: People,
    config: &'a Config,
    asker: Box<dyn Asker>,
    pictures: bool,
    json: bool,
    grouping: Grouping<'static>,
    threshold: f32,
    /// Whoever was shown last: commands without a name are about them.
    shown: Option<PersonRow>,
}

/// What the other arguments say.
pub(crate) struct Setting {
    pub(crate) threshold: Option<f32>,
    pub(crate) seed: Option<u64>,
    pub(crate) pictures: bool,
    pub(crate) json: bool,
    /// What was changed in tags.json by hand, told already.
    pub(crate) taken_over: Option<TakenOver>,
}

pub(crate) async fn run(
    action: Action,
    setting: Setting,
    config: &Config,
    store: Store,
) -> anyhow::Result<Exit> {
    let mut desk = Desk {
        people: People::new(store, config.tags.clone()),
        config,
        asker: if setting.json {
            prompt::asker(std::io::stderr())
        } else {
            prompt::asker(std::io::stdout())
        },
        pictures: setting.pictures,
        json: setting.json,
        grouping: Grouping {
            method: config.method,
            seed: setting.seed.unwrap_or(config.seed),
            photos: None,
        },
        threshold: (setting.threshold).unwrap_or((config.threshold - STRICTER).max(0.05)),
        shown: None,
    };
    let taken_over = setting.taken_over.map(|taken| taken.entry);
    match action {
        Action::Menu if desk.json => {
            let people = desk.people.list().await?;
            let people: Vec<_> = people.iter().map(person).collect();
            desk.print(json!({"people": people, "taken_over": taken_over}));
        }
        Action::Menu => return desk.menu().await,
        Action::Show(name) => {
            let person = desk.people.find(&name).await?;
            desk.show(person).await?;
        }
        Action::Split(name, parts) => {
            let person = desk.people.find(&name).await?;
            let threshold = desk.threshold;
            return desk.split(&person, threshold, &parts).await;
        }
        Action::Journal(most) => {
            let entries = desk.people.journal(most).await?;
            if desk.json {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| {
                        json!({
                            "entry": entry.id, "made": entry.made, "kind": words::kind(entry.kind),
                            "what": entry.what, "faces": entry.faces, "undoes": entry.undoes,
                            "undone": entry.undone,
                        })
                    })
                    .collect();
                desk.print(json!({"journal": entries}));
            } else {
                desk.say(&words::journal(&entries, words::now()));
            }
        }
        Action::Undo(entry) => {
            let (undone, saved) = desk.people.undo(entry).await?;
            desk.tell_undone(&undone, &saved);
        }
        Action::Rename(text) => desk.rename(&text).await?,
        Action::Merge(text) => desk.merge(&text).await?,
        Action::TakeBack(text) => desk.take_back(&text).await?,
        Action::Tag(text) => desk.tag(&text).await?,
        Action::Nsid(text) => desk.nsid(&text).await?,
        Action::Write(name, may) => {
            let person = desk.people.find(&name).await?;
            let done = desk.people.set_write(&person, may).await?;
            desk.tell(&done);
        }
    }
    Ok(Exit::Done)
}

/// A person, for programs.
fn person(person: &PersonRow) -> Value {
    json!({
        "name": person.name, "faces": person.faces, "photos": person.photos,
        "tag": person.tag, "write": !person.never_write, "nsid": person.nsid,
    })
}

/// Faces with their numbers, for programs.
fn faces(faces: &[PersonFace]) -> Vec<Value> {
    (1..)
        .zip(faces)
        .map(|(number, face)| {
            let number: u64 = number;
            json!({"number": number, "face": face.id.to_string(), "photo": face.photo})
        })
        .collect()
}

impl Desk<'_> {
    /// Shows all of a person's faces.
    async fn show(&mut self, who: PersonRow) -> anyhow::Result<()> {
        let theirs = self.people.faces(&who).await?;
        let folder = &self.config.results;
        let files = self.people.pictures(&who, None, &theirs, folder).await?;
        if self.json {
            let mut about = person(&who);
            about["face_list"] = faces(&theirs).into();
            about["pictures"] = json!(files);
            self.print(about);
        } else {
            self.say(&format!(
                "{}: {} in {}",
                who.name,
                count(who.faces, "face", "faces"),
                count(who.photos, "photo", "photos")
            ));
            self.show_files(&files);
            if !self.asker.is_interactive() {
                for (number, face) in (1_u64..).zip(&theirs) {
                    self.say(&format!("{number:>5}  {}  photo {}", face.id, face.photo));
                }
            }
        }
        self.shown = Some(who);
        Ok(())
    }

    fn show_files(&self, files: &[std::path::PathBuf]) {
        for file in files {
            self.say(&format!("  {}", file.display()));
            if self.pictures
                && !self.json
                && let Err(error) = picture::show(file)
            {
                tracing::warn!("the picture cannot be shown here: {error}");
            }
        }
    }

    /// Says what was done, and under which number it can be undone.
    fn tell(&self, done: &Done) {
        if self.json {
            let taken_over = done.saved.taken_over.as_ref().map(|taken| taken.entry);
            self.print(json!({
                "entry": done.entry, "what": done.what, "tags": self.config.tags,
                "taken_over": taken_over,
            }));
        } else {
            self.say(&format!("Done: {}. Entry {}.", done.what, done.entry));
        }
        self.tell_saved(&done.saved);
    }

    fn tell_undone(&self, undone: &Undone, saved: &Saved) {
        if self.json {
            let since: Vec<_> = (undone.decided_since.iter())
                .map(|(face, _)| face.to_string())
                .collect();
            let restored: Vec<_> = (undone.restored.iter())
                .map(|(face, _)| face.to_string())
                .collect();
            self.print(json!({
                "entry": undone.entry, "undoes": undone.undoes, "what": undone.what,
                "restored": restored, "decided_since": since, "gone": undone.gone,
                "names_taken": undone.names_taken, "tags": self.config.tags,
            }));
        } else {
            self.say(&words::undone(undone));
        }
        self.tell_saved(saved);
    }

    fn tell_saved(&self, saved: &Saved) {
        if let Some(taken) = &saved.taken_over {
            if self.json {
                eprintln!("{taken}");
            } else {
                println!("{taken}");
            }
        }
    }

    /// To the person; to standard error where standard output is for a program.
    fn say(&self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    fn print(&self, value: Value) {
        println!("{value}");
    }

    /// Says what is wrong and goes on; where lines are piped in, ends.
    fn refuse(&self, line: &str, problem: &str) -> anyhow::Result<()> {
        if self.asker.is_interactive() {
            self.say(problem);
            return Ok(());
        }
        Err(BadAnswer(format!(
            "{line:?}: {problem}; nothing was changed by this line"
        ))
        .into())
    }
}
