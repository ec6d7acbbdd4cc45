//! `people`, `journal` and `undo`: names that are looked at and changed, by arguments and in a prompt.

mod looking;
mod menu;
mod messages;
mod split;

use flickr_faces::store::JournalId;
use flickr_faces::{
    programs::Program,
    steps::{
        StepError, messages as shared,
        people::{Change, Done, Listed, People},
        tags_json::Saved,
    },
    store::{FaceId, FaceState, PersonFace, PersonRow, Undone},
};
use flickr_faces_terminal::{
    exit::{BadAnswer, Exit, Failure},
    output,
    prompt::{Asker, Reply},
};
use serde_json::{Value, json};

use crate::{
    cli::{self, PeopleCommand, Splitting},
    context::Context,
};

/// One run, by arguments or with a person.
struct PeopleSession<'a> {
    context: &'a Context,
    people: People,
    asker: Box<dyn Asker>,
    splitting: Splitting,
    /// The person shown last: commands without a name are about them.
    shown: Option<PersonRow>,
    /// Whether both are shown, and it is asked, before two people become one.
    asks_first: bool,
    /// Whether a person types at the prompt.
    is_prompt: bool,
    /// What Enter lists on with.
    more: Vec<Listed>,
}

pub(crate) async fn run(context: &Context, asked: cli::People) -> Result<Exit, Failure> {
    let mut session = PeopleSession::new(context, asked.splitting);
    let people = session.people.clone();
    // A person and a text, or both in one argument.
    let (change, name, text) = match asked.command {
        None if !context.json => return session.menu().await,
        None => {
            session.list("").await?;
            return Ok(Exit::Done);
        }
        Some(PeopleCommand::List { word }) => {
            session.list(&word.unwrap_or_default()).await?;
            return Ok(Exit::Done);
        }
        Some(PeopleCommand::Show { name, pictures }) => {
            session.splitting.pictures = pictures;
            session.show(people.find(&name).await?).await?;
            return Ok(Exit::Done);
        }
        Some(PeopleCommand::Split {
            name,
            part,
            splitting,
        }) => {
            session.splitting = splitting;
            let person = people.find(&name).await?;
            let by = session.splitting.by(&context.config);
            if part.is_empty() {
                let parts = people.parts(&person, by).await?;
                return session.split(person, by.threshold, parts).await;
            }
            session.name_parts(&person, by, &part).await?;
            return Ok(Exit::Done);
        }
        Some(PeopleCommand::Rename { old, new }) => (Change::Rename, old, new),
        Some(PeopleCommand::Merge {
            from,
            into,
            yes,
            pictures,
        }) => {
            session.asks_first = !yes;
            session.splitting.pictures = pictures;
            (Change::Merge, from, into)
        }
        Some(PeopleCommand::TakeBack { name, faces }) => {
            let faces = (!faces.is_empty()).then(|| faces.join(" "));
            (Change::TakeBack, name, faces)
        }
        Some(PeopleCommand::Tag { name, text }) => (Change::Tag, name, text),
        Some(PeopleCommand::Write { name, may }) => (Change::Write, name, may),
        Some(PeopleCommand::Nsid { name, nsid }) => (Change::Nsid, name, nsid),
    };
    let may_be_empty = matches!(change, Change::Tag | Change::Nsid) && !name.contains('=');
    let text = text.or_else(|| may_be_empty.then(String::new));
    let (person, text) = match &text {
        Some(text) => (people.find(&name).await?, text.as_str()),
        None => people.whom(change, &name, None).await?,
    };
    if change == Change::Merge {
        let into = people.find(text).await?;
        if let Some(exit) = session.stops_merge(&person, &into).await? {
            return Ok(exit);
        }
    }
    session.tell(&people.change(change, &person, text).await?);
    Ok(Exit::Done)
}

/// Lists the newest entries of the journal.
pub(crate) async fn journal(context: &Context, most: u32) -> Result<Exit, Failure> {
    let entries = context.store.journal(most).await?;
    if context.json {
        let entries = entries.iter().map(|entry| {
            json!({
                "entry": entry.id, "made": entry.made, "kind": entry.kind.as_str(),
                "what": entry.what, "faces": entry.faces, "undoes": entry.undoes,
                "undone": entry.undone,
            })
        });
        output::json(&json!({"journal": entries.collect::<Value>()}));
    } else {
        context.say(&messages::journal(&entries));
    }
    Ok(Exit::Done)
}

/// Undoes an entry of the journal, or the last decision.
pub(crate) async fn undo(context: &Context, entry: Option<JournalId>) -> Result<Exit, Failure> {
    let people = People::new(
        context.store.clone(),
        context.config.tags.clone(),
        context.config.distances(),
    );
    let (undone, saved) = people.undo(entry).await?;
    if context.json {
        let ids = |faces: &[(FaceId, FaceState)]| -> Value {
            faces.iter().map(|(face, _)| face.to_string()).collect()
        };
        output::json(&json!({
            "entry": undone.entry, "undoes": undone.undoes, "what": undone.what,
            "restored": ids(&undone.restored), "decided_since": ids(&undone.decided_since),
            "gone": undone.gone, "names_taken": undone.names_taken, "tags": context.config.tags,
        }));
        for line in shared::tags_json(&saved) {
            context.say(&line);
        }
    } else {
        say_undone(context, &undone, &saved);
    }
    Ok(Exit::Done)
}

fn say_undone(context: &Context, undone: &Undone, saved: &Saved) {
    context.say(&format!(
        "{} `{} undo {}` takes this back.",
        shared::undone(undone, saved).join(" "),
        Program::ClusterFaces,
        undone.entry
    ));
}

/// A person, for programs.
fn person(person: &PersonRow) -> Value {
    json!({
        "name": person.name, "faces": person.faces, "photos": person.photos,
        "tag": person.tag, "write": !person.never_write, "nsid": person.nsid,
    })
}

/// Faces with their numbers, for programs.
fn faces(faces: &[PersonFace]) -> Value {
    let faces = (1_u64..).zip(faces);
    faces
        .map(|(number, face)| {
            json!({"number": number, "face": face.id.to_string(), "photo": face.photo})
        })
        .collect()
}

impl<'a> PeopleSession<'a> {
    fn new(context: &'a Context, splitting: Splitting) -> Self {
        Self {
            people: People::new(
                context.store.clone(),
                context.config.tags.clone(),
                context.config.distances(),
            ),
            asker: context.asker(),
            context,
            splitting,
            shown: None,
            asks_first: true,
            is_prompt: false,
            more: Vec::new(),
        }
    }

    /// Says what was done, and under which number it can be undone.
    fn tell(&self, done: &Done) {
        if self.context.json {
            let taken_over = done.saved.taken_over.as_ref().map(|taken| taken.entry);
            let object = json!({
                "entry": done.entry, "what": done.what, "tags": self.context.config.tags,
                "taken_over": taken_over,
            });
            output::json(&object);
        } else {
            self.context
                .say(&format!("{} Entry {}.", shared::done(done), done.entry));
        }
        for line in shared::tags_json(&done.saved) {
            self.context.say(&line);
        }
    }

    /// Asks and waits; the prompt blocks until there is an answer.
    async fn line(&mut self, prompt: &str, keys: &str) -> Result<Reply, Failure> {
        let people = self.people.list().await?;
        let names: Vec<_> = people.into_iter().map(|person| person.name).collect();
        let asker = &mut self.asker;
        Ok(tokio::task::block_in_place(|| {
            asker.ask(prompt, keys, &names)
        })?)
    }

    /// Says what is wrong with a line, so that it is asked again; an error where something else is
    /// wrong, and where the lines are a script's.
    fn refuse(&self, line: &str, error: StepError) -> Result<(), Failure> {
        if !error.is_refusal() {
            return Err(error.into());
        }
        if self.asker.is_interactive() {
            self.context.say(&error.to_string());
            return Ok(());
        }
        Err(BadAnswer(format!(
            "{line:?}: {error}; nothing was changed by this line"
        ))
        .into())
    }
}
