#![doc = include_str!("docs/architecture.md")]

pub mod access;
pub mod adapters;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dispatch;
mod fixtures;
pub mod http;
pub mod hub;
pub mod intake;
pub mod logging;
pub mod mapping;
pub mod metrics;
pub mod operate;
pub mod stand_ins;
pub mod store;
pub mod sync;
