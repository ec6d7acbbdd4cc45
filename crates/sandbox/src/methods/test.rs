//! `flickr.test.*`.

use serde_json::{Value, json};

use super::call::Call;
use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::reply::Reply;

/// Returns every parameter as it arrived, except names that cannot be an
/// element's.
pub(super) fn echo(call: &mut Call<'_>) -> Reply {
    let is_name = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_allowed)
    };
    let params = call.params.0.iter().filter(|(name, _)| is_name(name));
    Ok(Value::Object(
        params
            .map(|(name, value)| (name.clone(), json!({"_content": value})))
            .collect(),
    ))
}

/// Says who is signed in.
pub(super) fn login(_: &mut Call<'_>) -> Reply {
    Ok(json!({"user": {
        "id": NSID,
        "username": {"_content": USERNAME},
        "path_alias": PATH_ALIAS,
    }}))
}

/// Does nothing.
pub(super) fn null(_: &mut Call<'_>) -> Reply {
    Ok(json!({}))
}
