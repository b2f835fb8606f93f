//! Power cuts and full disks: the real program on a file system of its own, which is cut off in the
//! middle of work, or fills up.
//!
//! SIGKILL shows nothing of what a power cut does, because the kernel still writes what the process
//! left. Here the hub's file system lies in an image file, and that file in a file system that is
//! frozen at a random moment: what was not synced is not in the image, and what was being synced is
//! there in part. A hub is then started on a copy of the image, as after the power came back.

#[cfg(test)]
mod cut;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod full;
#[cfg(test)]
#[path = "../it/process/harness.rs"]
mod harness;

#[cfg(test)]
fn main() {
    if cut::is_asked_for() {
        full::main();
        cut::main();
    }
}
