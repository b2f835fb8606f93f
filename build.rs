//! Builds anew what has files inside it (`include_dir`) when one is added: the macro sees only changes of
//! those that it knows.

fn main() {
    println!("cargo::rerun-if-changed=mappings");
    println!("cargo::rerun-if-changed=fixtures/omni");
}
