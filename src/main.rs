//! The `omnihub` program: see `omnihub --help`.

use std::process::ExitCode;

/// Small allocations dominate the accept path; mimalloc is the quickest at them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    omnihub::cli::main()
}
