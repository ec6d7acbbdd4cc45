//! XML as a tree that knows where each of its elements stands in the text, so that a text can be changed in
//! places and every other byte stays.

use std::{ops::Range, rc::Rc};

use quick_xml::{
    Reader,
    escape::{resolve_predefined_entity, unescape},
    events::{BytesStart, Event},
};

/// Elements within elements: XMP needs about ten.
const MAX_DEPTH: usize = 100;

/// Why a text cannot be changed: it is not XMP, or not as its specification has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in super::super) struct Unfit(pub(in super::super) String);

impl From<quick_xml::Error> for Unfit {
    fn from(error: quick_xml::Error) -> Self {
        Self(format!("not XML: {error}"))
    }
}

/// A name: its namespace and its part after the colon.
pub(super) type Name = (&'static str, &'static str);

/// The prefixes that hold in an element.
type Scope = Vec<(String, Rc<str>)>;

/// An element.
#[derive(Debug)]
pub(super) struct Node {
    uri: Rc<str>,
    local: String,
    /// As it stands in the text, with its prefix.
    tag: String,
    /// Without the declarations of namespaces.
    pub(super) attributes: Vec<(Rc<str>, String, String)>,
    pub(super) children: Vec<Node>,
    pub(super) text: String,
    /// With its tags.
    pub(super) outer: Range<usize>,
    /// Between its tags; empty and at its end where it has one tag alone.
    pub(super) inner: Range<usize>,
    /// Whether it holds elements and white space alone: no text, comment or processing instruction.
    pub(super) is_plain: bool,
    scope: Rc<Scope>,
}

impl Node {
    pub(super) fn is(&self, name: Name) -> bool {
        (&*self.uri, self.local.as_str()) == name
    }

    pub(super) fn attribute(&self, name: Name) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(uri, local, _)| (&**uri, local.as_str()) == name)
            .map(|(_, _, value)| value.as_str())
    }

    pub(super) fn child(&self, name: Name) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }

    /// The names of its attributes and elements.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self
            .attributes
            .iter()
            .map(|(uri, local, _)| (&**uri, local.as_str()));
        attributes.chain(
            self.children
                .iter()
                .map(|child| (&*child.uri, child.local.as_str())),
        )
    }

    /// Declarations of those of `names`, prefix and namespace, that do not hold in here.
    pub(super) fn declare(&self, names: &[(&str, &str)]) -> String {
        let holds = |prefix: &str, uri: &str| {
            let mut scope = self.scope.iter().rev();
            scope
                .find(|(known, _)| known == prefix)
                .is_some_and(|(_, known)| &**known == uri)
        };
        let missing = names.iter().filter(|(prefix, uri)| !holds(prefix, uri));
        missing
            .map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\""))
            .collect()
    }

    /// Declarations of all that holds in here.
    pub(super) fn declarations(&self) -> String {
        let mut declared: Vec<&str> = Vec::new();
        let mut text = String::new();
        for (prefix, uri) in self.scope.iter().rev() {
            if !declared.contains(&prefix.as_str()) && prefix != "xml" {
                declared.push(prefix);
                let colon = if prefix.is_empty() { "" } else { ":" };
                let uri = quick_xml::escape::escape(&**uri);
                text += &format!(" xmlns{colon}{prefix}=\"{uri}\"");
            }
        }
        text
    }

    /// White space and element from the end of what stands before it in `parent`.
    pub(super) fn with_space(&self, parent: &Self, text: &str) -> Range<usize> {
        let before = &text[parent.inner.start..self.outer.start];
        let space = before.len() - before.trim_end().len();
        self.outer.start - space..self.outer.end
    }

    /// The edit that puts `content` at the end of what is inside.
    pub(super) fn append(&self, content: &str, text: &str) -> Edit {
        if text[..self.outer.end].ends_with("/>") && self.inner.is_empty() {
            let (slash, tag) = (self.outer.end - 2, &self.tag);
            return (slash..self.outer.end, format!(">{content}</{tag}>"));
        }
        let end = (self.children.last()).map_or(self.inner.start, |last| last.outer.end);
        (end..end, content.to_owned())
    }
}

/// What is to stand in the place of a part of a text.
pub(super) type Edit = (Range<usize>, String);

/// The text with its edits, which do not overlap.
pub(super) fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        result += text.get(at..range.start).unwrap_or_default();
        result += &new;
        at = range.end;
    }
    result + &text[at..]
}

/// Reads a text; the node has the text's elements as its children.
pub(super) fn parse(text: &str) -> Result<Node, Unfit> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut reader = Reader::from_str(&text[start..]);
    let position = |reader: &Reader<&[u8]>| {
        start + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
    };
    let scope = vec![(
        "xml".to_owned(),
        "http://www.w3.org/XML/1998/namespace".into(),
    )];
    let mut stack = vec![Node {
        uri: "".into(),
        local: String::new(),
        tag: String::new(),
        attributes: Vec::new(),
        children: Vec::new(),
        text: String::new(),
        outer: 0..text.len(),
        inner: 0..text.len(),
        is_plain: true,
        scope: Rc::new(scope),
    }];
    loop {
        let from = position(&reader);
        let event = reader.read_event()?;
        let to = position(&reader);
        let Some(open) = stack.last_mut() else { break };
        match event {
            Event::Start(tag) => {
                if stack.len() > MAX_DEPTH {
                    return Err(Unfit("nested too deeply".to_owned()));
                }
                let node = element(&tag, &stack, from..to)?;
                stack.push(node);
            }
            Event::Empty(tag) => {
                let node = element(&tag, &stack, from..to)?;
                if let Some(open) = stack.last_mut() {
                    open.children.push(node);
                }
            }
            Event::End(_) => {
                if let Some(mut node) = stack.pop()
                    && let Some(parent) = stack.last_mut()
                {
                    (node.inner.end, node.outer.end) = (from, to);
                    parent.children.push(node);
                }
            }
            Event::Text(content) => {
                let content = content.xml10_content();
                open.is_plain &= content.trim().is_empty();
                open.text += &content;
            }
            Event::CData(content) => {
                open.is_plain = false;
                open.text += &content.xml10_content();
            }
            Event::GeneralRef(name) => {
                open.is_plain = false;
                match name.resolve_char_ref()? {
                    Some(character) => open.text.push(character),
                    None => {
                        let name = name.into_inner();
                        let text = resolve_predefined_entity(&name);
                        open.text +=
                            text.ok_or_else(|| Unfit(format!("unknown entity &{name};")))?;
                    }
                }
            }
            Event::Comment(_) | Event::PI(_) => open.is_plain = false,
            Event::Decl(_) => {}
            Event::DocType(_) => return Err(Unfit("holds a DOCTYPE".to_owned())),
            Event::Eof => break,
        }
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err(Unfit("not XML: it breaks off".to_owned())),
    }
}

fn element(tag: &BytesStart<'_>, stack: &[Node], outer: Range<usize>) -> Result<Node, Unfit> {
    let mut scope = stack
        .last()
        .map_or_else(Rc::default, |parent| parent.scope.clone());
    let mut plain = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| Unfit(format!("not XML: {error}")))?;
        let value = unescape(&attribute.value)
            .map_err(|error| Unfit(format!("not XML: {error}")))?
            .into_owned();
        let name = attribute.key.into_inner();
        match name.strip_prefix("xmlns") {
            Some("") => Rc::make_mut(&mut scope).push((String::new(), value.into())),
            Some(prefix) if prefix.starts_with(':') => {
                Rc::make_mut(&mut scope).push((prefix[1..].to_owned(), value.into()));
            }
            _ => plain.push((name.to_owned(), value)),
        }
    }
    let resolve = |name: &str, is_attribute: bool| -> Result<(Rc<str>, String), Unfit> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        // The default namespace is not that of attributes.
        if prefix.is_empty() && is_attribute {
            return Ok(("".into(), local.to_owned()));
        }
        let known = scope.iter().rev().find(|(known, _)| known == prefix);
        match known {
            Some((_, uri)) => Ok((uri.clone(), local.to_owned())),
            None if prefix.is_empty() => Ok(("".into(), local.to_owned())),
            None => Err(Unfit(format!("undeclared namespace {prefix}"))),
        }
    };
    let mut attributes = Vec::new();
    for (name, value) in plain {
        let (uri, local) = resolve(&name, true)?;
        attributes.push((uri, local, value));
    }
    let name = tag.name().into_inner().to_owned();
    let (uri, local) = resolve(&name, false)?;
    Ok(Node {
        uri,
        local,
        tag: name,
        attributes,
        children: Vec::new(),
        text: String::new(),
        inner: outer.end..outer.end,
        outer,
        is_plain: true,
        scope,
    })
}
