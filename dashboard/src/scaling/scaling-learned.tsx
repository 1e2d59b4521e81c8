import type { ReactNode } from 'preact/compat';
import type { ScalingView } from '../../../src/schemas/view/view.ts';
import { Command } from '../parts/copy.tsx';
import { ClockText } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';
import { learnedParts, trustWords } from './learned-words.ts';

interface LearnedProps {
  readonly scaling: ScalingView;
}

/** What live data say of the evidence that scaling decides by. Nothing of a policy that learns nothing. */
export function Learned({ scaling: { learned, doubt } }: LearnedProps): ReactNode {
  if (learned === undefined && doubt === undefined) return null;
  return (
    <div className="scaling-learned">
      {learned === undefined ? null : (
        <dl>
          {learnedParts(learned).map(({ name, value, detail }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {value} <span className="sub">{detail}</span>
              </dd>
            </div>
          ))}
          <div>
            <dt>evidence</dt>
            <dd>
              <span className={learned.trusted ? 'flag flag-plain' : 'flag'}>
                <ClockText words={(nowMs) => trustWords(learned, nowMs)} />
              </span>
            </dd>
          </div>
        </dl>
      )}
      {doubt === undefined ? null : (
        <div className="scaling-doubt">
          <p>
            <span className="flag">capacity no longer holds</span> <Words text={doubt} />. Decisions go on by what was
            told and what is learned of it.
          </p>
          <Command text="plimsoll capacity" />
        </div>
      )}
    </div>
  );
}
