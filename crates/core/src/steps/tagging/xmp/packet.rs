//! The packet that XMP stands in.

use super::fields::RDF;

/// The namespace of `x:xmptk`, the name of the program that wrote the packet last.
pub(super) const META: &str = "adobe:ns:meta/";

/// What a sidecar begins with.
pub(in super::super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A packet that says nothing yet: XMP specification part 1, 7.3.2 "XMP Packet Wrapper".
pub(in super::super) fn fresh() -> String {
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="{META}" x:xmptk="flickr-faces {version}">
 <rdf:RDF xmlns:rdf="{RDF}">
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{feff}',
        version = env!("CARGO_PKG_VERSION"),
    )
}
