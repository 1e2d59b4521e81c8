import type { ReactNode } from 'preact/compat';
import { useMemo, useState } from 'preact/compat';
import type { ScalingDecisionView, ScalingView, ServiceView, SignalSample } from '../../../src/schemas/view/view.ts';
import { Command } from '../parts/copy.tsx';
import { counted, formatAge } from '../parts/format.ts';
import { PauseGlyph } from '../parts/glyphs.tsx';
import { knownReplicas, type ReplicaCount, replicaCounts } from '../replicas/replica-history.ts';
import { ScalingCharts } from './scaling-charts.tsx';
import { Decisions } from './scaling-decisions.tsx';
import { Learned } from './scaling-learned.tsx';
import { IdleAgainstRisk } from './scaling-idle.tsx';
import { actuatorWords } from './scaling-story.ts';
import { Section } from '../parts/section.tsx';
import { keptSeconds, signalWindow } from '../signals/signal-window.ts';
import { useHeardUntil } from '../signals/use-heard-until.ts';
import { ClockText } from '../parts/time.tsx';
import { useLive } from '../live/use-live.ts';
import { Words } from '../parts/words.tsx';

const noDecisions: readonly ScalingDecisionView[] = [];

/** How many replicas there are to be, why, and what that buys. Only where something scales. */
export function Scaling({ view }: { readonly view: ServiceView }): ReactNode {
  const { scaling } = view;
  if (scaling === undefined) return null;
  return <Scaled view={view} scaling={scaling} />;
}

function Scaled({ view, scaling }: { readonly view: ServiceView; readonly scaling: ScalingView }): ReactNode {
  const samples = useLive((live) => live.samples);
  const events = useLive((live) => live.replicaEvents);
  const decisions = useLive((live) => live.scaling?.decisions) ?? noDecisions;
  const [chosen, setChosen] = useState<number | null>(null);
  const live = view.deployment?.live ?? null;
  const replicas = useMemo(
    () => knownReplicas(view.replicas, events).filter(({ release }) => release === live),
    [view.replicas, events, live],
  );
  const toMs = useHeardUntil(samples);
  const window = useMemo(() => signalWindow(samples, toMs, keptSeconds), [samples, toMs]);
  const counts = useMemo(() => replicaCounts(replicas, window.fromMs, window.toMs), [replicas, window]);
  // An older release had other replicas, which are not counted here.
  const madeAtMs = view.releases.find(({ number }) => number === live)?.createdAtMs ?? -Infinity;
  return (
    <Section id="scaling" title="Scaling" aside={<span>policy {scaling.policy}</span>}>
      <Glance scaling={scaling} count={counts.at(-1)} />
      <Learned scaling={scaling} />
      <ScalingCharts
        scaling={scaling}
        decisions={decisions}
        counts={counts}
        samples={samples}
        window={window}
        releases={view.releases}
        chosen={chosen}
        onChoose={setChosen}
      />
      <div className="scaling-below">
        <Decisions decisions={decisions} scaling={scaling} />
        <Idle samples={samples} counts={counts} fromMs={Math.max(window.fromMs, madeAtMs)} decisions={decisions} />
      </div>
    </Section>
  );
}

interface IdleProps {
  readonly samples: readonly SignalSample[];
  readonly counts: readonly ReplicaCount[];
  readonly fromMs: number;
  readonly decisions: readonly ScalingDecisionView[];
}

const Idle = ({ samples, counts, fromMs, decisions }: IdleProps): ReactNode => (
  <IdleAgainstRisk
    samples={samples}
    counts={counts}
    fromMs={fromMs}
    foretoldLateShare={decisions.at(-1)?.terms['replayedLateShare'] ?? null}
  />
);

interface GlanceProps {
  readonly scaling: ScalingView;
  readonly count: ReplicaCount | undefined;
}

function Glance({ scaling, count }: GlanceProps): ReactNode {
  const { desired, ordered, min, max, actuator, decidedAtMs, reason } = scaling;
  const { ready, loading } = count ?? { ready: 0, loading: 0 };
  const unordered = actuator !== 'plimsoll' || (ordered === null && desired !== null);
  return (
    <>
      <div className="scaling-glance">
        <dl className="scaling-counts">
          <Count name={unordered ? 'would want' : 'desired'} value={desired} tone="ink" />
          <Count name="ready" value={ready} tone="sea" />
          <Count name="loading" value={loading} tone="warm" />
          <div className="scaling-count">
            <dt>limits</dt>
            <dd>
              {min}
              <span className="sub"> to </span>
              {max}
            </dd>
          </div>
        </dl>
        <Gauge desired={desired} ready={ready} loading={loading} min={min} max={max} />
      </div>
      <div className="scaling-why">
        {scaling.held === null ? (
          <p className="scaling-reason">
            <Words text={reason} />
          </p>
        ) : (
          <Held text={scaling.held} />
        )}
        <p className="sub scaling-source">
          {decidedAtMs === null ? (
            'Nothing was decided yet'
          ) : (
            <ClockText words={(nowMs) => `Decided ${formatAge(nowMs - decidedAtMs)}`} />
          )}
          . {actuatorWords[actuator]}.
        </p>
      </div>
    </>
  );
}

interface CountProps {
  readonly name: string;
  readonly value: number | null;
  readonly tone: 'ink' | 'sea' | 'warm';
}

function Count({ name, value, tone }: CountProps): ReactNode {
  return (
    <div className="scaling-count">
      <dt>
        <span className={`swatch tone-${tone}`} aria-hidden="true" />
        {name}
      </dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}

/** Why nobody is asked, and what would end it. */
function Held({ text }: { readonly text: string }): ReactNode {
  const [why = '', command] = text.split('; next: ');
  return (
    <div className="scaling-held">
      <p className="scaling-reason">
        <span className="with-glyph tone-warn">
          <PauseGlyph /> <strong>held:</strong>
        </span>{' '}
        <Words text={why} />. The number of replicas stays as it is.
      </p>
      {command?.startsWith('plimsoll ') === true ? (
        <Command text={command} />
      ) : command === undefined ? null : (
        <p className="sub">Next: {command}</p>
      )}
    </div>
  );
}

interface GaugeProps {
  readonly desired: number | null;
  readonly ready: number;
  readonly loading: number;
  readonly min: number;
  readonly max: number;
}

/** From none to the most that is allowed: filled are the ready ones, hatched those that load, the stroke is what is desired. */
function Gauge({ desired, ready, loading, min, max }: GaugeProps): ReactNode {
  const most = Math.max(1, max, ready + loading);
  const place = (replicas: number): string => `${((replicas / most) * 100).toFixed(3)}%`;
  const words = `${counted(ready, 'replica')} ready, ${loading} loading, ${desired ?? 'nothing'} desired, of ${min} to ${max}`;
  return (
    <div className="scaling-gauge">
      <svg width="100%" height="26" role="img" aria-label={words}>
        <defs>
          <pattern id="loading-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line className="gauge-hatch" x1="0" x2="0" y1="0" y2="6" />
          </pattern>
        </defs>
        <rect className="gauge-track" x="0" y="7" width="100%" height="12" />
        <rect className="gauge-ready" x="0" y="7" width={place(ready)} height="12" />
        <rect fill="url(#loading-hatch)" x={place(ready)} y="7" width={place(loading)} height="12" />
        {most > 64
          ? null
          : Array.from({ length: most - 1 }, (_, index) => (
              <line key={index} className="gauge-cut" x1={place(index + 1)} x2={place(index + 1)} y1="7" y2="19" />
            ))}
        <line className="gauge-limit" x1={place(min)} x2={place(min)} y1="19" y2="26" />
        {desired === null ? null : (
          <line className="gauge-desired" x1={place(desired)} x2={place(desired)} y1="2" y2="24" />
        )}
      </svg>
    </div>
  );
}
