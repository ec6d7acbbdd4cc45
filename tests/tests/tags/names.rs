//! Names and the faces that have them: tags.json is taken over into the store first.

use end_to_end::Home;
use serde_json::json;

use super::*;

const ADA: [i32; 4] = [100, 100, 299, 299];
const BOB: [i32; 4] = [500, 100, 699, 299];

/// Whether a sidecar in `album` has a region with this name.
fn has_region(home: &Home, photo: &str, name: &str) -> bool {
    let sidecar = home.read(&format!("album/{photo}.jpg.xmp"));
    sidecar.contains(&format!("mwg-rs:Name=\"{name}\""))
}

/// The rows of `table.csv` as name, photo and number of faces.
fn table(home: &Home) -> Vec<[String; 3]> {
    let text = home.read("table.csv");
    let rows = text.lines().skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        [cells[0], cells[2], cells[6]].map(str::to_owned)
    })
    .collect()
}

#[test]
fn a_name_corrected_in_tags_json_keeps_its_faces() {
    let (sandbox, [a, b, c]) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(
        &home,
        &[
            (&a, "Joe Biden", ADA),
            (&a, "Bob", BOB),
            (&b, "Joe Biden", ADA),
            (&c, "Joe Biden", ADA),
        ],
    );
    let people = |name: &str| {
        json!([
            {"name": name, "photos": [a, b, c]},
            {"name": "Bob", "photos": [a]},
            // Known from tags.json alone.
            {"name": "Cy", "photos": [c]},
        ])
    };
    // Whichever command sees the new name first.
    write_people(&home, people("Joseph Biden"));
    let run = home.run(PROGRAM, &["plan", "--notes", "--json"]);
    let run = run.ends_with(0);
    let _ = run.clone().complains(&["Joe Biden is Joseph Biden now"]);
    let plan = run.json();
    assert_eq!(plan["would_add_notes"], 4, "{plan}");
    let [bob, cy, joe] = plan["people"].as_array().unwrap().as_slice() else {
        panic!("{plan}");
    };
    assert_eq!(joe["name"], "Joseph Biden");
    assert_eq!(
        (&joe["notes"]["add"], &joe["notes"]["no_face"]),
        (&json!([a, b, c]), &json!([]))
    );
    assert_eq!(
        (&bob["notes"]["add"], &cy["notes"]["no_face"]),
        (&json!([a]), &json!([c]))
    );

    write_people(&home, people("Joseph R. Biden"));
    std::fs::create_dir(home.path("album")).unwrap();
    let _ = home
        .run(PROGRAM, &["export", "xmp", "album", "--all"])
        .ends_with(0)
        .says(&[
            "tags.json was changed by hand: Joseph Biden is Joseph R. Biden now.",
            "sidecars       3 written",
            "no region      1 name without a known face\n",
        ]);
    for photo in [&a, &b, &c] {
        assert!(has_region(&home, photo, "Joseph R. Biden"), "{photo}");
    }
    assert!(has_region(&home, &a, "Bob"));

    write_people(&home, people("Joe R. Biden"));
    let _ = home
        .run(PROGRAM, &["export", "csv", "table.csv"])
        .ends_with(0)
        .says(&["Joseph R. Biden is Joe R. Biden now"]);
    let row = |name: &str, photo: &String, faces: &str| {
        [name.to_owned(), photo.clone(), faces.to_owned()]
    };
    assert_eq!(
        table(&home),
        [
            row("Bob", &a, "1"),
            row("Cy", &c, "0"),
            row("Joe R. Biden", &a, "1"),
            row("Joe R. Biden", &b, "1"),
            row("Joe R. Biden", &c, "1"),
        ]
    );

    write_people(&home, people("Joe Biden"));
    let run = home.run(PROGRAM, &["--notes", "--json"]).ends_with(0);
    let _ = run.clone().complains(&["Joe R. Biden is Joe Biden now"]);
    assert_eq!(
        (&run.json()["added"], &run.json()["added_notes"]),
        (&json!(5), &json!(4))
    );
    assert_eq!(tags(&sandbox, &c), ["Cy", "Joe Biden"]);
    assert_eq!(marks(&sandbox)[&a].notes.len(), 2);
    // A name that is corrected after it was written is written again, and the old one reported.
    write_people(&home, people("Joseph Biden"));
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(2);
    let _ = run.clone().complains(&["Joe Biden is Joseph Biden now"]);
    let run = home.run(PROGRAM, &["--notes", "--json"]).ends_with(0);
    assert_eq!(
        ["added", "added_notes", "removed_notes"].map(|name| run.json()[name].clone()),
        [3, 3, 3].map(|number| json!(number)),
        "no face has two notes"
    );
    let run = home.run(PROGRAM, &["undo", "--outdated", "--json"]);
    let run = run.ends_with(0).json();
    assert_eq!((&run["tags"], &run["notes"]), (&json!(3), &json!(0)));
    assert_eq!(tags(&sandbox, &b), ["Joseph Biden"]);
    let _ = home.run(PROGRAM, &["verify", "--json"]).ends_with(0);
    // The names are in tags.json as they were entered, and the rename can be undone.
    let names: Vec<_> = home.tagged().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Bob", "Cy", "Joseph Biden"]);
}

#[test]
fn a_list_of_names_is_used_as_it_is() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada Lovelace", ADA), (&b, "Bob", BOB)]);
    let before = home.read("tags.json");
    let list = json!({"version": 1, "people": [{"name": "ada lovelace", "photos": [a]},
        {"name": "Eve", "photos": [b]}]})
    .to_string();
    home.write("list.json", &list);
    let run = home
        .run(PROGRAM, &["--tags", "list.json", "--notes", "--json"])
        .ends_with(0)
        .json();
    // Faces are those of the person with the same name; nothing else of the store counts.
    assert_eq!((&run["added"], &run["added_notes"]), (&json!(2), &json!(1)));
    assert_eq!(tags(&sandbox, &b), ["Eve"]);
    assert_eq!(home.read("list.json"), list);
    assert_eq!(home.read("tags.json"), before);
    assert_eq!(rows(&home.path("faces.sqlite"), "people", "id").len(), 2);
    let _ = home
        .run(
            PROGRAM,
            &["export", "csv", "table.csv", "--tags", "no.json"],
        )
        .ends_with(1)
        .complains(&["cannot read no.json"]);
    // tags.json itself is taken over, whatever way it is named.
    home.write_tags(&[("Ada King", &[&a]), ("Bob", &[&b])]);
    let _ = home
        .run(PROGRAM, &["plan", "--tags", "./tags.json"])
        .ends_with(0)
        .says(&["Ada Lovelace is Ada King now"]);
}

#[test]
fn a_damaged_tags_json_stops_what_needs_names() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let damaged = home
        .read("tags.json")
        .replacen("\"photos\": [", "\"photos\": ", 1);
    home.write("tags.json", &damaged);
    let commands: [&[&str]; 5] = [
        &["plan"],
        &["verify"],
        &["undo", "--outdated"],
        &["export", "xmp", "album"],
        &["export", "csv", "table.csv"],
    ];
    for command in commands {
        let _ = home
            .run(PROGRAM, command)
            .ends_with(1)
            .complains(&["error: tags.json:"]);
        assert_eq!(home.read("tags.json"), damaged, "{command:?}");
    }
    // What was written is known from the journal alone.
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert!(tags(&sandbox, &a).is_empty());
}
