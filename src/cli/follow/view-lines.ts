import type { MeasuredPhase } from '../../core/rollout/replica.ts';
import { isOpenAsk } from '../../core/rollout/release-ask.ts';
import type { ReplicaView, ScalingView, ServiceView } from '../../schemas/view/view.ts';
import { askLines } from './ask-text.ts';

/** `   1.2 s  text`: how long after the start of the command. */
export function stepLine(sinceStartMs: number, text: string): string {
  return `${secondsText(sinceStartMs).padStart(8)}  ${text}`;
}

/** What is worth a line in a view that follows another; null: the first one. */
export function viewLines(before: ServiceView | null, after: ServiceView): readonly string[] {
  return [
    ...askLines(before, after),
    ...scalingLines(before?.scaling, after.scaling),
    ...replicaLines(before?.replicas ?? [], after.replicas),
    ...deploymentLines(before, after),
  ];
}

/** True once nothing more is on its way: a release is live, or failed, or there is none at all. */
export function isSettled(view: ServiceView): boolean {
  const { deployment } = view;
  if (deployment === null) return !hasOpenAsk(view);
  if (deployment.phase === 'failed' || deployment.phase === 'removed') return true;
  if (deployment.incoming !== null || deployment.live === null) return false;
  // None is wanted until a request comes.
  if (view.scaling?.ordered === 0) return true;
  return view.replicas.some((replica) => replica.admitted && replica.release === deployment.live);
}

const hasOpenAsk = ({ asks = [] }: ServiceView): boolean => asks.some(isOpenAsk);

/** A change of the number that is asked for, and why. */
function scalingLines(before: ScalingView | undefined, after: ScalingView | undefined): readonly string[] {
  if (after === undefined || after.ordered === null || after.ordered === (before?.ordered ?? null)) return [];
  const was = before?.ordered ?? null;
  return [`${after.ordered} replicas wanted${was === null ? '' : ` (before: ${was})`}: ${after.reason}`];
}

function replicaLines(before: readonly ReplicaView[], after: readonly ReplicaView[]): readonly string[] {
  const known = new Map(before.map((replica) => [replica.replicaId, replica]));
  const gone = before.filter((replica) => !after.some((other) => other.replicaId === replica.replicaId));
  return [
    ...after.flatMap((replica) => replicaLine(known.get(replica.replicaId), replica)),
    ...gone.filter((replica) => replica.state === 'draining').map(({ replicaId }) => `replica ${replicaId} stopped`),
  ];
}

function replicaLine(before: ReplicaView | undefined, replica: ReplicaView): readonly string[] {
  const changed = before?.state !== replica.state;
  const name = `replica ${replica.replicaId}`;
  const admission = replica.admitted && before?.admitted !== true ? [`${name} admitted: ${replica.admission}`] : [];
  if (!changed) return admission;
  if (replica.state === 'ready') return [`${name} is ready: ${phasesText(replica.phases)}`, ...admission];
  return [`${name} is ${replica.state}: ${replica.reason}`, ...admission];
}

function deploymentLines(before: ServiceView | null, after: ServiceView): readonly string[] {
  const { deployment } = after;
  if (deployment === null)
    return before === null && !hasOpenAsk(after) ? ['no release yet; next: plimsoll release'] : [];
  const number = deployment.incoming ?? deployment.live;
  const release = after.releases.find((each) => each.number === number);
  const model = release === undefined ? '' : ` (model ${release.model.name} version ${release.model.version})`;
  const name = `release ${number ?? 'none'}${model}`;
  const serves = isSettled(after);
  if (before?.deployment?.revision === deployment.revision) {
    return serves && !isSettled(before) ? [`${name} serves again`] : [];
  }
  // What is recorded as live may have been stopped with everything else: its reason is then of the past.
  if (deployment.phase === 'live' && !serves) return [`${name} is recorded as live; its replicas are awaited`];
  if (deployment.phase === 'removed') {
    return [
      `${after.service} in ${after.environment} was ${deployment.reason}; next: plimsoll release takes it up again`,
    ];
  }
  // Its reason names the release that failed; what is left here is the one that goes on serving.
  if (deployment.phase === 'failed') return [deployment.reason];
  return [`${name} is ${deployment.phase}: ${deployment.reason}`];
}

export function phasesText(phases: readonly MeasuredPhase[]): string {
  return phases.map(({ phases: names, durationMs }) => `${names.join('+')} ${secondsText(durationMs)}`).join(', ');
}

function secondsText(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(durationMs < 100 ? 3 : 1)} s`;
}
