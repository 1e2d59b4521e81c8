import type { ReactNode } from 'preact/compat';
import { waivedMarks } from '../../../src/core/evidence/lock/waived-marks.ts';
import { askWords, chooseCurrentAsks, isOpenAsk } from '../../../src/core/rollout/release-ask.ts';
import type { ReleaseSummary, ServiceView } from '../../../src/schemas/view/view.ts';
import { Command, CopyButton } from '../parts/copy.tsx';
import { formatDuration, shortDigest } from '../parts/format.ts';
import { progressText } from './asks.tsx';
import { Clipped } from '../parts/clipped.tsx';
import { ClockText, Time } from '../parts/time.tsx';

/** What runs: the live release with its two axes, what is coming in, and what is kept warm to go back to. */
export function ReleaseStrip({ view }: { readonly view: ServiceView }): ReactNode {
  const live = find(view, view.deployment?.live ?? null);
  return (
    <section className="strip" aria-labelledby="strip-title">
      <h2 className="unseen" id="strip-title">
        Live release
      </h2>
      {live === undefined ? <NothingLive view={view} /> : <LiveRelease live={live} view={view} />}
      <Incoming view={view} />
      <KeptWarm view={view} live={live} />
    </section>
  );
}

function find(view: ServiceView, number: number | null): ReleaseSummary | undefined {
  return view.releases.find((release) => release.number === number);
}

function NothingLive({ view }: { readonly view: ServiceView }): ReactNode {
  const incoming = view.deployment?.incoming ?? null;
  return (
    <div className="strip-cell strip-nothing">
      <span className="label">Live release</span>
      <p className="strip-main">None yet</p>
      {incoming === null ? (
        <Command text="plimsoll release" />
      ) : (
        <p className="strip-note">Traffic waits for release {incoming}.</p>
      )}
    </div>
  );
}

function LiveRelease({ live, view }: { readonly live: ReleaseSummary; readonly view: ServiceView }): ReactNode {
  return (
    <>
      <div className="strip-cell strip-live">
        <span className="label">Live release</span>
        <p className="strip-number">{live.number}</p>
        <p className="strip-note">
          <Time atMs={live.createdAtMs} /> by {live.createdBy}
        </p>
        <ReleaseFlags release={live} />
      </div>
      <Axis label="Code" name={live.code.label} digest={live.code.digest} />
      <Axis label="Model" name={`${live.model.name}:${live.model.version}`} digest={live.model.digest}>
        <Signature view={view} />
      </Axis>
    </>
  );
}

/** What a release went out without: shown wherever the release is. */
export function ReleaseFlags({ release }: { readonly release: ReleaseSummary }): ReactNode {
  if (!release.unprovenPair && release.waived.length === 0) return null;
  return (
    <p className="flags">
      {waivedMarks(release).map(({ text, failing }) => (
        <span key={text} className={failing ? 'flag flag-bad' : 'flag'} title={text}>
          {text}
        </span>
      ))}
      {release.unprovenPair ? (
        <span
          className={release.cause === 'release' ? 'flag flag-plain' : 'flag'}
          title="this pair of code and model never ran here before"
        >
          unproven pair
        </span>
      ) : null}
    </p>
  );
}

interface AxisProps {
  readonly label: string;
  readonly name: string;
  readonly digest: string;
  readonly children?: ReactNode;
}

function Axis({ label, name, digest, children }: AxisProps): ReactNode {
  return (
    <div className="strip-cell">
      <span className="label">{label}</span>
      <p className="strip-main" title={name}>
        {name}
      </p>
      <p className="strip-note">
        <span className="command">
          {name === shortDigest(digest) ? 'digest of its files' : <code title={digest}>{shortDigest(digest)}</code>}
          <CopyButton text={digest} what={`the ${label.toLowerCase()} digest`} />
        </span>
      </p>
      {children}
    </div>
  );
}

function Signature({ view }: { readonly view: ServiceView }): ReactNode {
  const inputs = view.signature?.inputs ?? [];
  const outputs = view.signature?.outputs ?? [];
  const words = [inputs, outputs].map((specs) =>
    specs.map((spec) => `${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`).join(', '),
  );
  if (inputs.length === 0) return null;
  return (
    <p className="strip-note strip-signature" title={words.join(' → ')}>
      {words.join(' → ')}
    </p>
  );
}

function Incoming({ view }: { readonly view: ServiceView }): ReactNode {
  const { deployment } = view;
  const incoming = find(view, deployment?.incoming ?? null);
  const failed = deployment?.phase === 'failed' ? view.releases.find(({ state }) => state === 'failed') : undefined;
  if (failed !== undefined && incoming === undefined) {
    const reason = deployment?.reason.replace(`release ${failed.number} failed: `, '');
    return (
      <div className="strip-cell">
        <span className="label">Incoming</span>
        <p className="strip-main tone-bad">Release {failed.number} failed</p>
        <Clipped className="strip-note" lines={2} what={`why release ${failed.number} failed`}>
          {reason}
        </Clipped>
        <Barred view={view} />
      </div>
    );
  }
  return (
    <div className="strip-cell">
      <span className="label">Incoming</span>
      {incoming === undefined ? (
        <Asked view={view} />
      ) : (
        <>
          <p className="strip-main tone-sea">
            Release {incoming.number} <span className="strip-phase">{deployment?.phase}</span>
          </p>
          <p className="strip-note">
            {incoming.code.label}, {incoming.model.name}:{incoming.model.version}
          </p>
          <Clipped className="strip-note" lines={1} what={`the state of release ${incoming.number}`}>
            {deployment?.reason}
          </Clipped>
        </>
      )}
      <Barred view={view} />
    </div>
  );
}

/** What the next release cannot bring back, in one line; the list of releases has the command that lifts it. */
function Barred({ view: { bars } }: { readonly view: ServiceView }): ReactNode {
  const [bar] = bars.toSorted((a, b) => b.atMs - a.atMs);
  if (bar === undefined) return null;
  return (
    <Clipped className="strip-note" lines={1} what="what is barred">
      <a href="#releases">{bars.length === 1 ? 'Barred' : `${bars.length} barred`}</a>: {bar.axis}{' '}
      <code title={bar.digest}>{shortDigest(bar.digest)}</code>, {bar.reason}
    </Clipped>
  );
}

/** While nothing comes in: what was requested, and where it stands. */
function Asked({ view }: { readonly view: ServiceView }): ReactNode {
  const [ask] = chooseCurrentAsks(view.asks);
  if (ask !== undefined && isOpenAsk(ask)) {
    const note = progressText(ask) ?? ask.reason;
    return (
      <>
        <p className="strip-main tone-sea">{ask.state === 'fetching' ? 'Fetching a model' : 'Requested'}</p>
        <p className="strip-note">requested by {ask.by}</p>
        <Clipped className="strip-note" lines={1} what="the state of the request">
          {note}
        </Clipped>
      </>
    );
  }
  return (
    <>
      <p className="strip-main dim">Nothing</p>
      {ask?.state === 'refused' ? (
        <p className="strip-note">
          <a href="#releases">{askWords.refused}</a>
        </p>
      ) : null}
    </>
  );
}

/** What the control plane would accept; of an older one, what undoes the release. */
function rollbackOf(
  { rollback }: ServiceView,
  previous: ReleaseSummary | undefined,
  live: ReleaseSummary | undefined,
): string | null {
  if (rollback !== undefined) return rollback;
  return `plimsoll rollback --${previous?.model.digest === live?.model.digest ? 'code' : 'model'}`;
}

function KeptWarm({
  view,
  live,
}: {
  readonly view: ServiceView;
  readonly live: ReleaseSummary | undefined;
}): ReactNode {
  const kept = view.deployment?.previous ?? null;
  const previous = find(view, kept?.release ?? null);
  const command = rollbackOf(view, previous, live);
  if (kept === null || previous === undefined || live === undefined) {
    return (
      <div className="strip-cell">
        <span className="label">Kept warm</span>
        <p className="strip-main dim">Nothing</p>
      </div>
    );
  }
  return (
    <div className="strip-cell">
      <span className="label">{view.isWarmSilent === true ? 'Previous, does not answer' : 'Kept warm'}</span>
      <p className="strip-main">
        Release {previous.number}{' '}
        <span className="strip-phase">
          <span className="wide">for </span>
          <ClockText
            words={(nowMs) => formatDuration(Math.max(0, Math.ceil((kept.untilMs - nowMs) / 60_000)) * 60_000)}
          />
        </span>
      </p>
      <p className="strip-note">
        {previous.code.label}, {previous.model.name}:{previous.model.version}
      </p>
      {command === null ? <p className="strip-note">what it ran on is barred</p> : <Command text={command} />}
    </div>
  );
}
