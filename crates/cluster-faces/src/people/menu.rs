//! The prompt of `--people`.

use flickr_faces_terminal::{
    exit::{BadAnswer, Exit},
    prompt::Reply,
};

use super::{Desk, ask::problem, words};

/// The line under the question.
const KEYS: &str = "a name or number shows the faces, :r rename, :m merge, :s split, :x take back, :t tag, \
                    :w write, :f Flickr member, :j journal, :u undo, :l list, :q leave, :? help";

/// What can be typed, for `:?`.
const HELP: &str = "\
Ada                     show Ada's faces, with their numbers; a number of the list does the same
:r Ada = Ada Lovelace   Ada has another name
:m Bob B = Bob          the faces of Bob B are Bob's: one person
:s Ada 0.4              split Ada's faces at 0.4, and say whose each part is
:x Ada = 3 7-9          faces 3, 7, 8 and 9 are not Ada's; face and photo ids will do
:t Ada = ada l          write the tag \"ada l\" for Ada; with nothing after =, the name
:w Ada = no             write nothing of Ada to Flickr; yes: after all
:f Ada = 12345678@N00   Ada is this member of Flickr; with nothing after =, none
:j 50                   list the last 50 decisions, with their numbers
:u 17                   undo decision 17; without a number the last one
:l                      list everybody
:q                      leave; everything is saved already
:?                      this help
Without \"Ada =\" a command is about whoever was shown last.";

impl Desk<'_> {
    /// Asks until the person leaves.
    pub(super) async fn menu(&mut self) -> anyhow::Result<Exit> {
        let people = self.people.list().await?;
        self.say(&words::list(&people));
        if people.is_empty() && self.people.journal(1).await?.is_empty() {
            return Ok(Exit::Done);
        }
        loop {
            let line = match self.line("People:", KEYS).await? {
                Reply::Line(line) => line,
                Reply::End => return Ok(Exit::Done),
                Reply::Interrupted => return Ok(Exit::Stopped),
            };
            match self.command(line.trim()).await {
                Ok(Some(exit)) => return Ok(exit),
                Ok(None) => {}
                Err(error) => self.refuse(&line, &problem(error)?)?,
            }
        }
    }

    /// Does what a line says; the exit where it was the last.
    async fn command(&mut self, line: &str) -> anyhow::Result<Option<Exit>> {
        if !line.starts_with(':') {
            if !line.is_empty() {
                self.show_one(line).await?;
            }
            return Ok(None);
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match (command.to_lowercase().as_str(), rest) {
            (":q", "") => return Ok(Some(Exit::Done)),
            (":?", "") => self.say(HELP),
            (":l", "") => {
                let people = self.people.list().await?;
                self.say(&words::list(&people));
            }
            (":q" | ":?" | ":l", rest) => {
                let problem = format!("nothing may follow {command}, found {rest:?}");
                return Err(BadAnswer(problem).into());
            }
            (":r", _) => self.rename(rest).await?,
            (":m", _) => self.merge(rest).await?,
            (":x", _) => self.take_back(rest).await?,
            (":t", _) => self.tag(rest).await?,
            (":w", _) => self.write(rest).await?,
            (":f", _) => self.nsid(rest).await?,
            (":s", _) => return self.split_command(rest).await,
            (":j", _) => {
                let most = number(rest, "how many decisions to list")?.unwrap_or(20);
                let entries = self.people.journal(most).await?;
                self.say(&words::journal(&entries, words::now()));
            }
            (":u", _) => {
                let entry = number(rest, "the number of a decision, as :j lists them")?;
                let (undone, saved) = self.people.undo(entry).await?;
                self.tell_undone(&undone, &saved);
            }
            _ => {
                let problem =
                    format!("there is no command {command:?}; :? shows what can be typed");
                return Err(BadAnswer(problem).into());
            }
        }
        Ok(None)
    }

    /// Shows whoever has that name, or that number in the list.
    async fn show_one(&mut self, text: &str) -> anyhow::Result<()> {
        let found = self.people.find(text).await;
        let person = match (found, text.parse::<usize>()) {
            (Ok(person), _) => person,
            (Err(error), Ok(number)) => {
                let people = self.people.list().await?.into_iter();
                match people.zip(1..).find(|(_, place)| *place == number) {
                    Some((person, _)) => person,
                    None => return Err(error.into()),
                }
            }
            (Err(error), Err(_)) => return Err(error.into()),
        };
        self.show(person).await
    }

    /// `Ada 0.4`, `Ada`, `0.4` or nothing.
    async fn split_command(&mut self, text: &str) -> anyhow::Result<Option<Exit>> {
        let (name, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
        let (name, threshold) = match crate::threshold(last) {
            Ok(threshold) => (name.trim(), threshold),
            Err(_) => (text, self.threshold),
        };
        let name = match (name, &self.shown) {
            ("", Some(shown)) => shown.name.clone(),
            ("", None) => return Err(BadAnswer("say who, as in :s Ada 0.4".to_owned()).into()),
            (name, _) => name.trim_end_matches('=').trim().to_owned(),
        };
        let person = self.people.find(&name).await?;
        let exit = self.split(&person, threshold, &[]).await?;
        Ok((exit == Exit::Stopped).then_some(exit))
    }
}

/// A number, or nothing.
fn number<T: std::str::FromStr>(text: &str, what: &str) -> anyhow::Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(BadAnswer(format!("{text:?}: expected {what}")).into()),
    }
}
