import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { openModelFolder } from '../adapters/files/model-folder.ts';
import { makeLogLines } from '../adapters/log-file/log-lines.ts';
import { onnxruntimeEngine } from '../adapters/onnxruntime/engine.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { nodeRoots } from '../adapters/system/node/node-roots.ts';
import { readProcessUse } from '../adapters/system/load/process-use.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { replicaTlsVariables } from '../core/contract/replica-tls.ts';
import type { NodeFacts } from '../core/pool/node-facts.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import { readEngineFault, withInjectedFault } from '../model-server/faulty-engine.ts';
import { serveModels, type ModelServerParts } from '../model-server/serve-models.ts';
import {
  readModelServerSettings,
  type ModelServerSettings,
  type StartContract,
} from '../schemas/replica/model-server-settings.ts';
import type { InferenceEngine } from '../ports/serving/inference-engine.ts';
import { nameOfIdentity } from '../protocols/replica-identity/replica-identity.ts';
import type { ReplicaLine } from '../schemas/replica/replica-line.ts';
import { replicaEnvironment } from '../schemas/replica/replica-environment.ts';
import { spareVariable } from '../schemas/replica/spare-order.ts';
import { seeDevices } from './seen-devices.ts';
import { plimsollVersion } from './version.ts';

/** The model server: `serve-model` in this process. Resolves with the exit status once it is drained. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  // Whoever read the output may leave; the server serves on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const tell = (line: ReplicaLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const folder = process.env[spareVariable] ?? '';
  if (folder === '') return serve(argv, { engine: onnxruntimeEngine, tell }, signal);
  const { awaitOrder } = await import('./await-order.ts');
  const taken = await awaitOrder(folder, tell, signal);
  return taken === null ? 0 : serve(taken.args, { ...taken, tell }, signal);
}

/** What differs between a process that was started as a replica and one that was a spare. */
type Began = Pick<ModelServerParts, 'engine' | 'tell' | 'takenAtMs'>;

async function serve(argv: readonly string[], began: Began, signal: AbortSignal): Promise<number> {
  const { tell } = began;
  const settings = await readSettings(argv);
  const source = openModelFolder({ ...settings.model, pinnedFiles: settings.pinnedFiles });
  const { contract } = settings;
  // Beside the start: asking the driver takes a moment, and nothing waits for it.
  void seeDevices(process.env, () => probeThisNode(signal))
    .then((devices) => devices !== null && tell({ plimsoll: 'devices', devices: [...devices] }))
    .catch((thrown: unknown) => log(`the devices cannot be told: ${asPlimsollError(thrown).message}`));
  const drained = await serveModels(
    settings,
    {
      ...began,
      engine: withFaults(began.engine, process.env),
      source,
      clock: systemClock,
      version: plimsollVersion,
      readUse: () => readProcessUse(nodeRoots.proc),
      readContainer: async () => (await import('./open/diagnosis/open-container.ts')).readOwnContainer(),
      identity: identityOf(process.env),
      ...ordersTokenOf(process.env),
      ...(await tlsOf(process.env)),
      log,
      ...(contract === null ? {} : { checkNode: (stop) => checkThisNode(contract, settings, stop) }),
    },
    signal,
  );
  // A run is still under way: leaving by process.exit would abort in the middle of it, and waiting has no bound.
  if (!drained) process.kill(process.pid, 'SIGKILL');
  return 0;
}

/** `PLIMSOLL_FAULTS` is a folder: while a file there has the id of this replica, its answers are wrong in the way that it names. */
function withFaults(engine: InferenceEngine, env: NodeJS.ProcessEnv): InferenceEngine {
  const folder = env['PLIMSOLL_FAULTS'];
  if (folder === undefined || folder === '') return engine;
  const file = path.join(folder, env[replicaEnvironment.replicaId] ?? 'replica');
  log(`PLIMSOLL_FAULTS is set: while ${file} exists, answers are wrong on purpose`);
  return withInjectedFault(engine, () => (existsSync(file) ? readEngineFault(readFileSync(file, 'utf8')) : null));
}

/** Another one after each start; empty without a name that fits into a header. */
function identityOf(env: NodeJS.ProcessEnv): string {
  const name = env[replicaEnvironment.replicaId] ?? '';
  return nameOfIdentity(name) === null ? '' : `${name}/${systemRandom.hex(8)}`;
}

/** An empty one is none: whoever clears the variable wants no token, and no empty one either. */
function ordersTokenOf(env: NodeJS.ProcessEnv): { readonly ordersToken?: string } {
  const ordersToken = env[replicaEnvironment.ordersToken] ?? '';
  return ordersToken === '' ? {} : { ordersToken };
}

/** Loaded only where a replica has a certificate. */
async function tlsOf(env: NodeJS.ProcessEnv): Promise<Pick<ModelServerParts, 'makeServer'>> {
  if (Object.values(replicaTlsVariables).every((name) => (env[name] ?? '') === '')) return {};
  const { openTlsServers } = await import('./open/tls/open-tls-servers.ts');
  return { makeServer: openTlsServers(env, log) };
}

const writeLine = makeLogLines(2, (lost) => `plimsoll serve-model: ${lost} lines of this log were lost`);
const log = (line: string): void => writeLine(`plimsoll serve-model: ${line}`);

/** What it takes is loaded only where a contract is named: most of a start is loading. */
async function checkThisNode(
  contract: StartContract,
  settings: ModelServerSettings,
  signal: AbortSignal,
): Promise<void> {
  const [{ checkNode }, { openNodeProbe }] = await Promise.all([import('./check-node.ts'), loadProbe()]);
  return checkNode(contract, settings.model, { probe: openNodeProbe(), clock: systemClock, log }, signal);
}

const loadProbe = () => import('./open/open-node-probe.ts');

const probeThisNode = async (signal: AbortSignal): Promise<NodeFacts> =>
  (await (await loadProbe()).openNodeProbe().probe(signal)).facts;

async function readSettings(argv: readonly string[]): Promise<ModelServerSettings> {
  const { config, ...flags } = readFlags(argv);
  const file = config === undefined ? null : { path: config, text: await readConfig(config) };
  return readModelServerSettings({ flags, env: process.env, file, cores: availableParallelism() });
}

/** `--max-batch 8` as `{ maxBatch: '8' }`; which names exist is for the settings to say. */
function readFlags(argv: readonly string[]): Record<string, string> {
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true });
  const flags: Record<string, string> = {};
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'option') continue;
    const next = argv[token.index + 1];
    const value = token.value ?? (tokens[at + 1]?.kind === 'positional' ? next : undefined);
    if (value === undefined) throw badFlags(`--${token.name} needs a value`);
    flags[token.name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return flags;
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PlimsollError({
      code: 'config-unreadable',
      category: 'input',
      message: `cannot read ${path} (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
      next: 'check the path of --config',
      cause,
    });
  }
}

function badFlags(message: string): PlimsollError {
  return new PlimsollError({
    code: 'flag-invalid',
    category: 'input',
    message,
    next: nextStep(programSteps, 'flag-invalid'),
  });
}
