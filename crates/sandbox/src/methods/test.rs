//! `flickr.test.*`.

use super::Call;
use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::rest::Failure;
use crate::value::Element;

/// Returns every parameter as it arrived.
pub(super) fn echo(call: &mut Call<'_>) -> Result<Element, Failure> {
    let mut echoed = Element::new();
    for (name, value) in &call.params.0 {
        // A name that cannot be an element's is left out.
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if is_name {
            echoed = echoed.child(name.clone(), Element::text(value.as_str()));
        }
    }
    Ok(echoed)
}

/// Says who is signed in.
pub(super) fn login(_: &mut Call<'_>) -> Result<Element, Failure> {
    Ok(Element::new().child(
        "user",
        Element::new()
            .attr("id", NSID)
            .child("username", Element::text(USERNAME))
            .attr("path_alias", PATH_ALIAS),
    ))
}

/// Does nothing.
pub(super) fn null(_: &mut Call<'_>) -> Result<Element, Failure> {
    Ok(Element::new())
}
