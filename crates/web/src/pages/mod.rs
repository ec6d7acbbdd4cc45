//! The pages. They show without JavaScript, too: forms are forms and links are links; scripts add keys,
//! completion and lists that fill while one scrolls.

mod cluster;
mod clusters;
mod frame;
mod people;
mod person;
mod photo;
mod rest;
mod suggestions;

pub(crate) use self::{
    cluster::{cluster, next_address},
    clusters::{board_of, card_of, clusters, summary},
    frame::problem,
    people::people,
    person::{person, person_of, split},
    photo::photo,
    rest::{journal, left_out},
    suggestions::suggestions,
};
