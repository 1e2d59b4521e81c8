import type { Release } from '../../core/rollout/release.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { GatewayView, ServiceView } from '../../schemas/view/view.ts';
import type { CliContext } from '../context.ts';
import type { ExitStatus } from '../exit-status.ts';
import { listBehind } from '../../prove/drill/await-release.ts';
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
/** A control plane that is started again by its supervisor is away for a moment. */
const awayMs = 30_000;

/**
 * Tells what happens to replicas and release until it is live or failed; bounded by the release's own start timeout. A
 * release that is live is told once every gateway that reports routes to it, so that the next command may send requests;
 * a gateway that falls silent meanwhile, or does not take it within 10 s, is named. The first report is awaited for 2 s.
 */
export async function followRelease(
  context: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  { service, environment, number }: Release,
): Promise<FollowedRelease> {
  const startedMs = context.clock.monotonicMs();
  let before: ServiceView | null = null;
  let heardMs = startedMs;
  const tellStep = stepFollower((line) => {
    context.terminal.note(line);
  });
  for (;;) {
    context.signal.throwIfAborted();
    const view = await look(operations, service, environment, context.clock.monotonicMs() - heardMs);
    if (view !== null) {
      heardMs = context.clock.monotonicMs();
      if (before !== null) for (const line of viewLines(before, view)) context.terminal.note(`  ${line}`);
      before = view;
      tellStep(view.rollout, heardMs);
      const outcome = outcomeOf(view, number);
      if (outcome !== null) {
        if (outcome.outcome === 'live') await awaitGateways(context, operations, view);
        return { ...outcome, tookMs: context.clock.monotonicMs() - startedMs };
      }
    }
    await context.clock.sleep(pollMs, context.signal);
  }
}

async function awaitGateways(
  { clock, signal, terminal }: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  live: ServiceView,
): Promise<void> {
  const sinceMs = clock.monotonicMs();
  const { service, environment } = live;
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
    await clock.sleep(routingPollMs, signal);
    view = await look(operations, service, environment, waitedMs);
  }
}

const namesOf = (gateways: readonly GatewayView[]): string =>
  gateways.map(({ gatewayId, address }) => `${gatewayId} at ${address}`).join(', ');

async function look(
  operations: Operations,
  service: string,
  environment: string,
  silentMs: number,
): Promise<ServiceView | null> {
  try {
    return await operations.view(service, environment);
  } catch (thrown) {
    if (asPlimsollError(thrown).category === 'unavailable' && silentMs < awayMs) return null;
    throw thrown;
  }
}

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
