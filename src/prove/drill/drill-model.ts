import type { LoadedContract } from '../../core/contract/contract.ts';
import {
  judgeRollback,
  type DrilledVersion,
  type RollbackMeasurements,
} from '../../core/evidence/kinds/rollback/rollback-evidence.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { Judgement } from '../../core/units/verdict.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { beginMeasuring } from '../evidence/measuring.ts';
import { recordEvidence } from '../evidence/record-evidence.ts';
import type { ProvingPorts } from '../ports.ts';
import { awaitRelease } from './await-release.ts';
import { bringBack } from './bring-back.ts';
import { gatewayCounts, type GatewayCounts } from './gateway-counts.ts';
import { liveRelease } from './live-release.ts';
import { replayThroughGateway } from './replay-through-gateway.ts';

export interface DrillQuestion {
  readonly project: Project;
  readonly environment: string;
  /** Stands in the history of both releases. */
  readonly reason: string;
  /** Number of the release whose model is gone back to; the one before the live one unless given. */
  readonly to?: number;
}

export interface DrillOutcome {
  readonly judgement: Judgement;
  readonly measurements: RollbackMeasurements;
  /** False where the lock does not pin the environment. */
  readonly recorded: boolean;
}

export type DrillPorts = Pick<
  ProvingPorts,
  'blobs' | 'clock' | 'operations' | 'patientOperations' | 'replicaClient' | 'signal' | 'terminal' | 'user' | 'version'
>;

/**
 * Shows on the live service that a way back is there: the model goes to the version before, its golden set is asked
 * through the gateway, and the model comes back. Nothing is barred. Interrupted, it still brings the model back.
 * @throws PlimsollError as `liveRelease` and `bringBack`.
 */
export async function drillModel(context: DrillPorts, question: DrillQuestion): Promise<DrillOutcome> {
  const { project, environment } = question;
  const loaded = await project.contract();
  const operations = await context.operations();
  const { service } = loaded.contract;
  const before = await operations.view(service, environment);
  const live = await liveRelease(operations, before);
  const countsBefore = await gatewayCounts(before, context.signal);
  context.terminal.note(
    `drill: the model of release ${live.number} (version ${live.model.version}) goes to the one before`,
  );
  const swap = await swapThereAndBack(context, operations, live, loaded.contract.model.name, question);
  context.signal.throwIfAborted();
  const countsAfter = await gatewayCounts(await operations.view(service, environment), context.signal);
  const measurements: RollbackMeasurements = {
    model: live.model.name,
    from: drilledVersion(live),
    to: drilledVersion(swap.there),
    warm: isWarm(before, swap.there),
    thereMs: swap.thereMs === null ? null : Math.round(swap.thereMs),
    backMs: swap.backMs === null ? null : Math.round(swap.backMs),
    goldenCases: swap.golden.cases,
    goldenReproduced: swap.golden.reproduced,
    ...countedBetween(countsBefore, countsAfter),
  };
  const recorded = await recordDrill(context, project, loaded, environment, measurements);
  return { judgement: judgeRollback({ ...measurements }), measurements, recorded };
}

async function swapThereAndBack(
  context: DrillPorts,
  operations: Operations,
  live: Release,
  model: string,
  { reason, to }: DrillQuestion,
) {
  const { service, environment } = live;
  const startedMs = context.clock.monotonicMs();
  // From here on an interrupt must not cut a request: what is not known to be moved is not brought back.
  const patient = await context.patientOperations();
  const request = { service, environment, axis: 'model', reason, drill: true } as const;
  const there = await patient.rollback({ ...request, ...(to === undefined ? {} : { to }) });
  let thereMs: number | null = null;
  let golden = { cases: 0, reproduced: 0 };
  let backMs: number | null = null;
  try {
    thereMs = await awaitRelease(context, operations, there, startedMs);
    if (thereMs !== null) golden = await replayThroughGateway(context, operations, there, model);
  } finally {
    // Whatever went wrong, and whoever interrupted: the service is brought back to the version that served.
    const unstoppable = { clock: context.clock, terminal: context.terminal, signal: new AbortController().signal };
    const backStartedMs = context.clock.monotonicMs();
    const back = await bringBack(unstoppable, patient, there, live, reason);
    backMs = await awaitRelease(unstoppable, patient, back, backStartedMs);
    context.terminal.note(`drill: back at version ${live.model.version}${backMs === null ? ' has not been seen' : ''}`);
  }
  return { there, thereMs, golden, backMs };
}

/** Whether a replica of the version that is gone to was ready before. */
const isWarm = ({ replicas }: ServiceView, there: Release): boolean =>
  replicas.some(({ pair, state, admitted }) => pair === there.pair && state === 'ready' && admitted);

const drilledVersion = ({ model }: Release): DrilledVersion => ({
  version: model.version,
  digest: model.digest,
  files: model.files.map(({ digest }) => digest),
});

/** Null for what is not known: a gateway that was started again meanwhile counts from zero. */
function countedBetween(
  before: GatewayCounts | null,
  after: GatewayCounts | null,
): Pick<RollbackMeasurements, 'answered' | 'failed'> {
  if (before === null || after === null) return { answered: null, failed: null };
  return {
    answered: after.answered >= before.answered ? after.answered - before.answered : null,
    failed: after.failed >= before.failed ? after.failed - before.failed : null,
  };
}

/** Rollback evidence is of the version that was gone to, which only the drill knows: no pin that moves ends it. */
async function recordDrill(
  context: DrillPorts,
  project: Project,
  loaded: LoadedContract,
  environment: string,
  measurements: RollbackMeasurements,
): Promise<boolean> {
  const locked = (await project.lock())?.environments[environment];
  if (locked === undefined) return false;
  const measuring = await beginMeasuring(project, loaded, environment, locked);
  const known = { 'previous-model': measurements.to.digest };
  await recordEvidence(context, measuring, { kind: 'rollback', measurements, known });
  return true;
}
