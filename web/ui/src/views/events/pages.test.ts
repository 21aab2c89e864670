import { describe, expect, it } from "vitest";

import type { EventPage, FleetEvent } from "../../api/types";
import { NO_FILTER, eventMatcher, eventQuery, eventSearch, parseEventFilter } from "./filter";
import { KEPT, PAGE, addLive, addNewer, addOlder, countNew, hasHole, newestPage, pastPage } from "./pages";

const event = (seq: number, part: Partial<FleetEvent> = {}): FleetEvent => ({
  seq,
  at: "2026-01-01T00:00:00Z",
  kind: "container_started",
  instance: "dev-2",
  type: "dev",
  incarnation: null,
  cause: null,
  detail: null,
  data: null,
  caused_by: null,
  ...part,
});
const events = (from: number, to: number): FleetEvent[] => Array.from({ length: to - from + 1 }, (_, at) => event(from + at));
const page = (items: FleetEvent[], newest = items.at(-1)?.seq ?? 0): EventPage => ({ items, generation: 1, oldest: 1, newest });
const seqs = (log: { items: readonly FleetEvent[] }): number[] => log.items.map(({ seq }) => seq);
const all = (): boolean => true;

describe("the log", () => {
  it("joins pages and what comes live without holes and doubles", () => {
    let log = newestPage(page(events(201, 300), 305));
    expect(log).toMatchObject({ upTo: 305, complete: false, live: true });
    // Those up to 305 did not fit the filter when the page was asked for.
    log = addLive(log, events(300, 307), all);
    expect(seqs(log).slice(-3)).toEqual([300, 306, 307]);
    expect(addLive(log, events(300, 307), all)).toBe(log);
    log = addOlder(log, page(events(190, 205)));
    expect(seqs(log)[0]).toBe(190);
    expect(new Set(seqs(log)).size).toBe(log.items.length);
    expect(log.complete).toBe(true);
  });

  it("leaves out what does not fit, and does not ask for it again", () => {
    const matches = eventMatcher({ ...NO_FILTER, causes: ["oom"] });
    let log = newestPage(page([event(4, { cause: "oom" })], 9));
    const live = [event(10), event(11, { cause: "oom" }), event(12)];
    expect(countNew(log, live, matches)).toBe(1);
    log = addLive(log, live, matches);
    expect(seqs(log)).toEqual([4, 11]);
    expect(log.upTo).toBe(12);
  });

  it("finds the way from the past to the present", () => {
    let log = pastPage(page(events(1, PAGE), 999), PAGE + 1);
    expect(addLive(log, events(900, 901), all)).toBe(log);
    log = addNewer(log, page(events(101, 200)));
    expect(log).toMatchObject({ live: false, upTo: 200 });
    log = addNewer(log, page(events(201, 203), 210));
    expect(log).toMatchObject({ live: true, upTo: 210 });
  });

  it("is at the present where nothing came after what was asked for", () => {
    expect(pastPage(page(events(1, 20)), 30)).toMatchObject({ live: true, upTo: 20 });
  });

  it("says when more came at once than is kept at hand", () => {
    const log = newestPage(page(events(1, 10)));
    expect(hasHole(log, events(11, 20))).toBe(false);
    expect(hasHole(log, events(12, 20))).toBe(true);
    expect(hasHole(log, [])).toBe(false);
  });

  it("does not grow for ever", () => {
    const log = addLive(newestPage(page(events(1, 10))), events(11, KEPT + 20), all);
    expect(log.items).toHaveLength(KEPT);
    expect(log.complete).toBe(false);
    expect(seqs(log).at(-1)).toBe(KEPT + 20);
  });
});

describe("the filter of events", () => {
  it("is the same in the address and out of it", () => {
    const search = "?q=a+b&instance=dev-2,dev-3&type=dev&cause=oom&group=work&kind=container_oom&trouble=1";
    expect(eventSearch(parseEventFilter(search), null)).toBe(search);
    expect(parseEventFilter("?kind=no+kind&group=no")).toEqual(NO_FILTER);
    // One of a newer server.
    expect(parseEventFilter("?kind=container_danced").kinds).toEqual(["container_danced"]);
    expect(eventSearch(NO_FILTER, 7)).toBe("?at=7");
  });

  it("asks the server for the kinds of a group", () => {
    const query = eventQuery({ ...NO_FILTER, groups: ["instances"], kinds: ["name_conflict"] });
    expect(query.get("kind")).toBe("instance_waking,instance_starting,instance_running,instance_idle,instance_stopping,name_conflict");
    expect(query.has("group")).toBe(false);
  });

  it("fits as the server's does: text in any part, whatever the case", () => {
    const fits = eventMatcher({ ...NO_FILTER, text: "MEMORY", types: ["dev"] });
    expect(fits(event(1, { detail: "out of memory" }))).toBe(true);
    expect(fits(event(1, { detail: "out of memory", type: "boss" }))).toBe(false);
    expect(fits(event(1))).toBe(false);
    expect(eventMatcher({ ...NO_FILTER, instances: ["dev-2"] })(event(1, { instance: null }))).toBe(false);
  });
});
