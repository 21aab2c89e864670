import "./sparkline.css";

interface SparklineProps {
  values: readonly (number | null)[];
  /** The full width stands for so many values; fewer of them fill it from the right. */
  room: number;
  /** The top of the picture; larger values raise it. */
  top: number;
}

const WIDTH = 56;
const HEIGHT = 18;

/** A short past as a line. The number stands beside it, so it says nothing to a screen reader. */
export function Sparkline({ values, room, top }: SparklineProps) {
  const most = Math.max(top, ...values.map((value) => value ?? 0));
  const x = (index: number): number => WIDTH - ((values.length - 1 - index) * WIDTH) / (room - 1);
  const y = (value: number): number => HEIGHT - 1.5 - (value / most) * (HEIGHT - 3);
  const points = values.flatMap((value, index) => (value === null ? [] : [[x(index), y(value)] as const]));
  const line = points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const first = points[0];
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {first !== undefined && points.length > 1 && (
        <>
          <polygon points={`${first[0].toFixed(1)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
          <polyline points={line} />
        </>
      )}
    </svg>
  );
}
