//! ONNX Runtime's reports to its maker, and how they are kept from being sent.

/// A promise that ONNX Runtime sends no reports from this process; [`Runtime::load`](super::Runtime::load)
/// asks for it, so that no way of loading the library goes without.
///
/// From version 1.32 on its builds for Linux connect to a host of their maker some seconds after they are
/// loaded, with the program's path and a device id, which they also keep below the user's cache folder.
/// The API's own switch for telemetry comes too late to prevent that. What the library does heed is the
/// environment variable [`TelemetryOff::VARIABLE`], where it is set before the library is loaded.
#[derive(Debug, Clone, Copy)]
pub struct TelemetryOff(());

impl TelemetryOff {
    /// The environment variable that the library looks at.
    pub const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

    /// Sets the variable for this process and what it starts.
    ///
    /// # Safety
    /// As for [`std::env::set_var`]: no other thread may read or write the environment meanwhile but by
    /// `std::env`. At the beginning of `main` there is none.
    #[must_use]
    pub unsafe fn set() -> Self {
        // SAFETY: the caller keeps to the same condition.
        unsafe { std::env::set_var(Self::VARIABLE, "1") };
        Self(())
    }
}
