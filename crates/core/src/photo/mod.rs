//! Photo files.
