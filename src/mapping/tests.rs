//! Tests of the mapping language through its public interface.

mod any;
mod catalogs;
mod coverage;
mod explained;
mod faults;
mod golden;
mod inbound;
mod language;
mod nested;
mod readme;
mod routing;
mod samples;
mod schema;
mod shipped;
mod updates;
mod validator;
