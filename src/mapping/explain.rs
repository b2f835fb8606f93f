//! Explanations: where every field of a payload came from, step by step.
//!
//! It is the same run as a mapping's, with somebody looking on; there is no second evaluator.
//! What it shows is not masked: [`Line::is_personal`] says what has to be.

use serde::Serialize;
use serde_json::{Map, Value};

use super::rule::Rule;
use super::step::watch::Watch;
use super::step::{Lack, Operand, Otherwise, Plan, Refusal, Scene, fill};
use super::val::Val;
use super::{Facts, MapFailure, missing, refused};

/// How a payload came about, or why there is none.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The file as findings show it.
    pub file: String,
    /// What [`super::Mappings::map`] gives.
    pub payload: Result<Map<String, Value>, MapFailure>,
    /// The first field whose line refuses, also where the payload still waits.
    pub refused: Option<String>,
    /// Every line that ran, in the order of the payload; lines inside a list or an object follow the
    /// one that holds them.
    pub lines: Vec<Line>,
}

/// One line and what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Dotted name of what it fills, as `customer.name` or `buttons[0].text`.
    pub field: String,
    /// Where it stands in the file, counted from 1.
    pub line: usize,
    /// What it gives; absent where it leaves its field out or refuses.
    pub value: Option<Value>,
    /// Whether something personal was read on the way.
    pub is_personal: bool,
    /// What it did, in order.
    pub steps: Vec<LineStep>,
}

/// One step of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum LineStep {
    /// Read a path.
    Read {
        /// As the file writes it; empty for a value that stands in the line.
        path: String,
        /// What was there.
        value: Option<Value>,
    },
    /// Passed the value through a transform.
    Transform {
        /// As the file writes it.
        transform: String,
        /// What it gave; absent where it could not be converted.
        value: Option<Value>,
    },
    /// Passed a way by, because of what `when` or `unless` asks of a path.
    Closed {
        /// The path that was asked.
        path: String,
    },
    /// Took what `otherwise` says.
    Otherwise {
        /// `omit`, `null`, `refuse` or `use`.
        word: &'static str,
    },
}

/// Runs a rule's lines and tells what they do.
pub(super) fn explain(rule: &Rule, facts: &Facts<'_>) -> Explanation {
    let mut told = Told::default();
    let filled = fill(&rule.members, Scene::Filling(facts), &mut told);
    let payload = match (missing(rule, facts), &told.refusal) {
        (Some(receipt), _) => Err(MapFailure::Waits(receipt.clone())),
        (None, Some(kept)) => Err(refused(rule, &kept.refusal())),
        (None, None) => filled.map_err(|refusal| refused(rule, &refusal)),
    };
    let refused = told.refusal.map(|kept| kept.field);
    Explanation { file: rule.place.path.to_string(), payload, refused, lines: told.lines }
}

/// Writes down what lines do.
#[derive(Default)]
struct Told {
    lines: Vec<Line>,
    /// Places of the lines that have begun and not ended, the innermost last.
    open: Vec<usize>,
    /// The first line that refused.
    refusal: Option<Kept>,
}

/// A refusal that outlives its run.
struct Kept {
    field: String,
    lack: Lack,
    is_declared: bool,
}

impl Kept {
    fn refusal(&self) -> Refusal<'_> {
        Refusal { field: &self.field, lack: self.lack, is_declared: self.is_declared }
    }
}

impl Told {
    fn innermost(&mut self) -> Option<&mut Line> {
        self.lines.get_mut(*self.open.last()?)
    }

    fn add(&mut self, step: LineStep) {
        if let Some(line) = self.innermost() {
            line.steps.push(step);
        }
    }
}

impl Watch for Told {
    fn begin(&mut self, plan: &Plan) {
        self.open.push(self.lines.len());
        self.lines.push(Line {
            field: plan.name.to_string(),
            line: plan.line,
            value: None,
            is_personal: false,
            steps: Vec::new(),
        });
    }

    fn closed(&mut self, path: &str) {
        self.add(LineStep::Closed { path: path.to_owned() });
    }

    fn read(&mut self, operand: &Operand, value: Option<&Val<'_>>) {
        // What is personal in a list is so in the line that holds the list.
        let open = self.open.iter().filter(|_| operand.is_personal && value.is_some());
        for at in open {
            if let Some(line) = self.lines.get_mut(*at) {
                line.is_personal = true;
            }
        }
        self.add(LineStep::Read { path: operand.path.to_string(), value: value.map(Val::shown) });
    }

    fn step(&mut self, written: &str, value: Option<&Val<'_>>) {
        let value = value.map(Val::shown);
        self.add(LineStep::Transform { transform: written.to_owned(), value });
    }

    fn otherwise(&mut self, otherwise: &Otherwise) {
        let word = match otherwise {
            Otherwise::Proved => return,
            Otherwise::Omit => "omit",
            Otherwise::Null => "null",
            Otherwise::Refuse => "refuse",
            Otherwise::Use(_) => "use",
        };
        self.add(LineStep::Otherwise { word });
    }

    fn end(&mut self, value: Option<&Value>) {
        if let Some(line) = self.innermost() {
            line.value = value.cloned();
        }
        self.open.pop();
    }

    fn goes_on(&mut self, refusal: &Refusal<'_>) -> bool {
        let Refusal { field, lack, is_declared } = *refusal;
        self.refusal.get_or_insert(Kept { field: field.to_owned(), lack, is_declared });
        true
    }
}
