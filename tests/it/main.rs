//! Everything that is tested through the outside of the program, in one binary.

#[cfg(test)]
mod intake;
#[cfg(test)]
mod store;
