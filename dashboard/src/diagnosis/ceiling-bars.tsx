import type { ReactNode } from 'preact/compat';
import type { DiagnosisRecord } from '../../../src/core/diagnosis/report/diagnosis-record.ts';
import { ClockText } from '../parts/time.tsx';
import { ceilingNote, isCrossed } from './diagnosis-words.ts';

const percent = (share: number): string => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`;

/** One bar a ceiling that was read: the use, and a stroke where a cause is suspected. */
export function CeilingBars({ record }: { readonly record: DiagnosisRecord }): ReactNode {
  const { ceilings, suspected } = record;
  const read = ceilings.flatMap((ceiling) => ('value' in ceiling.use ? [{ ceiling, share: ceiling.use.value }] : []));
  return (
    <div className="ceilings">
      <h3>
        Use of each ceiling{' '}
        <span className="unit">
          {read.length} of {ceilings.length} were read
        </span>
      </h3>
      <ul>
        {read.map(({ ceiling, share }) => (
          <li key={ceiling.name} data-crossed={isCrossed(ceiling, suspected) || undefined}>
            <span className="ceiling-label">{ceiling.label}</span>
            <svg className="ceiling-bar" width="100%" height="18" aria-hidden="true">
              <rect className="ceiling-room" x="0" width="100%" y="4" height="10" />
              <rect className="ceiling-use" x="0" width={percent(share)} y="4" height="10" />
              {ceiling.line === null ? null : (
                <line
                  className="ceiling-line"
                  x1={percent(ceiling.line.at)}
                  x2={percent(ceiling.line.at)}
                  y1="0"
                  y2="18"
                />
              )}
            </svg>
            <span className="ceiling-text">{ceiling.text}</span>
            <span className="ceiling-note sub">
              <ClockText words={(nowMs) => ceilingNote(ceiling, nowMs)} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
