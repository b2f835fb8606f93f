//! Mapping files as integrators have them: cases, trying out, comparing, and changing them under a
//! running hub.

mod cases;
mod reload;
