//! One tree of values for each reply, written as JSON or as XML.
//!
//! Flickr's rule between the two: attributes become members, text becomes
//! `_content`, repeated children become an array. Which reply goes in which
//! format is the business of `rest`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::quirks::NumberStyle;

/// A single value: an XML attribute or text, a JSON string, number or literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Number(i64),
    /// `true` and `false` in JSON, `1` and `0` in XML.
    Flag(bool),
    /// `null` in JSON, an empty string in XML.
    Null,
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Scalar {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Scalar {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<usize> for Scalar {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Attribute(Scalar),
    Content(Scalar),
    Child(Element),
    List(Vec<Element>),
}

/// An XML element or a JSON object, its fields in the order they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Element {
    fields: Vec<(Cow<'static, str>, Field)>,
}

impl Element {
    /// An element without anything in it.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An element that holds only text: `{"_content": text}` in JSON.
    pub(crate) fn text(content: impl Into<Scalar>) -> Self {
        Self::new().content(content)
    }

    /// Adds an attribute.
    pub(crate) fn attr(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Scalar>,
    ) -> Self {
        self.fields
            .push((name.into(), Field::Attribute(value.into())));
        self
    }

    /// Sets the text of the element.
    pub(crate) fn content(mut self, value: impl Into<Scalar>) -> Self {
        self.fields
            .push(("_content".into(), Field::Content(value.into())));
        self
    }

    /// Adds a child that occurs once.
    pub(crate) fn child(mut self, name: impl Into<Cow<'static, str>>, child: Element) -> Self {
        self.fields.push((name.into(), Field::Child(child)));
        self
    }

    /// Adds children that share a name: an array in JSON, even when empty.
    pub(crate) fn list(mut self, name: &'static str, children: Vec<Element>) -> Self {
        self.fields.push((name.into(), Field::List(children)));
        self
    }

    /// The JSON text of a successful reply, `"stat":"ok"` last.
    pub(crate) fn to_json(&self, style: NumberStyle) -> String {
        let mut writer = JsonWriter {
            out: String::with_capacity(256),
            style,
            numbers: 0,
        };
        writer.object(self, Some("ok"));
        writer.out
    }

    /// The XML text of a successful reply: the element's children in `<rsp>`.
    pub(crate) fn to_xml(&self) -> String {
        let mut out =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"ok\">\n");
        xml_children(&mut out, self, 0);
        out.push_str("</rsp>\n");
        out
    }
}

struct JsonWriter {
    out: String,
    style: NumberStyle,
    numbers: usize,
}

impl JsonWriter {
    fn object(&mut self, element: &Element, stat: Option<&str>) {
        self.out.push('{');
        let mut first = true;
        for (name, field) in &element.fields {
            if !first {
                self.out.push(',');
            }
            first = false;
            json_string(&mut self.out, name);
            self.out.push(':');
            match field {
                Field::Attribute(value) | Field::Content(value) => self.scalar(value),
                Field::Child(child) => self.object(child, None),
                Field::List(children) => {
                    self.out.push('[');
                    for (index, child) in children.iter().enumerate() {
                        if index > 0 {
                            self.out.push(',');
                        }
                        self.object(child, None);
                    }
                    self.out.push(']');
                }
            }
        }
        if let Some(stat) = stat {
            if !first {
                self.out.push(',');
            }
            self.out.push_str("\"stat\":");
            json_string(&mut self.out, stat);
        }
        self.out.push('}');
    }

    fn scalar(&mut self, value: &Scalar) {
        match value {
            Scalar::Text(text) => json_string(&mut self.out, text),
            Scalar::Number(number) => {
                self.numbers += 1;
                let quoted = match self.style {
                    NumberStyle::Numbers => false,
                    NumberStyle::Strings => true,
                    NumberStyle::Mixed => self.numbers.is_multiple_of(2),
                };
                let quote = if quoted { "\"" } else { "" };
                let _ = write!(self.out, "{quote}{number}{quote}");
            }
            Scalar::Flag(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Scalar::Null => self.out.push_str("null"),
        }
    }
}

/// Appends a JSON string as Flickr writes it: `/` as `\/`, everything outside
/// ASCII as `\uXXXX`.
pub(crate) fn json_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn xml_children(out: &mut String, element: &Element, depth: usize) {
    for (name, field) in &element.fields {
        match field {
            Field::Attribute(_) | Field::Content(_) => {}
            Field::Child(child) => xml_element(out, name, child, depth),
            Field::List(children) => {
                for child in children {
                    xml_element(out, name, child, depth);
                }
            }
        }
    }
}

fn xml_element(out: &mut String, name: &str, element: &Element, depth: usize) {
    indent(out, depth);
    let _ = write!(out, "<{name}");
    let mut text = None;
    let mut has_children = false;
    for (name, field) in &element.fields {
        match field {
            Field::Attribute(value) => {
                let _ = write!(out, " {name}=\"");
                xml_text(out, value);
                out.push('"');
            }
            Field::Content(value) => text = Some(value),
            Field::Child(_) => has_children = true,
            Field::List(children) => has_children |= !children.is_empty(),
        }
    }
    match text {
        None if !has_children => out.push_str(" />\n"),
        _ => {
            out.push('>');
            if let Some(value) = text {
                xml_text(out, value);
            }
            if has_children {
                out.push('\n');
                xml_children(out, element, depth + 1);
                indent(out, depth);
            }
            let _ = writeln!(out, "</{name}>");
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}

fn xml_text(out: &mut String, value: &Scalar) {
    match value {
        Scalar::Text(text) => xml_escape(out, text),
        Scalar::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Scalar::Flag(flag) => out.push(if *flag { '1' } else { '0' }),
        Scalar::Null => {}
    }
}

/// Appends text with XML's five characters escaped; control characters, which
/// XML 1.0 has no way to write, are left out.
pub(crate) fn xml_escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Element {
        Element::new().child(
            "tags",
            Element::new()
                .attr("page", 1_u32)
                .attr("url", "http://a/é")
                .attr("alias", Scalar::Null)
                .list(
                    "tag",
                    vec![
                        Element::text("a<b \"c\" 😀").attr("machine_tag", true),
                        Element::new().attr("n", 2_u32),
                    ],
                )
                .list("note", Vec::new()),
        )
    }

    #[test]
    fn json_is_escaped_as_flickr_does() {
        assert_eq!(
            tree().to_json(NumberStyle::Numbers),
            concat!(
                r#"{"tags":{"page":1,"url":"http:\/\/a\/\u00e9","alias":null,"#,
                r#""tag":[{"_content":"a<b \"c\" \ud83d\ude00","machine_tag":true},{"n":2}],"#,
                r#""note":[]},"stat":"ok"}"#
            )
        );
        assert_eq!(
            Element::new().to_json(NumberStyle::Numbers),
            r#"{"stat":"ok"}"#
        );
    }

    #[test]
    fn numbers_drift_to_strings() {
        let pair = Element::new().attr("a", 1_u32).attr("b", 2_u32);
        assert_eq!(
            pair.to_json(NumberStyle::Strings),
            r#"{"a":"1","b":"2","stat":"ok"}"#
        );
        assert_eq!(
            pair.to_json(NumberStyle::Mixed),
            r#"{"a":1,"b":"2","stat":"ok"}"#
        );
    }

    #[test]
    fn xml_has_attributes_text_and_repeated_children() {
        assert_eq!(
            tree().to_xml(),
            concat!(
                "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"ok\">\n",
                "<tags page=\"1\" url=\"http://a/é\" alias=\"\">\n",
                "\t<tag machine_tag=\"1\">a&lt;b &quot;c&quot; 😀</tag>\n",
                "\t<tag n=\"2\" />\n",
                "</tags>\n</rsp>\n"
            )
        );
    }
}
