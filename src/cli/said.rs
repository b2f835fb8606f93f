//! What every decision of a person comes with, on the command line.

/// Who decides, and why.
#[derive(clap::Args)]
pub(super) struct Said {
    /// Why; kept with the ticket
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Who decides [default: the user at this terminal]
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
}
