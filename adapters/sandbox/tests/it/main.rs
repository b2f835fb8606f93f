//! Every behaviour of the sandbox, through HTTP.

mod client;
mod control;
mod dolphins;
mod faults;
mod helpdesk;
mod sociomile;
mod webhook;
