//! Which lines look at the files that came with an event: whoever runs others need not have them.

use super::{Make, Member, Operand, Otherwise, Part, Plan, Source, Term};

impl Member {
    /// Whether a line of it looks at files.
    pub(in super::super) fn reads_files(&self) -> bool {
        self.whole.as_ref().is_some_and(Plan::reads_files)
            || self.parts.iter().any(Self::reads_files)
    }
}

impl Plan {
    fn reads_files(&self) -> bool {
        let otherwise = match &self.otherwise {
            Otherwise::Use(term) => Some(term),
            Otherwise::Proved | Otherwise::Omit | Otherwise::Null | Otherwise::Refuse => None,
        };
        self.terms.iter().chain(otherwise).any(Term::reads_files)
    }
}

impl Term {
    fn reads_files(&self) -> bool {
        self.when.iter().any(|condition| condition.source.reads_files())
            || self.unless.as_ref().is_some_and(Operand::reads_files)
            || match &self.make {
                Make::Read(operand) => operand.reads_files(),
                Make::Text(parts) => parts.iter().any(|part| match part {
                    Part::Hole(operand) => operand.reads_files(),
                    Part::Letters(_) => false,
                }),
                Make::List(plans) => plans.iter().any(Plan::reads_files),
                Make::Object(members) => members.iter().any(Member::reads_files),
            }
    }
}

impl Operand {
    fn reads_files(&self) -> bool {
        self.source.reads_files()
    }
}

impl Source {
    fn reads_files(&self) -> bool {
        matches!(self, Self::Files(_))
    }
}
