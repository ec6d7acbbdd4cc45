//! The text of an XMP sidecar: names as keywords, and the region of each face.
//!
//! - `dc:subject`: keywords (XMP specification part 1, Dublin Core namespace).
//! - `mwg-rs:Regions`: Metadata Working Group, Guidelines for Handling Image Metadata 2.0, "Image
//!   region metadata": centre and size of each region as fractions of the image's sides, and the width
//!   and height of the image as it is stored.
//! - `digiKam:TagsList`: the same names below `People`, where digiKam files the names of faces; Immich
//!   reads its tags from there and not from `dc:subject`.

use quick_xml::escape::escape;

use crate::faces::NormalizedRect;

/// What a sidecar says about its photo.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sidecar {
    /// The people on it, each once.
    pub(super) names: Vec<String>,
    /// Width and height of the image as its file stores it; without it there are no regions.
    pub(super) size: Option<(u32, u32)>,
    /// Faces in the image as stored.
    pub(super) regions: Vec<(String, NormalizedRect)>,
}

/// Whether this is a sidecar that this program wrote and no other has written since.
pub(super) fn is_ours(text: &[u8]) -> bool {
    let mark = b"x:xmptk=\"flickr-faces ";
    // It stands in the first element.
    let start = text.get(..400).unwrap_or(text);
    start.windows(mark.len()).any(|window| window == mark)
}

impl Sidecar {
    /// The whole file. The wrapper is that of XMP specification part 1, "XMP Packet Wrapper".
    pub(super) fn to_xml(&self) -> String {
        // Another program that rewrites the file puts its own name in the place of `x:xmptk`.
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="flickr-faces {version}">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" rdf:about="">
   <dc:subject>
    <rdf:Bag>
{keywords}    </rdf:Bag>
   </dc:subject>
   <digiKam:TagsList>
    <rdf:Seq>
{tags}    </rdf:Seq>
   </digiKam:TagsList>
{regions}  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"#,
            bom = '\u{feff}',
            version = env!("CARGO_PKG_VERSION"),
            keywords = self.items(|name| name.to_owned()),
            // A slash separates the levels of digiKam's tree.
            tags = self.items(|name| format!("People/{}", name.replace('/', "-"))),
            regions = self.regions(),
        )
    }

    fn items(&self, text: impl Fn(&str) -> String) -> String {
        let names = self.names.iter();
        names
            .map(|name| format!("     <rdf:li>{}</rdf:li>\n", escape(text(name))))
            .collect()
    }

    fn regions(&self) -> String {
        let Some((width, height)) = self.size.filter(|_| !self.regions.is_empty()) else {
            return String::new();
        };
        let regions: String = (self.regions.iter())
            .map(|(name, rect)| region(name, *rect))
            .collect();
        format!(
            r#"   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
{regions}     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
"#
        )
    }
}

fn region(name: &str, rect: NormalizedRect) -> String {
    format!(
        r#"      <rdf:li>
       <rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="{x:.6}" stArea:y="{y:.6}" stArea:w="{w:.6}" stArea:h="{h:.6}" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
"#,
        name = escape(name),
        x = (rect.left + rect.right) / 2.0,
        y = (rect.top + rect.bottom) / 2.0,
        w = rect.right - rect.left,
        h = rect.bottom - rect.top,
    )
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
                NormalizedRect {
                    left: 0.25,
                    top: 0.5,
                    right: 0.35,
                    bottom: 0.7,
                },
            )],
        };
        let text = sidecar.to_xml();
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
