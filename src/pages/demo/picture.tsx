/** Drawn, so that the demo loads nothing from anywhere. */
import type { Shape } from './catalogue.ts';

const GOLD = '#c9a24b';
const PALE = '#f3e7c9';

export function Picture({ shape }: { shape: Shape }) {
  return (
    <svg class="picture" viewBox="0 0 100 100" aria-hidden="true">
      <defs>
        <linearGradient id={`gold-${shape}`} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stop-color={PALE} />
          <stop offset=".55" stop-color={GOLD} />
          <stop offset="1" stop-color="#8f6d22" />
        </linearGradient>
      </defs>
      {drawingOf(shape, `url(#gold-${shape})`)}
    </svg>
  );
}

function drawingOf(shape: Shape, gold: string) {
  const line = { fill: 'none', stroke: gold };
  switch (shape) {
    case 'ring':
      return (
        <>
          <ellipse cx="50" cy="57" rx="27" ry="25" stroke-width="3" {...line} />
          <path
            d="M50 22l3.4 7.2 7.9 1-5.8 5.4 1.5 7.8-7-3.9-7 3.9 1.5-7.8-5.8-5.4 7.9-1z"
            fill="#fff8e6"
            stroke={gold}
          />
        </>
      );
    case 'band':
      return (
        <>
          <ellipse cx="50" cy="52" rx="29" ry="27" stroke-width="7" {...line} />
          <path d="M58 25a10 10 0 1 0 6 14 8 8 0 0 1-6-14z" fill="#fff8e6" />
        </>
      );
    case 'heart':
      return (
        <>
          <path d="M18 16Q50 74 82 16" stroke-width="1.6" {...line} />
          <path
            d="M50 82C28 66 30 50 40 50c6 0 10 6 10 9 0-3 4-9 10-9 10 0 12 16-10 32z"
            fill="#d6546b"
            stroke={gold}
            stroke-width="2"
          />
        </>
      );
    case 'chain':
      return (
        <>
          <path d="M16 20Q50 96 84 20" stroke-width="3" stroke-dasharray="5 3" {...line} />
          {[30, 42, 50, 58, 70].map((x, i) => (
            <circle key={x} cx={x} cy={[52, 65, 70, 65, 52][i]} r={i === 2 ? 4 : 2.4} fill="#dfe8ff" />
          ))}
        </>
      );
    case 'pearl':
    case 'drop':
      return [30, 70].map((x) => (
        <g key={x}>
          <path d={`M${x} 20q7 0 7 8`} stroke-width="2" {...line} />
          <line
            x1={x + 7}
            y1="28"
            x2={x + 7}
            y2={shape === 'drop' ? 46 : 38}
            stroke={gold}
            stroke-width="1.6"
          />
          {shape === 'pearl' ? (
            <circle cx={x + 7} cy="50" r="12" fill="#f7f1ec" stroke="#e0d3c8" />
          ) : (
            <path
              d={`M${x + 7} 44c10 14 13 20 13 25a13 13 0 0 1-26 0c0-5 3-11 13-25z`}
              fill="#f7f1ec"
              stroke="#e0d3c8"
            />
          )}
          <circle cx={x + 3} cy={shape === 'pearl' ? 46 : 64} r="3" fill="#fff" />
        </g>
      ));
    default: {
      const [dark, light] = shape === 'emerald' ? ['#1d7a55', '#58c596'] : ['#1f3f9e', '#6f93ee'];
      return (
        <>
          <ellipse cx="50" cy="66" rx="24" ry="22" stroke-width="4" {...line} />
          <path d="M36 22h28l10 12-24 22-24-22z" fill={dark} stroke={gold} stroke-width="2" />
          <path d="M42 26h16l6 8H36z" fill={light} />
        </>
      );
    }
  }
}
