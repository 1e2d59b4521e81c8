import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { readToken, startTokenFile } from '../adapters/http-control/run-files.ts';
import { childEnvironment } from '../core/access/child-environment.ts';
import { makeProcessIdentity } from '../adapters/processes/process-table/process-identity.ts';
import { writeDurably } from '../adapters/files/write-durably.ts';
import { claimStateFolder, readClaim, type Claim, type Claiming } from '../adapters/processes/state-folder-claim.ts';
import {
  SupervisedProgram,
  type ProgramEvent,
  type SupervisorPlace,
} from '../adapters/processes/supervised-program.ts';
import { makeProcessTable } from '../adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { processTerminal } from '../adapters/system/terminal.ts';
import { supervisorOptions } from '../cli/program-options.ts';
import { stepLine } from '../cli/follow/view-lines.ts';
import { controlPlaneAllocator } from '../control-plane/node-flags.ts';
import { looksTemporary } from '../core/rollout/names.ts';
import { followView } from './up/follow-view.ts';
import { importRecords } from './up/import-records.ts';
import { upRunning } from './up/up-running.ts';
import { compileCacheEnvironment } from './own-command.ts';
import { openLocalPlatform } from './open/open-platform.ts';
import { openSimulatedDevices } from './open/simulated-devices.ts';
import { makePageLink, openPage } from './page-link.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { stopControlPlane, stopEverything } from './up/stop-everything.ts';
import { stopAbandoned, stopReplicas } from './up/stop-replicas.ts';
import { makePlan, runFolder, type UpPlan } from './up/supervisor-plan.ts';
import { findPlace } from './up/up-place.ts';

/** Without its gateway a service answers nobody: one that ran for a moment is back at once, and no wait is long. */
const restart = { firstDelayMs: 250, maxDelayMs: 5_000, resetAfterReadyMs: 2_000 };
/** A terminal's Ctrl-C may reach us twice, once by itself and once passed on by what started us. */
const secondSignalAfterMs = 500;

/** Runs everything of one service on this machine until the signal; resolves with the exit status. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: supervisorOptions, allowPositionals: true });
  const startedMs = systemClock.monotonicMs();
  const say = (text: string): void => processTerminal.note(stepLine(systemClock.monotonicMs() - startedMs, text));
  if (values.stop === true) {
    // Which folder is all that stopping asks for: a contract may be gone or broken, and what runs is to end all the same.
    const stateFolder =
      values.state === undefined ? (await findPlace(values, positionals)).stateFolder : path.resolve(values.state);
    await mkdir(runFolder(stateFolder), { recursive: true });
    return await (values['keep-serving'] === true ? stopControlPlane : stopEverything)(stateFolder, say);
  }
  const place = await findPlace(values, positionals);
  await mkdir(runFolder(place.stateFolder), { recursive: true });
  if (values['keep-serving'] === true) throw keepServingAlone();
  // Read here too: a control plane that cannot read them would start, and every replica would fail.
  await openSimulatedDevices(process.env)?.();

  for (const { service, environment, contractFile } of place.services) {
    say(`contract of ${service}: ${contractFile}, environment ${environment}`);
  }
  await refuseSecondUp(place.stateFolder);
  const plan = await makePlan(place, values, makeProcessTable());
  const claim = await claimFolder(plan);
  outliveTerminal();
  const force = forcedBySecondSignal(signal);
  try {
    await importRecords(place, claim.own, say, signal);
    if (signal.aborted) return 0;
    return await supervise(plan, values, say, signal, force);
  } finally {
    await claim.giveUp();
  }
}

function keepServingAlone(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--keep-serving is for --stop',
    next: nextStep(programSteps, 'option-invalid/up-stop-keep-serving'),
  });
}

async function supervise(
  plan: UpPlan,
  values: { readonly open?: boolean },
  say: (text: string) => void,
  signal: AbortSignal,
  forced: AbortSignal,
): Promise<number> {
  const machine = { ...process.env, ...compileCacheEnvironment() };
  const place: SupervisorPlace = {
    stateFolder: plan.stateFolder,
    table: makeProcessTable(),
    clock: systemClock,
    restart,
    environment: { ...childEnvironment('control-plane', machine), ...controlPlaneAllocator },
  };
  const givenUp = new AbortController();
  const ending = AbortSignal.any([signal, givenUp.signal]);
  let announced = false;
  const tell = (name: string, url: string) => (event: ProgramEvent) => {
    say(`${name} ${eventText(event, url)}`);
    if (event.kind === 'gave-up') givenUp.abort();
    if (announced || !gateway.answers || !controlPlane.answers) return;
    announced = true;
    void announce(plan, values.open === true, ending);
  };
  const gatewayPlace: SupervisorPlace = { ...place, environment: childEnvironment('gateway', machine) };
  const gateway = new SupervisedProgram(plan.gateway, gatewayPlace, tell('gateway', plan.gatewayUrl));
  const controlPlane = new SupervisedProgram(plan.controlPlane, place, tell('control plane', `${plan.pageUrl}/`));
  controlPlane.begin();
  gateway.begin();
  const cleaning = cleanUp(plan, say, ending);
  const following = Promise.all(
    plan.services.map(({ service, environment }) => {
      const sayOf = plan.services.length === 1 ? say : (text: string) => say(`${service}: ${text}`);
      const scope = { service, environment };
      return followView(plan.controlPlaneUrl, scope, startTokenFile(plan.stateFolder), systemClock, sayOf, ending);
    }),
  );
  await aborted(ending);
  await Promise.all([following, cleaning]);
  await stopInOrder(plan, gateway, controlPlane, say, forced);
  return givenUp.signal.aborted ? 2 : 0;
}

async function cleanUp(plan: UpPlan, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  const platform = openLocalPlatform(plan.stateFolder);
  const known = new Set(plan.services.flatMap(({ environments }) => environments));
  const isOver = (environment: string): boolean => looksTemporary(environment) && !known.has(environment);
  const count = await stopAbandoned(platform, isOver, systemClock, signal, say);
  await platform.close();
  if (count > 0) say(`${count} left behind by a command that was killed: stopped`);
}

/** Nobody new is let in first, what was let in is answered, and only then what answers goes. */
async function stopInOrder(
  plan: UpPlan,
  gateway: SupervisedProgram,
  controlPlane: SupervisedProgram,
  say: (text: string) => void,
  forced: AbortSignal,
): Promise<void> {
  say('stopping: the gateway finishes what it has (Ctrl-C again ends everything at once)');
  await gateway.stop(forced);
  say('gateway stopped');
  await controlPlane.stop(forced);
  say('control plane stopped');
  const platform = openLocalPlatform(plan.stateFolder);
  const count = await stopReplicas(platform, systemClock, forced, say);
  await platform.close();
  say(`${count} ${count === 1 ? 'replica' : 'replicas'} drained and stopped`);
}

/** @throws PlimsollError `up-running` (conflict). */
async function claimFolder(plan: UpPlan): Promise<Extract<Claiming, { kind: 'claimed' }> & { readonly own: Claim }> {
  const identity = makeProcessIdentity();
  const own: Claim = {
    pid: process.pid,
    identity: identity.self(),
    pageUrl: plan.pageUrl,
    controlPlaneUrl: plan.controlPlaneUrl,
    gatewayUrl: plan.gatewayUrl,
    ...(plan.httpsUrl === null ? {} : { httpsUrl: plan.httpsUrl }),
    startedAtMs: systemClock.nowMs(),
  };
  const isDead = (holder: string): Promise<boolean> => identity.isDead(holder);
  const claiming = await claimStateFolder(runFolder(plan.stateFolder), own, isDead, writeDurably);
  if (claiming.kind === 'claimed') return { ...claiming, own };
  throw upRunning(plan.stateFolder, claiming.by);
}

/** Before its addresses are looked at: they are taken, and that is not what is in the way. */
async function refuseSecondUp(stateFolder: string): Promise<void> {
  const claim = await readClaim(runFolder(stateFolder));
  if (claim !== null && !(await makeProcessIdentity().isDead(claim.identity))) throw upRunning(stateFolder, claim);
}

/** The page can be read by its address; the link signs a browser in, so that the page can act. */
async function announce(plan: UpPlan, open: boolean, signal: AbortSignal): Promise<void> {
  const link = await startPageLink(plan, signal).catch(() => null);
  const lines = [
    `gateway  ${plan.gatewayUrl}`,
    ...(plan.httpsUrl === null ? [] : [`https    ${plan.httpsUrl}`]),
    `page     ${plan.pageUrl}/`,
    ...(link === null ? [] : [`sign in  ${link}`]),
  ];
  processTerminal.print(lines.join('\n'));
  if (!open) return;
  const trouble = await openPage(plan.stateFolder, link ?? `${plan.pageUrl}/`);
  if (trouble !== null) processTerminal.note(trouble);
}

async function startPageLink(plan: UpPlan, signal: AbortSignal): Promise<string> {
  const token = await readToken(startTokenFile(plan.stateFolder));
  return makePageLink({ url: plan.controlPlaneUrl, token, signal }, plan.pageUrl);
}

function eventText(event: ProgramEvent, url: string): string {
  switch (event.kind) {
    case 'adopted':
      return `adopted: process ${event.pid} runs already`;
    case 'replaced':
      return `replaced: process ${event.pid} was started otherwise`;
    case 'started':
      return `started: process ${event.pid}`;
    case 'answers':
      return `answers on ${url}`;
    case 'ended':
      return `ended: ${event.reason}`;
    case 'gave-up':
      return `cannot run: ${event.reason}`;
  }
}

/** A terminal that is closed, or a pipe whose reader left, must not end the supervision without stopping what it runs. */
function outliveTerminal(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  process.once('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
}

/** The first signal stops in order; a later one ends that order at once. */
function forcedBySecondSignal(first: AbortSignal): AbortSignal {
  const forced = new AbortController();
  let firstMs = Infinity;
  first.addEventListener('abort', () => (firstMs = systemClock.monotonicMs()), { once: true });
  const again = (): void => {
    if (systemClock.monotonicMs() - firstMs > secondSignalAfterMs) forced.abort();
  };
  process.on('SIGINT', again);
  process.on('SIGTERM', again);
  return forced.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
