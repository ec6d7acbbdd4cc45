//! `report`: what each threshold would give.

use flickr_faces::{cluster::Report, steps::review::no_faces, store::Counts, text::grouped};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    output,
    text::aligned,
};
use serde_json::{Value, json};

use crate::{cli::Clustering, context::Context};

/// Prints a table, or an object for a program.
pub(crate) async fn run(context: &Context, clustering: &Clustering) -> Result<Exit, Failure> {
    let config = &context.config;
    let session = context
        .session(config.threshold, clustering, config.min_cluster)
        .await?;
    let (faces, report) = session.report().await?;
    let least = session.settings().min_cluster;
    if context.json {
        output::json(&object(&report, faces, least));
    } else {
        let counts = session.counts().await?;
        output::lines(table(&report, faces, least, &counts));
    }
    Ok(Exit::Done)
}

fn object(report: &Report, faces: usize, least: usize) -> Value {
    let rows = report.rows.iter().map(|row| {
        json!({
            "threshold": rounded(row.threshold),
            "clusters": row.clusters,
            "faces": row.faces,
            "largest": row.largest,
            "conflicts": row.conflicts,
        })
    });
    json!({
        "faces": faces,
        "min_cluster": least,
        "thresholds": rows.collect::<Value>(),
        "recommended": rounded(report.recommended),
        "why": report.why.to_string(),
    })
}

/// 0.55, where the number of 32 bits would be 0.550000011920929.
fn rounded(threshold: f32) -> f64 {
    (f64::from(threshold) * 1e4).round() / 1e4
}

fn table(report: &Report, faces: usize, least: usize, counts: &Counts) -> String {
    if faces == 0 {
        return format!("{}\n", no_faces(counts));
    }
    let columns = [
        "threshold",
        "clusters",
        "faces in them",
        "largest",
        "mixed",
        "",
    ];
    let mut rows = vec![columns.map(str::to_owned)];
    rows.extend(report.rows.iter().map(|row| {
        [
            format!("{:.2}", row.threshold),
            grouped(row.clusters),
            grouped(row.faces),
            grouped(row.largest),
            grouped(row.conflicts),
            match row.threshold == report.recommended {
                true => " <- begin here".to_owned(),
                false => String::new(),
            },
        ]
    }));
    format!(
        "{} faces, named ones too; clusters of {least} or more\n\n{}\n\n\
         Mixed clusters show two faces of one photo, who are hardly one person.\nBegin at {:.2}: {}.\n",
        grouped(faces),
        aligned(&rows, &[0, 1, 2, 3, 4]),
        report.recommended,
        report.why
    )
}
