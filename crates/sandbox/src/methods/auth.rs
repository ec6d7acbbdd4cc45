//! `flickr.auth.oauth.*`.

use serde_json::json;

use super::call::Call;
use crate::account::{FULLNAME, NSID, USERNAME};
use crate::reply::{Reply, fail};

/// Says what the token of the call allows, and whose it is.
pub(super) fn check_token(call: &mut Call<'_>) -> Reply {
    let Some(token) = call.params.filled("oauth_token") else {
        return fail(1, "Required parameter missing");
    };
    let Some(perms) = call.granted else {
        return fail(97, "Missing signature");
    };
    Ok(json!({"oauth": {
        "token": {"_content": token},
        "perms": {"_content": perms.as_str()},
        "user": {"nsid": NSID, "username": USERNAME, "fullname": FULLNAME},
    }}))
}
