//! `omnihub explain CODE`: the page of a code, from `src/docs/codes.md`.

use super::{Failed, say};

const CODES: &str = include_str!("../docs/codes.md");

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code, as H0401
    code: String,
}

pub(crate) fn run(args: &Args) -> Result<(), Failed> {
    let code = args.code.to_uppercase();
    let page = CODES.split("\n## ").skip(1).find(|page| page.starts_with(&code));
    match page {
        Some(page) => say(page.trim()),
        None => {
            return Err(Failed::Wrong(format!(
                "there is no code {code}; the codes are {}",
                codes().collect::<Vec<_>>().join(", ")
            )));
        }
    }
    Ok(())
}

/// Every code that has a page.
fn codes() -> impl Iterator<Item = &'static str> {
    CODES.split("\n## ").skip(1).filter_map(|page| page.split_whitespace().next())
}
