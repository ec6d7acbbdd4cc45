//! The sandbox over HTTP, without signatures: listings, files, faults.
//!
//! Signatures and everything that needs a token are in `clients`.

mod accounts;
mod client;
mod control;
mod edits;
mod envelope;
mod faults;
mod files;
mod listing;
mod odd_listings;
