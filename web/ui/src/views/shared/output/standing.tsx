import { Button } from "../../../kit/button";
import { Icon } from "../../../kit/icons";
import "../../../kit/status.css";
import { localNow } from "../../../state/clock";
import { countdown } from "../../../state/time";
import type { Feed } from "./feed";

/** How the reading goes, in a word. */
export function FeedStanding({ feed, ended }: { feed: Feed; ended: string }) {
  const standing = feed.standing.value;
  switch (standing.kind) {
    case "connecting":
      return (
        <span class="status tone-busy" role="status">
          <Icon name="spin" class="spinning" />
          Connecting
        </span>
      );
    case "resting":
      return <span class="status tone-idle">Paused</span>;
    case "live":
      return (
        <span class="status tone-ok" role="status">
          <Icon name="play" />
          Live
        </span>
      );
    case "ended":
      return (
        <span class="status tone-idle" role="status">
          <Icon name="square" />
          {ended}
        </span>
      );
    case "waiting":
      return (
        <>
          <span class="status tone-warn">
            <Icon name="restart" />
            Again {countdown(standing.retryAt - localNow.value)}
          </span>
          <Button small onClick={() => feed.connect()}>
            Now
          </Button>
        </>
      );
    case "refused":
      return (
        <>
          <span class="status tone-warn" role="status">
            <Icon name="alert" />
            Not readable
          </span>
          <span class="soft cut" title={standing.error.message}>
            {standing.error.message}
          </span>
          <Button small onClick={() => feed.connect()}>
            Try again
          </Button>
        </>
      );
  }
}
