//! Looking on while lines run, for those who explain a payload: the same run, told step by step.

use serde_json::Value;

use super::{Operand, Otherwise, Plan, Refusal};
use crate::mapping::val::Val;

/// Somebody who looks on. By default nobody does, and it costs nothing.
pub(in crate::mapping) trait Watch {
    /// A line begins; lines inside it begin before it ends.
    fn begin(&mut self, _plan: &Plan) {}
    /// A way is not open: the path that a condition asked, or that `unless` names.
    fn closed(&mut self, _path: &str) {}
    /// A path was read.
    fn read(&mut self, _operand: &Operand, _value: Option<&Val<'_>>) {}
    /// A transform ran.
    fn step(&mut self, _written: &str, _value: Option<&Val<'_>>) {}
    /// No way gave a value.
    fn otherwise(&mut self, _otherwise: &Otherwise) {}
    /// The line ends, with what it gives.
    fn end(&mut self, _value: Option<&Value>) {}
    /// Whether the other lines are run all the same when one has refused.
    fn goes_on(&mut self, _refusal: &Refusal<'_>) -> bool {
        false
    }
}

impl Watch for () {}
