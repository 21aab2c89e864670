import { memo } from "../../../kit/memo";

import { clockTime } from "../../../state/time";
import type { Block, Line } from "./buffer";
import { type Match, mark, matchesIn } from "./search";

interface BlockProps {
  block: Block;
  wanted: string;
  current: Match | null;
}

/** A hundred lines, painted once. */
export const BlockOfLines = memo(function BlockOfLines({ block, wanted, current }: BlockProps) {
  return (
    <div class="output-block">
      {block.lines.map((line) => (
        <LineRow key={line.id} line={line} wanted={wanted} current={current?.line === line.id ? current : null} />
      ))}
    </div>
  );
});

export function LineRow({ line, wanted, current }: { line: Line; wanted: string; current: Match | null }) {
  if (line.stream === "note") return <div class="output-note">{line.text}</div>;
  const matches = matchesIn(line.text, wanted);
  return (
    <div class="output-line" data-line={line.id} data-stream={line.stream} title={line.stream === "stderr" ? "stderr" : undefined}>
      {line.at !== null && <span class="output-time num">{clockTime(Date.parse(line.at))}</span>}
      <span class="output-text">
        {matches.length === 0 ? line.pieces.map(({ text, style }, index) => <Text key={index} text={text} style={style} />) : null}
        {matches.length > 0 &&
          mark(line.pieces, matches).map(({ text, style, match }, index) =>
            match === null ? (
              <Text key={index} text={text} style={style} />
            ) : (
              <mark key={index} class={style} data-current={current?.from === match}>
                {text}
              </mark>
            ),
          )}
        {line.text === "" && "\u200b"}
      </span>
    </div>
  );
}

function Text({ text, style }: { text: string; style: string }) {
  return style === "" ? <>{text}</> : <span class={style}>{text}</span>;
}
