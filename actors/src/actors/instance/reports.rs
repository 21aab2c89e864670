//! What is found out for the whole fleet at once, and told to each instance: what images are now, what lives use, which
//! image it is to have.

use actix::{Context, Handler};

use super::super::messages::{ImagesSeen, SetPin, UsageSeen};
use super::Instance;

impl Handler<ImagesSeen> for Instance {
    type Result = ();

    fn handle(&mut self, ImagesSeen { ids }: ImagesSeen, ctx: &mut Context<Self>) {
        let event = self.state.images(&ids, self.now());
        self.emit(event);
        // What was told is remembered.
        self.step(ctx);
    }
}

impl Handler<SetPin> for Instance {
    type Result = ();

    fn handle(&mut self, SetPin { pin }: SetPin, ctx: &mut Context<Self>) {
        self.state.set_pin(pin, self.now());
        self.step(ctx);
    }
}

impl Handler<UsageSeen> for Instance {
    type Result = ();

    fn handle(&mut self, UsageSeen { of, usage }: UsageSeen, ctx: &mut Context<Self>) {
        let events = self.state.measured(&of, usage, self.now());
        if events.is_empty() {
            return self.show();
        }
        // What was told is remembered, so that the next daemon does not tell it again.
        self.emit(events);
        self.step(ctx);
    }
}
