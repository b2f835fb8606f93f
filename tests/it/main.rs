//! t
#[cfg(test)]
mod intake;
