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

    /// A whole number, or another if there is none.
    pub(crate) fn number_or<N: std::str::FromStr>(
        &self,
        name: &'static str,
        default: N,
    ) -> Result<N, Problem> {
        match self.get(name) {
            Some(_) => self.number(name),
            None => Ok(default),
        }
    }

    /// Indices in a list of `length`: `3,7`, or the field more than once, or both.
    pub(crate) fn indices(
        &self,
        name: &'static str,
        length: usize,
    ) -> Result<BTreeSet<usize>, Problem> {
        self.read_indices(name, name, length)
    }

    /// The same of one of many fields of a kind, such as `wrong-3`.
    pub(crate) fn indices_of(&self, name: &str, length: usize) -> Result<BTreeSet<usize>, Problem> {
        self.read_indices(name, "of marked faces", length)
    }

    fn read_indices(
        &self,
        name: &str,
        told: &'static str,
        length: usize,
    ) -> Result<BTreeSet<usize>, Problem> {
        self.all(name)
            .into_iter()
            .flat_map(|value| value.split(','))
            .filter(|text| !text.is_empty())
            .map(|text| match text.parse() {
                Ok(index) if index < length => Ok(index),
                _ => Err(Problem::field(told, text, "indices in the list, from 0")),
            })
            .collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    /// From the body, or from the address if there is no body.
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let query = request
            .uri()
            .query()
            .unwrap_or_default()
            .as_bytes()
            .to_vec();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| Problem::Rejected(format!("The form cannot be read: {error}")))?;
        Ok(Self::parse(if body.is_empty() { &query } else { &body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_lists_are_indices() {
        let indices = |text: &str| {
            Fields::parse(text.as_bytes())
                .indices("out", 10)
                .map(|indices| indices.into_iter().collect::<Vec<_>>())
                .map_err(|problem| problem.to_string())
        };
        assert_eq!(indices("out=3&out=7"), Ok(vec![3, 7]));
        assert_eq!(indices("out=7,3,7&out=&in=1"), Ok(vec![3, 7]));
        assert_eq!(indices(""), Ok(vec![]));
        for wrong in [
            "out=10",
            "out=-1",
            "out=x",
            "out=1;2",
            "out=99999999999999999999",
        ] {
            assert!(indices(wrong).unwrap_err().contains("field out"), "{wrong}");
        }
    }

    #[test]
    fn numbers_say_what_is_wrong() {
        let fields = Fields::parse(b"list=4&list=5&view=x&name=%3Cb%3E+c");
        assert_eq!(fields.number::<u64>("list").unwrap(), 5);
        assert_eq!(fields.number_or("none", 7_u64).unwrap(), 7);
        assert_eq!(fields.get("name"), Some("<b> c"));
        assert_eq!(
            fields.number::<u64>("view").unwrap_err().to_string(),
            "The field view is wrong: found \"x\", expected a whole number. Nothing was changed."
        );
    }
}
