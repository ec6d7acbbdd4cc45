//! Adds notes with names to faces, and members of Flickr to photos.
//!
//! Called twice, Flickr makes two notes; and a member whom someone else has added stays after an undo.
//! So what a photo has is read before the first call, and after each whose answer was lost.

use std::time::Duration;

use super::{
    super::StepError,
    geometry::{frame, overlap, rect_on, same_shape},
    looks::{Found, Looks, find_note},
    plan::{PhotoPlan, PlannedWrite},
    write::{Refusal, TOO_FAST, WriteContext, Written},
};
use crate::{
    faces::FaceBox,
    flickr::{self, Concerns, Note, NoteRect, sizes},
    programs::Program,
    store::{FlickrWrite, WriteKind, WriteState},
};

/// Flickr's codes for notes: <https://www.flickr.com/services/api/flickr.photos.notes.add.html>.
const TOO_MANY: i64 = 4;

/// The first wait where notes come too fast; doubles, five times.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const WAITS: u32 = 5;

fn changed() -> String {
    format!(
        "the photo was turned, cropped or replaced on Flickr after the download, so the place of its faces is not \
         known; `{} --redo` finds them again",
        Program::Download
    )
}

/// What a photo has of one kind.
enum Present {
    Notes(Vec<Note>),
    /// Their NSIDs.
    Members(Vec<String>),
}

/// Adds the planned notes or members: what became of each, in their order, as far as it came.
pub(super) async fn add(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    kind: WriteKind,
    looks: &mut Looks,
) -> Result<Vec<Written>, StepError> {
    let planned = match kind {
        WriteKind::Note => &plan.notes,
        _ => &plan.members,
    };
    let mut written = Vec::new();
    if planned.is_empty() {
        return Ok(written);
    }
    let has_face = planned.iter().any(|planned| planned.face.is_some());
    let (present, medium) = match read(context, plan, kind, has_face, looks).await {
        Ok(read) => read,
        Err(error) => {
            let refusal = Refusal::of(error)?;
            let each = planned.iter();
            return Ok(each.map(|_| Written::Refused(refusal.clone())).collect());
        }
    };
    for planned in planned {
        if context.stop.is_cancelled() {
            written.push(Written::Stopped);
            break;
        }
        let place = planned.face.and_then(|face| place(face, medium));
        if place.is_none() && kind == WriteKind::Note {
            written.push(Written::Refused(Refusal::ours(changed())));
            continue;
        }
        match one(context, planned, place, &present).await? {
            Ok(one) => written.push(one),
            Err(refusal) => {
                let full = kind == WriteKind::Note && refusal.code == Some(TOO_MANY);
                written.push(Written::Refused(refusal));
                if full {
                    break;
                }
            }
        }
    }
    Ok(written)
}

/// What the photo has, and the size of its medium image where a face needs it.
async fn read(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    kind: WriteKind,
    has_face: bool,
    looks: &mut Looks,
) -> Result<(Present, Option<(u32, u32)>), flickr::Error> {
    let flickr = context.flickr;
    let present = match kind {
        WriteKind::Note => {
            let info = looks.info(flickr, &plan.photo).await?;
            Present::Notes(info.map(|info| info.notes.clone()).unwrap_or_default())
        }
        _ => Present::Members(looks.members(flickr, &plan.photo).await?.to_vec()),
    };
    let medium = match plan.medium {
        None if has_face => sizes::medium_of_all(&flickr.photos_get_sizes(&plan.photo).await?),
        known => known,
    };
    Ok((present, medium))
}

/// A face's place on the medium image; `None` where that cannot be the image it was found in.
fn place(face: FaceBox, medium: Option<(u32, u32)>) -> Option<NoteRect> {
    let frame = frame(face.image, medium);
    same_shape(face.image, frame).then(|| rect_on(face.normalized(), frame))
}

impl Present {
    /// Whether the photo has what is planned, and since when; with the note's id where it is ours.
    fn find(
        &self,
        planned: &PlannedWrite,
        place: Option<NoteRect>,
        nsid: &str,
    ) -> Option<(WriteState, Option<String>)> {
        let write = &planned.write;
        match self {
            // What an earlier run had begun is ours: its answer never came.
            Self::Members(there) => there.contains(&write.item).then_some(match planned.begun {
                true => (WriteState::Added, None),
                false => (WriteState::Preexisting, None),
            }),
            Self::Notes(notes) => {
                let write = &FlickrWrite {
                    place: write.place.or(place),
                    ..write.clone()
                };
                let ours = match find_note(write, notes, nsid) {
                    Found::Ours(id) if planned.begun => Some(id),
                    _ => None,
                };
                let text = write.text.to_lowercase();
                let is_same = |note: &Note| {
                    let places = note.place.zip(place);
                    note.text.trim().to_lowercase() == text
                        && places.is_some_and(|(one, other)| overlap(one, other))
                };
                match ours {
                    Some(id) => Some((WriteState::Added, Some(id))),
                    None => (notes.iter().any(is_same)).then_some((WriteState::Preexisting, None)),
                }
            }
        }
    }
}

async fn one(
    context: &WriteContext<'_>,
    planned: &PlannedWrite,
    place: Option<NoteRect>,
    present: &Present,
) -> Result<Result<Written, Refusal>, StepError> {
    let flickr = context.flickr;
    let write = FlickrWrite {
        place,
        flickr_id: None,
        ..planned.write.clone()
    };
    let record = async |state: WriteState, flickr_id: Option<String>| {
        let known = FlickrWrite {
            flickr_id,
            ..write.clone()
        };
        context.record(&[known], state, None).await
    };
    if let Some((state, id)) = present.find(planned, place, flickr.nsid()) {
        record(state, id).await?;
        return Ok(Ok(match state {
            WriteState::Added => Written::Added,
            _ => Written::Present,
        }));
    }
    let call = async || match place.filter(|_| write.kind == WriteKind::Note) {
        Some(place) => {
            flickr
                .photos_notes_add(&write.photo, place, &write.text)
                .await
        }
        None => {
            let added = flickr
                .photos_people_add(&write.photo, &write.item, place)
                .await;
            added.map(|()| Some(write.item.clone()))
        }
    };
    let look = async || {
        Ok(match Looks::default().find(flickr, &write).await? {
            Found::Ours(id) => Some(id),
            _ => None,
        })
    };
    let writes = std::slice::from_ref(&write);
    for waits in 0.. {
        match context.write(writes, call, look).await? {
            Ok(id) => {
                record(WriteState::Added, Some(id)).await?;
                break;
            }
            Err(Refusal {
                code: Some(TOO_FAST),
                ..
            }) if write.kind == WriteKind::Note && waits < WAITS => {}
            Err(Refusal {
                code: Some(TOO_FAST),
                trouble,
            }) if write.kind == WriteKind::Note => {
                let reason = trouble.reason;
                return Ok(Err(Refusal::with(reason, Concerns::PhotoOrFlickr)));
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
        let wait = FIRST_WAIT * 2_u32.pow(waits);
        tracing::info!(
            "Flickr wants notes more slowly: waiting {} s",
            wait.as_secs()
        );
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // Nothing was written: the next run tries it again.
            () = context.stop.cancelled() => return Ok(Ok(Written::Stopped)),
        }
    }
    Ok(Ok(Written::Added))
}
