//! The places in XMP that name the people on a photo, and what stands there.

use super::tree::{Name, Node, Unfit};
use crate::faces::NormalizedRect;

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const DC: &str = "http://purl.org/dc/elements/1.1/";
pub(super) const LR: &str = "http://ns.adobe.com/lightroom/1.0/";
pub(super) const DIGIKAM: &str = "http://www.digikam.org/ns/1.0/";
pub(super) const IPTC: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
pub(super) const MWG: &str = "http://www.metadataworkinggroup.com/schemas/regions/";
pub(super) const AREA: &str = "http://ns.adobe.com/xmp/sType/Area#";
pub(super) const DIM: &str = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";
pub(super) const MP: &str = "http://ns.microsoft.com/photo/1.2/";
pub(super) const MP_INFO: &str = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#";
pub(super) const MP_REGION: &str = "http://ns.microsoft.com/photo/1.2/t/Region#";
/// Where this program keeps what it has added; exiv2 wants the `/` at the end.
pub(super) const OURS: &str = "urn:flickr-faces:xmp/";

/// The prefixes that this program writes.
pub(super) const PREFIXES: [(&str, &str); 12] = [
    ("rdf", RDF),
    ("dc", DC),
    ("lr", LR),
    ("digiKam", DIGIKAM),
    ("Iptc4xmpExt", IPTC),
    ("mwg-rs", MWG),
    ("stArea", AREA),
    ("stDim", DIM),
    ("MP", MP),
    ("MPRI", MP_INFO),
    ("MPReg", MP_REGION),
    ("flickrFaces", OURS),
];

/// From how much in common (intersection over union) a region of the same name is the one that was written:
/// digiKam rounds regions to whole pixels.
const SAME_REGION: f64 = 0.8;

/// From how much in common two regions are about one face.
const SAME_FACE: f64 = 0.5;

/// What levels of keywords people are filed under, as digiKam does.
const PARENT: &str = "People";

/// A place in XMP that names people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// `dc:subject`: XMP specification part 1, Dublin Core.
    Subject,
    /// `lr:hierarchicalSubject`: Lightroom's keywords in a tree, levels parted by `|`.
    Hierarchical,
    /// `digiKam:TagsList`: digiKam's, levels parted by `/`.
    TagsList,
    /// `Iptc4xmpExt:PersonInImage`: IPTC Photo Metadata Standard, "Person Shown in the Image".
    PersonInImage,
    /// `mwg-rs:Regions`: Metadata Working Group, Guidelines for Handling Image Metadata 2.0, 5.9.
    Regions,
    /// `MP:RegionInfo`: Microsoft, "People Tagging Overview".
    MicrosoftRegions,
    /// `flickrFaces:Added`: what of all these this program has added.
    Added,
}

impl Field {
    pub(super) const ALL: [Self; 7] = [
        Self::Subject,
        Self::Hierarchical,
        Self::TagsList,
        Self::PersonInImage,
        Self::Regions,
        Self::MicrosoftRegions,
        Self::Added,
    ];

    pub(super) fn property(self) -> Name {
        match self {
            Self::Subject => (DC, "subject"),
            Self::Hierarchical => (LR, "hierarchicalSubject"),
            Self::TagsList => (DIGIKAM, "TagsList"),
            Self::PersonInImage => (IPTC, "PersonInImage"),
            Self::Regions => (MWG, "Regions"),
            Self::MicrosoftRegions => (MP, "RegionInfo"),
            Self::Added => (OURS, "Added"),
        }
    }

    /// As it is written.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Subject => "dc:subject",
            Self::Hierarchical => "lr:hierarchicalSubject",
            Self::TagsList => "digiKam:TagsList",
            Self::PersonInImage => "Iptc4xmpExt:PersonInImage",
            Self::Regions => "mwg-rs:Regions",
            Self::MicrosoftRegions => "MP:RegionInfo",
            Self::Added => "flickrFaces:Added",
        }
    }

    /// The kind of list that the field's specification wants.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::TagsList => "rdf:Seq",
            _ => "rdf:Bag",
        }
    }

    /// The field of the structure that holds the list of regions.
    pub(super) fn region_list(self) -> Option<(Name, &'static str)> {
        match self {
            Self::Regions => Some(((MWG, "RegionList"), "mwg-rs:RegionList")),
            Self::MicrosoftRegions => Some(((MP_INFO, "Regions"), "MPRI:Regions")),
            _ => None,
        }
    }

    /// What a name is in this field.
    fn text(self, name: &str) -> String {
        match self {
            Self::Hierarchical => format!("{PARENT}|{name}"),
            Self::TagsList => format!("{PARENT}/{name}"),
            _ => name.to_owned(),
        }
    }

    /// The name in a text of this field.
    fn name(self, text: &str) -> &str {
        let parent = match self {
            Self::Hierarchical | Self::TagsList => text.get(..PARENT.len() + 1),
            _ => None,
        };
        text.strip_prefix(parent.unwrap_or_default())
            .unwrap_or(text)
    }
}

/// A name in one of the fields, with its place where the field has places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) field: Field,
    pub(super) text: String,
    /// Of the image as its file stores it.
    pub(super) place: Option<NormalizedRect>,
}

/// A name as it is written in all fields. `/` and `|` part the levels of keywords in one program or
/// another; some characters cannot be in XML (XML 1.0, 2.2), whose text is.
pub(in super::super) fn written_name(name: &str) -> String {
    let kept = name.chars().filter(|character| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    });
    let kept: String = kept
        .map(|character| {
            if "/|".contains(character) {
                '-'
            } else {
                character
            }
        })
        .collect();
    kept.trim().to_owned()
}

impl Item {
    /// The items that say that a person is on the photo.
    pub(super) fn keywords(name: &str) -> impl Iterator<Item = Self> {
        let fields = [
            Field::Subject,
            Field::Hierarchical,
            Field::TagsList,
            Field::PersonInImage,
        ];
        fields.into_iter().map(move |field| Self {
            field,
            text: field.text(name),
            place: None,
        })
    }

    /// The items that say where a face is.
    pub(super) fn regions(name: &str, place: NormalizedRect) -> impl Iterator<Item = Self> {
        let fields = [Field::Regions, Field::MicrosoftRegions];
        fields.into_iter().map(move |field| Self {
            field,
            text: name.to_owned(),
            place: Some(place),
        })
    }

    pub(super) fn name(&self) -> &str {
        self.field.name(&self.text)
    }

    /// Whether both say the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.field, &self.text) == (other.field, &other.text)
            && (self.place == other.place || self.overlap(other) >= SAME_REGION)
    }

    /// Whether both are about one face.
    pub(super) fn is_same_face(&self, other: &Self) -> bool {
        self.field == other.field && self.overlap(other) >= SAME_FACE
    }

    fn overlap(&self, other: &Self) -> f64 {
        self.place
            .zip(other.place)
            .map_or(0.0, |(one, other)| one.iou(other))
    }

    /// As it stands in [`Field::Added`].
    pub(super) fn to_record(&self) -> String {
        let tag = self.field.tag();
        match self.place {
            None => format!("{tag}={}", self.text),
            Some(rect) => format!("{tag}={} {}", corners(rect), self.text),
        }
    }

    pub(super) fn from_record(text: &str) -> Option<Self> {
        let (tag, text) = text.split_once('=')?;
        let field = Field::ALL.into_iter().find(|field| field.tag() == tag)?;
        if field.region_list().is_none() {
            return Some(Self {
                field,
                text: text.to_owned(),
                place: None,
            });
        }
        let (place, name) = text.split_once(' ')?;
        Some(Self {
            field,
            text: name.to_owned(),
            place: Some(rectangle(place)?),
        })
    }
}

/// Left, top, width and height: the form of `MPReg:Rectangle`, without spaces.
pub(super) fn corners(rect: NormalizedRect) -> String {
    let (width, height) = (rect.right - rect.left, rect.bottom - rect.top);
    format!("{:.6},{:.6},{width:.6},{height:.6}", rect.left, rect.top)
}

fn rectangle(text: &str) -> Option<NormalizedRect> {
    let numbers: Vec<f64> = text
        .split(',')
        .map_while(|part| part.trim().parse().ok())
        .collect();
    let [left, top, width, height] = *numbers.as_slice() else {
        return None;
    };
    Some(NormalizedRect {
        left,
        top,
        right: left + width,
        bottom: top + height,
    })
}

/// A field in a text.
#[derive(Debug)]
pub(super) struct Property<'a> {
    /// In which of the texts.
    pub(super) document: usize,
    pub(super) description: &'a Node,
    pub(super) node: &'a Node,
    /// Where the list of a field with regions is, or is to be.
    pub(super) structure: &'a Node,
    pub(super) list: Option<&'a Node>,
    pub(super) entries: Vec<Entry<'a>>,
}

/// A member of a field's list.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) node: &'a Node,
    /// Unset where it is something else than a name.
    pub(super) item: Option<Item>,
    /// Whether it says nothing more than this program writes.
    pub(super) is_plain: bool,
}

/// The `rdf:RDF` of a text.
pub(super) fn rdf(root: &Node) -> Result<&Node, Unfit> {
    let meta = root
        .children
        .iter()
        .flat_map(|child| std::iter::once(child).chain(&child.children));
    let mut found = meta.filter(|node| node.is((RDF, "RDF")));
    match (found.next(), found.next()) {
        (Some(rdf), None) => Ok(rdf),
        (None, _) => Err(Unfit("not XMP: it has no rdf:RDF".to_owned())),
        (Some(_), Some(_)) => Err(Unfit("not XMP: it has two rdf:RDF".to_owned())),
    }
}

impl<'a> Property<'a> {
    /// Where a field stands in the texts.
    pub(super) fn find(roots: &'a [Node], field: Field) -> Result<Option<Self>, Unfit> {
        let wrong = |why: &str| Err(Unfit(format!("{} {why}", field.tag())));
        let mut found = None;
        for (document, root) in roots.iter().enumerate() {
            let descriptions = rdf(root)?.children.iter();
            for description in descriptions.filter(|child| child.is((RDF, "Description"))) {
                if description.attribute(field.property()).is_some() {
                    return wrong("is no list");
                }
                let nodes = description.children.iter();
                for node in nodes.filter(|child| child.is(field.property())) {
                    if found.is_some() {
                        return wrong("is there twice");
                    }
                    found = Some((document, description, node));
                }
            }
        }
        let Some((document, description, node)) = found else {
            return Ok(None);
        };
        let (structure, holder) = match field.region_list() {
            None => (node, Some(node)),
            Some((list, _)) => {
                // A structure is a description of its own, or said to be a resource.
                let structure = node.child((RDF, "Description")).unwrap_or(node);
                if structure.attribute(list).is_some() {
                    return wrong("is no list");
                }
                (structure, structure.child(list))
            }
        };
        let is_structure = !structure.is(field.property())
            || structure.attribute((RDF, "parseType")) == Some("Resource");
        if field.region_list().is_some() && !is_structure {
            return wrong("is no structure");
        }
        let list = match holder.map(|holder| (holder, holder.children.as_slice())) {
            None => None,
            Some((holder, [])) if holder.text.trim().is_empty() => None,
            Some((_, [list]))
                if ["Bag", "Seq", "Alt"]
                    .iter()
                    .any(|kind| list.is((RDF, kind))) =>
            {
                Some(list)
            }
            Some(_) => return wrong("is no list"),
        };
        let size = size(structure);
        let members = list.map_or(&[][..], |list| &list.children);
        let entries = members.iter().filter(|node| node.is((RDF, "li")));
        let entries = entries.map(|node| Entry::read(node, field, size)).collect();
        Ok(Some(Self {
            document,
            description,
            node,
            structure,
            list,
            entries,
        }))
    }
}

impl<'a> Entry<'a> {
    fn read(node: &'a Node, field: Field, size: Option<(f64, f64)>) -> Self {
        let read = match field {
            Field::Regions => mwg_region(node, size),
            Field::MicrosoftRegions => microsoft_region(node),
            _ if node.children.is_empty() && !node.text.is_empty() => {
                Some((node.text.clone(), None, node.attributes.is_empty()))
            }
            // With qualifiers (XMP specification part 1, 7.8).
            _ => value(node, (RDF, "value"))
                .and_then(Value::text)
                .map(|text| (text, None, false)),
        };
        let (item, is_plain) = match read {
            None => (None, false),
            Some((text, place, is_plain)) => (Some(Item { field, text, place }), is_plain),
        };
        Self {
            node,
            item,
            is_plain,
        }
    }
}

/// The value of a structure's field.
enum Value<'a> {
    Text(&'a str),
    Node(&'a Node),
}

impl Value<'_> {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.to_owned()),
            Self::Node(node) if node.children.is_empty() => Some(node.text.clone()),
            Self::Node(_) => None,
        }
    }
}

/// What of a structure are its fields: itself, where it is a resource, or the description in it.
fn holders(node: &Node) -> impl Iterator<Item = &Node> {
    std::iter::once(node).chain(node.child((RDF, "Description")))
}

fn value(node: &Node, name: Name) -> Option<Value<'_>> {
    holders(node).find_map(|holder| {
        let attribute = holder.attribute(name).map(Value::Text);
        attribute.or_else(|| holder.child(name).map(Value::Node))
    })
}

fn number(node: &Node, name: Name) -> Option<f64> {
    value(node, name)?.text()?.trim().parse().ok()
}

/// The names of a structure's fields.
fn names(node: &Node) -> impl Iterator<Item = (&str, &str)> {
    holders(node)
        .flat_map(Node::names)
        .filter(|(uri, _)| *uri != RDF)
}

/// `mwg-rs:AppliedToDimensions`.
fn size(structure: &Node) -> Option<(f64, f64)> {
    match value(structure, (MWG, "AppliedToDimensions"))? {
        Value::Text(_) => None,
        Value::Node(node) => number(node, (DIM, "w")).zip(number(node, (DIM, "h"))),
    }
}

type Region = (String, Option<NormalizedRect>, bool);

fn mwg_region(node: &Node, size: Option<(f64, f64)>) -> Option<Region> {
    let text = |name| value(node, (MWG, name)).and_then(Value::text);
    if text("Type").is_some_and(|kind| kind != "Face") {
        return None;
    }
    let place = match value(node, (MWG, "Area")) {
        Some(Value::Node(area)) => {
            let of = |name| number(area, (AREA, name));
            let unit = value(area, (AREA, "unit")).and_then(Value::text);
            let scale = match unit.as_deref() {
                Some("pixel") => size,
                _ => Some((1.0, 1.0)),
            };
            (of("x").zip(of("y")).zip(of("w").zip(of("h"))).zip(scale)).map(
                |(((x, y), (w, h)), (width, height))| NormalizedRect {
                    left: (x - w / 2.0) / width,
                    top: (y - h / 2.0) / height,
                    right: (x + w / 2.0) / width,
                    bottom: (y + h / 2.0) / height,
                },
            )
        }
        _ => None,
    };
    let known = ["Name", "Type", "Area", "Rotation"];
    let is_plain = names(node).all(|(uri, local)| uri == MWG && known.contains(&local));
    Some((text("Name").unwrap_or_default(), place, is_plain))
}

fn microsoft_region(node: &Node) -> Option<Region> {
    let text = |name| value(node, (MP_REGION, name)).and_then(Value::text);
    let place = text("Rectangle").and_then(|text| rectangle(&text));
    let known = ["Rectangle", "PersonDisplayName"];
    let is_plain = names(node).all(|(uri, local)| uri == MP_REGION && known.contains(&local));
    Some((
        text("PersonDisplayName").unwrap_or_default(),
        place,
        is_plain,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_neither_nest_nor_break_xml() {
        for (name, written) in [
            ("AC/DC | live", "AC-DC - live"),
            ("Ada\u{ffff}\u{fffe} Lovelace", "Ada Lovelace"),
            ("Zoë 李 \u{1f600}", "Zoë 李 \u{1f600}"),
            ("\u{ffff}", ""),
        ] {
            assert_eq!(written_name(name), written);
        }
    }

    #[test]
    fn what_was_added_can_be_read_again() {
        let place = NormalizedRect {
            left: 0.25,
            top: 0.5,
            right: 0.35,
            bottom: 0.75,
        };
        let items = Item::keywords("A = B, C").chain(Item::regions("A = B, C", place));
        for item in items {
            let read = Item::from_record(&item.to_record()).unwrap();
            assert!(item.is_same(&read), "{read:?}");
            assert_eq!(read.name(), "A = B, C");
        }
        for text in ["", "dc:subject", "mwg-rs:Regions=Ada", "dc:title=Ada"] {
            assert_eq!(Item::from_record(text), None, "{text}");
        }
    }
}
