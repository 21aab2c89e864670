//! One suite per port, for the fake here and for the real adapter: a fake is worth what these prove.

pub mod runtime;
pub mod store;
