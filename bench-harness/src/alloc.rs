//! The allocator of this binary: the agent's own, behind a counter, so that a run can say how
//! often the data path allocates. Counted per thread: what other threads do does not disturb a
//! measurement, and no cache line is shared.

use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations and reallocations of this thread so far.
pub fn count() -> u64 {
    COUNT.get()
}

fn one_more() {
    // A thread that is being torn down still allocates; nobody measures it.
    let _ = COUNT.try_with(|c| c.set(c.get() + 1));
}

// SAFETY: every call is handed to the allocator below unchanged, and its answer handed back.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        one_more();
        // SAFETY: the caller's promises are passed on.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        one_more();
        // SAFETY: the caller's promises are passed on.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        one_more();
        // SAFETY: the caller's promises are passed on; `ptr` came from the same allocator.
        unsafe { MiMalloc.realloc(ptr, layout, new_size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on; `ptr` came from the same allocator.
        unsafe { MiMalloc.dealloc(ptr, layout) }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_what_this_thread_allocates() {
        let before = super::count();
        let boxed = std::hint::black_box(Box::new(7_u64));
        let mut list = std::hint::black_box(Vec::<u64>::with_capacity(4));
        list.resize(1024, *boxed);
        std::thread::spawn(|| drop(std::hint::black_box(vec![0_u8; 4096]))).join().expect("runs");
        let mine = super::count() - before;
        // The box, the vector and its growth; starting a thread takes a few more here, and none
        // of the other thread's own count.
        assert!((3..40).contains(&mine), "{mine}");
        let before = super::count();
        let sum: u64 = list.iter().sum();
        assert_eq!((super::count() - before, sum), (0, 7 * 1024));
    }
}
