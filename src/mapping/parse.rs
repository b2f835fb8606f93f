//! Reads what stands inside a text of a mapping file: `path | transform(arguments)`, and templates
//! with such in braces.
//!
//! It knows the form only. Whether paths and transforms exist is checked by who calls it.

use super::report::Span;

/// A path and what is done to its value.
#[derive(Debug, PartialEq)]
pub(super) struct Pipeline<'t> {
    pub(super) path: &'t str,
    pub(super) at: Span,
    pub(super) calls: Vec<Call<'t>>,
}

/// One transform as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Call<'t> {
    pub(super) name: &'t str,
    pub(super) at: Span,
    pub(super) arguments: Vec<Argument<'t>>,
}

/// An argument of a transform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Argument<'t> {
    Count(usize),
    Word(&'t str),
}

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'t> {
    Letters(String),
    Hole(Pipeline<'t>),
}

/// What is wrong with the form, and where in the text.
#[derive(Debug, PartialEq)]
pub(super) struct Slip {
    pub(super) at: Span,
    pub(super) message: &'static str,
}

/// Reads a whole text as one pipeline.
pub(super) fn pipeline(text: &str) -> Result<Pipeline<'_>, Slip> {
    let mut reader = Reader { text, at: 0 };
    let pipeline = reader.pipeline()?;
    if reader.at < text.len() {
        return Err(reader.slip("here a `|` or the end is expected"));
    }
    Ok(pipeline)
}

/// Reads a template: letters, `{pipeline}`, and `{{` or `}}` for a brace itself.
pub(super) fn template(text: &str) -> Result<Vec<Piece<'_>>, Slip> {
    let mut reader = Reader { text, at: 0 };
    let mut pieces = Vec::new();
    let mut letters = String::new();
    while let Some(letter) = reader.take() {
        match letter {
            '{' | '}' if reader.take_if(letter) => letters.push(letter),
            '{' => {
                if !letters.is_empty() {
                    pieces.push(Piece::Letters(std::mem::take(&mut letters)));
                }
                pieces.push(Piece::Hole(reader.pipeline()?));
                if !reader.take_if('}') {
                    return Err(reader.slip("here a `}` is expected"));
                }
            }
            '}' => {
                reader.at -= 1;
                return Err(reader.slip("a `}` without its `{`; a brace itself is written twice"));
            }
            other => letters.push(other),
        }
    }
    if !letters.is_empty() {
        pieces.push(Piece::Letters(letters));
    }
    Ok(pieces)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn pipeline(&mut self) -> Result<Pipeline<'t>, Slip> {
        self.skip_spaces();
        let (path, at) = self.name("a path, such as `ticket.title`, is expected")?;
        let mut calls = Vec::new();
        self.skip_spaces();
        while self.take_if('|') {
            self.skip_spaces();
            calls.push(self.call()?);
            self.skip_spaces();
        }
        Ok(Pipeline { path, at, calls })
    }

    fn call(&mut self) -> Result<Call<'t>, Slip> {
        let (name, at) = self.name("the name of a transform is expected")?;
        let mut arguments = Vec::new();
        if self.take_if('(') {
            while !self.take_if(')') {
                self.skip_spaces();
                arguments.push(self.argument()?);
                self.skip_spaces();
                if !self.take_if(',') && self.peek() != Some(')') {
                    return Err(self.slip("here a `,` or a `)` is expected"));
                }
            }
        }
        Ok(Call { name, at, arguments })
    }

    fn argument(&mut self) -> Result<Argument<'t>, Slip> {
        if let Some(quote) = self.peek().filter(|letter| matches!(letter, '\'' | '"')) {
            self.take();
            let (word, _) = self.run(|letter| letter != quote);
            if !self.take_if(quote) {
                return Err(self.slip("the text does not end"));
            }
            return Ok(Argument::Word(word));
        }
        let (word, _) = self.name("an argument is expected")?;
        Ok(word.parse().map_or(Argument::Word(word), Argument::Count))
    }

    fn name(&mut self, expected: &'static str) -> Result<(&'t str, Span), Slip> {
        let (name, at) =
            self.run(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'));
        if name.is_empty() { Err(self.slip(expected)) } else { Ok((name, at)) }
    }

    fn skip_spaces(&mut self) {
        self.run(char::is_whitespace);
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> (&'t str, Span) {
        let start = self.at;
        while self.peek().is_some_and(&belongs) {
            self.take();
        }
        (self.text.get(start..self.at).unwrap_or_default(), start..self.at)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.take();
        }
        is_there
    }

    fn slip(&self, message: &'static str) -> Slip {
        let width = self.peek().map_or(0, char::len_utf8);
        Slip { at: self.at..self.at + width, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pipeline_is_a_path_and_its_transforms() {
        let read = pipeline("ticket.title | upper | extend(10, ' (a, b)')").unwrap();
        assert_eq!((read.path, read.at), ("ticket.title", 0..12));
        let calls: Vec<_> = read.calls.iter().map(|call| call.name).collect();
        assert_eq!(calls, ["upper", "extend"]);
        assert_eq!(read.calls[1].arguments, [Argument::Count(10), Argument::Word(" (a, b)")]);
    }

    #[test]
    fn a_template_keeps_its_letters_and_doubled_braces() {
        let pieces = template("{{x}} {ticket.id}!").unwrap();
        assert!(matches!(&pieces[0], Piece::Letters(letters) if letters == "{x} "));
        assert!(matches!(&pieces[1], Piece::Hole(hole) if hole.path == "ticket.id"));
        assert!(matches!(&pieces[2], Piece::Letters(letters) if letters == "!"));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        assert_eq!(pipeline("ticket.title upper").unwrap_err().at, 13..14);
        assert_eq!(pipeline("ticket.title | ").unwrap_err().at, 15..15);
        assert_eq!(pipeline("a | last(4").unwrap_err().at, 10..10);
        assert_eq!(template("{ticket.title").unwrap_err().at, 13..13);
        assert_eq!(template("a } b").unwrap_err().at, 2..3);
    }

    proptest! {
        #[test]
        fn whatever_is_wrong_is_pointed_at_within_the_text(text in "[a-z|({'é} ,)]{0,40}") {
            for slip in [pipeline(&text).err(), template(&text).err()].into_iter().flatten() {
                prop_assert!(text.get(slip.at).is_some());
            }
        }
    }
}
