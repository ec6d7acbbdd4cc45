//! How far the listing is, for those who wait for it.

/// Whether the fetchers can begin, and whether more photos may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The images chosen in the store were chosen for another MAX_SIZE: nothing to fetch yet.
    Choosing,
    /// More photos may come.
    Running,
    /// All there are.
    Done,
}
