/** Bars over time, as plain SVG: what it shows is also in its label, and in the table that stands below it. */
interface Props {
  label: string;
  bars: { name: string; value: number }[];
}

const HEIGHT = 120;
const STEP = 12;

export function Bars({ label, bars }: Props) {
  const top = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <svg
      class="bars"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, bars.length) * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      {bars.map(({ name, value }, i) => (
        <rect
          key={name}
          x={i * STEP + 1}
          width={STEP - 2}
          y={HEIGHT - (value / top) * HEIGHT}
          height={(value / top) * HEIGHT}
          rx={1.5}
        >
          <title>{`${name}: ${value}`}</title>
        </rect>
      ))}
    </svg>
  );
}
