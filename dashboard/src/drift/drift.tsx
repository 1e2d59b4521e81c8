import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { DriftStatus } from '../../../src/core/monitoring/watch/drift-status.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { useClock, useLive } from '../live/use-live.ts';
import { formatAge, formatDuration, formatWhole } from '../parts/format.ts';
import { CheckGlyph, CrossGlyph, QuestionGlyph } from '../parts/glyphs.tsx';
import { Section } from '../parts/section.tsx';
import { ClockText } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';
import { Acknowledging } from './acknowledge.tsx';
import { Alarm } from './alarm.tsx';
import { DriftSamples, type AskedSamples } from './drift-samples.tsx';
import { budgetWords, findingOf, standingOf } from './drift-story.ts';
import { Features } from './features.tsx';
import type { KnownDrift } from './known-drift.ts';
import { Quality } from './quality.tsx';
import { Slices } from './slices.tsx';

/** Whether there is anything to say: an older control plane says nothing, and nothing released has no answers. */
export const hasDrift = (view: ServiceView, drift: KnownDrift | null): drift is KnownDrift =>
  drift !== null && (view.deployment?.live ?? null) !== null;

/** What comes out of the live release: whether it moved, of what cause, and how good it is. */
export function Drift({ view }: { readonly view: ServiceView }): ReactNode {
  const drift = useLive((live) => live.drift);
  if (!hasDrift(view, drift)) return null;
  return <Watched view={view} drift={drift} />;
}

function Watched({ view, drift }: { readonly view: ServiceView; readonly drift: KnownDrift }): ReactNode {
  const [asked, setAsked] = useState<AskedSamples | null>(null);
  const { answer, history, labels } = drift;
  const { status } = answer;
  const budget = budgetWords(answer);
  return (
    <Section id="drift" title="Drift and quality" aside={budget === null ? undefined : <span>{budget}</span>}>
      <Standing drift={drift} />
      {status === null ? null : (
        <>
          <div className="drift-top" data-alone={(labels?.report ?? null) === null || undefined}>
            <section className="drift-panel" aria-labelledby="drift-alarms-title">
              <h3 id="drift-alarms-title">{hasFindings(status) ? 'Open alarms' : 'Detectors'}</h3>
              <div className="drift-scroll scroll-y" tabIndex={0} role="group" aria-labelledby="drift-alarms-title">
                {hasFindings(status) ? (
                  <Findings view={view} status={status} asked={asked} onAsk={setAsked} />
                ) : (
                  <Detectors view={view} status={status} />
                )}
              </div>
            </section>
            <Quality labels={labels} />
          </div>
          {asked === null ? null : <DriftSamples key={asked.alarm} asked={asked} onClose={() => setAsked(null)} />}
          {history === null ? null : <Features history={history} />}
          {status.slices === undefined ? null : <Slices slices={status.slices} />}
        </>
      )}
    </Section>
  );
}

const hasFindings = ({ alarms, left }: DriftStatus): boolean => alarms.length > 0 || left !== null;

interface FindingsProps {
  readonly view: ServiceView;
  readonly status: DriftStatus;
  readonly asked: AskedSamples | null;
  readonly onAsk: (asked: AskedSamples | null) => void;
}

/** That live data left what was evaluated, and the open alarms. */
function Findings({ view, status, asked, onAsk }: FindingsProps): ReactNode {
  const { left, alarms, features, slices } = status;
  const shared = { view, features, slices, onAsk };
  return (
    <>
      {left === null ? null : (
        <Alarm
          {...shared}
          alarm={findingOf(left)}
          named={left.features}
          isAsked={asked?.alarm === findingOf(left).name}
        />
      )}
      {alarms.map((alarm) => (
        <Alarm
          key={`${alarm.kind} ${alarm.name} ${alarm.atMs}`}
          {...shared}
          alarm={alarm}
          isAsked={asked?.alarm === alarm.name}
        />
      ))}
    </>
  );
}

function Standing({ drift }: { readonly drift: KnownDrift }): ReactNode {
  // A silence is told from the fifteenth minute on: whole minutes are enough.
  const minuteMs = useClock((nowMs) => Math.floor(nowMs / 60_000) * 60_000);
  const { state, word, words } = standingOf(drift.answer, minuteMs);
  return (
    <p className={`drift-standing drift-${state}`} role="status">
      {state === 'watching' ? <CheckGlyph /> : state === 'alarm' ? <CrossGlyph /> : <QuestionGlyph />}
      <span>
        <strong>{word}:</strong> <Words text={words} />
      </span>
    </p>
  );
}

const detectorWords = {
  control: 'Replica against replica',
  series: 'Series of windows',
  distance: 'Distance to what was evaluated',
} as const;

/** What runs and what is missing, what the budget stood for so far, and how far live data is from what was evaluated. */
function Detectors({ view, status }: { readonly view: ServiceView; readonly status: DriftStatus }): ReactNode {
  const { detectors, budget, rows, lastRowAtMs, distance } = status;
  return (
    <>
      <ul className="drift-detectors">
        {detectors.map(({ detector, isRunning, because, holds }) => (
          <li key={detector}>
            <span className="with-glyph">
              {isRunning ? <CheckGlyph /> : <QuestionGlyph />}
              <strong>{detectorWords[detector]}</strong>
            </span>
            <span className="sub">{detector === 'distance' ? `held ${holds}` : `the promise holds ${holds}`}</span>
            <p>
              <Words text={because} />
            </p>
          </li>
        ))}
      </ul>
      <dl className="drift-numbers">
        <Figure name="watched" value={formatDuration(budget.watchedMs)} />
        <Figure name="false alarms to be expected" value={`at most ${Number(budget.expectedAtMost.toPrecision(2))}`} />
        <Figure name="alarms so far" value={formatWhole(budget.alarms)} />
        <Figure name="rows" value={formatWhole(rows)} />
        <Figure
          name="newest"
          value={lastRowAtMs === null ? '–' : <ClockText words={(nowMs) => formatAge(nowMs - lastRowAtMs)} />}
        />
      </dl>
      {distance === null ? null : <p className="drift-distance">{distanceWords(distance)}</p>}
      <p className="sub">When an alarm opens, its cause and what to do stand here.</p>
      <Acknowledging view={view} alarm={null} />
    </>
  );
}

function distanceWords({ left, measured, unknown }: NonNullable<DriftStatus['distance']>): string {
  if (left.length > 0) return `Live data left what was evaluated: ${left.slice(0, 5).join('; ')}.`;
  const rest = unknown === 0 ? '' : `; ${unknown} are not known yet`;
  return `Of ${measured} measured distances none is beyond the tolerance${rest}.`;
}

function Figure({ name, value }: { readonly name: string; readonly value: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
