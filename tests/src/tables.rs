//! The tables of a store, read beside the programs' own code.

use std::{collections::BTreeMap, panic::resume_unwind, path::Path, thread};

use sqlx::{AssertSqlSafe, Connection, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::wait_for;

/// A row: each column's value as an SQL literal (`NULL`, `12`, `'text'`, `X'00FF'`).
pub type Row = BTreeMap<String, String>;

/// All rows of a table in the SQLite store at `path`, in the order of the columns named `by`.
///
/// # Panics
/// Where the store cannot be read.
pub fn rows(path: &Path, table: &str, by: &str) -> Vec<Row> {
    // On a thread of its own: a test that drives a browser is in a runtime already.
    let reading = || wait_for(read(path, table, by));
    thread::scope(|scope| scope.spawn(reading).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// Changes an SQLite store by a statement of SQL.
///
/// # Panics
/// Where it cannot be run.
pub fn execute(path: &Path, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    wait_for(async {
        let options = SqliteConnectOptions::new().filename(path);
        let mut store = SqliteConnection::connect_with(&options)
            .await
            .expect("the store");
        sqlx::query(statement)
            .execute(&mut store)
            .await
            .expect("the statement");
        store.close().await.expect("the store closes");
    });
}

async fn read(path: &Path, table: &str, by: &str) -> Vec<Row> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut store = SqliteConnection::connect_with(&options)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
        .bind(table)
        .fetch_all(&mut store)
        .await
        .expect("the table's columns");
    // What is large about a face lies in tables of its own.
    let table = match table {
        "faces" => {
            columns.extend(["descriptor", "crop"].map(str::to_owned));
            "(SELECT faces.*, descriptor, crop FROM faces
                LEFT JOIN face_descriptors ON face_descriptors.face = faces.id
                LEFT JOIN face_crops ON face_crops.face = faces.id)"
        }
        other => other,
    };
    assert!(!columns.is_empty(), "no table {table}");
    let quoted: Vec<String> = columns
        .iter()
        .map(|name| format!("quote({name})"))
        .collect();
    let query = format!("SELECT {} FROM {table} ORDER BY {by}", quoted.join(", "));
    let found = sqlx::query(AssertSqlSafe(query))
        .fetch_all(&mut store)
        .await
        .expect("the table's rows");
    store.close().await.expect("the store closes");
    found
        .iter()
        .map(|row| {
            columns
                .iter()
                .enumerate()
                .map(|(index, name)| (name.clone(), row.get::<String, _>(index)))
                .collect()
        })
        .collect()
}

/// One column of the only row whose `key` is `value`, both as SQL literals.
///
/// # Panics
/// Where there is no such row, or more than one.
#[track_caller]
pub fn one<'a>(rows: &'a [Row], (key, value): (&str, &str), column: &str) -> &'a str {
    let mut found = rows.iter().filter(|row| row[key] == value);
    let row = found.next();
    assert!(
        row.is_some() && found.next().is_none(),
        "not one row with {key} = {value}: {rows:#?}"
    );
    row.map_or("", |row| &row[column])
}
