use super::*;
use serde_json::json;

#[test]
fn a_page_is_read_in_every_dialect() {
    let row = |id: Value, width: Value| {
        json!({"id": id, "title": "A &quot;b&quot;", "dateupload": "1700000000", "media": "photo",
                "o_width": "4000", "o_height": "3000", "originalformat": "jpg", "tags": "ada person:x=1",
                "datetaken": "2005-07-12 12:34:56", "datetakengranularity": "0", "datetakenunknown": "0", "rotation": "90",
                "url_l": "https://live.staticflickr.com/1/2_3_b.jpg", "width_l": width, "height_l": "768",
                "url_m": "https://live.staticflickr.com/1/2_3.jpg", "width_m": "", "height_m": null})
    };
    let reply = json!({"stat": "ok", "photos": {"page": "1", "pages": "2", "perpage": 500, "total": "501", "photo": [
        row(json!("53000000001"), json!("1024")),
        row(json!(53_000_000_002_u64), json!(1024)),
        {"id": "53000000003", "title": {"_content": "x"}, "dateupload": 1_700_000_000, "media": "video"},
        {"id": "53000000004", "title": "no date"},
        {"id": "12a", "dateupload": "1"},
        {"title": "no id", "dateupload": "1"},
        "not a row",
    ]}});
    let page = PhotosPage::read(&reply).unwrap();
    assert_eq!(
        (page.pages, page.total, page.rows()),
        (Some(2), Some(501), 7)
    );
    let [first, second, video, undated] = page.photos.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(first.sizes.len(), 1, "{first:?}");
    assert_eq!((first.sizes[0].width, first.sizes[0].height), (1024, 768));
    assert_eq!(first.original_size, Some((4000, 3000)));
    assert_eq!(first.tags, ["ada", "person:x=1"]);
    assert_eq!(first.taken.as_deref(), Some("2005-07-12 12:34:56"));
    assert_eq!(
        (first.rotation, &video.taken, video.rotation),
        (Some(90), &None, None)
    );
    // Made up, or known to the month.
    for (field, value) in [
        ("datetakenunknown", json!(1)),
        ("datetakengranularity", json!("4")),
    ] {
        let mut row = row(json!("1"), json!("1024"));
        row[field] = value;
        assert_eq!(ListedPhoto::read(&row).unwrap().taken, None, "{field}");
    }
    assert_eq!(
        (second.id.as_str(), &second.sizes),
        ("53000000002", &first.sizes)
    );
    assert_eq!((video.media, video.title.as_str()), (Media::Video, "x"));
    assert!(first.needs_get_sizes(1600) && !video.needs_get_sizes(1600));
    let ids: Vec<_> = page
        .unreadable
        .iter()
        .map(|row| row.id.as_ref().map(PhotoId::as_str))
        .collect();
    assert_eq!(ids, [None, None, None]);
    assert_eq!(page.unreadable[0].problem, "no photo id of digits");
    // A photo all the same.
    assert_eq!(
        (undated.upload_date, first.upload_date),
        (None, Some(1_700_000_000))
    );

    assert!(PhotosPage::read(&json!({"stat": "ok"})).is_none());
    assert!(PhotosPage::read(&json!({"photos": null})).is_none());
    assert_eq!(
        PhotosPage::read(&json!({"photos": {"total": ""}}))
            .unwrap()
            .rows(),
        0
    );
}

#[test]
fn sizes_leave_videos_out() {
    let row = |label: &str, width: Value, media: &str| json!({"label": label, "width": width, "height": 75, "source": "https://live.staticflickr.com/1/2_3_s.jpg", "media": media});
    let reply = json!({"sizes": {"candownload": 1, "size": [
        row("Square", json!(75), "photo"), row("Large", json!("1024"), "photo"),
        row("360p", json!(""), "video"), row("1080p", json!(1920), "video"), {"label": "Thumbnail"},
    ]}});
    let labels: Vec<_> = sizes(&reply)
        .unwrap()
        .into_iter()
        .map(|size| size.label)
        .collect();
    assert_eq!(labels, ["Square", "Large"]);
    assert!(sizes(&json!({"stat": "ok"})).is_none());
}

#[test]
fn a_tags_full_id_is_found_wherever_it_lies() {
    let added = json!({"tags": {"tag": [{"author": "1@N03", "raw": "Museum Exhibit", "machine_tag": 0,
            "_content": "museumexhibit", "full_tag_id": "124834485-14276354684-297529", "id": "297529"}]}});
    assert_eq!(
        added_tags(&added).unwrap()[0].full_id,
        "124834485-14276354684-297529"
    );
    // The short id must never be taken for the full one.
    let short = json!({"tags": {"tag": [{"raw": "a", "_content": "a", "id": "297529"}]}});
    assert_eq!(added_tags(&short), None);
    assert_eq!(added_tags(&json!({"stat": "ok"})), None);
    let info = json!({"photo": {"id": "53", "title": {"_content": "t"}, "media": "photo", "tags": {"tag": [
            {"id": "1-53-241", "author": "1@N03", "raw": "Wild Life", "_content": "wildlife", "machine_tag": false},
            {"id": "1-53-242", "raw": "a:b=c", "_content": "a:b=c", "machine_tag": "1"}]}}});
    let read = PhotoInfo::read(&info).unwrap();
    assert_eq!((read.title.as_str(), read.tags.len()), ("t", 2));
    assert!(read.public, "Flickr has not said that it is private");
    assert_eq!(
        (read.tags[0].full_id.as_str(), read.tags[0].machine),
        ("1-53-241", false)
    );
    assert!(read.tags[1].machine);
    assert_eq!(photo_tags(&info).unwrap(), read.tags);
}

#[test]
fn notes_and_people_are_read_in_every_dialect() {
    let info = json!({"photo": {"id": "53", "owner": {"nsid": "1@N03"}, "visibility": {"ispublic": "0"},
            "notes": {"note": [
                {"id": "72157", "author": "1@N03", "x": "245", "y": 78, "w": 29, "h": "95", "_content": "Ada"},
                {"id": 72158, "x": "", "_content": "nowhere"}, {"_content": "no id"}]}}});
    let read = PhotoInfo::read(&info).unwrap();
    assert_eq!((read.owner.as_str(), read.public), ("1@N03", false));
    let place = NoteRect {
        x: 245,
        y: 78,
        w: 29,
        h: 95,
    };
    let notes: Vec<_> = read
        .notes
        .iter()
        .map(|note| (note.id.as_str(), note.place, note.text.as_str()))
        .collect();
    assert_eq!(
        notes,
        [("72157", Some(place), "Ada"), ("72158", None, "nowhere")]
    );
    assert_eq!(
        added_note(&json!({"note": {"id": "72157"}, "stat": "ok"})).as_deref(),
        Some("72157")
    );
    assert_eq!(added_note(&json!({"stat": "ok"})), None);
    let list = json!({"people": {"total": 1, "person": [{"nsid": "2@N00", "x": 1}]}});
    assert_eq!(people(&list).unwrap(), ["2@N00"]);
    assert_eq!(people(&json!({"people": {"total": "0"}})).unwrap(), [""; 0]);
    assert_eq!(people(&json!({"stat": "ok"})), None);
}

#[test]
fn contacts_and_raw_tags_are_read_as_flickr_gives_them() {
    // The shapes of replies that jinx and Flickr.Net keep for their tests; in the first `per_page` was asked for.
    let row = |nsid: &str, realname: &str| {
        json!({"nsid": nsid, "username": "ada", "iconserver": "3557", "iconfarm": 4, "ignored": 0,
                "rev_ignored": 0, "realname": realname, "friend": 0, "family": 0, "path_alias": "", "location": "London"})
    };
    let reply = json!({"contacts": {"page": 1, "pages": 2, "per_page": "1000", "perpage": "1000", "total": 1105,
            "contact": [row("1@N08", "Ada Lovelace"), row("2@N00", ""), {"username": "no id"}]}, "stat": "ok"});
    let contact = |nsid: &str, realname: &str| Contact {
        nsid: nsid.to_owned(),
        username: "ada".to_owned(),
        realname: realname.to_owned(),
    };
    let page = ContactsPage {
        pages: 2,
        contacts: vec![contact("1@N08", "Ada Lovelace"), contact("2@N00", "")],
    };
    assert_eq!(ContactsPage::read(&reply), Some(page));
    let none =
        json!({"contacts": {"page": 1, "pages": 0, "per_page": 1000, "perpage": 1000, "total": 0}});
    assert_eq!(ContactsPage::read(&none).unwrap().contacts, []);
    assert_eq!(ContactsPage::read(&json!({"stat": "ok"})), None);

    let raw = ["blackandwhite", "Black And White", "Black and White"];
    let contents = raw.map(|raw| json!({"_content": raw}));
    let reply = json!({"who": {"id": "1@N00", "tags": {"tag": [{"clean": "blackandwhite", "raw": contents},
            {"clean": "x", "raw": []}, {"raw": contents}]}}, "stat": "ok"});
    let tag = |clean: &str, raw: &[&str]| OwnTag {
        clean: clean.to_owned(),
        raw: raw.iter().map(|&raw| raw.to_owned()).collect(),
    };
    let tags = vec![tag("blackandwhite", &raw), tag("x", &[])];
    assert_eq!(own_tags(&reply), Some(tags));
    assert_eq!(own_tags(&json!({"who": {"id": "1@N00"}})), Some(Vec::new()));
    assert_eq!(own_tags(&json!({"stat": "ok"})), None);
}

#[test]
fn permissions_have_an_order() {
    let of = |perms: Value| {
        let reply =
            json!({"oauth": {"perms": perms, "user": {"nsid": "1@N00", "username": "ann"}}});
        TokenInfo::read(&reply).unwrap().perms
    };
    assert_eq!(of(json!({"_content": "write"})), Perms::Write);
    assert_eq!(of(json!("delete")), Perms::Delete);
    assert_eq!(of(json!("all")), Perms::None);
    assert!(Perms::Delete >= Perms::Write && Perms::Read < Perms::Write);
}
