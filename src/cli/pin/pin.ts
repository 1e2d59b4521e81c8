import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { chooseEnvironments } from '../../core/contract/choose-environment.ts';
import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { EvidenceState, Lock } from '../../core/evidence/lock/lock.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Project } from '../../ports/project/project.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { pinEnvironment, type Pins, type PinSources } from '../../prove/pin/pin-environment.ts';
import { pinMoves, writePins, type PinMove, type PinnedEnvironments } from '../../prove/pin/write-pins.ts';
import { byteProgress } from '../../prove/progress.ts';
import { alignedTable } from '../terminal/table.ts';

export const command: CliCommand = {
  configure: (program) => {
    program
      .option('--check', 'write nothing; exit 1 when the lock no longer says what is there')
      .option('--force', 'start a new lock where the old one cannot be read; its evidence is lost');
  },
  examples: [
    ['plimsoll pin', 'resolves the model, the data and the code, inspects an image, and writes plimsoll.lock'],
    ['plimsoll pin --check', 'says what moved since the lock was written, from what to what'],
  ],
  run: async (context, { options }) => {
    const project = await context.project();
    const { contract } = await project.contract();
    const asked = options['environment'] as string | undefined;
    const environments = chooseEnvironments(contract, asked);
    const force = options['force'] === true;
    // Read first: what is wrong with it is said before anything is resolved.
    const before = await readLock(project, force);
    const pinned = await pinAll(context, project, environments);
    if (options['check'] === true) return checked(pinMoves(before, pinned), before === null);
    return written(context, project, environments, await writePins(project, contract, pinned, force));
  },
};

async function readLock(project: Project, force: boolean): Promise<Lock | null> {
  try {
    return await project.lock();
  } catch (thrown) {
    if (force && asPlimsollError(thrown).code === 'lock-invalid') return null;
    throw thrown;
  }
}

async function pinAll(
  context: CliContext,
  project: Project,
  environments: readonly string[],
): Promise<PinnedEnvironments> {
  const loaded = await project.contract();
  const pinned: Record<string, Pins> = {};
  for (const environment of environments) {
    pinned[environment] = await pinEnvironment(project, loaded, environment, sourcesOf(context));
  }
  return pinned;
}

/** An image is inspected with what it says of its progress; everything else is opened only when it is asked for. */
function sourcesOf(context: CliContext): PinSources {
  let said: ((doneBytes: number) => void) | null = null;
  return {
    store: context.store,
    images: () => context.imageInspector(),
    pools: () => context.pools(),
    probe: () => context.nodeProbe(),
    blobs: context.blobs,
    remotePlace: (uri) => context.remotePlace(uri),
    signal: context.signal,
    progress: (doneBytes, totalBytes) => {
      said ??= byteProgress(context, 'inspecting the image', totalBytes);
      said(doneBytes);
    },
  };
}

function checked(moved: readonly PinMove[], absent: boolean): CommandResult {
  const json = { inStep: moved.length === 0 && !absent, moved };
  if (json.inStep) return { exit: 0, json, text: 'plimsoll.lock says what is there' };
  const heading = absent ? 'there is no plimsoll.lock' : 'plimsoll.lock no longer says what is there:';
  return { exit: absent ? 3 : 1, json, text: [heading, ...movedLines(moved), 'next: plimsoll pin'].join('\n') };
}

async function written(
  context: CliContext,
  project: Project,
  environments: readonly string[],
  moved: readonly PinMove[],
): Promise<CommandResult> {
  const toRenew: (EvidenceState & { environment: string })[] = [];
  for (const environment of environments) {
    const states = await judgeCheckout(project, environment, context.clock.nowMs());
    toRenew.push(...states.filter((state) => !countsAsPassing(state)).map((state) => ({ environment, ...state })));
  }
  const heading = moved.length === 0 ? 'plimsoll.lock already said what is there' : 'pinned in plimsoll.lock:';
  const renewals = toRenew.map(({ kind, freshness, reasons, renew }) => [
    `  ${kind}`,
    freshness,
    reasons[0] ?? '',
    ...(renew === undefined ? [] : [`next: ${renew}`]),
  ]);
  const text = [
    heading,
    ...movedLines(moved),
    ...(renewals.length === 0 ? [] : ['evidence to renew:', ...alignedTable(renewals)]),
  ].join('\n');
  return { exit: 0, json: { moved, toRenew }, text };
}

function movedLines(moved: readonly PinMove[]): readonly string[] {
  const several = new Set(moved.map(({ environment }) => environment)).size > 1;
  return alignedTable(
    moved.map(({ environment, subject, from, to }) => [...(several ? [environment] : []), subject, `${from} -> ${to}`]),
    '  ',
  );
}
