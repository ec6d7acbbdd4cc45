//! XMP: who is on a photo, merged into what others have written there.
//!
//! A text is never written anew. It is parsed (`tree`), what it says about people is found (`fields`), and
//! the members of lists that are to be added or taken away are edited in place (`merge`): every other byte
//! stays, in whatever form of RDF it is. What this program has added stands in a property of its own,
//! `flickrFaces:Added`, which travels with the file and which other programs carry along; so nothing else
//! is ever taken away.

mod fields;
pub(super) mod jpeg;
mod merge;
mod packet;
mod tree;

pub(super) use self::{
    fields::written_name,
    merge::{Merged, Rules, Wanted, merge},
    packet::{DECLARATION, fresh},
    tree::Unfit,
};

#[cfg(test)]
mod tests;
