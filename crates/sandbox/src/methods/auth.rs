//! `flickr.auth.oauth.*`.

use super::Call;
use crate::account::{FULLNAME, NSID, USERNAME};
use crate::rest::Failure;
use crate::value::Element;

/// Says what the token of the call allows, and whose it is.
pub(super) fn check_token(call: &mut Call<'_>) -> Result<Element, Failure> {
    let token = call
        .params
        .filled("oauth_token")
        .ok_or_else(|| Failure::new(1, "Required parameter missing"))?;
    let Some(perms) = call.granted else {
        return Err(Failure::new(97, "Missing signature"));
    };
    Ok(Element::new().child(
        "oauth",
        Element::new()
            .child("token", Element::text(token))
            .child("perms", Element::text(perms.as_str()))
            .child(
                "user",
                Element::new()
                    .attr("nsid", NSID)
                    .attr("username", USERNAME)
                    .attr("fullname", FULLNAME),
            ),
    ))
}
