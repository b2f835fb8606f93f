//! Random numbers from a seed: the same ones each time (splitmix64).

/// A stream of random numbers.
pub(crate) struct Random(u64);

impl Random {
    /// The stream of this seed, for one of those who draw from it.
    pub(crate) fn of(seed: u64, whose: u64) -> Self {
        Self(mix(seed ^ mix(whose)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(crate) fn happens(&mut self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(all.len()).unwrap();
        (count > 0).then(|| &all[usize::try_from(self.below(count)).unwrap()])
    }
}

/// Mixes the bits of a number.
pub(crate) fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
