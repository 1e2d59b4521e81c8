import type { ReactNode } from 'preact/compat';
import { type Fill, fills } from './series.ts';

/** What is drawn on the ground of each pattern, 8 by 8 pixels. */
const strokes: Readonly<Record<Fill, string>> = {
  solid: '',
  hatch: 'M-2 2L2 -2M-2 10L10 -2M6 10L10 6',
  dots: 'M2 2h.01M6 6h.01',
  upright: 'M2 0v8M6 0v8',
  level: 'M0 2h8M0 6h8',
  cross: 'M-2 2L2 -2M-2 10L10 -2M6 10L10 6M-2 6L2 10M-2 -2L10 10M6 -2L10 2',
  empty: '',
  checker: 'M0 2h4M4 6h4',
};

/** Patterns that the charts of a page draw with. They stand in the page once. */
export function FillPatterns(): ReactNode {
  return (
    <svg className="unseen" width="1" height="1" aria-hidden="true" focusable="false">
      <defs>
        {fills.map((fill) => (
          <pattern key={fill} id={patternId(fill)} width="8" height="8" patternUnits="userSpaceOnUse">
            <rect className={`fill-ground fill-${fill}`} width="8" height="8" />
            <path className={`fill-stroke fill-${fill}`} d={strokes[fill]} />
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

const patternId = (fill: Fill): string => `fill-${fill}`;

/** Value of the attribute `fill`. */
export const paintOf = (fill: Fill): string => `url(#${patternId(fill)})`;

export function Swatch({ fill }: { readonly fill: Fill }): ReactNode {
  return (
    <svg className="cost-swatch" width="22" height="14" aria-hidden="true">
      <rect x="0.5" y="0.5" width="21" height="13" fill={paintOf(fill)} />
    </svg>
  );
}
