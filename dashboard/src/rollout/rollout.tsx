import type { ReactNode } from 'preact/compat';
import { useMemo, useState } from 'preact/compat';
import type { CanaryJudgement, CanarySample } from '../../../src/core/rollout/judge/canary.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import type { RolloutView, ServiceView } from '../../../src/schemas/view/view.ts';
import { Clipped } from '../parts/clipped.tsx';
import { Command } from '../parts/copy.tsx';
import { formatDuration, formatStepShare } from '../parts/format.ts';
import { CheckGlyph, CrossGlyph, OutcomeGlyph, PauseGlyph, QuestionGlyph } from '../parts/glyphs.tsx';
import { coldWords, JudgedMetric, metricTitle } from './judged-metric.tsx';
import type { Ending } from '../releases/release-story.ts';
import { type RolloutStory, rolloutStory, type TrackStep } from './rollout-story.ts';
import { Steering } from './rollout-steering.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { ClockText, Time } from '../parts/time.tsx';
import { useLive } from '../live/use-live.ts';

/** Whether there is anything to show: a release that took steps, or a contract that asks for them. */
export function hasRollout(view: ServiceView, answer: RolloutAnswer | null): boolean {
  if (view.rollout !== undefined || (answer?.release ?? null) !== null) return true;
  return view.evidence.some(({ kind, freshness }) => kind === 'rollback' && freshness !== 'not-asked');
}

/** How a release comes in step by step: where it stands, and why. Its place is kept from step to step, and after the last. */
export function Rollout({ view }: { readonly view: ServiceView }): ReactNode {
  const answer = useLive((live) => live.rollout);
  const history = useLive((live) => live.history);
  const { rollout } = view;
  const story = useMemo(() => rolloutStory(rollout, answer, history), [rollout, answer, history]);
  // One that is over is told in short. One that begins takes the short form's place, so that it pushes nothing away under a reader.
  const [shown, setShown] = useState(rollout !== undefined || view.deployment?.phase === 'failed');
  if (!hasRollout(view, answer)) return null;
  const samples = answer !== null && answer.release === story?.release ? answer.samples : [];
  return (
    <Section id="rollout" title="Rollout" aside={story === null ? null : <Against story={story} />}>
      {story === null ? (
        <div className="rollout-short">
          <Empty command={<Command text="plimsoll explain rollout.steps" />}>
            No release has come in step by step yet. The next one will: it is judged here against the live one, and goes
            back by itself when it is worse.
          </Empty>
        </div>
      ) : shown ? (
        <Whole rollout={rollout} story={story} samples={samples} />
      ) : (
        <div className="rollout-short">
          <Standing rollout={rollout} story={story} cold={samples.at(-1)?.judgement.coldUnits ?? null} />
          <button type="button" onClick={() => setShown(true)}>
            Show its steps and the evidence
          </button>
        </div>
      )}
    </Section>
  );
}

interface WholeProps {
  readonly rollout: RolloutView | undefined;
  readonly story: RolloutStory;
  readonly samples: readonly CanarySample[];
}

function Whole({ rollout, story, samples }: WholeProps): ReactNode {
  const labels = useMemo(() => new Map(story.track.map(({ key, label }) => [Number(key), label])), [story]);
  const fillsTheGrid = story.metrics.length % 2 === 0;
  return (
    <>
      <Standing rollout={rollout} story={story} cold={samples.at(-1)?.judgement.coldUnits ?? null} />
      <Track steps={story.track} />
      <div className="judged-list">
        {story.metrics.map((metric) => (
          <JudgedMetric key={`${story.release} ${metric}`} metric={metric} samples={samples} labels={labels} />
        ))}
        {fillsTheGrid ? null : <Happened events={story.events} />}
      </div>
      {rollout === undefined ? (
        // The place of the orders stays, so that the end of a rollout moves nothing.
        <p className="steering sub">It is over and takes no orders. A release is brought back by a rollback.</p>
      ) : (
        <Steering rollout={rollout} />
      )}
      {fillsTheGrid ? <Happened events={story.events} /> : null}
    </>
  );
}

function Against({ story }: { readonly story: RolloutStory }): ReactNode {
  return (
    <span>
      release {story.release}
      {story.against === null ? '' : `, judged against release ${story.against}`}
    </span>
  );
}

interface StandingProps {
  readonly rollout: RolloutView | undefined;
  readonly story: RolloutStory;
  readonly cold: { readonly live: number; readonly canary: number } | null;
}

/** Three lines of fixed height: what is so, what follows, and what is set apart. */
function Standing({ rollout, story, cold }: StandingProps): ReactNode {
  return (
    <div className="standing">
      {rollout === undefined ? <Ended ending={story.ending} release={story.release} /> : <UnderWay rollout={rollout} />}
      <p className="sub standing-cold">{cold === null ? 'nothing is judged yet' : coldWords(cold)}</p>
    </div>
  );
}

function UnderWay({ rollout }: { readonly rollout: RolloutView }): ReactNode {
  const { judgement, pause, promote, share, withinMs, atLeastMs } = rollout;
  const outcome = judgement?.outcome ?? 'hold';
  const elapsedMs = (nowMs: number): number =>
    pause === null ? rollout.elapsedMs + sinceMs(rollout, nowMs) : rollout.elapsedMs;
  const traffic = share === 0 ? 'Copies of requests go to it' : `${formatStepShare(share)} of the traffic goes to it`;
  return (
    <>
      <p className="standing-main">
        <span className="with-glyph">
          {pause === null ? <OutcomeGlyph outcome={outcome} /> : <PauseGlyph />}
          <strong>{pause === null ? says[outcome] : 'paused'}</strong>
        </span>
        <span>
          {traffic}. <ClockText words={(nowMs) => timeWords(elapsedMs(nowMs), atLeastMs, withinMs)} />
        </span>
      </p>
      <Clipped className="standing-note" lines={2} what="why the rollout stands so">
        {pause !== null ? (
          <>
            Paused by {pause.by}, <Time atMs={pause.atMs} />: {pause.reason}. Nothing is promoted; a proven regression
            still goes back.
          </>
        ) : promote !== null ? (
          <>
            Promoted by {promote.by}, <Time atMs={promote.atMs} />: {promote.reason}. It waits for its replicas.
          </>
        ) : (
          whyHeld(judgement)
        )}
      </Clipped>
    </>
  );
}

/** What is not said beside a chart already: which metrics are open, and what holds the step up besides. */
function whyHeld(judgement: CanaryJudgement | null): string {
  if (judgement === null) return 'The judge has not looked yet.';
  const own = judgement.reasons.filter((text) => !judgement.metrics.some(({ reason }) => reason === text));
  const open = judgement.metrics.filter(({ outcome }) => outcome === judgement.outcome).map(({ metric }) => metric);
  const deciding = open.length === 0 ? '' : `${open.map(metricTitle).join(', ')}: ${decides[judgement.outcome]}`;
  return `${[...own, deciding].filter((text) => text !== '').join('; ')}.`;
}

const decides = {
  promote: 'proven to be inside the margin',
  hold: 'neither proven to be inside the margin nor outside of it yet',
  'roll-back': 'proven to be outside the margin',
  inconclusive: 'neither proven to be inside the margin nor outside of it',
} as const;

const says = {
  promote: 'ready to go on',
  hold: 'not decided yet',
  'roll-back': 'goes back',
  inconclusive: 'inconclusive',
} as const;

/** The view comes when the judge has looked; between two looks the clock goes on, but never past what a silent minute may hide. */
function sinceMs({ judgement, startedAtMs, elapsedMs }: RolloutView, nowMs: number): number {
  const lookedAtMs = judgement?.atMs ?? startedAtMs + elapsedMs;
  return Math.min(60_000, Math.max(0, nowMs - lookedAtMs));
}

function timeWords(elapsedMs: number, atLeastMs: number, withinMs: number): string {
  const left = Math.ceil(Math.max(0, withinMs - elapsedMs) / 1000) * 1000;
  const least = Math.ceil((atLeastMs - elapsedMs) / 1000) * 1000;
  const lasted = `It has lasted ${formatDuration(Math.floor(elapsedMs / 1000) * 1000)}`;
  if (left === 0) return `${lasted}, and its time limit of ${formatDuration(withinMs)} is over.`;
  return `${lasted}, ${least > 0 ? `lasts ${formatDuration(least)} more at least, ` : ''}${formatDuration(left)} left.`;
}

function Ended({ ending, release }: { readonly ending: Ending | null; readonly release: number }): ReactNode {
  if (ending === null) {
    return (
      <p className="standing-main">
        <span className="with-glyph">
          <QuestionGlyph /> <strong>over</strong>
        </span>
        <span className="sub">How release {release} ended is no longer kept; what the judge saw of it is below.</span>
      </p>
    );
  }
  return (
    <>
      <p className="standing-main">
        <span className="with-glyph">
          {ending.kind === 'live' ? <CheckGlyph /> : <CrossGlyph />}
          <strong>{endWords(ending)}</strong>
        </span>
        <span>
          <Time atMs={ending.atMs} /> by {ending.by}
        </span>
      </p>
      <Clipped className="standing-note" lines={2} what="why it ended">
        {ending.reason}
      </Clipped>
    </>
  );
}

function endWords({ kind, judged }: Ending): string {
  switch (kind) {
    case 'live':
      return 'went live';
    case 'aborted':
      return 'aborted';
    case 'superseded':
      return 'superseded';
    case 'failed':
      return judged ? 'taken back by the judge' : 'failed';
  }
}

const stateWords: Readonly<Record<TrackStep['state'], string>> = {
  passed: 'passed',
  here: 'here now',
  left: 'taken back here',
  'to-come': 'not reached',
};

function Track({ steps }: { readonly steps: readonly TrackStep[] }): ReactNode {
  return (
    <ol className="track" aria-label="Steps of the rollout">
      {steps.map(({ key, label, state, beganAtMs }) => (
        <li key={key} className={`track-step track-${state}`} aria-current={state === 'here' ? 'step' : undefined}>
          <span className="track-mark" aria-hidden="true">
            {state === 'passed' ? <CheckGlyph /> : state === 'left' ? <CrossGlyph /> : null}
          </span>
          <span className="track-label">{label}</span>
          <span className="sub">
            {stateWords[state]}
            {beganAtMs === null ? null : (
              <>
                {', '}
                <Time atMs={beganAtMs} />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Who did what, when and why: each order and each decision of this rollout, newest first. */
function Happened({ events }: { readonly events: readonly StoredEvent[] }): ReactNode {
  return (
    <div className="happened">
      <h3>What happened</h3>
      {events.length === 0 ? (
        <p className="sub">Its events are no longer kept.</p>
      ) : (
        <div
          className="scroll-y happened-scroll"
          tabIndex={0}
          role="group"
          aria-label="What happened in this rollout, scrollable"
        >
          <ol>
            {events.map((event, index) => (
              // By place, as in the log of events: what comes on top takes a place and moves none.
              <li key={index}>
                <Time atMs={event.atMs} exact />
                <span className="happened-by">{event.by}</span>
                <Clipped lines={4} what={`what ${event.by} did`}>
                  {event.summary}
                </Clipped>
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}
