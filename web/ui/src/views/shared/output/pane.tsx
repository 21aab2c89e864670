import "./pane.css";

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { Button, IconButton } from "../../../kit/button";
import { Icon } from "../../../kit/icons";
import { useKeys } from "../../../shell/keys";
import { type Buffer, MOST_LINES, type Reading, type Stream, textOf, unfinished } from "./buffer";
import { copyText } from "./copy";
import { type Match, search } from "./search";
import { BlockOfLines, LineRow } from "./lines";

interface PaneProps {
  label: string;
  buffer: Buffer;
  reading: Reading;
  /** Whether stdout and stderr are told apart. */
  streams: boolean;
  /** Whether more may come, so that it can be paused. */
  growing: boolean;
  /** How the reading goes, on the left of the toolbar. */
  standing: ComponentChildren;
  /** Shown where there is no line. */
  empty: ComponentChildren;
  /** Address and name of a file with all of it. */
  download: { href: string; name: string };
}

type Only = "all" | "stdout" | "stderr";

/** Output to read: it follows its end unless one scrolls up, can be paused, searched and copied. */
export function OutputPane({ label, buffer, reading, streams, growing, standing, empty, download }: PaneProps) {
  const [paused, setPaused] = useState<Buffer | null>(null);
  const [following, setFollowing] = useState(true);
  const [wrap, setWrap] = useState(true);
  const [times, setTimes] = useState(false);
  const [only, setOnly] = useState<Only>("all");
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const [copied, setCopied] = useState(false);
  const pane = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const shown = paused ?? buffer;
  const held = paused === null ? 0 : buffer.nextId - paused.nextId;
  const found = useMemo(() => matchesOf(shown, wanted, only), [shown, wanted, only]);
  const current = found.length === 0 ? null : (found[Math.min(at, found.length - 1)] ?? null);
  const open = unfinished(shown, reading).filter(({ stream }) => only === "all" || stream === only);

  useFollow(pane, content, following);
  const toEnd = (): void => {
    setFollowing(true);
    const box = pane.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  };
  const onScroll = (): void => {
    const box = pane.current;
    if (box !== null) setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < 32);
  };
  const goTo = (next: number): void => {
    if (found.length === 0) return;
    const index = (next + found.length) % found.length;
    setAt(index);
    setFollowing(false);
    const line = found[index]?.line;
    pane.current?.querySelector(`[data-line="${line}"]`)?.scrollIntoView({ block: "center" });
  };
  useKeys((event) => {
    if (event.key === "/") {
      event.preventDefault();
      input.current?.focus();
    } else if (event.key === "p" && (growing || paused !== null)) setPaused(paused === null ? buffer : null);
    else if (event.key === "w") setWrap(!wrap);
    else if (event.key === "f") toEnd();
  });
  const copy = (): void => {
    void copyText(textOf(shown, reading)).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  const nothing = shown.count === 0 && open.length === 0;
  return (
    <section class="output card" aria-label={label}>
      <div class="output-bar">
        <div class="output-standing">{standing}</div>
        <div class="output-search">
          <Icon name="search" />
          <input
            ref={input}
            type="search"
            aria-label="Search in the output"
            placeholder="Search"
            value={wanted}
            onInput={(event) => {
              setWanted(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") goTo(event.shiftKey ? at - 1 : wanted === "" ? 0 : at + (following ? 0 : 1));
              if (event.key === "Escape") {
                if (wanted === "") event.currentTarget.blur();
                setWanted("");
              }
            }}
          />
          {wanted !== "" && (
            <>
              <span class="output-found num" role="status">
                {found.length === 0 ? "none" : `${Math.min(at, found.length - 1) + 1} of ${found.length}`}
              </span>
              <IconButton icon="up" label="Match before" disabled={found.length === 0} onClick={() => goTo(at - 1)} />
              <IconButton icon="down" label="Next match" disabled={found.length === 0} onClick={() => goTo(at + 1)} />
            </>
          )}
        </div>
        <div class="output-tools">
          {streams && (
            <select class="output-only" aria-label="Which stream" value={only} onChange={(event) => setOnly(event.currentTarget.value as Only)}>
              <option value="all">Both streams</option>
              <option value="stdout">stdout</option>
              <option value="stderr">stderr</option>
            </select>
          )}
          {reading.dated && <IconButton icon="clock" label="Show times" aria-pressed={times} onClick={() => setTimes(!times)} />}
          <IconButton icon="wrap" label="Wrap long lines (w)" aria-pressed={wrap} onClick={() => setWrap(!wrap)} />
          <IconButton icon={copied ? "check" : "copy"} label={copied ? "Copied" : "Copy all lines"} onClick={copy} />
          <a class="icon-button" href={download.href} download={download.name} title="Download" aria-label="Download">
            <Icon name="download" />
          </a>
          {(growing || paused !== null) && (
            <Button small icon={paused === null ? "pause" : "play"} aria-pressed={paused !== null} onClick={() => setPaused(paused === null ? buffer : null)}>
              {paused === null ? "Pause" : held === 0 ? "Resume" : `Resume, ${held > MOST_LINES ? `${MOST_LINES}+` : held} held`}
            </Button>
          )}
        </div>
      </div>
      <div class="output-frame">
        {/* It scrolls by keys, so it takes the focus. */}
        <div
          ref={pane}
          class="output-pane dims"
          tabIndex={0}
          role="region"
          aria-label={`${label}: lines`}
          data-wrap={wrap}
          data-times={times}
          data-only={only}
          onScroll={onScroll}
        >
          <div ref={content} class="output-lines">
            {shown.dropped > 0 && <div class="output-note">{shown.dropped} earlier lines are not kept here</div>}
            {shown.blocks.map((block) => (
              <BlockOfLines key={block.id} block={block} wanted={wanted} current={inBlock(block.lines, current)} />
            ))}
            {open.map((line) => (
              <LineRow key={line.id} line={line} wanted="" current={null} />
            ))}
          </div>
          {nothing && <div class="output-empty">{empty}</div>}
        </div>
        {!following && !nothing && (
          <Button small icon="down" class="output-follow" onClick={toEnd}>
            {growing && paused === null ? "Follow" : "To the end"}
          </Button>
        )}
      </div>
    </section>
  );
}

function matchesOf(buffer: Buffer, wanted: string, only: Only): Match[] {
  const found = search(buffer.blocks, wanted);
  if (only === "all") return found;
  const visible = new Set<number>();
  for (const { lines } of buffer.blocks) {
    for (const { id, stream } of lines) if (isShown(stream, only)) visible.add(id);
  }
  return found.filter(({ line }) => visible.has(line));
}

const isShown = (stream: Stream, only: Only): boolean => only === "all" || stream === only || stream === "note";

/** Blocks that do not hold it keep getting the same null, and are not painted anew. */
function inBlock(lines: readonly { id: number }[], match: Match | null): Match | null {
  const first = lines[0]?.id ?? 0;
  const last = lines.at(-1)?.id ?? 0;
  return match !== null && match.line >= first && match.line <= last ? match : null;
}

/** Keeps the end in sight as lines come, and as those in sight are measured. */
function useFollow(pane: { current: HTMLElement | null }, content: { current: HTMLElement | null }, following: boolean): void {
  const on = useRef(following);
  on.current = following;
  const down = (): void => {
    const box = pane.current;
    if (on.current && box !== null) box.scrollTop = box.scrollHeight;
  };
  useLayoutEffect(down);
  useEffect(() => {
    if (content.current === null) return;
    const observer = new ResizeObserver(down);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, []);
}
