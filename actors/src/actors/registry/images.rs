//! Which images the rows ask for, what their names mean, and who is pinned to one.

use actix::{Handler, MessageResult};

use super::super::messages::{FleetImages, ImagesSeen, PinOf, SetPin, WantedImages};
use super::Registry;
use crate::model::Desired;

impl Handler<FleetImages> for Registry {
    type Result = ();

    fn handle(&mut self, FleetImages { ids }: FleetImages, _: &mut Self::Context) {
        self.broadcast(|| ImagesSeen { ids: ids.clone() });
    }
}

impl Handler<WantedImages> for Registry {
    type Result = MessageResult<WantedImages>;

    fn handle(&mut self, _: WantedImages, _: &mut Self::Context) -> Self::Result {
        let rows = self.entries.values().filter_map(|entry| entry.row.as_ref());
        let image = |row| match self.catalog.resolve(row) {
            Desired::Container(desired) => Some(desired.spec.image),
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
        };
        MessageResult(rows.filter_map(image).collect())
    }
}

impl Handler<PinOf> for Registry {
    type Result = ();

    fn handle(&mut self, PinOf { name, pin }: PinOf, _: &mut Self::Context) {
        // One that died is told anew by whoever sees in the picture that it does not know.
        if let Some(addr) = self.entries.get(&name).and_then(|entry| entry.addr.as_ref()) {
            addr.do_send(SetPin { pin });
        }
    }
}
