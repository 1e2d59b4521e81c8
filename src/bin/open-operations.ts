import { controlPlaneLease } from '../core/rollout/names.ts';
import { answerReadiness } from '../core/readiness/answers.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { makeOperations } from '../control-plane/operations/operations.ts';
import { makeControlRequest } from '../adapters/http-control/control-request.ts';
import { discoverControlPlane } from '../adapters/http-control/discover.ts';
import { makeHttpOperations } from '../adapters/http-control/http-operations.ts';
import { makeProcessIdentity } from '../adapters/processes/process-identity.ts';
import type { CliContext } from '../cli/context.ts';
import { controlPlaneIdentitySchema } from '../schemas/http-control-plane.ts';
import type { Operations } from '../ports/operations.ts';
import type { Fence, Store } from '../ports/store.ts';

type Parts = Pick<
  CliContext,
  'version' | 'env' | 'user' | 'clock' | 'signal' | 'project' | 'environment' | 'store' | 'blobs' | 'platform'
>;

const shortTtlMs = 10_000;
/** A control plane that is just starting or ending holds the lease for a moment without answering. */
const patienceMs = 5_000;

/**
 * The control plane that runs, asked by HTTP: the one of this state folder and environment, or the one that
 * PLIMSOLL_CONTROL_PLANE names. Without one, the same operations in this process, with its lease taken for each write.
 */
export async function openOperations(parts: Parts): Promise<Operations> {
  const running = await runningControlPlane(parts);
  if (running !== null) return makeHttpOperations({ ...running, signal: parts.signal });
  return makeLocalOperations(parts);
}

/** Where a control plane answers; null when none does. */
export async function runningControlPlane(
  parts: Pick<Parts, 'env' | 'signal' | 'project' | 'environment'>,
): Promise<{ readonly url: string; readonly token: string | null; readonly store: string | null } | null> {
  const token = parts.env['PLIMSOLL_TOKEN'] ?? null;
  const named = parts.env['PLIMSOLL_CONTROL_PLANE'];
  if (named !== undefined && named !== '')
    return { url: named, token, store: await storeOf(named, token, parts.signal) };
  const { stateFolder } = await parts.project();
  const found = await discoverControlPlane(stateFolder, token, parts.signal);
  return found?.environment === (await parts.environment())
    ? { url: found.address, token, store: found.store ?? null }
    : null;
}

/** Null when it does not answer now, which whoever asks it for something will hear. */
async function storeOf(url: string, token: string | null, signal: AbortSignal): Promise<string | null> {
  try {
    const ask = makeControlRequest({ url, token, signal, timeoutMs: 2_000 });
    return (await ask('GET', '/v1/identity', controlPlaneIdentitySchema)).store ?? null;
  } catch {
    return null;
  }
}

async function makeLocalOperations(parts: Parts): Promise<Operations> {
  const [project, store, blobs] = await Promise.all([parts.project(), parts.store(), parts.blobs()]);
  const { contract } = await project.contract();
  return makeOperations({
    service: contract.service,
    store,
    blobs,
    clock: parts.clock,
    plimsollVersion: parts.version,
    by: parts.user,
    withFence: (environment, write) => withShortLease(parts, store, contract.service, environment, write),
    changed: () => undefined,
    facts: {
      owner: async () => contract.owner ?? null,
      evidence: (environment) => project.evidenceStates(environment, parts.clock.nowMs()),
      readiness: async (environment) =>
        answerReadiness(contract, await project.evidenceStates(environment, parts.clock.nowMs())),
      replicas: async (environment) => {
        const platform = await parts.platform();
        return platform.observe({ service: contract.service, environment }, parts.signal);
      },
      rejections: () => [],
      gateways: () => [],
      scaling: () => null,
    },
  });
}

async function withShortLease<T>(
  parts: Parts,
  store: Store,
  service: string,
  environment: string,
  write: (fence: Fence) => Promise<T>,
): Promise<T> {
  const { clock, signal } = parts;
  const identity = makeProcessIdentity();
  const name = controlPlaneLease(service, environment);
  const giveUpMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const lease = await store.leases.acquire({
      lease: name,
      holder: identity.self(),
      ttlMs: shortTtlMs,
      nowMs: clock.nowMs(),
      isDead: (holder) => identity.isDead(holder),
    });
    if (lease !== null) {
      try {
        return await write(lease);
      } finally {
        await store.leases.release(lease);
      }
    }
    if (clock.monotonicMs() >= giveUpMs) throw leaseHeld(name, (await store.leases.current(name))?.holder);
    await clock.sleep(100, signal);
  }
}

function leaseHeld(name: string, holder: string | undefined): PlimsollError {
  return new PlimsollError({
    code: 'lease-held',
    category: 'conflict',
    message: `another process writes here (${holder ?? 'unknown'}), and it does not answer as a control plane`,
    next: 'plimsoll status; if it is starting, run the command again in a moment',
    details: { lease: name, holder },
  });
}
