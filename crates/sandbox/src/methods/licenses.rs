//! `flickr.photos.licenses.getInfo`.

use serde_json::json;

use super::call::Call;
use crate::reply::Reply;

/// Names and addresses; a license's id is its place.
const LICENSES: [(&str, &str); 11] = [
    ("All Rights Reserved", ""),
    (
        "Attribution-NonCommercial-ShareAlike License",
        "https://creativecommons.org/licenses/by-nc-sa/2.0/",
    ),
    (
        "Attribution-NonCommercial License",
        "https://creativecommons.org/licenses/by-nc/2.0/",
    ),
    (
        "Attribution-NonCommercial-NoDerivs License",
        "https://creativecommons.org/licenses/by-nc-nd/2.0/",
    ),
    (
        "Attribution License",
        "https://creativecommons.org/licenses/by/2.0/",
    ),
    (
        "Attribution-ShareAlike License",
        "https://creativecommons.org/licenses/by-sa/2.0/",
    ),
    (
        "Attribution-NoDerivs License",
        "https://creativecommons.org/licenses/by-nd/2.0/",
    ),
    (
        "No known copyright restrictions",
        "https://www.flickr.com/commons/usage/",
    ),
    (
        "United States Government Work",
        "http://www.usa.gov/copyright.shtml",
    ),
    (
        "Public Domain Dedication (CC0)",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    (
        "Public Domain Mark",
        "https://creativecommons.org/publicdomain/mark/1.0/",
    ),
];

/// The licenses that photos can have.
pub(super) fn get_info(_: &mut Call<'_>) -> Reply {
    let licenses = LICENSES.into_iter().enumerate();
    let row = |(id, (name, url))| json!({"id": id, "name": name, "url": url});
    Ok(json!({"licenses": {"license": licenses.map(row).collect::<Vec<_>>()}}))
}
