//! Names that the owner has on Flickr already, to be offered while faces are named: contacts, and tags as they were typed.

use super::job::Download;
use crate::{
    flickr::{Contact, OwnTag},
    steps::StepError,
};

/// More contacts than 50,000 are nobody's.
const MOST_PAGES: u32 = 50;

/// Reads and keeps them: one call for 1,000 contacts, and one for all tags. Where that fails, the names of before stay,
/// and the next listing tries again: nobody waits for them.
pub(super) async fn fetch(job: &Download) {
    let contacts = async {
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let next = job.flickr.contacts_get_list(page).await?;
            found.extend(next.contacts.iter().filter_map(named));
            if u64::from(page) >= next.pages || next.contacts.is_empty() {
                break;
            }
        }
        Ok::<_, StepError>(job.store.set_contacts(&found).await?)
    };
    if let Err(error) = contacts.await {
        tracing::info!("the names of your contacts are not read: {error}");
    }
    let tags = async {
        let tags = job.flickr.tags_get_list_user_raw().await?;
        let tags: Vec<_> = tags.into_iter().filter_map(spelt).collect();
        Ok::<_, StepError>(job.store.set_own_tags(&tags).await?)
    };
    if let Err(error) = tags.await {
        tracing::info!("the spelling of your tags is not read: {error}");
    }
}

/// A contact by the name that they give, or else what they are called on Flickr.
fn named(contact: &Contact) -> Option<(String, String)> {
    let names = [&contact.realname, &contact.username];
    let name = names.into_iter().find(|name| !name.trim().is_empty())?;
    Some((contact.nsid.clone(), name.trim().to_owned()))
}

/// A tag in the spelling that says most: that with most words, and of these with most capitals.
fn spelt(tag: OwnTag) -> Option<(String, String)> {
    let says = |raw: &String| {
        let capitals = raw.chars().filter(|c| c.is_uppercase()).count();
        (raw.split_whitespace().count(), capitals)
    };
    // Of those that say as much, the first.
    let best = tag.raw.into_iter().rev().max_by_key(says)?;
    Some((tag.clean, best))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_with_most_words_and_capitals_is_kept() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (&[], None),
            (&["adalovelace"], Some("adalovelace")),
            (
                &["adalovelace", "ada lovelace", "Ada Lovelace"],
                Some("Ada Lovelace"),
            ),
            (&["Ada Lovelace", "ADALOVELACE"], Some("Ada Lovelace")),
            (&["Ada-Lovelace", "AdaLovelace"], Some("Ada-Lovelace")),
        ];
        for (raw, expected) in cases {
            let tag = OwnTag {
                clean: "adalovelace".to_owned(),
                raw: raw.iter().map(|&raw| raw.to_owned()).collect(),
            };
            let found = spelt(tag).map(|(_, raw)| raw);
            assert_eq!(found.as_deref(), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_contact_without_a_name_goes_by_the_user_name() {
        let cases = [
            ("ada", " Ada Example ", Some("Ada Example")),
            ("ada", " ", Some("ada")),
            ("", "", None),
        ];
        for (username, realname, expected) in cases {
            let contact = Contact {
                nsid: "11111111@N00".to_owned(),
                username: username.to_owned(),
                realname: realname.to_owned(),
            };
            let found = named(&contact).map(|(_, name)| name);
            assert_eq!(found.as_deref(), expected, "{username:?} {realname:?}");
        }
    }
}
