//! What the fuzz test of the model reader is made of: counted memory, damage, and a small model.

pub mod memory;
pub mod mutation;
pub mod writer;
