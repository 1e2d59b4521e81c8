import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Experiment } from '../../core/diagnosis/cause.ts';
import type { ShowCause } from '../../core/diagnosis/finding/finding.ts';
import { valueOrNull, type Reading } from '../../core/diagnosis/readings/reading.ts';
import type { WindowReadings } from '../../core/diagnosis/readings/window-readings.ts';
import { measureLoadedShare } from '../../core/diagnosis/report/diagnosis-record.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { switchLoad, type RequestKind } from '../../prove/diagnosis/load-ablation.ts';
import { makeRequests } from '../../prove/diagnosis/make-load.ts';
import { measureByLoad, measurePassing, type Measure } from '../../prove/diagnosis/measure.ts';
import { readService, type ObservePorts } from '../../prove/diagnosis/observe.ts';
import { countAccelerators } from '../../prove/diagnosis/observed-service.ts';
import { makeShowCause } from '../../prove/diagnosis/show-cause.ts';
import type { Ablation } from '../../ports/nodes/ablation.ts';
import type { CliContext } from '../context.ts';
import type { ChosenService } from './chosen-service.ts';

export interface DiagnoseChoices {
  readonly isNode: boolean;
  readonly isLoad: boolean;
  readonly isLive: boolean;
  readonly windowMs: number;
  readonly concurrency: number;
  readonly replica: string | null;
}

/** How suspicions of this service are shown. */
export interface Experiments {
  /** What the load sends at the moment; left out without a load. */
  readonly kind?: () => RequestKind;
  /** Null where no process of the service is on this node. */
  showWithin: ((atMostMs: number, window: WindowReadings) => ShowCause) | null;
}

const largerRows = 8;

/**
 * Prepares to show causes: by a load of this program, or by the requests that pass. A replica that is kept from traffic is a spare
 * one, and gets its load straight.
 * @throws PlimsollError `load-needs-tensors` (input).
 */
export async function openExperiments(
  context: CliContext,
  { observed, view, target, price }: ChosenService,
  choices: DiagnoseChoices,
  parts: ObservePorts,
): Promise<Experiments> {
  const isSpare = target !== null && (target.isolation !== undefined || !target.admitted);
  const load = choices.isLoad ? await openLoad(context, { view, target, isSpare }) : null;
  const measure =
    load === null
      ? measurePassing(context, (signal) => countAnswers({ ...parts, signal }, observed))
      : measureByLoad(context, load.kind, choices.concurrency);
  const pid = target?.pid ?? null;
  const devices = observed.replicas.find(({ replicaId }) => replicaId === target?.replicaId)?.devices ?? null;
  const showWithin =
    pid === null
      ? null
      : (atMostMs: number, window: WindowReadings): ShowCause =>
          showOn(
            context,
            { pid, devices, measure, isSpare, isLive: choices.isLive, others: load?.others ?? {}, atMostMs },
            {
              accelerators: target === null ? 1 : countAccelerators(target),
              loadedShare: measureLoadedShare(window),
              pricePerHour: price?.perHour ?? null,
            },
          );
  return { ...(load === null ? {} : { kind: load.kind }), showWithin };
}

interface ShownOn {
  readonly pid: number;
  /** UUIDs of its accelerators; null where they are not known. */
  readonly devices: readonly string[] | null;
  readonly measure: Measure;
  readonly isSpare: boolean;
  readonly isLive: boolean;
  readonly others: Partial<Record<Experiment, Ablation>>;
  readonly atMostMs: number;
}

function showOn(
  context: CliContext,
  { pid, devices, measure, isSpare, isLive, others, atMostMs }: ShownOn,
  terms: Parameters<typeof makeShowCause>[0]['terms'],
): ShowCause {
  return async (suspicions) => {
    const undo = await context.undoPorts();
    const show = makeShowCause({
      ...undo,
      ...{ clock: context.clock, random: context.random, signal: context.signal, measure, terms, atMostMs },
      prepare: await context.prepareAblation({ pid, devices, others }),
      target: { pid, identity: (await undo.identity.of(pid)) ?? '' },
      replica: isSpare ? 'spare' : 'live',
      isLiveAllowed: isLive,
    });
    return show(suspicions);
  };
}

interface OpenedLoad {
  readonly kind: () => RequestKind;
  readonly others: Partial<Record<Experiment, Ablation>>;
}

async function openLoad(
  { replicaClient, signal }: Pick<CliContext, 'replicaClient' | 'signal'>,
  { view, target, isSpare }: Pick<ChosenService, 'view' | 'target'> & { readonly isSpare: boolean },
): Promise<OpenedLoad> {
  const { signature, gatewayUrl, model, protocol } = view;
  const straight = target?.endpoint ?? null;
  const endpoint = isSpare ? straight : gatewayUrl;
  if (signature === null || endpoint === null || protocol === 'openai') {
    throw new PlimsollError({
      code: 'load-needs-tensors',
      category: 'input',
      message: '--load makes requests up from the signature of the model, which this service does not tell',
      next: nextStep(cliSteps, 'load-needs-tensors'),
    });
  }
  const client = await replicaClient(64);
  const to = { endpoint, model, inputs: signature.inputs };
  const load = switchLoad(await makeRequests(client, to, 1, signal));
  const isBatchable = signature.inputs.every(({ shape }) => shape[0] === -1);
  return {
    kind: load.kind,
    others: {
      ...(isBatchable ? { 'larger-batch': load.ablateBy(await makeRequests(client, to, largerRows, signal)) } : {}),
      ...(straight === null || straight === endpoint
        ? {}
        : { 'direct-to-replica': load.ablateBy(await makeRequests(client, { ...to, endpoint: straight }, 1, signal)) }),
    },
  };
}

/** Answers of all gateways and the sum of their times. */
async function countAnswers(
  parts: Parameters<typeof readService>[0],
  observed: ChosenService['observed'],
): Promise<{ readonly answers: number; readonly totalMs: number }> {
  const { gateways } = await readService(parts, observed);
  const sum = (values: readonly Reading[]): number =>
    values.reduce((total, reading) => total + (valueOrNull(reading) ?? 0), 0);
  const all = gateways ?? [];
  return { answers: sum(all.map(({ requests }) => requests)), totalMs: sum(all.map(({ totalMs }) => totalMs)) };
}
