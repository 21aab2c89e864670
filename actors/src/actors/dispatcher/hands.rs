//! What keeps an instance from being granted, or awake, beside leases: operators, rollouts and tasks.

use actix::Handler;

use super::Dispatcher;
use super::messages::{Reserve, SetCordoned, SetHold, SetTask, Unreserve};
use super::work::{Turn, Work};

impl Handler<Unreserve> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Unreserve { name }: Unreserve, ctx: &mut Self::Context) {
        self.reserved.remove(&name);
        self.advance(ctx);
    }
}

impl Handler<Reserve> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Reserve { name, reserved }: Reserve, ctx: &mut Self::Context) {
        if reserved {
            self.rolling.insert(name.clone());
        } else {
            self.rolling.remove(&name);
        }
        self.tell(&name);
        self.advance(ctx);
    }
}

impl Handler<SetCordoned> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetCordoned { name, cordoned, reply }: SetCordoned, ctx: &mut Self::Context) {
        self.work.push_back(Turn::Write(Work::Cordon { name, cordoned, reply }));
        self.advance(ctx);
    }
}

impl Handler<SetHold> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetHold { name, until, reply }: SetHold, ctx: &mut Self::Context) {
        self.work.push_back(Turn::Write(Work::Hold { name, until, reply }));
        self.advance(ctx);
    }
}

impl Handler<SetTask> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetTask { name, task, runs }: SetTask, ctx: &mut Self::Context) {
        if runs {
            self.tasks.insert(name.clone(), task);
        } else if self.tasks.get(&name) == Some(&task) {
            // Not the next one, which its caller may have sent as soon as the end of this one was known.
            self.tasks.remove(&name);
        }
        self.tell(&name);
        self.advance(ctx);
    }
}
