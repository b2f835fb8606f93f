//! The real `omnihub` program as its users have it: started, posted to, killed, asked by command line.
//!
//! The hub is a process of its own; the upstreams are the sandbox's, in the test's process, so that
//! they outlive every kill. The variable `OMNIHUB_TESTS=long` asks for the long forms, and
//! `OMNIHUB_SEED` for the moments of an earlier run.

mod admin;
mod bad_input;
mod calls;
mod circle;
mod command_line;
mod complaints;
mod count;
mod hang;
mod harness;
mod kill;
mod levers;
mod load;
mod mapping;
mod memory;
mod outage;
mod receivers;
mod secrets;
mod stop;
mod store;
mod storm;
mod told;
mod twins;
mod upstreams;
