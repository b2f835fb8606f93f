//! Precedence: whether a status that a system says counts. One table, as a pure function.
//!
//! It does not look at the clock, write anything or make events: [`rule`] only says what counts. Rows, the
//! first that fits counts:
//!
//! | the system | what it says | then |
//! |---|---|---|
//! | is being told a status just now | anything | is not even noted: it may not know yet |
//! | said that word last, or took it from us last | that word | nothing |
//! | was not heard before | that the ticket is open | noted: every ticket begins so, and it says nothing of what others did since |
//! | any | the status that the ticket has, or the word by which it calls that one | noted: it knows no finer word |
//! | any | a word that nobody knows | a finding; the word is kept |
//! | the authority | anything else | counts, whatever the ticket was |
//! | another | closed, of a ticket that is resolved | counts, unless its closing is not final |
//! | another | another final word, of a ticket that is final | noted: what is final is more precise |
//! | another | a word that is not final, of a ticket that is final | a finding: only the authority reopens |
//! | another, whose closing is not final | closed | a finding, and a comment to all others |
//! | another | anything else | counts |

use omnihub_contract::StatusWord;

use crate::store::Link;

/// What a system says of a ticket's status.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// The word as it came.
    pub raw: &'a str,
    /// What it means; absent where nobody knows.
    pub means: Option<&'a StatusWord>,
}

/// Where the ticket and the system stand.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The ticket's status.
    pub status: &'a StatusWord,
    /// The word by which the system calls that status, where it has one.
    pub called: Option<&'a str>,
    /// What was last heard from the system, or told to it.
    pub link: &'a Link,
    /// The word by which the system calls the status that it was told last.
    pub told: Option<&'a str>,
    /// Whether it is being told a status just now.
    pub is_being_told: bool,
    /// Whether it is the numbering adapter, whose word counts before all others.
    pub is_authority: bool,
    /// Whether the ticket is closed when it says so.
    pub close_is_final: bool,
}

/// What becomes of a saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is no news, and not noted.
    Ignored,
    /// It changes nothing, and is noted as the system's last word.
    Noted,
    /// It becomes the ticket's status.
    Counts,
    /// Noted; a person should look: nobody knows the word.
    Unknown,
    /// Noted; a person should look: it would reopen what is final.
    Reopens,
    /// Noted; a person should look, and the others are told in a comment: its closing is not final.
    Closes,
}

/// Whether a status is final for all but the authority.
pub fn is_final(status: &StatusWord) -> bool {
    matches!(status, StatusWord::Resolved | StatusWord::Closed | StatusWord::Cancelled)
}

/// What becomes of what a system says of a ticket's status.
pub fn rule(saying: Saying<'_>, standing: &Standing<'_>) -> Ruling {
    let link = standing.link;
    let is_last = link.status_raw.as_deref() == Some(saying.raw)
        || standing.told.is_some_and(|told| is_same(told, saying.raw));
    if standing.is_being_told || is_last {
        return Ruling::Ignored;
    }
    let Some(means) = saying.means else { return Ruling::Unknown };
    let is_what_it_is = means == standing.status
        || standing.called.is_some_and(|called| is_same(called, saying.raw));
    if is_what_it_is || (link.is_silent() && *means == StatusWord::Open) {
        return Ruling::Noted;
    }
    if standing.is_authority { Ruling::Counts } else { of_another(means, standing) }
}

fn of_another(means: &StatusWord, standing: &Standing<'_>) -> Ruling {
    let is_closing = *means == StatusWord::Closed;
    match (is_final(standing.status), is_final(means)) {
        (true, true) if *standing.status == StatusWord::Resolved && is_closing => {
            if standing.close_is_final { Ruling::Counts } else { Ruling::Noted }
        }
        (true, true) => Ruling::Noted,
        (true, false) => Ruling::Reopens,
        (false, _) if is_closing && !standing.close_is_final => Ruling::Closes,
        (false, _) => Ruling::Counts,
    }
}

/// Systems are not of one mind about capitals (contract 3).
pub fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests;
