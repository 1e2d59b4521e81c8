import type { ReactNode } from 'preact/compat';
import type { ServiceView, SignalSample } from '../../../src/schemas/view/view.ts';
import { Connecting, GoneNotice } from '../live/connection-notice.tsx';
import { Events } from '../events/events.tsx';
import { Diagnosis } from '../diagnosis/diagnosis-section.tsx';
import { Drift, hasDrift } from '../drift/drift.tsx';
import { Evidence } from '../evidence/evidence.tsx';
import { Cost } from '../cost/cost-section.tsx';
import { Footer, Header } from './header.tsx';
import { HealthLine } from '../health/health-line.tsx';
import { Models } from '../models/models.tsx';
import { Plan } from '../plan/plan-section.tsx';
import { Pools } from '../pools/pools.tsx';
import { Readiness } from '../evidence/readiness.tsx';
import { ReleaseStrip } from '../releases/release-strip.tsx';
import { hasOneRelease, Releases } from '../releases/releases.tsx';
import { Replicas } from '../replicas/replicas.tsx';
import { hasRollout, Rollout } from '../rollout/rollout.tsx';
import { Scaling } from '../scaling/scaling.tsx';
import { Signals } from '../signals/signals.tsx';
import { Starts } from '../replicas/starts.tsx';
import { TryIt } from '../try-it/try-it.tsx';
import { useConnectionIs, useLive } from '../live/use-live.ts';
import { useTabTitle } from '../parts/tab.ts';

/** The page of one service. */
export function ServicePage({ inFleet }: { readonly inFleet: boolean }): ReactNode {
  const view = useLive((live) => live.view);
  const isGone = useConnectionIs('gone');
  const title = view === null ? 'Plimsoll' : `${view.service} · ${titleOf(view.deployment?.live ?? null)} · Plimsoll`;
  useTabTitle(title);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the live release
      </a>
      <Header subject={view} inFleet={inFleet} gatewayUrl={view?.gatewayUrl} />
      <main id="main" tabIndex={-1} data-old={isGone || undefined}>
        {view === null ? (
          <Connecting />
        ) : (
          <>
            <HealthLine />
            <ReleaseStrip view={view} />
            <SectionLinks view={view} />
            <Rollout view={view} />
            {(view.deployment?.live ?? null) === null ? <WithoutLive view={view} /> : <WithLive view={view} />}
            {view.releases.length === 0 ? null : <Cost inFleet={inFleet} />}
            <Models view={view} />
            <Pools />
            <Events />
          </>
        )}
      </main>
      <Footer plimsollVersion={view?.plimsollVersion} />
      <GoneNotice>
        {view === null
          ? null
          : `Gateways and replicas do not need it to go on serving${view.gateways.length > 0 ? ` with routing generation ${view.routingGeneration}` : ''}.`}
      </GoneNotice>
    </>
  );
}

/** What was released and what is barred come before what is measured and tried, also on one column. */
function WithLive({ view }: { readonly view: ServiceView }): ReactNode {
  return (
    <>
      <div className="columns" data-first={hasOneRelease(view) || undefined}>
        <Releases view={view} />
        <div className="column">
          <Signals view={view} />
          <Replicas view={view} />
        </div>
        <TryIt view={view} />
      </div>
      <Drift view={view} />
      <Scaling view={view} />
      {view.scaling === undefined ? null : <Plan />}
      <Starts view={view} />
      <Proof view={view} />
      {/* Last: it is asked for once the page is there, and nothing is to move when it comes. */}
      <Diagnosis />
    </>
  );
}

/** Most parts have no more to say than what comes next: they stand side by side. */
function WithoutLive({ view }: { readonly view: ServiceView }): ReactNode {
  const showsSignals = useLive((live) => hasSignals(view, live.samples));
  const wasReleased = view.releases.length > 0;
  return (
    <>
      <div className="panels" data-wide={wasReleased || undefined}>
        <Releases view={view} />
        <Replicas view={view} />
        {wasReleased ? null : <Starts view={view} />}
        <TryIt view={view} />
        {wasReleased ? null : <Proof view={view} />}
      </div>
      {showsSignals ? <Signals view={view} /> : null}
      <Scaling view={view} />
      {wasReleased ? (
        <>
          <Starts view={view} />
          <Proof view={view} />
        </>
      ) : null}
    </>
  );
}

function Proof({ view }: { readonly view: ServiceView }): ReactNode {
  return (
    <>
      <Evidence view={view} />
      <Readiness answers={view.readiness} />
    </>
  );
}

/** Before anything was live, only what somebody asked in vain is to be seen. */
function hasSignals({ deployment }: ServiceView, samples: readonly SignalSample[]): boolean {
  const isLive = (deployment?.live ?? null) !== null;
  return isLive || samples.some(({ requestsPerSecond }) => (requestsPerSecond ?? 0) > 0);
}

function titleOf(live: number | null): string {
  return live === null ? 'nothing live' : `release ${live}`;
}

const sections = [
  ['rollout', 'Rollout'],
  ['releases', 'Releases'],
  ['signals', 'Signals'],
  ['replicas', 'Replicas'],
  ['try-it', 'Try it'],
  ['drift', 'Drift'],
  ['scaling', 'Scaling'],
  ['plan', 'Capacity plan'],
  ['diagnosis', 'Diagnosis'],
  ['starts', 'Starts'],
  ['evidence', 'Evidence'],
  ['readiness', 'Readiness'],
  ['cost', 'Cost'],
  ['models', 'Models'],
  ['pools', 'Hardware'],
  ['events', 'Events'],
] as const;

/** On a narrow screen the page is long: its parts are one tap away. */
function SectionLinks({ view }: { readonly view: ServiceView }): ReactNode {
  const pools = useLive((live) => live.pools);
  const rollout = useLive((live) => live.rollout);
  const showsSignals = useLive((live) => hasSignals(view, live.samples));
  const drift = useLive((live) => live.drift);
  const absent = [
    showsSignals ? '' : 'signals',
    pools.length === 0 ? 'pools' : '',
    hasRollout(view, rollout) ? '' : 'rollout',
    view.scaling === undefined ? 'scaling' : '',
    view.scaling === undefined || (view.deployment?.live ?? null) === null ? 'plan' : '',
    (view.deployment?.live ?? null) === null ? 'diagnosis' : '',
    hasDrift(view, drift) ? '' : 'drift',
    view.releases.length === 0 ? 'cost' : '',
  ];
  return (
    <nav className="section-links" aria-label="Parts of this page">
      <ul>
        {sections
          .filter(([id]) => !absent.includes(id))
          .map(([id, label]) => (
            <li key={id}>
              <a href={`#${id}`}>{label}</a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
