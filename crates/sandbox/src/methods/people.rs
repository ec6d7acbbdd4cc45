//! The methods that find accounts and tell about them.

use serde_json::{Value, json};

use super::call::Call;
use crate::account::{MEMBERS, Member, NSID, PATH_ALIAS};
use crate::clock;
use crate::photo::Photo;
use crate::reply::{Failure, Reply};

/// `flickr.urls.lookupUser`: from the address of photos or profile.
pub(super) fn lookup_user(call: &mut Call<'_>) -> Reply {
    let url = call.params.or_empty("url");
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut parts = path.trim_end_matches('/').split('/').skip(1);
    let name = match (parts.next(), parts.next()) {
        (Some("photos" | "people"), Some(name)) => name,
        _ => return Err(not_found()),
    };
    let mut members = MEMBERS.iter();
    let member = members.find(|member| member.nsid == name || path_alias(member) == name);
    let member = member.ok_or_else(not_found)?;
    Ok(json!({"user": {"id": member.nsid, "username": {"_content": member.username}}}))
}

/// `flickr.people.findByUsername`.
pub(super) fn find_by_username(call: &mut Call<'_>) -> Reply {
    let name = call.params.or_empty("username");
    let mut members = MEMBERS.iter();
    let member = members.find(|member| member.username.eq_ignore_ascii_case(name));
    let member = member.ok_or_else(not_found)?;
    Ok(json!({"user": {
        "id": member.nsid,
        "nsid": member.nsid,
        "username": {"_content": member.username},
    }}))
}

/// `flickr.people.getInfo`: counts the photos that the caller sees.
pub(super) fn get_info(call: &mut Call<'_>) -> Reply {
    let nsid = call.params.or_empty("user_id");
    let member = MEMBERS.iter().find(|member| member.nsid == nsid);
    let member = member.ok_or_else(not_found)?;
    let owner = call.is_owner();
    let all = call.library().photos.values();
    let of_member = all.filter(|photo| photo.owner() == member.nsid);
    let seen: Vec<&Photo> = of_member
        .filter(|photo| owner || !photo.is_private())
        .collect();
    let first = seen.iter().map(|photo| photo.uploaded).min();
    let first_taken = seen.iter().map(|photo| photo.taken()).min();
    let odd = call.state.quirks.odd_count.clone();
    let count = odd.unwrap_or_else(|| seen.len().into());
    let alias = path_alias(member);
    let url = |kind: &str| json!({"_content": format!("{}/{kind}/{alias}/", call.base)});
    Ok(json!({"person": {
        "id": member.nsid,
        "nsid": member.nsid,
        "ispro": 0,
        "is_deleted": 0,
        "iconserver": "0",
        "iconfarm": 0,
        "path_alias": alias,
        "has_stats": 0,
        "username": {"_content": member.username},
        "realname": {"_content": member.realname},
        "location": {"_content": ""},
        "description": {"_content": ""},
        "photosurl": url("photos"),
        "profileurl": url("people"),
        "photos": {
            "firstdatetaken": content(first_taken.map(clock::to_mysql)),
            "firstdate": content(first.map(|date| date.to_string())),
            "count": {"_content": count},
        },
    }}))
}

fn content(value: Option<String>) -> Value {
    json!({"_content": value.unwrap_or_default()})
}

fn path_alias(member: &Member) -> &'static str {
    match member.nsid {
        NSID => PATH_ALIAS,
        _ => member.username,
    }
}

fn not_found() -> Failure {
    Failure::new(1, "User not found")
}
