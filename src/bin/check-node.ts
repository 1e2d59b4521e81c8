import path from 'node:path';
import { proveSteps } from '../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import type { LockedEnvironment } from '../core/evidence/lock/lock.ts';
import type { LoadedContract } from '../core/contract/contract.ts';
import { chooseEnvironment } from '../core/contract/choose-environment.ts';
import { readDemands } from '../core/hardware/service-demands.ts';
import { checkStart, refusalOfStart } from '../core/hardware/judging/startup-check.ts';
import { verdictSentence } from '../core/hardware/verdict-words.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { NodeProbe } from '../ports/nodes/node-probe.ts';
import { parseInPlace } from '../schemas/parse-in-place.ts';
import type { ModelServerSettings, StartContract } from '../schemas/replica/model-server-settings.ts';

export interface CheckNodeParts {
  readonly probe: NodeProbe;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/**
 * The pinned contract against this node, before a model server loads weights.
 * @throws PlimsollError `hardware-refused`, `hardware-unknown`, with the sentence that `verify` begins with.
 */
export async function checkNode(
  contract: StartContract,
  model: ModelServerSettings['model'],
  { probe, clock, log }: CheckNodeParts,
  signal: AbortSignal,
): Promise<void> {
  const pinned = await readPinned(contract).catch((thrown: unknown) => {
    const error = asPlimsollError(thrown);
    if (contract.by === 'asked' || error.category === 'bug') throw thrown;
    log(`this node is not checked: ${error.message}`);
    return null;
  });
  if (pinned === null) return;
  const { loaded, environment, locked } = pinned;
  const reading = readDemands(loaded.contract, environment, locked && ofThisModel(locked, model));
  if (reading.kind === 'not-asked') return;
  if (reading.kind === 'not-pinned') {
    if (contract.by === 'asked') throw notPinned(reading.reason, environment);
    log(`this node is not checked: ${reading.reason}`);
    return;
  }
  const { facts } = await probe.probe(signal);
  if (facts.source === 'declared') {
    log('this node is not checked: its devices are simulated');
    return;
  }
  const verdict = checkStart(reading.demands, facts, clock.nowMs());
  const refusal = refusalOfStart(verdict);
  if (refusal !== null) throw refusal;
  log(verdictSentence(verdict));
}

interface Pinned {
  readonly loaded: LoadedContract;
  readonly environment: string;
  readonly locked: LockedEnvironment | undefined;
}

async function readPinned({ file, environment }: StartContract): Promise<Pinned> {
  const [{ makeFileProject }, { machineFacts }] = await Promise.all([
    import('../adapters/files/project/project.ts'),
    import('../adapters/system/node/machine.ts'),
  ]);
  const contractFile = path.resolve(file);
  const stateFolder = path.dirname(contractFile);
  const project = makeFileProject({ contractFile, stateFolder, machine: machineFacts, parser: parseInPlace });
  const loaded = await project.contract();
  const chosen = chooseEnvironment(loaded.contract, environment ?? undefined);
  return { loaded, environment: chosen, locked: (await project.lock())?.environments[chosen] };
}

/** A release that was rolled back to serves another model than the lock pins by now, so that its facts do not speak of it. */
function ofThisModel(locked: LockedEnvironment, { name, version }: ModelServerSettings['model']): LockedEnvironment {
  const { model, ...rest } = locked;
  const same = model !== undefined && model.name === name && (version === null || model.version === version);
  return same ? locked : rest;
}

function notPinned(reason: string, environment: string): PlimsollError {
  return new PlimsollError({
    code: 'facts-not-pinned',
    category: 'unavailable',
    message: reason,
    next: nextStep(proveSteps, 'facts-not-pinned/pin-environment', { environment }),
  });
}
