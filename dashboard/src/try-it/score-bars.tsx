import type { CSSProperties, ReactNode } from 'preact/compat';
import { formatBarShare, formatCount } from '../parts/format.ts';
import type { Scores } from './infer-answer.ts';

/** One bar per class; without scores the places stay, empty, so that an answer moves nothing. */
export function ScoreBars({ scores, count }: { readonly scores: Scores | null; readonly count: number }): ReactNode {
  const values: readonly (number | null)[] = scores?.values ?? new Array<null>(count).fill(null);
  const largest = scores?.probabilities === true ? 1 : Math.max(...values.map((value) => Math.abs(value ?? 0)), 1e-9);
  const name =
    scores === null ? 'No answer yet' : scores.probabilities ? 'Probability of each class' : 'Score of each class';
  return (
    <ol className="score-bars" aria-label={name}>
      {values.map((value, index) => {
        const share = value === null ? 0 : Math.max(0, value) / largest;
        const words = value === null ? '' : scores?.probabilities === true ? formatBarShare(value) : formatCount(value);
        return (
          <li key={index} data-best={scores?.best === index || undefined}>
            <span className="score-value">{words}</span>
            <span className="score-track" aria-hidden="true">
              <span className="score-bar" style={{ '--share': share } as CSSProperties} />
            </span>
            <span className="score-class">{index}</span>
          </li>
        );
      })}
    </ol>
  );
}
