use super::*;
use proptest::prelude::*;

fn person(name: &str, photos: &[&str]) -> Person {
    Person {
        name: Name::new(name).unwrap(),
        tag: None,
        write: true,
        nsid: None,
        photos: photos.iter().map(|id| PhotoId::new(id).unwrap()).collect(),
    }
}

fn read(text: &str) -> Result<TagsFile, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.json");
    std::fs::write(&path, text).unwrap();
    TagsFile::read(&path).map_err(|error| {
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "FOLDER")
    })
}

#[test]
fn the_file_is_readable_and_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.json");
    let mut file = TagsFile::new(Some("12345678@N00".to_owned()));
    file.people.push(person("Zoë", &[]));
    file.people.push(person(
        "ada Lovelace",
        &["53012345679", "999", "53012345678"],
    ));
    file.people[0].tag = Some(Name::new("Zoë at home").unwrap());
    file.people[0].write = false;
    file.people[0].nsid = Some("98765432@N00".to_owned());
    file.write(&path).unwrap();
    insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r#"
        {
          "version": 1,
          "account": "12345678@N00",
          "people": [
            {
              "name": "ada Lovelace",
              "photos": [
                "999",
                "53012345678",
                "53012345679"
              ]
            },
            {
              "name": "Zoë",
              "tag": "Zoë at home",
              "write": false,
              "nsid": "98765432@N00",
              "photos": []
            }
          ]
        }
        "#);
    let back = TagsFile::read(&path).unwrap();
    assert_eq!(back.people[0], file.people[1]);
    assert_eq!(back.people[1], file.people[0]);
    assert_eq!(back.people[1].tag_text(), "Zoë at home");
    assert_eq!(back.people[0].tag_text(), "ada Lovelace");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it_and_nothing_else_is_left() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.json");
    for _ in 0..2 {
        TagsFile::new(None).write(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_cannot_be_written_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.json");
    TagsFile::new(None).write(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    let mut twice = TagsFile::new(None);
    twice.people = vec![person("Ada", &["1"]), person("ADA", &["2"])];
    let error = twice.write(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        "two people have the name \"ADA\", which differs in case only"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // A folder that cannot be made: there is a file of that name.
    let nowhere = path.join("tags.json");
    let error = TagsFile::new(None).write(&nowhere).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write {}", nowhere.display())
    );
    let error = TagsFile::read(&nowhere).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot read {}", nowhere.display())
    );
}

#[test]
fn editing_by_hand_is_forgiven() {
    let text =
        r#"{ "people": [ {"photos": [7, "5", "7"], "name": " ada  Lovelace "} ], "version": 1 }"#;
    assert_eq!(
        read(text).unwrap().people,
        [person("ada Lovelace", &["5", "7"])]
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let people = |inside: &str| {
        format!(
            "{{\n  \"version\": 1,\n  \"account\": null,\n  \"people\": [\n    {inside}\n  ]\n}}\n"
        )
    };
    let whole = people(r#"{ "name": "Ada", "photos": ["1"] }"#);
    assert!(read(&whole).is_ok());
    let cases = [
        (
            String::new(),
            "1:0: the file is cut short: EOF while parsing a value",
        ),
        (
            whole[..60].to_owned(),
            "5:9: the file is cut short: EOF while parsing a string",
        ),
        (
            "[]".to_owned(),
            "1:2: invalid length 0, expected an object with version, account and people",
        ),
        ("{}".to_owned(), "1:2: missing field `version`"),
        (
            whole.replace("\"version\": 1", "\"version\": 2, \"new\": []"),
            "2:14: this is version 2 of tags.json, this program reads version 1",
        ),
        (
            whole.replace("\"version\": 1", "\"version\": \"1\""),
            "2:16: invalid type: string \"1\", expected the version, a number",
        ),
        (
            people(r#"{ "name": "Ada", "photo": ["1"] }"#),
            "5:28: unknown field `photo`, expected one of `name`, `tag`, `write`, `nsid`, `photos`",
        ),
        (
            people(r#"{ "name": "Ada" }"#),
            "5:21: missing field `photos`",
        ),
        (
            people(r#"{ "name": "  ", "photos": [] }"#),
            "5:18: the name is empty",
        ),
        (
            people(r#"{ "name": "Ada", "tag": "?!", "photos": [] }"#),
            "5:32: a name needs a letter or a digit, or Flickr cannot keep it as a tag: \"?!\"",
        ),
        (
            people(r#"{ "name": "Ada", "photos": ["12a"] }"#),
            "5:37: \"12a\" is not a photo id: expected 1 to 20 digits, as in the address of the photo's page",
        ),
        (
            people(r#"{ "name": "Ada", "photos": [""] }"#),
            "5:34: \"\" is not a photo id: expected 1 to 20 digits, as in the address of the photo's page",
        ),
        (
            people(r#"{ "name": "Ada", "photos": [-1] }"#),
            "5:34: invalid type: integer `-1`, expected a photo id of digits",
        ),
        (
            people(r#"{ "name": "Ada", "photos": "1" }"#),
            "5:34: invalid type: string \"1\", expected a sequence",
        ),
        (
            people(
                "{ \"name\": \"Ada\", \"photos\": [] },\n    { \"name\": \"ADA\", \"photos\": [] }",
            ),
            "6:35: \"ADA\" is here a second time; put all photos of a person in one list",
        ),
        (whole.replace("]\n}", "],\n}"), "7:1: trailing comma"),
        (whole + "x", "8:1: trailing characters"),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(text, why)| (read(&text).unwrap_err(), format!("FOLDER/tags.json:{why}")))
        .filter(|(found, why)| found != why)
        .collect();
    assert!(wrong.is_empty(), "(found, expected): {wrong:#?}");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        names in prop::collection::btree_map("[a-zà-ö]{1,8}( [0-9\\\\\"]{1,3})?", prop::collection::btree_set(any::<u64>(), 0..5), 0..6),
        account in prop::option::of("[0-9]{1,9}@N0[0-9]"),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.json");
        let mut file = TagsFile::new(account);
        for (name, photos) in names {
            let photos: Vec<String> = photos.iter().map(u64::to_string).collect();
            file.people.push(person(&name, &photos.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        file.people.sort_by_key(|person| person.name.key());
        file.people.dedup_by_key(|person| person.name.key());
        file.write(&path).unwrap();
        prop_assert_eq!(TagsFile::read(&path).unwrap(), file);
    }
}

#[test]
fn a_million_people_are_refused_in_seconds() {
    let people = |number: usize| {
        let people =
            (0..number).map(|id| format!("{{\"name\":\"Person {id}\",\"photos\":[\"{id}\"]}}"));
        let people: Vec<String> = people.collect();
        format!(
            "{{\"version\":1,\"account\":null,\"people\":[{}]}}",
            people.join(",")
        )
    };
    let begun = std::time::Instant::now();
    let error = read(&people(1_000_000)).unwrap_err();
    assert!(error.contains("more than 50,000 people"), "{error}");
    assert_eq!(
        read(&people(MOST_PEOPLE)).unwrap().people.len(),
        MOST_PEOPLE
    );
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
}
