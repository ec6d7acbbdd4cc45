//! Replies in Flickr's formats: one tree of values, written as JSON, JSONP or
//! XML.
//!
//! Flickr's rule between JSON and XML: attributes become members, text becomes
//! `_content`, repeated children become an array. Handlers build the JSON, so
//! XML is written by reading that rule backwards. `true` and `false` are `1`
//! and `0` in XML, `null` is an empty string.

use std::borrow::Cow;
use std::io;

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use serde::Serialize as _;
use serde_json::ser::Formatter;
use serde_json::{Value, json};

use crate::quirks::{NumberStyle, Quirks};
use crate::request::Params;

/// What a method returns: a JSON object, without `stat`.
pub(crate) type Reply = Result<Value, Failure>;

/// A failure in Flickr's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Fails with a code and a message.
pub(crate) fn fail<T, E: From<Failure>>(code: i64, message: impl Into<String>) -> Result<T, E> {
    Err(Failure::new(code, message).into())
}

/// The format that a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
    /// JSON in a call of this function.
    Jsonp(String),
}

impl Format {
    pub(crate) fn of(params: &Params) -> Result<Self, Failure> {
        match params.filled("format").unwrap_or("rest") {
            "rest" => Ok(Self::Xml),
            "json" if params.get("nojsoncallback") == Some("1") => Ok(Self::Json),
            "json" => {
                let name = params.filled("jsoncallback").unwrap_or("jsonFlickrApi");
                Ok(Self::Jsonp(name.to_owned()))
            }
            other => fail(111, format!("Format \"{other}\" not found")),
        }
    }

    pub(crate) fn success(&self, mut reply: Value, quirks: &Quirks) -> Response {
        if *self == Self::Xml {
            return respond("text/xml; charset=utf-8", xml("ok", "", &reply));
        }
        reply["stat"] = json!("ok");
        self.json("application/json", &reply, quirks.numbers)
    }

    pub(crate) fn failure(&self, failure: &Failure, quirks: &Quirks) -> Response {
        let Failure { code, message } = failure;
        let mut response = if *self == Self::Xml {
            let reply = json!({"err": {"code": code, "msg": message}});
            respond("text/xml; charset=utf-8", xml("fail", "\t", &reply))
        } else {
            let content_type = if quirks.plain_text_failures {
                "text/plain; charset=utf-8"
            } else {
                "application/json"
            };
            let reply = json!({"stat": "fail", "code": code, "message": message});
            self.json(content_type, &reply, NumberStyle::Numbers)
        };
        if *code == 95 {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        response
    }

    fn json(&self, content_type: &'static str, reply: &Value, numbers: NumberStyle) -> Response {
        let body = json_text(reply, numbers);
        match self {
            Self::Jsonp(function) => {
                let script = format!("{function}({body})");
                respond("text/javascript; charset=utf-8", script)
            }
            _ => respond(content_type, body),
        }
    }
}

fn respond(content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    (headers, body).into_response()
}

/// JSON as Flickr writes it: `/` as `\/`, everything outside ASCII as
/// `\uXXXX`, and numbers in one of several styles.
struct FlickrJson {
    style: NumberStyle,
    numbers: usize,
}

impl Formatter for FlickrJson {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        for character in fragment.chars() {
            match character {
                '/' => writer.write_all(b"\\/")?,
                ' '..='~' => write!(writer, "{character}")?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }

    fn write_u64<W>(&mut self, writer: &mut W, number: u64) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        self.numbers += 1;
        let quoted = match self.style {
            NumberStyle::Numbers => false,
            NumberStyle::Strings => true,
            NumberStyle::Mixed => self.numbers.is_multiple_of(2),
        };
        let quote = if quoted { "\"" } else { "" };
        write!(writer, "{quote}{number}{quote}")
    }
}

fn json_text(reply: &Value, style: NumberStyle) -> String {
    let mut text = Vec::with_capacity(256);
    let formatter = FlickrJson { style, numbers: 0 };
    let mut writer = serde_json::Serializer::with_formatter(&mut text, formatter);
    // Writing to memory does not fail.
    let _ = reply.serialize(&mut writer);
    String::from_utf8_lossy(&text).into_owned()
}

/// The XML text of a reply: its children in `<rsp>`.
fn xml(stat: &str, indent: &str, reply: &Value) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b'\t', 1);
    writer.config_mut().add_space_before_slash_in_empty_elements = true;
    // Writing to memory does not fail.
    let _ = write_children(&mut writer, reply);
    let elements = writer.into_inner();
    let elements = String::from_utf8_lossy(&elements);
    let lines = elements.split_terminator('\n');
    let lines: String = lines.map(|line| format!("{indent}{line}\n")).collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"{stat}\">\n{lines}</rsp>\n")
}

type XmlWriter = Writer<Vec<u8>>;

fn write_children(writer: &mut XmlWriter, parent: &Value) -> io::Result<()> {
    let members = parent.as_object().into_iter().flatten();
    for (name, value) in members {
        match value {
            Value::Array(rows) => {
                for row in rows {
                    write_element(writer, name, row)?;
                }
            }
            Value::Object(_) => write_element(writer, name, value)?,
            _ => {}
        }
    }
    Ok(())
}

fn write_element(writer: &mut XmlWriter, name: &str, value: &Value) -> io::Result<()> {
    let members = value.as_object().into_iter().flatten();
    let (mut text, mut has_children) = (None, false);
    let mut element = writer.create_element(name);
    for (name, value) in members {
        match scalar(value) {
            Some(content) if name == "_content" => text = Some(content),
            Some(value) => element = element.with_attribute((name.as_str(), value)),
            None => has_children |= *value != json!([]),
        }
    }
    match text {
        Some(text) => element.write_text_content(BytesText::new(&text))?,
        None if has_children => {
            element.write_inner_content(|writer| write_children(writer, value))?
        }
        None => element.write_empty()?,
    };
    Ok(())
}

/// The text of an attribute or of content; `None` for children.
fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        // XML 1.0 has no way to write most control characters.
        Value::String(text) => {
            let is_allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
            Some(text.chars().filter(is_allowed).collect())
        }
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string().into()),
        Value::Null => Some("".into()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Value {
        json!({"tags": {
            "page": 1,
            "url": "http://a/é",
            "alias": null,
            "tag": [
                {"_content": "a<b \"c\" 😀", "machine_tag": true},
                {"n": 2},
            ],
            "note": [],
        }})
    }

    #[test]
    fn json_is_escaped_as_flickr_does() {
        assert_eq!(
            json_text(&tree(), NumberStyle::Numbers),
            concat!(
                r#"{"tags":{"page":1,"url":"http:\/\/a\/\u00e9","alias":null,"#,
                r#""tag":[{"_content":"a<b \"c\" \ud83d\ude00","machine_tag":true},{"n":2}],"#,
                r#""note":[]}}"#
            )
        );
    }

    #[test]
    fn numbers_drift_to_strings() {
        let pair = json!({"a": 1, "b": 2});
        assert_eq!(
            json_text(&pair, NumberStyle::Strings),
            r#"{"a":"1","b":"2"}"#
        );
        assert_eq!(json_text(&pair, NumberStyle::Mixed), r#"{"a":1,"b":"2"}"#);
    }

    #[tokio::test]
    async fn stat_is_the_last_member() {
        let body = async |format: Format, reply| {
            let response = format.success(reply, &Quirks::default());
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
            String::from_utf8(bytes.unwrap().to_vec()).unwrap()
        };
        assert_eq!(body(Format::Json, json!({})).await, r#"{"stat":"ok"}"#);
        assert_eq!(
            body(Format::Json, json!({"a": 1})).await,
            r#"{"a":1,"stat":"ok"}"#
        );
        assert_eq!(
            body(Format::Xml, json!({})).await,
            "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"ok\">\n</rsp>\n"
        );
    }

    #[test]
    fn xml_has_attributes_text_and_repeated_children() {
        assert_eq!(
            xml("ok", "", &tree()),
            concat!(
                "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"ok\">\n",
                "<tags page=\"1\" url=\"http://a/é\" alias=\"\">\n",
                "\t<tag machine_tag=\"1\">a&lt;b &quot;c&quot; 😀</tag>\n",
                "\t<tag n=\"2\" />\n",
                "</tags>\n</rsp>\n"
            )
        );
        let odd = json!({"a": {"b": "1\n2\t\u{1}'", "_content": "x\r\n\u{1}&"}});
        assert!(
            xml("ok", "", &odd).contains("<a b=\"1&#10;2&#9;&apos;\">x&#13;\n&amp;</a>\n"),
            "{}",
            xml("ok", "", &odd)
        );
    }
}
