//! The method that lists contacts.

use serde_json::json;

use super::call::Call;
use crate::account::{MEMBERS, NSID};
use crate::reply::Reply;

/// Rows of a page, by default and at most.
const MOST: usize = 1_000;

/// `flickr.contacts.getList`: all other members are the account's contacts.
pub(super) fn get_list(call: &mut Call<'_>) -> Reply {
    let number = |name: &str| -> Option<usize> { call.params.filled(name)?.parse().ok() };
    let page = number("page").unwrap_or(1).max(1);
    let rows = number("per_page").filter(|rows| *rows > 0);
    let rows = rows.unwrap_or(MOST).min(MOST);
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
                "friend": 1,
                "family": 0,
                "path_alias": null,
                "location": "",
            })
        })
        .collect();
    Ok(json!({"contacts": {
        "page": page,
        "pages": total.div_ceil(rows),
        "per_page": rows,
        "perpage": rows,
        "total": total,
        "contact": contacts,
    }}))
}
