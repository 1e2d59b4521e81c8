import type { ReactNode } from 'preact/compat';
import type { Besides, TriageAnswer } from '../../../src/core/monitoring/triage/answer.ts';
import type { SlicesStatus } from '../../../src/core/monitoring/slices/slice-status.ts';
import type { FeatureStatus } from '../../../src/core/monitoring/watch/drift-status.ts';
import type { Observed } from '../../../src/core/monitoring/watch/observed-words.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { useSession } from '../frame/page-session.ts';
import { NextStep } from '../health/next-step.tsx';
import { Command } from '../parts/copy.tsx';
import { CheckGlyph, CrossGlyph, QuestionGlyph } from '../parts/glyphs.tsx';
import { Time } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';
import { Acknowledging } from './acknowledge.tsx';
import type { AskedSamples } from './drift-samples.tsx';
import { alarmName, featuresBehind, type Finding } from './drift-story.ts';

interface AlarmProps {
  readonly view: ServiceView;
  readonly alarm: Finding;
  /** Those that it names itself. */
  readonly named?: readonly string[];
  readonly features: readonly FeatureStatus[];
  readonly slices: SlicesStatus | undefined;
  readonly isAsked: boolean;
  readonly onAsk: (asked: AskedSamples | null) => void;
}

const featuresAsked = 4;

/** One alarm: what moved, the cause or what would decide, what was looked at, and what to do. */
export function Alarm({ view, alarm, named, features, slices, isAsked, onAsk }: AlarmProps): ReactNode {
  const { name, moved, arm, atMs, sinceMs, diagnosis, observed } = alarm;
  const shownOf = (of: Finding): readonly string[] => {
    const names = (named ?? featuresOf(of, features)).flatMap((each) => featuresBehind(each, slices));
    return [...new Set(names)].slice(0, featuresAsked);
  };
  return (
    <article className="drift-alarm">
      <h4>
        <CrossGlyph /> {alarmName(alarm)}
        <span className="sub">
          <Time atMs={atMs} exact />
        </span>
      </h4>
      <p>
        <Words text={moved === '' ? `${alarmName(alarm)} changed` : moved} />
        {arm === null ? null : (
          <>
            , at replica <code>{arm}</code>
          </>
        )}
        .{' '}
        {sinceMs === 0 ? null : (
          <span className="sub">
            It may have begun at any time since <Time atMs={sinceMs} exact />.
          </span>
        )}
      </p>
      {diagnosis === undefined ? (
        <p className="sub">The cause is being looked for: golden replays run on every replica.</p>
      ) : (
        <Diagnosis diagnosis={diagnosis} />
      )}
      {observed === undefined ? null : <Observations observed={observed} />}
      <SamplesButton
        isAsked={isAsked}
        onAsk={() => onAsk(isAsked ? null : { alarm: name, features: shownOf(alarm) })}
      />
      <Acknowledging view={view} alarm={alarm} />
    </article>
  );
}

/** Those that the alarm names; of an aggregate, those of the group of its name. */
function featuresOf({ kind, name }: Finding, features: readonly FeatureStatus[]): readonly string[] {
  if (kind === 'feature' || name.startsWith('@ ')) return [name];
  const own = features.filter(({ group }) => group === name);
  return (own.length === 0 ? features : own).slice(0, featuresAsked).map((feature) => feature.name);
}

function Diagnosis({ diagnosis }: { readonly diagnosis: TriageAnswer }): ReactNode {
  if (diagnosis.verdict === 'nothing') {
    return <p className="drift-cause">No cause is named: everything was observed, and nothing is off.</p>;
  }
  if (diagnosis.verdict === 'abstains') return <Undecided label="No cause is named:" {...diagnosis} />;
  const { causes, besides } = diagnosis;
  return (
    <>
      {causes.map(({ cause, replicas, evidence, remedy }) => (
        <div className="drift-cause" key={cause}>
          <p>
            <strong>Cause: {cause}</strong>
            {replicas.length === 0 ? '' : ` (${replicas.join(', ')})`}. <Words text={evidence.join(' ')} />
          </p>
          <p className="drift-remedy">
            <span className="sub">
              <Words text={remedy.what} />
            </span>
            <Command text={remedy.command} />
          </p>
        </div>
      ))}
      {besides === undefined ? null : <Undecided label="Besides:" {...besides} />}
    </>
  );
}

function Undecided({ label, why, decides }: Besides & { readonly label: string }): ReactNode {
  return (
    <div className="drift-cause">
      <p>
        <strong>{label}</strong> <Words text={why} />
      </p>
      {decides.length === 0 ? null : (
        <>
          <p className="sub">What would decide:</p>
          <ul className="drift-decides">
            {decides.map(({ observation, command }) => (
              <li key={observation}>
                <span>
                  <Words text={observation} />
                </span>
                {command === null ? null : command.startsWith('plimsoll ') ? (
                  <Command text={command} />
                ) : (
                  <NextStep text={command} />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

const stateWords = { fine: 'as usual', off: 'off', unknown: 'unknown' } as const;

function Observations({ observed }: { readonly observed: readonly Observed[] }): ReactNode {
  return (
    <table className="drift-observed" aria-label="What was observed">
      <tbody>
        {observed.map(({ what, state, found }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>
              <span className="with-glyph">
                {state === 'fine' ? <CheckGlyph /> : state === 'off' ? <CrossGlyph /> : <QuestionGlyph />}
                <span className="unseen">{stateWords[state]}: </span>
                <span>{found}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What clients sent is shown to those who operate the service, and only when they ask for it. */
function SamplesButton({ isAsked, onAsk }: { readonly isAsked: boolean; readonly onAsk: () => void }): ReactNode {
  const session = useSession();
  if (session !== null && !session.roles.includes('operate')) {
    return <p className="sub">Captured requests are shown to whoever has the role operate.</p>;
  }
  return (
    <button type="button" aria-expanded={isAsked} onClick={onAsk}>
      {isAsked ? 'Hide the newest requests' : 'Show the newest requests'}
    </button>
  );
}
