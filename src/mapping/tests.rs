//! Tests of the mapping language through its public interface.

mod catalogs;
mod golden;
mod language;
mod readme;
mod routing;
mod samples;
mod shipped;
mod updates;
