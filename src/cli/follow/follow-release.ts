import type { Release } from '../../core/rollout/release.ts';
import { rolloutBounds } from '../../core/rollout/deployment/rollout-state.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { GatewayView, ServiceView } from '../../schemas/view/view.ts';
import type { CliContext } from '../context.ts';
import type { ExitStatus } from '../exit-status.ts';
import { listBehind } from '../../prove/drill/await-release.ts';
import { waitProgress, type TellWait } from '../../prove/progress.ts';
import { followAway } from './follow-away.ts';
import { stepFollower, stepText } from './follow-steps.ts';
import { viewLines } from './view-lines.ts';

export interface FollowedRelease {
  /** Held: a step is inconclusive or paused, and a person decides what becomes of it. */
  readonly outcome: 'live' | 'failed' | 'superseded' | 'held';
  readonly reason: string;
  readonly tookMs: number;
}

const pollMs = 250;
/** A gateway takes a table within milliseconds; one that is cut off holds nobody up for longer than this. */
const routingPollMs = 20;
const routingAtMostMs = 10_000;
/** A gateway that hears of a first release says so within this time; where none does, there is none to wait for. */
const firstReportMs = 2_000;
/** What was said of a release is not said again before. */
const quietMs = 5_000;

/**
 * Tells what happens to replicas and release until it is live or failed, and every 5 s what it waits for; bounded by the
 * release's own start timeout. A release that is live is told once every gateway that reports routes to it, so that the next
 * command may send requests; a gateway that falls silent meanwhile, or does not take it within 10 s, is named.
 */
export async function followRelease(
  context: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  release: Release,
): Promise<FollowedRelease> {
  const { service, environment, number } = release;
  const { clock, terminal } = context;
  const startedMs = clock.monotonicMs();
  let before: ServiceView | null = null;
  const note = (line: string): void => terminal.note(line);
  const tellStep = stepFollower(note);
  const away = followAway(context);
  let tell: TellWait = () => undefined;
  for (;;) {
    context.signal.throwIfAborted();
    const view = await away(operations.view(service, environment));
    const nowMs = clock.monotonicMs();
    if (view !== null) {
      const lastedMs = nowMs - startedMs;
      const lines = before === null ? [] : viewLines(before, view);
      for (const line of lines) note(`  ${line}`);
      // What was just said is not said again. Each change of the deployment is a line, and has the whole time anew.
      if (before === null || lines.length > 0 || view.rollout !== undefined) {
        tell = waitProgress(context, `release ${number}`, lastedMs + leftOfStartMs(release, view), lastedMs + quietMs);
      }
      before = view;
      tellStep(view.rollout, nowMs);
      const outcome = outcomeOf(view, number);
      if (outcome !== null) {
        if (outcome.outcome === 'live') await awaitGateways(context, operations, view);
        return { ...outcome, tookMs: clock.monotonicMs() - startedMs };
      }
      tell(awaitedText(view), lastedMs);
    }
    await clock.sleep(pollMs, context.signal);
  }
}

function leftOfStartMs({ startTimeoutMs }: Release, { nowMs, deployment }: ServiceView): number {
  return (startTimeoutMs ?? rolloutBounds.startTimeoutMs) - (nowMs - (deployment?.changedAtMs ?? nowMs));
}

/** The replica that is longest on its way says more than the release does. */
function awaitedText({ deployment, replicas }: ServiceView): string {
  const late = replicas.find(({ state, admitted }) => !admitted && state !== 'draining' && state !== 'stopped');
  if (late === undefined) return `is ${deployment?.phase ?? 'not recorded'}: ${deployment?.reason ?? 'nothing runs'}`;
  const why = late.state === 'ready' ? late.admission : late.reason;
  return `is ${deployment?.phase ?? 'not recorded'}: replica ${late.replicaId} is ${late.state}: ${why}`;
}

async function awaitGateways(
  context: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  live: ServiceView,
): Promise<void> {
  const { clock, signal, terminal } = context;
  const sinceMs = clock.monotonicMs();
  const { service, environment } = live;
  const away = followAway(context);
  const tell = waitProgress(context, 'routes are awaited of', routingAtMostMs);
  const awaited = new Map<string, GatewayView>();
  for (let view: ServiceView | null = live; ;) {
    const isUnheard =
      view?.gateways.length === 0 && awaited.size === 0 && clock.monotonicMs() - sinceMs < firstReportMs;
    const behind = view === null ? null : listBehind(view);
    for (const gateway of behind ?? []) awaited.set(gateway.gatewayId, gateway);
    if (view !== null && behind?.length === 0 && !isUnheard) {
      for (const { gatewayId } of view.gateways) awaited.delete(gatewayId);
      const names = namesOf([...awaited.values()]);
      if (names !== '') terminal.note(`  silent, and may route as before: ${names}; plimsoll status`);
      return;
    }
    const waitedMs = clock.monotonicMs() - sinceMs;
    if (waitedMs >= routingAtMostMs) {
      const names = behind === null ? 'the control plane is away' : namesOf(behind);
      terminal.note(`  not every gateway routes to it yet: ${names}; plimsoll status`);
      return;
    }
    tell(behind === null ? 'the control plane to come back' : namesOf(behind) || 'the first report', waitedMs);
    await clock.sleep(routingPollMs, signal);
    view = await away(operations.view(service, environment));
  }
}

const namesOf = (gateways: readonly GatewayView[]): string =>
  gateways.map(({ gatewayId, address }) => `${gatewayId} at ${address}`).join(', ');

function outcomeOf(view: ServiceView, number: number): Omit<FollowedRelease, 'tookMs'> | null {
  const { deployment } = view;
  if (deployment?.incoming === number) return heldBy(view);
  if (deployment === null) return null;
  if (deployment.live === number) return { outcome: 'live', reason: deployment.reason };
  const state = view.releases.find((release) => release.number === number)?.state;
  if (state === 'failed') return { outcome: 'failed', reason: deployment.reason };
  return { outcome: 'superseded', reason: `release ${deployment.incoming ?? deployment.live} took its place` };
}

/** Nothing moves until somebody says so: whoever waits here may be a pipeline, which should not wait for that. */
function heldBy({ rollout }: ServiceView): Omit<FollowedRelease, 'tookMs'> | null {
  if (rollout === undefined || rollout.promote !== null) return null;
  const { pause, judgement, onInconclusive } = rollout;
  if (pause !== null)
    return { outcome: 'held', reason: `${stepText(rollout)} is paused by ${pause.by}: ${pause.reason}` };
  if (judgement?.outcome !== 'inconclusive' || (onInconclusive !== 'hold' && judgement.held === undefined)) return null;
  return { outcome: 'held', reason: `${stepText(rollout)} is inconclusive: ${judgement.reasons.join('; ')}` };
}

export function exitOf({ outcome }: FollowedRelease): ExitStatus {
  if (outcome === 'held') return 3;
  return outcome === 'live' ? 0 : 1;
}

export function followedText({ number }: Release, followed: FollowedRelease): string {
  const seconds = (followed.tookMs / 1000).toFixed(1);
  if (followed.outcome === 'live') return `release ${number} is live after ${seconds} s`;
  if (followed.outcome === 'held') {
    return `release ${number} is held: ${followed.reason}\nnext: plimsoll release --promote, --resume or --abort, with --reason TEXT`;
  }
  // The deployment names the release that failed; a later failure may be another release's.
  const said = followed.reason.startsWith(`release ${number} `)
    ? followed.reason
    : `release ${number} ${followed.outcome}: ${followed.reason}`;
  return [said, 'next: plimsoll history'].join('\n');
}
