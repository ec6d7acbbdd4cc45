//! Names into XMP of every form, and out of it again.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{DECLARATION, Merged, Rules, Wanted, fresh, merge, written_name};
use crate::faces::NormalizedRect;

fn rect(left: f64, top: f64, right: f64, bottom: f64) -> NormalizedRect {
    NormalizedRect {
        left,
        top,
        right,
        bottom,
    }
}

fn wanted(names: &[&str]) -> Wanted {
    let places = (0..).map(|number| f64::from(number) * 0.2);
    Wanted {
        names: names.iter().map(|name| written_name(name)).collect(),
        regions: (names.iter().zip(places))
            .map(|(name, left)| (written_name(name), rect(left, 0.5, left + 0.125, 0.75)))
            .collect(),
        size: Some((4000, 3000)),
    }
}

fn everyone() -> Rules {
    Rules {
        people: BTreeSet::new(),
        is_only: false,
        never: BTreeSet::new(),
        again: false,
    }
}

fn only(name: &str) -> Rules {
    Rules {
        people: [name.to_owned()].into(),
        is_only: true,
        ..everyone()
    }
}

#[track_caller]
fn merged(text: &str, names: &[&str], rules: &Rules) -> Merged {
    merge(&[text.to_owned()], &wanted(names), rules).unwrap()
}

/// The text after a merge.
#[track_caller]
fn after(text: &str, names: &[&str], rules: &Rules) -> String {
    merged(text, names, rules).texts.remove(0)
}

#[test]
fn a_new_sidecar_says_it_in_every_form() {
    let name = "Ada & \"Bob\" <x> AC/DC";
    let text = after(&format!("{DECLARATION}{}\n", fresh()), &[name], &everyone());
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text.replace('\u{feff}', "BOM"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <?xpacket begin="BOM" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="flickr-faces VERSION">
     <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:flickrFaces="urn:flickr-faces:xmp/">
       <dc:subject>
        <rdf:Bag>
         <rdf:li>Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
        </rdf:Bag>
       </dc:subject>
       <lr:hierarchicalSubject>
        <rdf:Bag>
         <rdf:li>People|Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
        </rdf:Bag>
       </lr:hierarchicalSubject>
       <digiKam:TagsList>
        <rdf:Seq>
         <rdf:li>People/Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
        </rdf:Seq>
       </digiKam:TagsList>
       <Iptc4xmpExt:PersonInImage>
        <rdf:Bag>
         <rdf:li>Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
        </rdf:Bag>
       </Iptc4xmpExt:PersonInImage>
       <mwg-rs:Regions rdf:parseType="Resource">
        <mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="3000" stDim:unit="pixel"/>
        <mwg-rs:RegionList>
         <rdf:Bag>
          <rdf:li>
           <rdf:Description mwg-rs:Name="Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC" mwg-rs:Type="Face">
            <mwg-rs:Area stArea:x="0.062500" stArea:y="0.625000" stArea:w="0.125000" stArea:h="0.250000" stArea:unit="normalized"/>
           </rdf:Description>
          </rdf:li>
         </rdf:Bag>
        </mwg-rs:RegionList>
       </mwg-rs:Regions>
       <MP:RegionInfo rdf:parseType="Resource">
        <MPRI:Regions>
         <rdf:Bag>
          <rdf:li MPReg:Rectangle="0.000000, 0.500000, 0.125000, 0.250000" MPReg:PersonDisplayName="Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC"/>
         </rdf:Bag>
        </MPRI:Regions>
       </MP:RegionInfo>
       <flickrFaces:Added>
        <rdf:Bag>
         <rdf:li>dc:subject=Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
         <rdf:li>lr:hierarchicalSubject=People|Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
         <rdf:li>digiKam:TagsList=People/Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
         <rdf:li>Iptc4xmpExt:PersonInImage=Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
         <rdf:li>mwg-rs:Regions=0.000000,0.500000,0.125000,0.250000 Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
         <rdf:li>MP:RegionInfo=0.000000,0.500000,0.125000,0.250000 Ada &amp; &quot;Bob&quot; &lt;x&gt; AC-DC</rdf:li>
        </rdf:Bag>
       </flickrFaces:Added>
      </rdf:Description>
     </rdf:RDF>
    </x:xmpmeta>
    <?xpacket end="w"?>
    "#);
}

/// What others write: each in another form of RDF.
const FOREIGN: [(&str, &str); 6] = [
    (
        "exiv2 (digiKam): structures as descriptions with attributes",
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:my="http://example.org/mine/" my:rating='5 &gt; 4'>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>sea</rdf:li>
     <!-- kept -->
     <rdf:li>Ann</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="3000" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li>
       <rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.9" stArea:y="0.9" stArea:w="0.1" stArea:h="0.1" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
    ),
    (
        "Lightroom: resources, qualifiers, alternatives, one line",
        r#"<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6-c140"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="uuid:1" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &#x26; B</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>sea</rdf:value><dc:source>me</dc:source></rdf:li></rdf:Bag></dc:subject><lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|Sea</rdf:li></rdf:Bag></lr:hierarchicalSubject><MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li><rdf:Description MPReg:Rectangle="0.9, 0.9, 0.05, 0.05" MPReg:PersonDisplayName="Ann"/></rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo></rdf:Description></rdf:RDF></x:xmpmeta>"#,
    ),
    (
        "exiftool: a description for each namespace, other prefixes, single quotes",
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 12.57'>\n<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n\n <rdf:Description rdf:about=''\n  xmlns:d='http://purl.org/dc/elements/1.1/'>\n  <d:subject>\n   <rdf:Bag>\n    <rdf:li>sea</rdf:li>\n   </rdf:Bag>\n  </d:subject>\n </rdf:Description>\n\n <rdf:Description rdf:about=''\n  xmlns:xmp='http://ns.adobe.com/xap/1.0/'>\n  <xmp:Rating>5</xmp:Rating>\n </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='w'?>",
    ),
    (
        "RDF under another prefix, a comment, an instruction, CDATA",
        "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><?mine 1?><!-- a > b --><r:Description r:about='' xmlns:m='http://example.org/'><m:x><![CDATA[<r:RDF>]]></m:x></r:Description></r:RDF>",
    ),
    (
        "the prefixes of this program for something else",
        "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:dc='http://example.org/' xmlns:digiKam='http://example.org/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description><dc:subject>x</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>",
    ),
    (
        "nothing in it",
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''/></rdf:RDF></x:xmpmeta>",
    ),
];

#[test]
fn every_byte_of_others_stays_and_what_was_added_goes_again() {
    let mut wrong = Vec::new();
    for (form, text) in FOREIGN {
        let first = merged(text, &["Ada", "Bob / Co"], &everyone());
        let with = &first.texts[0];
        // Everything that was there is there, in its order.
        let mut rest = with.as_str();
        let mut is_whole = true;
        for part in text.split_inclusive('>') {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => is_whole = false,
            }
        }
        let again = merged(with, &["Ada", "Bob / Co"], &everyone());
        let one = after(with, &["Bob / Co"], &everyone());
        let two = after(&one, &[], &everyone());
        for (what, is_right) in [
            ("lost something", is_whole),
            ("counts", (first.names_added, first.regions_added) == (2, 2)),
            (
                "is not stable",
                again.texts[0] == *with && again.names_added == 0,
            ),
            (
                "one is left",
                one.contains("Bob - Co") && !one.contains("Ada"),
            ),
            ("does not go again", two == text),
            ("is not known again", again.had_ours && !first.had_ours),
        ] {
            if !is_right {
                wrong.push(format!("{form}: {what}:\n{with}\n--\n{one}\n--\n{two}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_others_have_said_stays_theirs() {
    let (_, text) = FOREIGN[0];
    // Ann was there, keyword and region: the region of the run is elsewhere and is added.
    let mut wanted = wanted(&["Ann"]);
    let first = merge(&[text.to_owned()], &wanted, &everyone()).unwrap();
    assert_eq!((first.names_added, first.regions_added), (1, 1));
    let two = after(&first.texts[0], &[], &everyone());
    assert_eq!(two, text);
    // At the place of Ann's, another's region is not added, nor Ann's own a second time.
    wanted.regions = vec![("Ann".to_owned(), rect(0.84, 0.84, 0.95, 0.95))];
    let same = merge(&[text.to_owned()], &wanted, &everyone()).unwrap();
    assert_eq!((same.regions_added, same.named_otherwise), (0, 0));
    wanted.names = ["Eve".to_owned()].into();
    wanted.regions = vec![("Eve".to_owned(), rect(0.84, 0.84, 0.95, 0.95))];
    let other = merge(&[text.to_owned()], &wanted, &everyone()).unwrap();
    assert_eq!(
        (
            other.names_added,
            other.regions_added,
            other.named_otherwise
        ),
        (1, 0, 1)
    );
}

#[test]
fn a_run_about_one_touches_nobody_else() {
    let (_, text) = FOREIGN[1];
    let both = after(text, &["Ada", "Bob"], &everyone());
    // Bob has no photo any more, and the run is about Ada.
    let bob_stays = after(&both, &["Ada"], &only("Ada"));
    assert_eq!(bob_stays, both);
    let ada_goes = after(&both, &["Bob", "Eve"], &only("Ada"));
    assert!(!ada_goes.contains("Ada") && ada_goes.contains("Bob") && !ada_goes.contains("Eve"));
    let except = Rules {
        people: ["Bob".to_owned()].into(),
        ..everyone()
    };
    let bob_stays = after(&both, &["Eve"], &except);
    assert!(!bob_stays.contains("Ada") && bob_stays.contains("Bob") && bob_stays.contains("Eve"));
}

#[test]
fn what_somebody_took_away_stays_away_until_it_is_asked_for() {
    let (_, text) = FOREIGN[2];
    let with = after(text, &["Ada"], &everyone());
    let line = "\n    <rdf:li>Ada</rdf:li>";
    assert_eq!(with.matches(line).count(), 1, "{with}");
    let without = with.replace(line, "");
    let again = merged(&without, &["Ada"], &everyone());
    assert_eq!(
        (again.texts[0].as_str(), again.taken_away),
        (without.as_str(), 1)
    );
    let rules = Rules {
        again: true,
        ..everyone()
    };
    assert_eq!(after(&without, &["Ada"], &rules), with);
    // Nothing is left to be taken away of it.
    assert_eq!(after(&without, &[], &everyone()), text);
}

#[test]
fn regions_are_known_again_after_a_program_has_rounded_them() {
    let (_, text) = FOREIGN[5];
    let with = after(text, &["Ada"], &everyone());
    assert!(with.contains("stArea:x=\"0.062500\""), "{with}");
    let rounded = with
        .replace("stArea:x=\"0.062500\"", "stArea:x=\"0.0635\"")
        .replace("0.000000, 0.500000, 0.125000", "0.001, 0.5005, 0.1245");
    let again = merged(&rounded, &["Ada"], &everyone());
    assert_eq!((again.taken_away, &again.texts[0]), (0, &rounded));
    assert_eq!(after(&rounded, &[], &everyone()), text);
    // Found again a little elsewhere: the new place instead of the old.
    let mut wanted = wanted(&["Ada"]);
    wanted.regions[0].1 = rect(0.05, 0.55, 0.175, 0.8);
    let moved = merge(&[with], &wanted, &everyone()).unwrap();
    assert_eq!(
        (moved.regions_added, moved.regions_removed, moved.taken_away),
        (1, 1, 0)
    );
    // What somebody adds to a region of ours makes it theirs.
    let titled = rounded.replace(
        "mwg-rs:Type=\"Face\"",
        "mwg-rs:Type=\"Face\" mwg-rs:Description=\"x\"",
    );
    assert!(after(&titled, &[], &everyone()).contains("mwg-rs:Description=\"x\""));
}

#[test]
fn people_who_are_never_written_go_and_are_told() {
    let (_, text) = FOREIGN[0];
    let with = after(text, &["Ada"], &everyone());
    let never = Rules {
        never: ["Ada".to_owned(), "Ann".to_owned()].into(),
        ..everyone()
    };
    let without = merged(&with, &[], &never);
    assert_eq!(without.texts[0], text);
    assert_eq!(without.withdrawn, ["Ada".to_owned()].into());
    assert_eq!(without.still_named, ["Ann".to_owned()].into());
}

#[test]
fn a_sidecar_of_the_first_versions_is_brought_up_to_date() {
    // As they wrote it, without a record; a person is there who is no longer.
    let old = format!(
        "{DECLARATION}<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"flickr-faces 0.1.0\">\n <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
         <rdf:Description xmlns:dc=\"http://purl.org/dc/elements/1.1/\" rdf:about=\"\">\n   <dc:subject>\n    <rdf:Bag>\n     <rdf:li>Ada</rdf:li>\n     \
         <rdf:li>AC/DC</rdf:li>\n    </rdf:Bag>\n   </dc:subject>\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n"
    );
    let one = merged(&old, &["Ada"], &everyone());
    let text = &one.texts[0];
    assert!(
        !text.contains("AC/DC") && text.contains("dc:subject=Ada"),
        "{text}"
    );
    assert_eq!(
        text.matches(">Ada<").count(),
        2,
        "keyword and person: {text}"
    );
    let none = merged(&old, &[], &everyone());
    assert!(none.is_spent && !one.is_spent);
    let edited = old.replace("flickr-faces 0.1.0", "XMP Core 6.0");
    assert_eq!(after(&edited, &[], &everyone()), edited);
}

#[test]
fn what_is_no_xmp_is_refused() {
    let rdf = |inside: &str| {
        format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'>{inside}</rdf:RDF>"
        )
    };
    let about = |inside: &str| {
        rdf(&format!(
            "<rdf:Description rdf:about=''>{inside}</rdf:Description>"
        ))
    };
    let bag = "<dc:subject><rdf:Bag/></dc:subject>";
    let deep = "<dc:x>".repeat(200);
    let cases = [
        (String::new(), "not XMP: it has no rdf:RDF"),
        ("Dear Ada".to_owned(), "not XMP: it has no rdf:RDF"),
        ("<a><b/>".to_owned(), "not XML"),
        ("<a><b></a>".to_owned(), "not XML"),
        ("<a x='1' x='2'/>".to_owned(), "not XML"),
        ("<!DOCTYPE a><a/>".to_owned(), "holds a DOCTYPE"),
        (about("<y:x/>"), "undeclared namespace y"),
        (about("&lol;"), "unknown entity &lol;"),
        (about(&deep), "nested too deeply"),
        (
            format!("<a>{}{}</a>", about(""), about("")),
            "not XMP: it has two rdf:RDF",
        ),
        (
            about("<dc:subject>Ada</dc:subject>"),
            "dc:subject is no list",
        ),
        (
            rdf("<rdf:Description dc:subject='Ada'/>"),
            "dc:subject is no list",
        ),
        (about(&format!("{bag}{bag}")), "dc:subject is there twice"),
        (
            about("<mwg-rs:Regions>x</mwg-rs:Regions>"),
            "mwg-rs:Regions is no structure",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, why) in cases {
        let error = merge(std::slice::from_ref(&text), &wanted(&["Ada"]), &everyone())
            .map(|merged| merged.texts);
        if !error
            .as_ref()
            .is_err_and(|error| error.to_string().starts_with(why))
        {
            wrong.push(format!("{text}: {error:?}, expected {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    /// Whatever happens to a photo's names in whatever order, others' bytes come back.
    #[test]
    fn a_history_leaves_no_trace(
        form in 0..FOREIGN.len(),
        steps in prop::collection::vec(prop::collection::btree_set("[A-C/|&<\"']{0,1}[a-b李]{1,2}", 0..4), 1..6),
    ) {
        let (_, original) = FOREIGN[form];
        let mut text = original.to_owned();
        for names in &steps {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            text = after(&text, &names, &everyone());
            let again = merged(&text, &names, &everyone());
            prop_assert_eq!(&again.texts[0], &text);
            prop_assert_eq!(again.taken_away, 0);
        }
        prop_assert_eq!(after(&text, &[], &everyone()), original);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}|(<|</|/>|>|rdf:RDF|rdf:li| xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'|dc:subject|&|;|\"|'){0,30}") {
        let _ = merge(&[text], &wanted(&["Ada"]), &everyone());
    }
}
