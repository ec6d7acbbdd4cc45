//! The fields of a form or of an address.

use std::collections::BTreeSet;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use url::form_urlencoded;

use crate::problem::Problem;

/// Fields in their order; one may come more than once, as ticked boxes do.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The last value of a field that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name)
            .into_iter()
            .rev()
            .find(|value| !value.is_empty())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(field, _)| field == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether the field is there, empty or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.all(name).is_empty()
    }

    /// A whole number that must be there.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &'static str) -> Result<N, Problem> {
        let text = self.get(name).unwrap_or_default();
        text.parse()
            .map_err(|_| Problem::field(name, text, "a whole number"))
    }

    /// A whole number where there is one.
    pub(crate) fn number_or<N: std::str::FromStr>(
        &self,
        name: &'static str,
        or: N,
    ) -> Result<N, Problem> {
        match self.get(name) {
            Some(_) => self.number(name),
            None => Ok(or),
        }
    }

    /// Places in a list of `length`: `3,7`, or the field more than once, or both.
    pub(crate) fn places(
        &self,
        name: &'static str,
        length: usize,
    ) -> Result<BTreeSet<usize>, Problem> {
        self.all(name)
            .into_iter()
            .flat_map(|value| value.split(','))
            .filter(|text| !text.is_empty())
            .map(|text| match text.parse() {
                Ok(place) if place < length => Ok(place),
                _ => Err(Problem::field(name, text, "places in the list, from 0")),
            })
            .collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    /// Of the body, and of the address where there is no body.
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let query = request
            .uri()
            .query()
            .unwrap_or_default()
            .as_bytes()
            .to_vec();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| Problem::CannotBe(format!("The form cannot be read: {error}")))?;
        Ok(Self::parse(if body.is_empty() { &query } else { &body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_lists_are_places() {
        let places = |text: &str| {
            Fields::parse(text.as_bytes())
                .places("out", 10)
                .map(|places| places.into_iter().collect::<Vec<_>>())
                .map_err(|problem| problem.to_string())
        };
        assert_eq!(places("out=3&out=7"), Ok(vec![3, 7]));
        assert_eq!(places("out=7,3,7&out=&in=1"), Ok(vec![3, 7]));
        assert_eq!(places(""), Ok(vec![]));
        for wrong in [
            "out=10",
            "out=-1",
            "out=x",
            "out=1;2",
            "out=99999999999999999999",
        ] {
            assert!(places(wrong).unwrap_err().contains("field out"), "{wrong}");
        }
    }

    #[test]
    fn numbers_say_what_is_wrong() {
        let fields = Fields::parse(b"sheet=4&sheet=5&view=x&name=%3Cb%3E+c");
        assert_eq!(fields.number::<u64>("sheet").unwrap(), 5);
        assert_eq!(fields.number_or("none", 7_u64).unwrap(), 7);
        assert_eq!(fields.get("name"), Some("<b> c"));
        assert_eq!(
            fields.number::<u64>("view").unwrap_err().to_string(),
            "The field view is wrong: found \"x\", expected a whole number. Nothing was changed."
        );
    }
}
