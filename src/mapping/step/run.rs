//! How compiled lines run: read, transform, and if there is nothing, what the line says.

use serde_json::{Map, Value};

use super::watch::Watch;
use super::{Lack, Make, Member, Operand, Otherwise, Part, Plan, Refusal, Scene, Term};
use crate::mapping::val::Val;

/// Why there is no value: the way has none, or a line inside it refused.
enum Stop<'m> {
    Lack(Lack),
    Refusal(Refusal<'m>),
}

impl From<Lack> for Stop<'_> {
    fn from(lack: Lack) -> Self {
        Self::Lack(lack)
    }
}

impl<'m> From<Refusal<'m>> for Stop<'m> {
    fn from(refusal: Refusal<'m>) -> Self {
        Self::Refusal(refusal)
    }
}

/// Builds the object that the members describe.
pub(in crate::mapping) fn fill<'m, W: Watch>(
    members: &'m [Member],
    scene: Scene<'m>,
    watch: &mut W,
) -> Result<Map<String, Value>, Refusal<'m>> {
    let mut object = Map::new();
    for member in members {
        if let Some(value) = member.fill(scene, watch)? {
            object.insert(member.key.to_string(), value);
        }
    }
    Ok(object)
}

impl Member {
    fn fill<'m, W: Watch>(
        &'m self,
        scene: Scene<'m>,
        watch: &mut W,
    ) -> Result<Option<Value>, Refusal<'m>> {
        let whole = match &self.whole {
            None => None,
            Some(plan) => plan.run(scene, watch)?,
        };
        if self.parts.is_empty() {
            return Ok(whole);
        }
        let parts = fill(&self.parts, scene, watch)?;
        Ok(match whole {
            Some(Value::Object(mut object)) => {
                object.extend(parts);
                Some(Value::Object(object))
            }
            whole if parts.is_empty() => whole,
            _ => Some(Value::Object(parts)),
        })
    }
}

impl Plan {
    /// The value; nothing where the line leaves its field out.
    pub(in crate::mapping) fn run<'m, W: Watch>(
        &'m self,
        scene: Scene<'m>,
        watch: &mut W,
    ) -> Result<Option<Value>, Refusal<'m>> {
        watch.begin(self);
        let ran = self.decide(scene, watch);
        watch.end(ran.as_ref().ok().and_then(Option::as_ref));
        ran.or_else(|refusal| if watch.goes_on(&refusal) { Ok(None) } else { Err(refusal) })
    }

    fn decide<'m, W: Watch>(
        &'m self,
        scene: Scene<'m>,
        watch: &mut W,
    ) -> Result<Option<Value>, Refusal<'m>> {
        let mut lack = Lack::Absent;
        for term in &self.terms {
            match term.value(scene, watch) {
                Ok(value) => return Ok(Some(value)),
                Err(Stop::Refusal(refusal)) => return Err(refusal),
                Err(Stop::Lack(Lack::Unfit)) => lack = Lack::Unfit,
                Err(Stop::Lack(Lack::Absent)) => {}
            }
        }
        watch.otherwise(&self.otherwise);
        match &self.otherwise {
            Otherwise::Omit => Ok(None),
            Otherwise::Null => Ok(Some(Value::Null)),
            Otherwise::Use(term) => match term.value(scene, watch) {
                Ok(value) => Ok(Some(value)),
                Err(Stop::Refusal(refusal)) => Err(refusal),
                Err(Stop::Lack(lack)) => Err(self.refusal(lack)),
            },
            Otherwise::Refuse | Otherwise::Proved => Err(self.refusal(lack)),
        }
    }

    fn refusal(&self, lack: Lack) -> Refusal<'_> {
        let is_declared = matches!(self.otherwise, Otherwise::Refuse);
        Refusal { field: &self.name, lack, is_declared }
    }
}

impl Term {
    fn value<'m, W: Watch>(&'m self, scene: Scene<'m>, watch: &mut W) -> Result<Value, Stop<'m>> {
        if let Some(condition) = self.when.iter().find(|condition| !condition.holds(scene)) {
            watch.closed(&condition.path);
            return Err(Lack::Absent.into());
        }
        if let Some(unless) =
            self.unless.as_ref().filter(|unless| unless.run(scene, &mut ()).is_ok())
        {
            watch.closed(&unless.path);
            return Err(Lack::Absent.into());
        }
        match &self.make {
            Make::Read(operand) => {
                operand.run(scene, watch)?.into_json().ok_or(Stop::Lack(Lack::Unfit))
            }
            Make::Text(parts) => Ok(Value::String(composed(parts, scene, watch)?)),
            Make::List(items) => listed(items, scene, watch),
            Make::Object(members) => {
                let object = fill(members, scene, watch)?;
                if object.is_empty() { Err(Lack::Absent.into()) } else { Ok(Value::Object(object)) }
            }
        }
    }
}

fn composed<W: Watch>(parts: &[Part], scene: Scene<'_>, watch: &mut W) -> Result<String, Lack> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Letters(letters) => text.push_str(letters),
            Part::Hole(operand) => {
                let read = operand.run(scene, watch)?;
                text.push_str(&read.into_text().ok_or(Lack::Unfit)?);
            }
        }
    }
    Ok(text)
}

fn listed<'m, W: Watch>(
    items: &'m [Plan],
    scene: Scene<'m>,
    watch: &mut W,
) -> Result<Value, Stop<'m>> {
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        list.extend(item.run(scene, watch)?);
    }
    if list.is_empty() { Err(Lack::Absent.into()) } else { Ok(Value::Array(list)) }
}

impl Operand {
    fn run<'a, W: Watch>(&'a self, scene: Scene<'a>, watch: &mut W) -> Result<Val<'a>, Lack> {
        let read = self.source.read(scene);
        watch.read(self, read.as_ref());
        let mut value = read.ok_or(Lack::Absent)?;
        for step in &self.steps {
            let made = step.transform.run(value);
            watch.step(&step.written, made.as_ref());
            value = made.ok_or(Lack::Unfit)?;
        }
        Ok(value)
    }
}
