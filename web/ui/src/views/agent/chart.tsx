import { useEffect, useRef, useState } from "preact/hooks";

import { theme } from "../../state/theme";
import { clockTime } from "../../state/time";

interface ChartProps {
  /** In seconds. */
  times: readonly number[];
  values: readonly (number | null)[];
  words: (value: number) => string;
  binary: boolean;
  least: number;
  label: string;
}

interface Drawn {
  setData(data: [number[], (number | null)[]]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

const HEIGHT = 136;

/** One line over time. The library is fetched when the first one is drawn. */
export function Chart({ times, values, words, binary, least, label }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const [read, setRead] = useState<string | null>(null);
  const data = useRef<[number[], (number | null)[]]>([[], []]);
  data.current = [[...times], [...values]];
  const dark = useDark();
  useEffect(() => {
    let gone = false;
    const box = place.current;
    if (box === null) return;
    void import("./uplot").then(({ draw }) => {
      if (gone) return;
      const onRead = (index: number | null): void => {
        const at = index === null ? undefined : data.current[0][index];
        const value = index === null ? null : (data.current[1][index] ?? null);
        setRead(at === undefined || value === null ? null : `${clockTime(at * 1000)}  ${words(value)}`);
      };
      drawn.current = draw({ box, height: HEIGHT, data: data.current, words, binary, least, onRead });
    });
    const observer = new ResizeObserver(() => drawn.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      gone = true;
      observer.disconnect();
      drawn.current?.destroy();
      drawn.current = null;
    };
    // A canvas takes its colours when it is drawn.
  }, [dark]);
  useEffect(() => {
    drawn.current?.setData(data.current);
  }, [times.at(-1), values.length]);
  return (
    <div class="chart" role="img" aria-label={label}>
      <div ref={place} />
      {read !== null && <span class="chart-read num">{read}</span>}
    </div>
  );
}

/** Whether the page is dark, so that what cannot follow by itself is drawn anew. */
function useDark(): boolean {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const [systemDark, setSystemDark] = useState(system.matches);
  useEffect(() => {
    const changed = (): void => setSystemDark(system.matches);
    system.addEventListener("change", changed);
    return () => system.removeEventListener("change", changed);
  }, []);
  return theme.value === "system" ? systemDark : theme.value === "dark";
}
