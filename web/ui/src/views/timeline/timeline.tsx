import "./timeline.css";

import { useCallback, useEffect } from "preact/hooks";

import { Button } from "../../kit/button";
import { EmptyState } from "../../kit/empty";
import { Problem } from "../../kit/notice";
import { useKeys } from "../../shell/keys";
import { Legend } from "./legend";
import { Listing } from "./listing";
import { Plot } from "./plot";
import { failure, filter, lanes, rows, setFilter, startTimeline } from "./state";
import { TimelineToolbar } from "./toolbar";

/** What the agents went through: one lane each, over hours and days. */
export function TimelineView() {
  useEffect(startTimeline, []);
  useKeys(useCallback(onKey, []));
  return (
    <div class="timeline">
      <h1>Timeline</h1>
      <TimelineToolbar />
      {failure.value !== null && <Problem error={failure.value} />}
      <Body />
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== "/") return;
  event.preventDefault();
  document.getElementById("timeline-search")?.focus();
}

function Body() {
  if (lanes.value === null) {
    if (failure.value !== null) return null;
    return <div class="card tl-skeleton" role="status" aria-label="Loading the timeline" />;
  }
  if (rows.value.length === 0) {
    const none = lanes.value.lanes.length === 0;
    return (
      <div class="card">
        {none ? (
          <EmptyState icon="info" title="There is nothing to show yet">
            No agent was there in this window of time.
          </EmptyState>
        ) : (
          <EmptyState
            icon="filter"
            title="No agent fits the filter"
            actions={<Button onClick={() => setFilter({ text: "", types: [], deleted: true, byType: filter.peek().byType })}>Show all</Button>}
          />
        )}
      </div>
    );
  }
  return (
    <>
      <Plot />
      <Listing />
      <Legend />
    </>
  );
}
