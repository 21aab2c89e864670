import type { FleetEvent } from "../../api/types";

/** What the history says is left of it. */
export function whatIsLeft(events: readonly FleetEvent[]): { deletedAt: number | null; wiped: boolean } {
  const deleted = events.findLast(({ kind }) => kind === "agent_deleted");
  const wiped = events.findLast(({ kind }) => kind === "state_wiped");
  return {
    deletedAt: deleted === undefined ? null : Date.parse(deleted.at),
    wiped: wiped !== undefined && (deleted === undefined || wiped.seq > deleted.seq),
  };
}
