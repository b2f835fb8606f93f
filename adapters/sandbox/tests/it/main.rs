//! Every behaviour of the sandbox, through HTTP.

#[cfg(test)]
mod client;
#[cfg(test)]
mod control;
#[cfg(test)]
mod dolphins;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod helpdesk;
#[cfg(test)]
mod sociomile;
#[cfg(test)]
mod webhook;
