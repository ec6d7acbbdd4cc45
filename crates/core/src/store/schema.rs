//! The tables, and how a store of an older format becomes one of today's.
//!
//! One text serves SQLite and PostgreSQL: `BLOB` alone is spelt otherwise there. Times are seconds
//! since 1970. A migration is never changed once released; a new one is added.

/// Whether the person in the row of `people` is listed.
macro_rules! person_exists {
    () => {
        "(kept = 1
          OR EXISTS (SELECT 1 FROM faces WHERE decision = 'named' AND faces.person = people.id)
          OR EXISTS (SELECT 1 FROM person_photos WHERE person_photos.person = people.id))"
    };
}
pub(super) use person_exists;

/// Each entry takes a store from the format before it to its own; the first makes a new store.
pub(super) const MIGRATIONS: &[&[&str]] = &[
    FIRST,
    ENCODER_AND_MIN_FACE,
    QUALITY_AND_PEOPLE,
    JOURNAL,
    FLICKR_WRITES,
    REFUSALS,
    LEARNED_FORMS,
    TAKEN_AND_ROTATION,
    DELETED_AND_CLAIMS,
    API_BUDGET,
    PICTURE_SECRET,
    CROWDING,
    FACE_TABLES,
    UNDOINGS,
    COVER,
    TURNED,
    NAMES_ON_FLICKR,
    FACE_PAIRS,
    GROUP_PAIRS,
    ENTRY_TOKENS,
];

/// The last format in which pictures and descriptors stand in the faces' rows.
pub(super) const BEFORE_FACE_TABLES: usize = 12;

const FIRST: &[&str] = &[
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    // `url` is the image chosen at the listing; NULL where Flickr must be asked for the sizes.
    // The `done_` columns say what the photo was processed with.
    "CREATE TABLE photos (
        id TEXT PRIMARY KEY,
        uploaded BIGINT NOT NULL,
        title TEXT NOT NULL,
        url TEXT,
        url_width BIGINT,
        url_height BIGINT,
        state TEXT NOT NULL CHECK (state IN ('listed', 'done', 'no_image', 'failed')),
        attempts BIGINT NOT NULL DEFAULT 0,
        error TEXT,
        width BIGINT,
        height BIGINT,
        done_max_size BIGINT,
        done_detector TEXT,
        done_upsample BIGINT,
        done_engine TEXT,
        claimed_by TEXT,
        claimed_until BIGINT
    )",
    "CREATE INDEX photos_by_state ON photos (state, uploaded, id)",
    "CREATE INDEX photos_in_order ON photos (uploaded, id)",
    "CREATE TABLE people (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        tag TEXT
    )",
    // The box is in pixels of an image of image_width x image_height, its edges inclusive.
    "CREATE TABLE faces (
        id TEXT PRIMARY KEY,
        photo TEXT NOT NULL REFERENCES photos (id),
        number BIGINT NOT NULL,
        box_left BIGINT NOT NULL,
        box_top BIGINT NOT NULL,
        box_right BIGINT NOT NULL,
        box_bottom BIGINT NOT NULL,
        image_width BIGINT NOT NULL,
        image_height BIGINT NOT NULL,
        score DOUBLE PRECISION,
        landmarks TEXT NOT NULL,
        descriptor BLOB NOT NULL,
        crop BLOB NOT NULL,
        decision TEXT CHECK (decision IN ('named', 'stranger', 'not_a_face')),
        person BIGINT REFERENCES people (id),
        decided BIGINT,
        UNIQUE (photo, number),
        CHECK ((person IS NOT NULL) = (decision IS NOT NULL AND decision = 'named'))
    )",
    "CREATE INDEX faces_by_decision ON faces (decision, person)",
    // This face is not that person.
    "CREATE TABLE rejections (
        face TEXT NOT NULL REFERENCES faces (id),
        person BIGINT NOT NULL REFERENCES people (id),
        PRIMARY KEY (face, person)
    )",
    "CREATE TABLE tag_writes (
        photo TEXT NOT NULL,
        tag TEXT NOT NULL,
        tag_key TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('begun', 'added', 'present', 'failed')),
        flickr_id TEXT,
        written BIGINT NOT NULL,
        error TEXT,
        PRIMARY KEY (photo, tag_key)
    )",
];

/// Which descriptor network a photo was processed with and how small its faces could be. Until then
/// every program used dlib's, whose SHA-256 stands here, and left no face of 40 pixels out.
///
/// A face knows its descriptor's network, too: one that was decided outlives its photo's being
/// processed again, with the descriptor it had.
const ENCODER_AND_MIN_FACE: &[&str] = &[
    "ALTER TABLE photos ADD COLUMN done_encoder TEXT",
    "ALTER TABLE photos ADD COLUMN done_min_face BIGINT",
    "ALTER TABLE faces ADD COLUMN encoder TEXT",
    "UPDATE photos SET done_min_face = 40,
        done_encoder = '55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30'
        WHERE done_engine IS NOT NULL",
    "UPDATE faces SET
        encoder = '55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30'",
];

/// How well each face can be seen: NULL in faces that were found before it was measured. The tags a
/// photo has on Flickr, in their clean form and separated by spaces: NULL where the photo was listed
/// before they were kept. People who are never to be written to Flickr, and those who are members
/// there.
const QUALITY_AND_PEOPLE: &[&str] = &[
    "ALTER TABLE faces ADD COLUMN sharpness DOUBLE PRECISION",
    "ALTER TABLE faces ADD COLUMN turn DOUBLE PRECISION",
    "ALTER TABLE photos ADD COLUMN tags TEXT",
    "ALTER TABLE people ADD COLUMN never_write BIGINT NOT NULL DEFAULT 0
        CHECK (never_write IN (0, 1))",
    "ALTER TABLE people ADD COLUMN nsid TEXT",
];

/// The journal of decisions: each entry, and what it set to what. `stands` is 0 while another entry,
/// which names it in `undoes`, has undone it. `journal_last` has one row; a program that writes an entry
/// takes its number there first, so that two programs write one after the other.
///
/// What was decided before there was a journal becomes entries, too: the faces that were decided
/// alike in the same second are one.
///
/// `person_photos` are photos that show a person without a face that could be named, `kept` people
/// who are listed although no photo shows them: both come from tags.json. `face_heirs` (their successors) says which
/// face has taken the place of another where a photo was processed again.
const JOURNAL: &[&str] = &[
    "CREATE TABLE journal_last (entry BIGINT NOT NULL)",
    "INSERT INTO journal_last (entry) VALUES (0)",
    "CREATE TABLE journal (
        id BIGINT PRIMARY KEY,
        made BIGINT NOT NULL,
        kind TEXT NOT NULL,
        what TEXT NOT NULL,
        undoes BIGINT,
        stands BIGINT NOT NULL DEFAULT 1 CHECK (stands IN (0, 1))
    )",
    // What a change is about is its subject with a face, a person and a photo, each '' or 0 where it
    // plays no part. NULL is what is not there: no decision, no tag text, not rejected.
    "CREATE TABLE journal_changes (
        entry BIGINT NOT NULL,
        subject TEXT NOT NULL,
        face TEXT NOT NULL,
        person BIGINT NOT NULL,
        photo TEXT NOT NULL,
        was TEXT,
        became TEXT,
        PRIMARY KEY (entry, subject, face, person, photo)
    )",
    "CREATE INDEX journal_by_subject ON journal_changes (face, person, photo, subject, entry)",
    "INSERT INTO journal (id, made, kind, what)
        SELECT entry, MIN(decided), 'decide', MIN(what) FROM (
            SELECT DENSE_RANK() OVER (ORDER BY decided, decision, person) AS entry, decided,
                CASE decision WHEN 'stranger' THEN 'strangers' WHEN 'not_a_face' THEN 'not faces'
                    ELSE people.name END AS what
            FROM faces LEFT JOIN people ON people.id = person
            WHERE decision IS NOT NULL AND decided IS NOT NULL) AS older
        GROUP BY entry",
    "INSERT INTO journal_changes (entry, subject, face, person, photo, became)
        SELECT DENSE_RANK() OVER (ORDER BY decided, decision, person), 'face', id, 0, '',
            CAST(decided AS TEXT) || ' ' || decision || COALESCE(' ' || CAST(person AS TEXT), '')
        FROM faces WHERE decision IS NOT NULL AND decided IS NOT NULL",
    "UPDATE journal_last SET entry = (SELECT COALESCE(MAX(id), 0) FROM journal)",
    "ALTER TABLE people ADD COLUMN kept BIGINT NOT NULL DEFAULT 0 CHECK (kept IN (0, 1))",
    "CREATE TABLE person_photos (
        person BIGINT NOT NULL REFERENCES people (id),
        photo TEXT NOT NULL,
        PRIMARY KEY (person, photo)
    )",
    "CREATE TABLE face_heirs (
        was TEXT PRIMARY KEY,
        face TEXT NOT NULL REFERENCES faces (id)
    )",
    "CREATE INDEX face_heirs_by_face ON face_heirs (face)",
];

/// The journal of everything that is written to Flickr, tags among it. `item` tells an entry from
/// others of its photo: a tag's clean form, a note's name, a member's NSID. `people` are the names it
/// stands for, a line each; unknown for what was written before. `place` is `x,y,w,h` in
/// pixels of the medium image.
const FLICKR_WRITES: &[&str] = &[
    "CREATE TABLE flickr_writes (
        kind TEXT NOT NULL CHECK (kind IN ('tag', 'note', 'member')),
        photo TEXT NOT NULL,
        item TEXT NOT NULL,
        text TEXT NOT NULL,
        people TEXT NOT NULL,
        place TEXT,
        state TEXT NOT NULL CHECK (state IN
            ('begun', 'added', 'present', 'failed', 'removing', 'removed', 'gone')),
        flickr_id TEXT,
        written BIGINT NOT NULL,
        error TEXT,
        PRIMARY KEY (kind, photo, item)
    )",
    "INSERT INTO flickr_writes (kind, photo, item, text, people, state, flickr_id, written, error)
        SELECT 'tag', photo, tag_key, tag, '', state, flickr_id, written, error FROM tag_writes",
    "DROP TABLE tag_writes",
];

/// Flickr's error code of what it refused for good; NULL where it gave none, and for what failed before
/// this was kept: that is tried again.
const REFUSALS: &[&str] = &["ALTER TABLE flickr_writes ADD COLUMN code BIGINT"];

/// A tag is known by its text, its clean form as Flickr gave it. Until then `item` was a guess at the
/// clean form, the same for no two tags of a photo. Notes of that time have no face in their `item`: they
/// are known by text and place.
const LEARNED_FORMS: &[&str] = &[
    "ALTER TABLE flickr_writes ADD COLUMN clean TEXT",
    "UPDATE flickr_writes SET item = text WHERE kind = 'tag'",
];

/// When each photo was taken, `2005-07-12 12:34:56` as Flickr gives it: NULL where Flickr does not know it to
/// the second. By how many degrees the image that Flickr shows is turned clockwise against the original's
/// pixels. Both are NULL where the photo was listed before they were kept.
const TAKEN_AND_ROTATION: &[&str] = &[
    "ALTER TABLE photos ADD COLUMN taken TEXT",
    "ALTER TABLE photos ADD COLUMN rotation BIGINT",
];

/// A photo may be `deleted`: no longer on Flickr, kept with its faces. SQLite cannot widen a check in place,
/// so that the column is made anew; the table stays, and with it what refers to it.
///
/// Photos are claimed by attempts and then date: an index serves exactly that, and holds no photo that is
/// done. Another finds what is claimed.
const DELETED_AND_CLAIMS: &[&str] = &[
    "ALTER TABLE photos ADD COLUMN new_state TEXT NOT NULL DEFAULT 'listed'
        CHECK (new_state IN ('listed', 'done', 'no_image', 'failed', 'deleted'))",
    "UPDATE photos SET new_state = state",
    "DROP INDEX photos_by_state",
    "ALTER TABLE photos DROP COLUMN state",
    "ALTER TABLE photos RENAME COLUMN new_state TO state",
    "CREATE INDEX photos_by_state ON photos (state, uploaded, id)",
    "CREATE INDEX photos_to_claim ON photos (state, attempts, uploaded, id) WHERE state = 'listed'",
    "CREATE INDEX photos_claimed ON photos (claimed_by) WHERE claimed_by IS NOT NULL",
];

/// The calls that may be made with an API key, known by its SHA-256: what its bucket held, in thousandths of a
/// call, and when, in milliseconds since 1970.
const API_BUDGET: &[&str] = &["CREATE TABLE api_budget (
        api_key TEXT PRIMARY KEY,
        level BIGINT NOT NULL,
        filled BIGINT NOT NULL
    )"];

/// What Flickr's addresses of a photo's image hold, another for each picture that the photo has had. NULL where it was
/// listed before this was kept.
const PICTURE_SECRET: &[&str] = &["ALTER TABLE photos ADD COLUMN secret TEXT"];

/// How crowded the network's space is around each face, by the built-in cohort: NULL until the faces are first
/// compared.
const CROWDING: &[&str] = &["ALTER TABLE faces ADD COLUMN crowding DOUBLE PRECISION"];

/// What is large leaves the faces' rows: a question reads a hundred bytes a face, not four thousand. SQLite reads a row
/// from its beginning, and what was added later stood behind the picture.
///
/// The faces that are not a person are found by the person.
///
/// In a large store most is copied before; what was copied of faces that are others by now is copied again.
const FACE_TABLES: &[&str] = &[
    TABLES_OF_FACES[0],
    "DELETE FROM face_crops WHERE NOT EXISTS
        (SELECT 1 FROM faces WHERE faces.id = face_crops.face AND faces.crop = face_crops.crop)",
    "INSERT INTO face_crops (face, crop) SELECT id, crop FROM faces WHERE true ON CONFLICT (face) DO NOTHING",
    "ALTER TABLE faces DROP COLUMN crop",
    TABLES_OF_FACES[1],
    "DELETE FROM face_descriptors WHERE NOT EXISTS
        (SELECT 1 FROM faces WHERE faces.id = face_descriptors.face AND faces.descriptor = face_descriptors.descriptor)",
    "INSERT INTO face_descriptors (face, descriptor) SELECT id, descriptor FROM faces WHERE true
        ON CONFLICT (face) DO NOTHING",
    "ALTER TABLE faces DROP COLUMN descriptor",
    "CREATE INDEX rejections_by_person ON rejections (person)",
];

/// The tables of [`FACE_TABLES`].
pub(super) const TABLES_OF_FACES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS face_crops (
        face TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
        crop BLOB NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS face_descriptors (
        face TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
        descriptor BLOB NOT NULL
    )",
];

/// The entries that undo others are asked for at an undoing.
const UNDOINGS: &[&str] =
    &["CREATE INDEX journal_undoings ON journal (id, undoes) WHERE undoes IS NOT NULL"];

/// The face that stands for a person, where one was chosen.
const COVER: &[&str] = &["ALTER TABLE people ADD COLUMN cover TEXT"];

/// Whether a photo without a sure face was looked at turned, and by how many degrees clockwise the photo was turned for
/// each face's picture.
const TURNED: &[&str] = &[
    "ALTER TABLE photos ADD COLUMN done_turned BIGINT",
    "UPDATE photos SET done_turned = 0 WHERE done_max_size IS NOT NULL",
    "ALTER TABLE faces ADD COLUMN rotated BIGINT NOT NULL DEFAULT 0",
];

/// Names to offer while one types: the owner's contacts, and how each tag in its clean form was typed.
const NAMES_ON_FLICKR: &[&str] = &[
    "CREATE TABLE contacts (nsid TEXT PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE own_tags (clean TEXT PRIMARY KEY, raw TEXT NOT NULL)",
];

/// Faces without a name that are one person's (`same` is 1), or two people's: what was said of two groups holds for a
/// typical face of each. The lower id is `face`. The journal keeps the other one where it has a photo.
const FACE_PAIRS: &[&str] = &[
    "CREATE TABLE face_pairs (
        face TEXT NOT NULL REFERENCES faces (id),
        other TEXT NOT NULL REFERENCES faces (id),
        same BIGINT NOT NULL CHECK (same IN (0, 1)),
        PRIMARY KEY (face, other)
    )",
    "CREATE INDEX face_pairs_by_other ON face_pairs (other)",
    "CREATE INDEX journal_pairs ON journal_changes (photo) WHERE subject = 'pair'",
];

/// What was said of two groups without a name is kept of all their faces: `side` is that of a face, and what was said
/// together has one number in `said`, which is kept as the person in the journal. What was kept of a typical face of each
/// becomes what was said of groups of one.
const GROUP_PAIRS: &[&str] = &[
    "CREATE TABLE group_pairs (
        said BIGINT NOT NULL,
        face TEXT NOT NULL REFERENCES faces (id),
        side BIGINT NOT NULL CHECK (side IN (0, 1)),
        same BIGINT NOT NULL CHECK (same IN (0, 1)),
        PRIMARY KEY (said, face)
    )",
    "CREATE INDEX group_pairs_by_face ON group_pairs (face)",
    "CREATE TABLE pair_numbers AS SELECT face, other, 0 - ROW_NUMBER() OVER (ORDER BY face, other) AS said
        FROM (SELECT DISTINCT face, photo AS other FROM journal_changes WHERE subject = 'pair') AS pairs",
    "INSERT INTO group_pairs (said, face, side, same)
        SELECT said, face_pairs.face, 0, same FROM face_pairs JOIN pair_numbers
            ON pair_numbers.face = face_pairs.face AND pair_numbers.other = face_pairs.other",
    "INSERT INTO group_pairs (said, face, side, same)
        SELECT said, face_pairs.other, 1, same FROM face_pairs JOIN pair_numbers
            ON pair_numbers.face = face_pairs.face AND pair_numbers.other = face_pairs.other",
    "INSERT INTO journal_changes (entry, subject, face, person, photo, was, became)
        SELECT entry, 'group', pair_numbers.face, said, '', was || ' left', became || ' left'
        FROM journal_changes JOIN pair_numbers
            ON pair_numbers.face = journal_changes.face AND pair_numbers.other = photo
        WHERE subject = 'pair'",
    "INSERT INTO journal_changes (entry, subject, face, person, photo, was, became)
        SELECT entry, 'group', pair_numbers.other, said, '', was || ' right', became || ' right'
        FROM journal_changes JOIN pair_numbers
            ON pair_numbers.face = journal_changes.face AND pair_numbers.other = photo
        WHERE subject = 'pair'",
    "DELETE FROM journal_changes WHERE subject = 'pair'",
    "DROP TABLE pair_numbers",
    "DROP INDEX journal_pairs",
    "DROP TABLE face_pairs",
];

/// What an entry is known by to who has sent it and got no answer.
const ENTRY_TOKENS: &[&str] = &["ALTER TABLE journal ADD COLUMN token TEXT"];

#[cfg(test)]
mod tests {
    use super::{BEFORE_FACE_TABLES, ENCODER_AND_MIN_FACE, FACE_TABLES, MIGRATIONS};
    use crate::faces::Models;

    #[test]
    fn faces_are_copied_in_the_formats_before_they_have_tables() {
        assert_eq!(MIGRATIONS[BEFORE_FACE_TABLES], FACE_TABLES);
    }

    #[test]
    fn what_was_done_before_was_done_with_dlibs_network() {
        let with_it = ENCODER_AND_MIN_FACE
            .iter()
            .filter(|statement| statement.contains(Models::ENCODER.sha256));
        assert_eq!(with_it.count(), 2);
    }
}
