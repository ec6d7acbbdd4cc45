//! Memory for the detectors: dlib throws `std::bad_alloc` where there is none, or the system ends
//! the program, so what a photo will take is reserved beforehand.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::FacesError;
use super::scale::{Size, pixels};

/// What all analysers of an engine may reserve together.
#[derive(Debug)]
pub(super) struct Memory {
    bytes: u64,
    reserved: Mutex<u64>,
    freed: Condvar,
    /// Held while waiting, so that a large photo is not overtaken for ever by small ones.
    queue: Mutex<()>,
}

/// Reserved memory; freed when dropped.
#[derive(Debug)]
pub(super) struct Reserved<'a> {
    memory: &'a Memory,
    bytes: u64,
}

impl Memory {
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            bytes,
            reserved: Mutex::new(0),
            freed: Condvar::new(),
            queue: Mutex::new(()),
        }
    }

    /// Four fifths of the memory that Linux says programs could have now (proc_meminfo(5),
    /// `MemAvailable`), else 8 GB.
    pub(super) fn of_this_machine() -> Self {
        Self::new(available_memory().map_or(8_000_000_000, |bytes| bytes / 5 * 4))
    }

    /// Waits until a detector that takes `per_pixel` bytes for each pixel may look at an image of
    /// `size`.
    ///
    /// # Errors
    /// It needs more than all analysers may reserve together, or than the system gives.
    pub(super) fn reserve(&self, size: Size, per_pixel: u64) -> Result<Reserved<'_>, FacesError> {
        let bytes = pixels(size).saturating_mul(per_pixel);
        let refused = |available| FacesError::OutOfMemory {
            width: size.0,
            height: size.1,
            bytes,
            available,
        };
        if bytes > self.bytes {
            return Err(refused(self.bytes));
        }
        let queue = lock(&self.queue);
        let mut reserved = self
            .freed
            .wait_while(lock(&self.reserved), |taken| *taken > self.bytes - bytes)
            .unwrap_or_else(PoisonError::into_inner);
        *reserved += bytes;
        drop((reserved, queue));
        let reserved = Reserved {
            memory: self,
            bytes,
        };
        // A limit of the process (ulimit -v) shows only when asked.
        let given = usize::try_from(bytes)
            .is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        if given { Ok(reserved) } else { Err(refused(0)) }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        *lock(&self.memory.reserved) -= self.bytes;
        self.memory.freed.notify_all();
    }
}

/// A number cannot be left half changed, so a panic elsewhere is no matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The memory in bytes that Linux says programs could have now.
pub fn available_memory() -> Option<u64> {
    mem_available(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// `MemAvailable` in bytes; the file gives KiB.
fn mem_available(meminfo: &str) -> Option<u64> {
    let kib: u64 = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?
        .trim()
        .strip_suffix("kB")?
        .trim()
        .parse()
        .ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn meminfo_is_read() {
        let text = "MemTotal:       24576000 kB\nMemAvailable:    1024 kB\nBuffers: 1 kB\n";
        assert_eq!(mem_available(text), Some(1 << 20));
        assert_eq!(mem_available("MemTotal: 24576000 kB\n"), None);
        assert_eq!(mem_available("MemAvailable: many\n"), None);
    }

    #[test]
    fn too_much_is_refused_and_named() {
        let memory = Memory::new(1_000_000);
        let error = memory.reserve((100, 100), 1050).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not enough memory to search 100x100 pixels: needs 10 MiB, 1 MiB free"
        );
        memory.reserve((100, 100), 40).unwrap();
    }

    #[test]
    fn threads_never_reserve_more_than_there_is() {
        let limit = 1050 * 100 * 100;
        let memory = Memory::new(limit);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for thread in 0..6_u32 {
                let (memory, now, most) = (&memory, &now, &most);
                scope.spawn(move || {
                    for photo in 1..40_u32 {
                        let size = (100, (thread * 17 + photo * 7) % 100 + 1);
                        let reserved = memory.reserve(size, 1050).unwrap();
                        let sum = now.fetch_add(reserved.bytes, Ordering::SeqCst) + reserved.bytes;
                        most.fetch_max(sum, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(reserved.bytes, Ordering::SeqCst);
                        drop(reserved);
                    }
                });
            }
        });
        assert!(most.into_inner() <= limit);
        assert_eq!(*lock(&memory.reserved), 0);
    }
}
