//! Asking the CPU for memory ahead of time, for the floor: a floor that waits for memory where
//! it need not is none.

/// Asks for the cache line of `slice[at]`; any `at` is allowed.
#[inline]
pub fn prefetch<T>(slice: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        let address = slice.as_ptr().wrapping_add(at);
        // SAFETY: a prefetch has no effect on program state, whatever the address.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch(address.cast::<i8>(), _MM_HINT_T0);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, at);
}
