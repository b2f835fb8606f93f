//! A simulation: the planner, the dispatcher and the store as they are, over a simulated clock, made-up
//! systems in which everything goes wrong, crashes between any two steps, and people who decide.
//!
//! A run is made from its seed alone, so that one that fails can be had again: `OMNIHUB_SEED=n` makes only
//! that run, and the variable `OMNIHUB_TESTS=long` asks for the long forms.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod hang;
#[cfg(test)]
mod life;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod random;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod run;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod systems;
#[cfg(test)]
mod tally;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod weather;
#[cfg(test)]
mod world;
