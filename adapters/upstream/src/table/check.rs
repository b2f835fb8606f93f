//! What is wrong with a table, said when its adapter is made and not when it is first needed.

use omnihub_contract::{Effect, Field, Operation, Place};

use super::{Search, Shown, Success, Table};

impl Table {
    /// What is wrong with it, the first thing.
    pub(super) fn mistake(&self) -> Option<String> {
        let rows = self.operations.iter();
        self.mistake_of_probe()
            .or_else(|| rows.clone().find_map(mistake_of_path))
            .or_else(|| rows.clone().find_map(|row| self.mistake_of_receipts(row)))
            .or_else(|| self.mistake_of_pointers())
            .or_else(|| self.searches.iter().find_map(|search| self.mistake_of_search(search)))
            .or_else(|| {
                let pointers = self.pointers();
                let bad = pointers.into_iter().find(|it| !it.is_empty() && !it.starts_with('/'));
                bad.map(|pointer| format!("the pointer `{pointer}` does not begin with /"))
            })
    }

    fn row(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|row| row.name == name)
    }

    /// The query of this name, if it can be asked with no more than this argument.
    fn query(&self, name: &str, argument: Option<&str>) -> Option<&'static Operation> {
        let row = self.row(name).filter(|row| row.effect == Effect::Read)?;
        let mut mandatory = row.fields.iter().filter(|field| field.mandatory);
        mandatory.all(|field| Some(field.name) == argument).then_some(row)
    }

    fn mistake_of_probe(&self) -> Option<String> {
        let Self { probe, .. } = self;
        match self.query(probe, None) {
            Some(_) => None,
            None => Some(format!("its probe `{probe}` is no `Read` without mandatory fields")),
        }
    }

    fn mistake_of_receipts(&self, row: &Operation) -> Option<String> {
        let is_pointed = |name: &&str| self.receipts.iter().any(|(known, _)| known == name);
        let name = row.gives.iter().find(|name| !is_pointed(name))?;
        Some(format!("`{}` gives `{name}`, and no pointer says where it stands", row.name))
    }

    fn mistake_of_pointers(&self) -> Option<String> {
        let is_given = |name: &str| self.operations.iter().any(|row| row.gives.contains(&name));
        let (name, _) = self.receipts.iter().find(|(name, _)| !is_given(name))?;
        Some(format!("it says where `{name}` stands, and no operation gives that"))
    }

    fn mistake_of_search(&self, search: &Search) -> Option<String> {
        let Search { of, by, with: (argument, field), none, .. } = search;
        let of_row = self.row(of).filter(|row| !row.gives.is_empty() && row.field(field).is_some());
        let by_row = self.query(by, Some(argument)).filter(|row| row.field(argument).is_some());
        let why = match (of_row, by_row, none) {
            (None, ..) => format!("there is no `{of}` that takes `{field}` and gives something"),
            (_, None, _) => format!("`{by}` is no `Read` that needs no more than `{argument}`"),
            // Whatever else stands at the address answers so too, and the delivery would be made again.
            (_, _, Shown::Status(_)) => "a status alone does not say that there is none".to_owned(),
            (_, _, Shown::Says(..) | Shown::Nothing(..)) => return None,
        };
        Some(format!("the search for `{of}`: {why}"))
    }

    fn pointers(&self) -> Vec<&'static str> {
        let of_shown = |shown: Shown| match shown {
            Shown::Status(_) => None,
            Shown::Says(_, pointer, _) | Shown::Nothing(_, pointer) => Some(pointer),
        };
        let success = match self.success {
            Success::Says(pointer, _) => Some(pointer),
            Success::Status | Success::Judged(_) => None,
        };
        let receipts = self.receipts.iter().map(|(_, pointer)| *pointer);
        let meanings = self.meanings.iter().filter_map(|(shown, _)| of_shown(*shown));
        let searches = self.searches.iter().flat_map(|it| [Some(it.repeats), of_shown(it.none)]);
        let words = self.words.iter().copied();
        receipts.chain(success).chain(meanings).chain(searches.flatten()).chain(words).collect()
    }
}

/// A path is filled from mandatory fields of the path, and from all of them.
fn mistake_of_path(row: &Operation) -> Option<String> {
    let name_of = |segment: &'static str| segment.strip_prefix('{')?.strip_suffix('}');
    let in_path = |field: &&Field| field.place == Place::Path;
    let named = || row.path.split('/').filter_map(name_of);
    let is_filled = |name: &&str| row.field(name).filter(in_path).is_some_and(|it| it.mandatory);
    let unfilled = named().find(|name| !is_filled(name));
    let mut fields = row.fields.iter().filter(in_path);
    let unused = fields.find(|field| !named().any(|name| name == field.name)).map(|it| it.name);
    let name = unfilled.or(unused)?;
    let words = "has to stand in the path and to be a mandatory field of the path";
    Some(format!("`{}`: `{name}` {words}", row.name))
}
