import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { makeClientTls } from '../adapters/http-control/client-tls.ts';
import { makeProvingConnector } from '../adapters/http-control/proving-connector.ts';
import { gatewayTokenFile, readToken } from '../adapters/http-control/run-files.ts';
import { writeDurably } from '../adapters/files/write-durably.ts';
import { makeLogLines } from '../adapters/log-file/log-lines.ts';
import { makeProcessIdentity } from '../adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { gatewayOptions } from '../cli/program-options.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { Spools } from '../gateway/capture/spools.ts';
import { ClientKeys } from '../gateway/admission/client-keys.ts';
import type { GatewayLog } from '../gateway/log.ts';
import { runFleetGateway } from '../gateway/fleet/run-fleet-gateway.ts';
import { runGateway } from '../gateway/run-gateway.ts';
import { gatewayDefaults, type FrontSettings } from '../gateway/settings.ts';
import { ownerOnly } from '../ports/process/write-durably.ts';
import type { ReplicaOwner } from '../ports/serving/platform.ts';
import { replicaTls } from './open/tls/open-replica-tls.ts';
import { openTlsDoor } from './open/gateway/open-tls-door.ts';

/** Runs the gateway of one service, or without `--service` that of a fleet, until the signal; resolves with its exit status. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: gatewayOptions });
  const stateFolder = path.resolve(required(values.state, 'state'));
  const settings = settingsOf(values);
  const owner = ownerOf(values);
  const home = homeOf(values);
  const identity = makeProcessIdentity().self();
  const runFile = path.join(stateFolder, 'run', 'gateway.json');
  const tokenFile = values['token-file'] ?? gatewayTokenFile(stateFolder);
  const token = (): Promise<string | null> => readToken(tokenFile);
  const tls = makeClientTls({ ca: values['ca-file'], cert: values['tls-cert'], key: values['tls-key'] });
  // What cannot be used now is a mistake; what cannot be used later is waited for.
  await tls();
  const ofReplicas = replicaTls();
  const keysFile = values['client-keys'];
  const program = {
    identity,
    stateFolder,
    writeDurably,
    clock: systemClock,
    random: systemRandom,
    log: jsonLog,
    capture: new Spools({
      folder: path.join(stateFolder, 'spool', settings.gatewayId),
      clock: systemClock,
      random: systemRandom,
      log: jsonLog,
    }),
    tlsDoor: openTlsDoor(values, jsonLog),
    connectOverTls: (owner: ReplicaOwner) => (timeoutMs: number) => ofReplicas.connectAs(owner, timeoutMs),
    clientKeys: keysFile === undefined ? null : await ClientKeys.open(keysFile),
    controlPlaneUrl: values['control-plane'],
    token,
    connect: makeProvingConnector({
      token,
      tls,
      plainHttp: values['plain-http'] === true,
    }),
    listening: async (address: string) => {
      const record = { gatewayId: settings.gatewayId, ...(owner ?? home), pid: process.pid, identity, address };
      const text = `${JSON.stringify({ ...record, startedAtMs: Date.now() })}\n`;
      await writeDurably(runFile, text, { doing: 'writing where the gateway listens', mode: ownerOnly });
      jsonLog('gateway.listening', record);
    },
  };
  if (owner === null) await runFleetGateway({ ...program, settings, home }, signal);
  else await runGateway({ ...program, settings: { ...settings, ...owner } }, signal);
  await forgetRunFile(runFile, identity);
  return 0;
}

type GatewayValues = { readonly [name in Exclude<keyof typeof gatewayOptions, 'plain-http'>]?: string };

function settingsOf(values: GatewayValues): FrontSettings {
  const count = (name: keyof GatewayValues, fallback: number): number => wholeNumber(values[name], name, fallback);
  return {
    ...gatewayDefaults,
    gatewayId: idOf(required(values.id, 'id')),
    listen: listenAddress(required(values.listen, 'listen')),
    queueLimit: count('queue', gatewayDefaults.queueLimit),
    maxBodyBytes: count('max-body', gatewayDefaults.maxBodyBytes),
    deadlineMs: count('deadline', gatewayDefaults.deadlineMs),
    replicaConcurrency: count('replica-concurrency', gatewayDefaults.replicaConcurrency),
    drainTimeoutMs: count('drain-timeout', gatewayDefaults.drainTimeoutMs),
  };
}

/** Null for a gateway of all services of a fleet. */
function ownerOf({ service, environment }: GatewayValues): { service: string; environment: string } | null {
  if (service !== undefined) {
    return { service: required(service, 'service'), environment: required(environment, 'environment') };
  }
  if (environment === gatewayOptions.environment.default) return null;
  throw wrongOption('environment', 'needs --service: without it the gateway serves all services of the fleet');
}

/** SERVICE/ENVIRONMENT, whose requests are those that name no service; null where it is left out. */
function homeOf({ home, service }: GatewayValues): { service: string; environment: string } | null {
  if (home === undefined) return null;
  if (service !== undefined) throw wrongOption('home', 'is for a gateway of many services, and --service names one');
  const [name = '', environment = '', ...more] = home.split('/');
  if (name !== '' && environment !== '' && more.length === 0) return { service: name, environment };
  throw wrongOption('home', `must be SERVICE/ENVIRONMENT, not \`${home}\``);
}

/** Another gateway may have started meanwhile: only the record of this process is removed. */
async function forgetRunFile(file: string, identity: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.includes(JSON.stringify(identity))) await rm(file, { force: true });
}

const logLine = (event: string, facts: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ at: new Date().toISOString(), program: 'gateway', event, ...facts });
const writeLine = makeLogLines(2, (lost) => logLine('log.lost', { lines: lost }));
const jsonLog: GatewayLog = (event, facts) => writeLine(logLine(event, facts));

function required(value: string | undefined, name: string): string {
  if (value !== undefined && value !== '') return value;
  throw wrongOption(name, 'is missing');
}

function wholeNumber(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d{1,12}$/.test(text) && value > 0) return value;
  throw wrongOption(name, `must be a positive whole number, not \`${text}\``);
}

/** The id stands in a file name and in a path of the control plane. */
function idOf(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw wrongOption('id', `must be 1 to 100 letters, digits, dots, underscores or hyphens, not \`${text}\``);
}

/** `127.0.0.1:8080`, `[::1]:8080`; port 0 takes a free one. */
function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match !== null && port <= 65_535) return { host: match[1] ?? match[2] ?? '', port };
  throw wrongOption('listen', `must be HOST:PORT, not \`${text}\``);
}

function wrongOption(name: string, problem: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--${name} ${problem}`,
    next: nextStep(programSteps, 'option-invalid/gateway-help'),
  });
}
