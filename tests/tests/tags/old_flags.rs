//! Command lines of earlier versions.

use end_to_end::Home;
use serde_json::json;

use super::*;

#[test]
fn flags_that_have_become_commands_go_on_working() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let run = home.run(PROGRAM, &["--dry-run", "--json"]).ends_with(0);
    assert_eq!(run.json()["would_add"], 1);
    let run = home.run(PROGRAM, &["--only", "Ada Lovelace", "plan", "--json"]);
    assert_eq!(run.ends_with(0).json()["would_add"], 1);
    let _ = home.run(PROGRAM, &["--verify"]).ends_with(2);
    assert!(tags(&sandbox, &a).is_empty());
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let _ = home.run(PROGRAM, &["--verify"]).ends_with(0);
    for arguments in [
        &["plan", "--undo", "--json"][..],
        &["--undo", "plan", "--json"],
        &["--undo", "--dry-run", "--json"],
    ] {
        let run = home.run(PROGRAM, arguments).ends_with(0).json();
        assert_eq!(run["would_take_away"].as_array().unwrap().len(), 1);
    }
    assert_eq!(tags(&sandbox, &a), ["Ada Lovelace"]);
    std::fs::create_dir(home.path("album")).unwrap();
    let photo = home.path(&format!("album/{a}.jpg"));
    image::RgbImage::new(40, 30).save(photo).unwrap();
    let run = home
        .run(PROGRAM, &["--xmp", "album", "--csv", "table.csv", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["xmp"]["sidecars"]["written"], &run["csv"]["rows"]),
        (&json!(1), &json!(1))
    );
    assert!(home.path("table.csv").exists());
    let run = home.run(PROGRAM, &["--undo", "--outdated", "--json"]);
    assert_eq!(run.ends_with(0).json()["tags"], 0);
    let _ = home.run(PROGRAM, &["--undo"]).ends_with(0);
    assert!(tags(&sandbox, &a).is_empty());
}
