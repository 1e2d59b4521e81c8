import { createServer } from 'node:net';
import { programSteps } from '../core/units/next-steps/program-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { findFreePort } from '../adapters/processes/port/free-port.ts';
import { portHolder } from '../adapters/processes/port/port-holder.ts';
import { PlimsollError } from '../core/units/errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::1]:8080`; port 0 asks for a free one. @throws PlimsollError `option-invalid` (input). */
export function parseListenAddress(text: string, option: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match !== null && port <= 65_535) return { host: match[1] ?? match[2] ?? '', port };
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${option} must be HOST:PORT, not \`${text}\``,
    next: nextStep(programSteps, 'option-invalid/up-help'),
  });
}

export function listenText({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether two programs cannot listen there both: same port, and the same host or one that stands for every host. */
export function isSamePlace(one: ListenAddress, other: ListenAddress): boolean {
  const host = ({ host }: ListenAddress): string => (host === 'localhost' ? '127.0.0.1' : host);
  const anyHost = [one, other].some((address) => address.host === '0.0.0.0' || address.host === '::');
  return one.port === other.port && one.port !== 0 && (anyHost || host(one) === host(other));
}

/** Where a program of this machine reaches it: one that listens on every address is reached on the loopback one. */
export function urlOf({ host, port }: ListenAddress): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${listenText({ host: reached, port })}`;
}

/**
 * The same address with a port that is free now. A supervisor settles it before the start, because what it starts again
 * must come back where it was.
 */
export async function settledAddress(
  address: ListenAddress,
  taken: ReadonlySet<number> = new Set(),
): Promise<ListenAddress> {
  return address.port === 0 ? { ...address, port: await findFreePort(address.host, taken) } : address;
}

/**
 * Why nothing can listen there: `port-taken` (unavailable), which names the holder where /proc tells, or `address-unusable`
 * (input). Null where something can.
 *
 * @param next the command that listens elsewhere
 */
export async function findListenProblem(address: ListenAddress, next: string): Promise<PlimsollError | null> {
  const trouble = await listenTrouble(address);
  if (trouble === null) return null;
  const holder = trouble === 'EADDRINUSE' ? portHolder(address.port) : null;
  const by = holder === null ? '' : ` by process ${holder.pid} (${holder.command})`;
  return new PlimsollError({
    code: trouble === 'EADDRINUSE' ? 'port-taken' : 'address-unusable',
    category: trouble === 'EADDRINUSE' ? 'unavailable' : 'input',
    message:
      trouble === 'EADDRINUSE'
        ? `the address ${listenText(address)} is taken${by}`
        : `cannot listen on ${listenText(address)}: ${trouble}`,
    next,
    details: { address: listenText(address), ...(holder === null ? {} : { pid: holder.pid }) },
  });
}

/** The error code of an attempt to listen there; null when it went well. */
function listenTrouble(address: ListenAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
