//! The programs at work, but for what `tags` and `web` have of their own.

mod bad_photos;
mod complete;
mod documents;
mod download;
mod engines;
mod flickr_names;
mod given_key;
mod help;
mod killed;
mod listing;
mod machine;
mod machines;
mod names;
mod network;
mod next;
mod patience;
mod people;
mod prospects;
mod random_faults;
mod review;
mod screens;
mod stop;
mod tags_json;
mod terminal;
mod turned;
mod without_dlib;
