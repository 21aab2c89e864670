import { Notice } from "../kit/notice";
import { Ago } from "../kit/time";
import { dockerAwaySince, facts } from "../state/store";
import { clockTime } from "../state/time";
import "./banner.css";

/** What holds for the whole fleet and must not be overlooked. */
export function Banner() {
  const fleet = facts.value;
  if (fleet === null) return null;
  const since = dockerAwaySince.value;
  if (since !== null) {
    return (
      <div class="banner">
        <Notice tone="bad">
          <strong>Docker cannot be reached since {clockTime(since)}</strong> (<Ago at={since} />). What the containers do is
          unknown; nothing is done until it answers.
          {fleet.docker_error !== null && <p class="mono soft">{fleet.docker_error}</p>}
        </Notice>
      </div>
    );
  }
  if (fleet.suspended !== null) {
    return (
      <div class="banner">
        <Notice tone="bad">
          <strong>The supervisor is suspended</strong>: {fleet.suspended}
        </Notice>
      </div>
    );
  }
  if (fleet.booted) return null;
  return (
    <div class="banner">
      <Notice tone="busy">The supervisor has just started and is looking at the whole fleet for the first time.</Notice>
    </div>
  );
}
