//! What is to be added to an XMP text and what to be taken away, and the text that has it so.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::escape::escape;

use super::{
    fields::{Entry, Field, Item, MP_INFO, MWG, PREFIXES, Property, RDF, corners, rdf},
    packet::META,
    tree::{Edit, Node, Unfit, edited, parse},
};
use crate::faces::NormalizedRect;

/// What is to be said about a photo; names as [`super::written_name`] gives them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Wanted {
    /// The people on it.
    pub(in super::super) names: BTreeSet<String>,
    /// Their faces in the image as its file stores it.
    pub(in super::super) regions: Vec<(String, NormalizedRect)>,
    /// Width and height of that image.
    pub(in super::super) size: Option<(u32, u32)>,
}

/// Whom a run is about.
pub(in super::super) struct Rules {
    /// These people alone, where it is about some; everyone but these otherwise.
    pub(in super::super) people: BTreeSet<String>,
    pub(in super::super) is_only: bool,
    /// People who are never to be named.
    pub(in super::super) never: BTreeSet<String>,
    /// Whether what somebody has taken away is added again.
    pub(in super::super) again: bool,
}

/// What became of a photo's names, and the texts that have it so.
#[derive(Debug, Default)]
pub(in super::super) struct Merged {
    pub(in super::super) texts: Vec<String>,
    pub(in super::super) names_added: u64,
    pub(in super::super) names_removed: u64,
    pub(in super::super) regions_added: u64,
    pub(in super::super) regions_removed: u64,
    /// Names and regions that this program added and somebody has taken away: they stay away.
    pub(in super::super) taken_away: u64,
    /// Faces to which somebody has given another name: it stays.
    pub(in super::super) named_otherwise: u64,
    /// Never to be named, and taken out.
    pub(in super::super) withdrawn: BTreeSet<String>,
    /// Never to be named, and named by somebody else.
    pub(in super::super) still_named: BTreeSet<String>,
    /// Whether anything of this program's was there before.
    pub(in super::super) had_ours: bool,
    /// Whether this program made the text, and nothing is left in it.
    pub(in super::super) is_spent: bool,
}

impl Rules {
    fn are_about(&self, name: &str) -> bool {
        self.people.contains(name) == self.is_only
    }
}

/// Brings one XMP packet, in one text or with an extension in a second, to say what is wanted.
///
/// # Errors
/// Where a text is no XMP, or has the fields in a form that XMP does not know.
pub(in super::super) fn merge(
    texts: &[String],
    wanted: &Wanted,
    rules: &Rules,
) -> Result<Merged, Unfit> {
    let roots = texts
        .iter()
        .map(|text| parse(text))
        .collect::<Result<Vec<_>, _>>()?;
    let mut properties = BTreeMap::new();
    for field in Field::ALL {
        if let Some(property) = Property::find(&roots, field)? {
            properties.insert(field, property);
        }
    }
    let mut plan = Plan::new(&properties, is_made_here(&roots));
    plan.decide(wanted, rules);
    let mut merged = plan.counts(rules);
    let mut edits = vec![Vec::new(); texts.len()];
    plan.edit(&roots, texts, wanted, &mut edits)?;
    let all = texts.iter().zip(edits);
    merged.texts = all.map(|(text, edits)| edited(text, edits)).collect();
    merged.is_spent = is_made_here(&roots) && says_nothing(&merged.texts)?;
    Ok(merged)
}

/// Whether this program made the packet and no other has written to it since: each leaves its own name.
fn is_made_here(roots: &[Node]) -> bool {
    let mut children = roots.iter().flat_map(|root| &root.children);
    children.any(|meta| {
        (meta.attribute((META, "xmptk"))).is_some_and(|name| name.starts_with("flickr-faces "))
    })
}

fn says_nothing(texts: &[String]) -> Result<bool, Unfit> {
    for text in texts {
        let root = parse(text)?;
        let mut descriptions = rdf(&root)?.children.iter();
        if !descriptions.all(|description| description.children.is_empty() && is_bare(description))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a description has no property among its attributes.
fn is_bare(description: &Node) -> bool {
    let mut attributes = description.attributes.iter();
    attributes.all(|(uri, local, _)| &**uri == RDF || uri.is_empty() && local == "about")
}

struct Plan<'a> {
    properties: &'a BTreeMap<Field, Property<'a>>,
    /// What this program has added, as its own property says.
    recorded: Vec<(Item, Option<&'a Entry<'a>>)>,
    had_ours: bool,
    add: Vec<Item>,
    remove: Vec<&'a Entry<'a>>,
    taken_away: Vec<Item>,
    named_otherwise: u64,
}

impl<'a> Plan<'a> {
    fn new(properties: &'a BTreeMap<Field, Property<'a>>, is_made_here: bool) -> Self {
        let mut recorded = Vec::new();
        if let Some(added) = properties.get(&Field::Added) {
            for entry in &added.entries {
                let item = entry
                    .item
                    .as_ref()
                    .and_then(|item| Item::from_record(&item.text));
                recorded.extend(item.map(|item| (item, Some(entry))));
            }
        } else if is_made_here {
            // The first versions kept no record, and merged into nothing.
            let entries = properties.values().flat_map(|property| &property.entries);
            let items = entries.filter_map(|entry| entry.item.clone());
            recorded.extend(items.map(|item| (item, None)));
        }
        Self {
            properties,
            had_ours: !recorded.is_empty(),
            recorded,
            add: Vec::new(),
            remove: Vec::new(),
            taken_away: Vec::new(),
            named_otherwise: 0,
        }
    }

    fn entries(&self, field: Field) -> &'a [Entry<'a>] {
        self.properties
            .get(&field)
            .map_or(&[], |property| &property.entries)
    }

    fn decide(&mut self, wanted: &Wanted, rules: &Rules) {
        let keywords = wanted.names.iter().flat_map(|name| Item::keywords(name));
        let regions = wanted
            .regions
            .iter()
            .flat_map(|(name, place)| Item::regions(name, *place));
        let wanted: Vec<Item> = keywords
            .chain(regions)
            .filter(|item| rules.are_about(item.name()))
            .collect();
        // In place of what is no longer said.
        for (item, record) in std::mem::take(&mut self.recorded) {
            let stays =
                !rules.are_about(item.name()) || wanted.iter().any(|wanted| wanted.is_same(&item));
            if stays {
                self.recorded.push((item, record));
                continue;
            }
            let entries = self.entries(item.field).iter();
            self.remove
                .extend(entries.filter(|entry| entry.is_plain && entry.says(&item)));
            self.remove.extend(record);
        }
        for item in wanted {
            let was_added = self
                .recorded
                .iter()
                .any(|(recorded, _)| recorded.is_same(&item));
            let others = self.entries(item.field).iter();
            let mut others = others
                .filter(|entry| !self.removes(entry))
                .filter_map(|e| e.item.as_ref());
            let same_face = |other: &&Item| item.is_same_face(other) && !other.text.is_empty();
            if others
                .clone()
                .any(|other| other.is_same(&item) || same_face(&other) && other.text == item.text)
            {
                continue;
            }
            if others.any(|other| same_face(&other)) {
                self.named_otherwise += u64::from(item.field == Field::Regions);
            } else if was_added && !rules.again {
                self.taken_away.push(item);
            } else {
                if !was_added {
                    self.recorded.push((item.clone(), None));
                }
                self.add.push(item);
            }
        }
    }

    fn removes(&self, entry: &Entry<'_>) -> bool {
        self.remove
            .iter()
            .any(|removed| std::ptr::eq(*removed, entry))
    }

    fn counts(&self, rules: &Rules) -> Merged {
        let removed = self.remove.iter().filter_map(|entry| entry.item.as_ref());
        let removed = removed.filter(|item| item.field != Field::Added);
        let mut still_named = BTreeSet::new();
        for property in self
            .properties
            .values()
            .filter(|property| !property.is_record())
        {
            for entry in property.entries.iter().filter(|entry| !self.removes(entry)) {
                let name = entry.item.as_ref().map_or("", Item::name);
                if rules.never.contains(name) && rules.are_about(name) {
                    still_named.insert(name.to_owned());
                }
            }
        }
        let never = removed
            .clone()
            .map(Item::name)
            .filter(|name| rules.never.contains(*name));
        Merged {
            names_added: names(self.add.iter()),
            names_removed: names(removed.clone()),
            regions_added: regions(self.add.iter()),
            regions_removed: regions(removed.clone()),
            taken_away: names(self.taken_away.iter()) + regions(self.taken_away.iter()),
            named_otherwise: self.named_otherwise,
            withdrawn: never.map(str::to_owned).collect(),
            still_named,
            had_ours: self.had_ours,
            ..Merged::default()
        }
    }

    /// The edits of each text.
    fn edit(
        &self,
        roots: &[Node],
        texts: &[String],
        wanted: &Wanted,
        edits: &mut [Vec<Edit>],
    ) -> Result<(), Unfit> {
        let mut add: BTreeMap<Field, Vec<Item>> = BTreeMap::new();
        for item in &self.add {
            add.entry(item.field).or_default().push(item.clone());
        }
        let unrecorded = self.recorded.iter().filter(|(_, entry)| entry.is_none());
        for (item, _) in unrecorded {
            add.entry(Field::Added).or_default().push(Item {
                field: Field::Added,
                text: item.to_record(),
                place: None,
            });
        }
        let mut gone: Vec<&Property<'_>> = Vec::new();
        for property in self.properties.values() {
            let Some(field) = property.field() else {
                continue;
            };
            let text = &texts[property.document];
            let edits = &mut edits[property.document];
            let new = add.remove(&field).unwrap_or_default();
            if new.is_empty() && property.is_emptied(|entry| self.removes(entry)) {
                gone.push(property);
                continue;
            }
            if let Some(list) = property.list {
                let removed = property.entries.iter().filter(|entry| self.removes(entry));
                edits.extend(
                    removed.map(|entry| (entry.node.with_space(list, text), String::new())),
                );
            }
            if !new.is_empty() {
                edits.push(property.append(&new, text));
            }
        }
        for property in &gone {
            let (document, description) = (property.document, property.description);
            let text = &texts[document];
            let siblings =
                (gone.iter()).filter(|other| std::ptr::eq(other.description, description));
            let is_last = siblings.clone().count() == description.children.len()
                && description.is_plain
                && is_bare(description);
            let range = match is_last {
                false => property.node.with_space(description, text),
                true => description.with_space(rdf(&roots[document])?, text),
            };
            if !edits[document].iter().any(|(other, _)| *other == range) {
                edits[document].push((range, String::new()));
            }
        }
        if let (Some(root), Some(text), false) = (roots.first(), texts.first(), add.is_empty()) {
            let rdf = rdf(root)?;
            edits[0].push(rdf.append(&description(rdf, &add, wanted), text));
        }
        Ok(())
    }
}

fn names<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    let names = items.filter(|item| item.place.is_none()).map(Item::name);
    names.collect::<BTreeSet<_>>().len() as u64
}

fn regions<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    items.filter(|item| item.field == Field::Regions).count() as u64
}

impl Entry<'_> {
    fn says(&self, item: &Item) -> bool {
        self.item.as_ref().is_some_and(|said| said.is_same(item))
    }
}

impl Property<'_> {
    fn field(&self) -> Option<Field> {
        Field::ALL
            .into_iter()
            .find(|field| self.node.is(field.property()))
    }

    fn is_record(&self) -> bool {
        self.field() == Some(Field::Added)
    }

    /// Whether nothing is left in it without the entries of `removed`.
    fn is_emptied(&self, removed: impl Fn(&Entry<'_>) -> bool) -> bool {
        let others = [
            (RDF, "Description"),
            (MWG, "AppliedToDimensions"),
            (MWG, "RegionList"),
            (MP_INFO, "Regions"),
        ];
        self.list.is_some_and(|list| {
            list.is_plain
                && list.children.len() == self.entries.len()
                && !self.entries.is_empty()
                && self.entries.iter().all(removed)
        }) && (std::ptr::eq(self.structure, self.node) || self.node.children.len() == 1)
            && (self.structure.names())
                .all(|(uri, local)| uri == RDF || others.contains(&(uri, local)))
    }

    /// The edit that adds members to the list.
    fn append(&self, items: &[Item], text: &str) -> Edit {
        let Some(field) = self.field() else {
            return (0..0, String::new());
        };
        match self.list {
            Some(list) => {
                let space = list.children.last().map_or("", |last| {
                    let range = last.with_space(list, text);
                    &text[range.start..last.outer.start]
                });
                let declared = list.declare(&needed(field));
                let members = items.iter();
                let members = members.map(|item| format!("{space}{}", item.to_xml("", &declared)));
                list.append(&members.collect::<String>(), text)
            }
            None => {
                let declared = self.structure.declare(&needed(field));
                self.structure
                    .append(&list(field, items, "", &declared), text)
            }
        }
    }
}

/// The prefixes that the members of a field are written with.
fn needed(field: Field) -> Vec<(&'static str, &'static str)> {
    let prefixes: &[&str] = match field {
        Field::Regions => &["rdf", "mwg-rs", "stArea"],
        Field::MicrosoftRegions => &["rdf", "MPRI", "MPReg"],
        _ => &["rdf"],
    };
    PREFIXES
        .into_iter()
        .filter(|(prefix, _)| prefixes.contains(prefix))
        .collect()
}

impl Item {
    /// As a member of its field's list.
    fn to_xml(&self, indent: &str, declared: &str) -> String {
        let text = escape(&self.text);
        let Some(rect) = self.place else {
            return format!("<rdf:li{declared}>{text}</rdf:li>");
        };
        if self.field == Field::MicrosoftRegions {
            let rectangle = corners(rect).replace(',', ", ");
            return format!(
                r#"<rdf:li{declared} MPReg:Rectangle="{rectangle}" MPReg:PersonDisplayName="{text}"/>"#
            );
        }
        format!(
            r#"<rdf:li{declared}>{indent} <rdf:Description mwg-rs:Name="{text}" mwg-rs:Type="Face">{indent}  <mwg-rs:Area stArea:x="{x:.6}" stArea:y="{y:.6}" stArea:w="{w:.6}" stArea:h="{h:.6}" stArea:unit="normalized"/>{indent} </rdf:Description>{indent}</rdf:li>"#,
            x = (rect.left + rect.right) / 2.0,
            y = (rect.top + rect.bottom) / 2.0,
            w = rect.right - rect.left,
            h = rect.bottom - rect.top,
        )
    }
}

/// The whole list of a field; `indent` is a new line and the spaces before the element that holds it.
fn list(field: Field, items: &[Item], indent: &str, declared: &str) -> String {
    let kind = field.list();
    let (deeper, step) = match indent {
        "" => (String::new(), ""),
        _ => (format!("{indent} "), " "),
    };
    let list = |indent: &str, declared: &str| {
        let member = format!("{indent}{step}");
        let members = items
            .iter()
            .map(|item| format!("{member}{}", item.to_xml(&member, "")));
        let members: String = members.collect();
        format!("{indent}<{kind}{declared}>{members}{indent}</{kind}>")
    };
    match field.region_list() {
        None => list(&deeper, declared),
        Some((_, tag)) => {
            let inside = list(&format!("{deeper}{step}"), "");
            format!("{deeper}<{tag}{declared}>{inside}{deeper}</{tag}>")
        }
    }
}

/// A description that holds new properties.
fn description(rdf: &Node, add: &BTreeMap<Field, Vec<Item>>, wanted: &Wanted) -> String {
    let mut others = rdf.children.iter();
    let about = others.find_map(|child| {
        child
            .attribute((RDF, "about"))
            .or(child.attribute(("", "about")))
    });
    let indent = "\n   ";
    let mut properties = String::new();
    for (field, items) in add {
        let tag = field.tag();
        let list = list(*field, items, indent, "");
        properties += &match field {
            Field::Regions => {
                let size = wanted.size.map_or(String::new(), |(width, height)| {
                    format!(
                        r#"{indent} <mwg-rs:AppliedToDimensions stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>"#
                    )
                });
                format!("{indent}<{tag} rdf:parseType=\"Resource\">{size}{list}{indent}</{tag}>")
            }
            Field::MicrosoftRegions => {
                format!("{indent}<{tag} rdf:parseType=\"Resource\">{list}{indent}</{tag}>")
            }
            _ => format!("{indent}<{tag}>{list}{indent}</{tag}>"),
        };
    }
    let used = PREFIXES.iter().filter(|(prefix, _)| {
        *prefix == "rdf"
            || properties.contains(&format!("<{prefix}:"))
            || properties.contains(&format!(" {prefix}:"))
    });
    let declared = rdf.declare(&used.copied().collect::<Vec<_>>());
    let about = escape(about.unwrap_or_default());
    format!(
        "\n  <rdf:Description rdf:about=\"{about}\"{declared}>{properties}\n  </rdf:Description>"
    )
}
