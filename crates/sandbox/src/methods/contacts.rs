//! The method that lists contacts.

use serde_json::json;

use super::call::Call;
use crate::account::{MEMBERS, NSID};
use crate::reply::Reply;

/// Rows of a page, by default and at most.
const MOST: usize = 1_000;

/// `flickr.contacts.getList`: all other members are the account's contacts.
///
/// As Flickr answered jinx (`sample_get_list.json`, with `per_page`) and Flickr.Net (`ContactTests`, without): what was
/// asked for comes back as the text that it was, under both names; no contact is without its `path_alias`.
pub(super) fn get_list(call: &mut Call<'_>) -> Reply {
    let number = |name: &str| -> Option<usize> { call.params.filled(name)?.parse().ok() };
    let page = number("page").unwrap_or(1).max(1);
    let rows = number("per_page").filter(|rows| *rows > 0);
    let rows = rows.unwrap_or(MOST).min(MOST);
    let asked = call.params.filled("per_page");
    let rows_said = asked.map_or_else(|| json!(rows), |asked| json!(asked));
    let contacts = MEMBERS.iter().filter(|member| member.nsid != NSID);
    let total = contacts.clone().count();
    let contacts = contacts.skip((page - 1).saturating_mul(rows)).take(rows);
    let contacts: Vec<_> = contacts
        .map(|member| {
            json!({
                "nsid": member.nsid,
                "username": member.username,
                "iconserver": "0",
                "iconfarm": 0,
                "ignored": 0,
                "rev_ignored": 0,
                "realname": member.realname,
                "friend": 0,
                "family": 0,
                "path_alias": "",
                "location": "",
            })
        })
        .collect();
    Ok(json!({"contacts": {
        "page": page,
        "pages": total.div_ceil(rows),
        "per_page": rows_said,
        "perpage": rows_said,
        "total": total,
        "contact": contacts,
    }}))
}
