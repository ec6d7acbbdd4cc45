//! The text of an XMP sidecar: names as keywords, and the region of each face.
//!
//! - `dc:subject`: keywords (XMP specification part 1, Dublin Core namespace).
//! - `mwg-rs:Regions`: Metadata Working Group, Guidelines for Handling Image Metadata 2.0, "Image
//!   region metadata": centre and size of each region as parts of the image's sides, and the width
//!   and height of the image as it is stored.
//! - `digiKam:TagsList`: the same names below `People`, where digiKam files the names of faces; Immich
//!   reads its tags from there and not from `dc:subject`.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesPI, BytesText, Event},
};

use super::place::Part;

/// What our sidecars say of their writer: another program that rewrites one puts its own there.
const TOOLKIT: &str = concat!("flickr-faces ", env!("CARGO_PKG_VERSION"));

const NAMESPACES: [(&str, &str); 6] = [
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:digiKam", "http://www.digikam.org/ns/1.0/"),
    (
        "xmlns:mwg-rs",
        "http://www.metadataworkinggroup.com/schemas/regions/",
    ),
    ("xmlns:stArea", "http://ns.adobe.com/xmp/sType/Area#"),
    (
        "xmlns:stDim",
        "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    ),
    ("rdf:about", ""),
];

/// What a sidecar says about its photo.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sidecar {
    /// Who is on it, each once.
    pub(super) names: Vec<String>,
    /// Width and height of the image as its file stores it; without it there are no regions.
    pub(super) size: Option<(u32, u32)>,
    /// Faces in the image as stored.
    pub(super) regions: Vec<(String, Part)>,
}

/// Whether this is a sidecar that this program wrote and no other has written since.
pub(super) fn is_ours(text: &[u8]) -> bool {
    let mark = b"x:xmptk=\"flickr-faces ";
    // It stands in the first element.
    let start = text.get(..400).unwrap_or(text);
    start.windows(mark.len()).any(|window| window == mark)
}

type Xml = Writer<Vec<u8>>;

impl Sidecar {
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        // XMP specification part 1, "XMP Packet Wrapper".
        let begin = "xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"";
        xml.write_event(Event::PI(BytesPI::new(begin)))?;
        xml.create_element("x:xmpmeta")
            .with_attribute(("xmlns:x", "adobe:ns:meta/"))
            .with_attribute(("x:xmptk", TOOLKIT))
            .write_inner_content(|xml| {
                xml.create_element("rdf:RDF")
                    .with_attribute(("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"))
                    .write_inner_content(|xml| {
                        xml.create_element("rdf:Description")
                            .with_attributes(NAMESPACES)
                            .write_inner_content(|xml| self.properties(xml))?;
                        Ok(())
                    })?;
                Ok(())
            })?;
        xml.write_event(Event::PI(BytesPI::new("xpacket end=\"w\"")))?;
        let mut bytes = xml.into_inner();
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn properties(&self, xml: &mut Xml) -> io::Result<()> {
        texts(xml, "dc:subject", "rdf:Bag", self.names.iter().cloned())?;
        // A slash separates the levels of digiKam's tree.
        let below = |name: &String| format!("People/{}", name.replace('/', "-"));
        texts(
            xml,
            "digiKam:TagsList",
            "rdf:Seq",
            self.names.iter().map(below),
        )?;
        if let Some(size) = self.size.filter(|_| !self.regions.is_empty()) {
            xml.create_element("mwg-rs:Regions")
                .with_attribute(("rdf:parseType", "Resource"))
                .write_inner_content(|xml| self.regions(xml, size))?;
        }
        Ok(())
    }

    fn regions(&self, xml: &mut Xml, (width, height): (u32, u32)) -> io::Result<()> {
        xml.create_element("mwg-rs:AppliedToDimensions")
            .with_attribute(("stDim:w", width.to_string().as_str()))
            .with_attribute(("stDim:h", height.to_string().as_str()))
            .with_attribute(("stDim:unit", "pixel"))
            .write_empty()?;
        xml.create_element("mwg-rs:RegionList")
            .write_inner_content(|xml| {
                xml.create_element("rdf:Bag").write_inner_content(|xml| {
                    for (name, part) in &self.regions {
                        xml.create_element("rdf:li")
                            .write_inner_content(|xml| region(xml, name, *part))?;
                    }
                    Ok(())
                })?;
                Ok(())
            })?;
        Ok(())
    }
}

fn region(xml: &mut Xml, name: &str, part: Part) -> io::Result<()> {
    let number = |value: f64| format!("{value:.6}");
    let x = number((part.left + part.right) / 2.0);
    let y = number((part.top + part.bottom) / 2.0);
    let (w, h) = (
        number(part.right - part.left),
        number(part.bottom - part.top),
    );
    xml.create_element("rdf:Description")
        .with_attribute(("mwg-rs:Name", name))
        .with_attribute(("mwg-rs:Type", "Face"))
        .write_inner_content(|xml| {
            xml.create_element("mwg-rs:Area")
                .with_attribute(("stArea:x", x.as_str()))
                .with_attribute(("stArea:y", y.as_str()))
                .with_attribute(("stArea:w", w.as_str()))
                .with_attribute(("stArea:h", h.as_str()))
                .with_attribute(("stArea:unit", "normalized"))
                .write_empty()?;
            Ok(())
        })?;
    Ok(())
}

fn texts(
    xml: &mut Xml,
    property: &str,
    list: &str,
    texts: impl Iterator<Item = String>,
) -> io::Result<()> {
    xml.create_element(property).write_inner_content(|xml| {
        xml.create_element(list).write_inner_content(|xml| {
            for text in texts {
                xml.create_element("rdf:li")
                    .write_text_content(BytesText::new(&text))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_is_whole_and_escaped() {
        let sidecar = Sidecar {
            names: vec!["Ada & \"Bob\" <x>".to_owned(), "AC/DC".to_owned()],
            size: Some((4000, 3000)),
            regions: vec![(
                "Ada & \"Bob\" <x>".to_owned(),
                Part {
                    left: 0.25,
                    top: 0.5,
                    right: 0.35,
                    bottom: 0.7,
                },
            )],
        };
        let text = String::from_utf8(sidecar.to_bytes().unwrap()).unwrap();
        let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(text.replace('\u{feff}', "BOM"), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <?xpacket begin="BOM" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="flickr-faces VERSION">
         <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
          <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" rdf:about="">
           <dc:subject>
            <rdf:Bag>
             <rdf:li>Ada &amp; &quot;Bob&quot; &lt;x&gt;</rdf:li>
             <rdf:li>AC/DC</rdf:li>
            </rdf:Bag>
           </dc:subject>
           <digiKam:TagsList>
            <rdf:Seq>
             <rdf:li>People/Ada &amp; &quot;Bob&quot; &lt;x&gt;</rdf:li>
             <rdf:li>People/AC-DC</rdf:li>
            </rdf:Seq>
           </digiKam:TagsList>
           <mwg-rs:Regions rdf:parseType="Resource">
            <mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="3000" stDim:unit="pixel"/>
            <mwg-rs:RegionList>
             <rdf:Bag>
              <rdf:li>
               <rdf:Description mwg-rs:Name="Ada &amp; &quot;Bob&quot; &lt;x&gt;" mwg-rs:Type="Face">
                <mwg-rs:Area stArea:x="0.300000" stArea:y="0.600000" stArea:w="0.100000" stArea:h="0.200000" stArea:unit="normalized"/>
               </rdf:Description>
              </rdf:li>
             </rdf:Bag>
            </mwg-rs:RegionList>
           </mwg-rs:Regions>
          </rdf:Description>
         </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="w"?>
        "#);
        assert!(is_ours(text.as_bytes()));
        assert!(!is_ours(
            text.replace("flickr-faces", "XMP Core").as_bytes()
        ));
        assert!(!is_ours(b""));
    }
}
