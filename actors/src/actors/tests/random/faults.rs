//! What goes wrong between the daemon, docker and the disk.

use std::time::Duration;

use jiff::SignedDuration;
use strum::IntoEnumIterator as _;

use super::Run;
use crate::ports::RuntimeError;
use crate::testing::{Behaviour, StoreVerb, Verb};

impl Run {
    pub(super) fn fault(&mut self) {
        let docker = self.world.docker.clone();
        let verb = self.verb();
        let done = match self.dice.below(24) {
            0..4 => {
                docker.fail_next(verb, self.error(verb));
                format!("the next {verb} fails")
            }
            4..8 => {
                docker.work_but_fail_next(verb, self.error(verb));
                format!("the next {verb} works and fails")
            }
            8 => {
                docker.hang(verb);
                format!("{verb} hangs")
            }
            // A start that works after its deadline, when the container that it was to replace runs again, is the one
            // thing that no look beforehand can rule out.
            9 if verb != Verb::Start => {
                docker.hang_and_work_late(verb);
                format!("{verb} hangs and works late")
            }
            10 => {
                docker.hang_after_effect(verb);
                format!("{verb} hangs after its effect")
            }
            11..14 => {
                for verb in Verb::iter() {
                    docker.release(verb);
                }
                "nothing hangs any more".into()
            }
            14 => {
                docker.unreachable(true);
                "docker goes away".into()
            }
            15 | 16 => {
                docker.unreachable(false);
                docker.garble_lists(false);
                docker.empty_lists(false);
                docker.calm();
                "docker is back".into()
            }
            17 => {
                docker.garble_lists(true);
                "lists are garbled".into()
            }
            18 => {
                docker.empty_lists(true);
                "lists are empty".into()
            }
            19 => {
                let seed = self.dice.below(u64::MAX);
                docker.chaos(seed, if self.dice.one_in(2) { 0.05 } else { 0.3 });
                "chaos".into()
            }
            20 => {
                let hours = i64::try_from(self.dice.below(20)).unwrap_or(0) - 10;
                self.world.clock.jump(SignedDuration::from_hours(hours));
                format!("the clock jumps by {hours} hours")
            }
            21 => {
                let image_ignores = self.dice.one_in(2);
                docker.behave("agent:2", Behaviour { ignores_term: image_ignores, ..Behaviour::default() });
                format!("agent:2 ignores SIGTERM: {image_ignores}")
            }
            _ => {
                let verbs: Vec<StoreVerb> = StoreVerb::iter().collect();
                let verb = self.dice.pick(&verbs).copied().unwrap_or(StoreVerb::Agent);
                self.world.store.fail_next(verb);
                format!("the store's next {verb} fails")
            }
        };
        self.trace.note(done);
    }

    fn verb(&mut self) -> Verb {
        let verbs: Vec<Verb> = Verb::iter().collect();
        self.dice.pick(&verbs).copied().unwrap_or(Verb::Create)
    }

    fn error(&mut self, verb: Verb) -> RuntimeError {
        let name: &'static str = verb.into();
        match self.dice.below(5) {
            0 | 1 => RuntimeError::Timeout { verb: name, after: Duration::from_secs(30) },
            2 => RuntimeError::Unreachable { detail: "connection refused".into() },
            3 => RuntimeError::NoSpace { detail: "no space left on device".into() },
            _ => RuntimeError::Other { verb: name, code: "1".into(), stderr: "it did not work".into() },
        }
    }

    /// All faults end.
    pub(super) fn quiet(&self) {
        let docker = &self.world.docker;
        docker.calm();
        docker.unreachable(false);
        docker.garble_lists(false);
        docker.empty_lists(false);
        for verb in Verb::iter() {
            docker.clear(verb);
            docker.release(verb);
        }
        self.world.store.work_again();
        docker.add_image("none:1");
        for image in ["bad:1", "broken:1"] {
            docker.behave(image, Behaviour::default());
        }
        self.trace.note("all faults end");
    }

    pub(super) fn spoil_images(&self) {
        let docker = &self.world.docker;
        docker.remove_image("none:1");
        docker.exits_at_once("bad:1", 1);
        let cannot_start = Some("exec format error".to_owned());
        docker.behave("broken:1", Behaviour { cannot_start, ..Behaviour::default() });
    }
}
