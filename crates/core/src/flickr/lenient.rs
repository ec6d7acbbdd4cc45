//! Reading JSON values whose type drifts: Flickr has sent the same count as a number, a string,
//! a boolean, `""` and `null` over the years, and text as `"x"` or `{"_content":"x"}`.

use serde_json::Value;

use crate::ids::PhotoId;

/// A whole number of zero or more; `None` for `""`, `null`, absence and anything else.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64().or_else(|| {
            // 75.0, which some JSON writers make of 75. 2^53 is where f64 stops being exact.
            let float = number.as_f64()?;
            (float >= 0.0 && float.fract() == 0.0 && float < 9_007_199_254_740_992.0)
                .then_some(float as u64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(u64::from(*flag)),
        content @ Value::Object(_) => number(content.get("_content")),
        _ => None,
    }
}

/// A width or height in pixels: a number above zero that fits.
pub(super) fn pixels(value: Option<&Value>) -> Option<u32> {
    number(value)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| *n > 0)
}

/// A yes or no: `1`, `"1"`, `true`, `"true"` are yes; everything else is no.
pub(super) fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("true") => true,
        other => number(other).is_some_and(|n| n != 0),
    }
}

/// A text; a number counts as its digits. `None` for `null`, absence and other shapes.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        content @ Value::Object(_) => text(content.get("_content")),
        _ => None,
    }
}

/// A photo's id: digits alone (it becomes part of file names).
pub(crate) fn photo_id(value: Option<&Value>) -> Option<PhotoId> {
    text(value)?.parse().ok()
}

/// The members of a list; a single member without its array counts as one, anything else as none.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(members)) => members,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_that_was_seen_is_read() {
        // value, as number, as flag, as text
        let cases = [
            (json!(30), Some(30), true, Some("30")),
            (json!("30"), Some(30), true, Some("30")),
            (json!(30.0), Some(30), true, Some("30.0")),
            (json!(30.5), None, false, Some("30.5")),
            (json!(-1), None, false, Some("-1")),
            (json!(1e300), None, false, Some("1e+300")),
            (json!(""), None, false, Some("")),
            (json!("x"), None, false, Some("x")),
            (json!(null), None, false, None),
            (json!(true), Some(1), true, None),
            (json!(false), Some(0), false, None),
            (json!("true"), None, true, Some("true")),
            (json!("0"), Some(0), false, Some("0")),
            (json!({"_content": "7"}), Some(7), true, Some("7")),
            (json!({"_content": 7}), Some(7), true, Some("7")),
            (json!({}), None, false, None),
            (json!([]), None, false, None),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(v, n, f, t)| {
                number(Some(v)) != *n || flag(Some(v)) != *f || text(Some(v)).as_deref() != *t
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!((number(None), flag(None), text(None)), (None, false, None));
        assert_eq!(pixels(Some(&json!("0"))), None);
        assert_eq!(pixels(Some(&json!("5000000000"))), None);
    }

    #[test]
    fn an_id_is_digits() {
        for id in ["", "12a", "../1", "-1", "123456789012345678901"] {
            assert_eq!(photo_id(Some(&json!(id))), None, "{id}");
        }
        assert_eq!(
            photo_id(Some(&json!("53000000001"))),
            "53000000001".parse().ok()
        );
        assert_eq!(
            photo_id(Some(&json!(53_000_000_001_u64))),
            "53000000001".parse().ok()
        );
    }

    #[test]
    fn a_list_may_be_missing_or_lonely() {
        let value = json!({"many": [1, 2], "one": {"a": 1}, "none": ""});
        let len = |name| list(value.get(name)).len();
        assert_eq!(
            (len("many"), len("one"), len("none"), len("absent")),
            (2, 1, 0, 0)
        );
    }
}
