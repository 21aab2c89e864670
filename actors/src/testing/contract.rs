//! One suite per port, for the fake here and for the real adapter: a fake is worth what these prove.

/// The claims of a suite, each a function that is given a world.
macro_rules! points {
    ($($name:ident,)*) => {
        /// Every claim by name, for those who run them one by one.
        pub const POINTS: &[Point] =
            &[$(Point { name: stringify!($name), check: |world| Box::pin($name(world)) },)*];
    };
}

pub mod leases;
pub mod rollouts;
pub mod runs;
pub mod runtime;
pub mod store;
pub mod tasks;
