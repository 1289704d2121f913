//! Fixed-index storage that reuses its slots: no allocation once it has grown.

/// No index.
pub const NONE: u32 = u32::MAX;

/// Values of one kind under stable 32-bit indexes.
#[derive(Debug)]
pub struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// With room for `capacity` values, which takes addresses but no memory until they come: so
    /// that growing never copies, and never holds memory twice.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { items: Vec::with_capacity(capacity), free: Vec::new() }
    }

    /// Stores `value`, in a freed slot when there is one.
    #[inline]
    pub fn insert(&mut self, value: T) -> u32 {
        match self.free.pop() {
            Some(i) => {
                self.items[i as usize] = value;
                i
            }
            None => {
                self.items.push(value);
                (self.items.len() - 1) as u32
            }
        }
    }

    /// Takes a freed slot with whatever it held, or a fresh default: for values whose buffers
    /// are worth keeping.
    pub fn reuse(&mut self) -> u32
    where
        T: Default,
    {
        match self.free.pop() {
            Some(i) => i,
            None => self.insert(T::default()),
        }
    }

    /// Frees slot `i`; what it holds stays until the slot is used again.
    #[inline]
    pub fn remove(&mut self, i: u32) {
        debug_assert!(self.free.len() > 64 || !self.free.contains(&i), "slot freed twice");
        self.free.push(i);
    }

    /// What slot `i` holds, where there is one.
    #[inline]
    pub fn get(&self, i: u32) -> Option<&T> {
        self.items.get(i as usize)
    }

    /// Every slot there is, freed ones too.
    pub fn slots(&self) -> &[T] {
        &self.items
    }

    /// Asks for slot `i` ahead of time; any `i` is allowed.
    #[inline(always)]
    pub fn prefetch(&self, i: u32) {
        fathom_ring::prefetch(self.items.as_ptr().wrapping_add(i as usize));
    }

    /// Used slots.
    pub fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// No slot is used.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, i: u32) -> &T {
        &self.items[i as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, i: u32) -> &mut T {
        &mut self.items[i as usize]
    }
}
