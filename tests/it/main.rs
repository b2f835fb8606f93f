//! Everything that is tested through the outside of the program, in one binary.

#[cfg(test)]
mod adding;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod door;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod mappings;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod process;
#[cfg(test)]
mod store;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod walls;
