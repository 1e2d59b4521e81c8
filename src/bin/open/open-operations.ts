import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { localOperator } from '../../core/access/requester.ts';
import { promisesOf } from '../../core/contract/promises.ts';
import { cacheServices, readFleetShare } from '../../control-plane/judging/fleet-share.ts';
import { readMonitoringTerms } from '../../control-plane/judging/read-monitoring-terms.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { judgeProof, readShownProof } from '../../control-plane/judging/release-proof.ts';
import type { OperationsSource } from '../../control-plane/operations/operations-source.ts';
import { recordRequest } from '../../control-plane/operations/release/release-asks.ts';
import { openJudging } from './open-judging.ts';
import { openNodeProbe } from './open-node-probe.ts';
import { storePlace } from './place/store-place.ts';
import { readFile } from 'node:fs/promises';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { makeOperations } from '../../control-plane/operations/operations.ts';
import { makeControlRequest } from '../../adapters/http-control/control-request.ts';
import type { BundleAddress } from '../../adapters/http-control/send-bundle.ts';
import { discoverControlPlane } from '../../adapters/http-control/discover.ts';
import { readToken } from '../../adapters/http-control/run-files.ts';
import { makeHttpOperations } from '../../adapters/http-control/http-operations.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { parseClusterAddress } from '../../cli/cluster-address.ts';
import type { CliContext } from '../../cli/context.ts';
import { controlPlaneIdentitySchema } from '../../schemas/http/http-control-plane.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { nobodyWatches } from '../../control-plane/health/service-health.ts';

type Parts = Pick<
  CliContext,
  'version' | 'env' | 'user' | 'clock' | 'signal' | 'project' | 'environment' | 'store' | 'blobs' | 'platform'
>;

const shortTtlMs = 10_000;
/** A control plane that is just starting or ending holds the lease for a moment without answering. */
const patienceMs = 5_000;

/**
 * The control plane that runs, asked by HTTP: the one of this state folder and environment, or the one that
 * PLIMSOLL_SERVER names. Without one, the same operations in this process, with its lease taken for each write.
 */
export async function openOperations(parts: Parts): Promise<Operations> {
  const running = await runningControlPlane(parts);
  if (running !== null) return makeHttpOperations({ ...running, signal: parts.signal }, await serviceOf(parts));
  return makeLocalOperations(parts);
}

/** Of the contract here; undefined where a command from elsewhere has none. */
async function serviceOf(parts: Parts): Promise<string | undefined> {
  return parts.project().then(
    async (project) => (await project.contract()).contract.service,
    () => undefined,
  );
}

export interface RunningControlPlane extends Pick<
  BundleAddress,
  'url' | 'token' | 'ca' | 'plainHttp' | 'connect' | 'version' | 'serverVersion'
> {
  /** For people: the address, or where in a cluster it is. */
  readonly shown: string;
  readonly pageUrl: string;
  readonly store: string | null;
}

/** Where a control plane answers, and the token to ask it with; null when none does. */
export async function runningControlPlane(
  parts: Pick<Parts, 'version' | 'env' | 'signal' | 'project' | 'environment'>,
): Promise<RunningControlPlane | null> {
  const given = await givenToken(parts.env);
  const named = parts.env['PLIMSOLL_SERVER'];
  if (named !== undefined && named !== '') return namedControlPlane(named, given, parts);
  const { stateFolder } = await parts.project();
  const found = await discoverControlPlane(stateFolder, given, parts.signal, parts.version);
  if (found === null) return null;
  // An older one holds one service alone; another one of the same store takes up whatever is released to it.
  if (found.identity.services === undefined && found.identity.environment !== (await parts.environment())) return null;
  const { address, pageUrl = address, store = null, plimsollVersion: serverVersion } = found.identity;
  return { url: address, shown: address, pageUrl, token: found.token, store, version: parts.version, serverVersion };
}

/** Asked for its store; a null store when it does not answer now, which whoever asks it for something will hear. */
async function namedControlPlane(
  url: string,
  token: string | null,
  { version, env, signal }: Pick<Parts, 'version' | 'env' | 'signal'>,
): Promise<RunningControlPlane> {
  const address = { shown: url, ...(await addressOf(url, token, env, signal)), version };
  const ask = makeControlRequest({ ...address, signal, timeoutMs: 2_000 });
  const identity = await ask('GET', '/v1/identity', controlPlaneIdentitySchema).catch(() => null);
  return {
    ...address,
    pageUrl: identity?.pageUrl ?? address.url,
    store: identity?.store ?? null,
    serverVersion: identity?.plimsollVersion ?? null,
  };
}

async function addressOf(
  url: string,
  token: string | null,
  env: Parts['env'],
  signal: AbortSignal,
): Promise<Pick<RunningControlPlane, 'url' | 'token' | 'ca' | 'plainHttp' | 'connect'>> {
  const inCluster = parseClusterAddress(url);
  if (inCluster !== null) {
    return (await import('./cluster/reach-cluster.ts')).reachCluster(inCluster, token, env, signal);
  }
  const caFile = env['PLIMSOLL_CA_FILE'];
  const ca = caFile === undefined || caFile === '' ? undefined : await readCa(caFile);
  return { url, token, ca, plainHttp: env['PLIMSOLL_PLAIN_HTTP'] === '1' };
}

/** PLIMSOLL_TOKEN, or the content of the file that PLIMSOLL_TOKEN_FILE names; null where neither is set. */
export async function givenToken(env: Parts['env']): Promise<string | null> {
  const text = env['PLIMSOLL_TOKEN'];
  if (text !== undefined && text !== '') return text;
  const file = env['PLIMSOLL_TOKEN_FILE'];
  if (file === undefined || file === '') return null;
  const token = await readToken(file);
  if (token !== null) return token;
  throw new PlimsollError({
    code: 'token-file-unreadable',
    category: 'input',
    message: `PLIMSOLL_TOKEN_FILE names ${file}, which holds no token that this user may read`,
    next: 'name a file that this user may read, with the token and nothing else',
  });
}

async function readCa(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlimsollError({
      code: 'ca-unreadable',
      category: 'input',
      message: `PLIMSOLL_CA_FILE names ${file}, which cannot be read`,
      next: 'name a file that this user may read',
      cause,
    });
  });
}

/**
 * The operations without a control plane. A release is only recorded as requested: what judges it is a control plane, by
 * what it sees of its nodes.
 */
async function makeLocalOperations(parts: Parts): Promise<Operations> {
  const [project, store, blobs] = await Promise.all([parts.project(), parts.store(), parts.blobs()]);
  const { contract } = await project.contract();
  const { service } = contract;
  const judging = await openJudging({
    blobs,
    parser: parseInPlace,
    probe: openNodeProbe(),
    clock: parts.clock,
    fetching: null,
    env: parts.env,
  });
  const proof = (environment: string) => readShownProof(judging.shelf, store, service, environment);
  const judge = async (environment: string) => judgeProof(judging, store, parts.clock, await proof(environment));
  const source: OperationsSource = {
    service,
    store,
    blobs,
    clock: parts.clock,
    plimsollVersion: parts.version,
    by: parts.user,
    grants: localOperator,
    withFence: (_environment, write) => withShortLease(parts, store, write),
    changed: () => undefined,
    judging,
    deciding: new Set(),
    facts: {
      owner: async () => contract.owner ?? null,
      evidence: judge,
      evidenceOf: async (environment) => (await proof(environment))?.release.number ?? null,
      readiness: async (environment) => {
        const found = await proof(environment);
        if (found === null || 'unknown' in found) return [];
        return answerReadiness(found.loaded.contract, await judge(environment));
      },
      replicas: async (environment) => {
        const platform = await parts.platform();
        return platform.observe({ service, environment }, parts.signal);
      },
      rejections: () => [],
      gateways: () => [],
      scaling: () => null,
      health: () => nobodyWatches,
      promises: async (environment) => {
        const found = await proof(environment);
        return found === null || 'unknown' in found ? null : promisesOf(found.loaded.contract);
      },
      monitoring: async (environment) => {
        const found = await proof(environment);
        if (found === null || 'unknown' in found) return undefined;
        const fleet = await readFleetShare(store, { service, environment }, cacheServices(store, parts.clock));
        return readMonitoringTerms(blobs, found, fleet);
      },
    },
  };
  return {
    ...makeOperations(source),
    release: async (request) => {
      if (storePlace(project.stateFolder, parts.env).kind === 'postgresql') throw controlPlaneNeeded();
      return recordRequest(source, request);
    },
  };
}

/** A shared store has other control planes: which of them would take the request cannot be told from here. */
function controlPlaneNeeded(): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-needed',
    category: 'unavailable',
    message: 'no control plane answers, and a release is judged by one: nothing was recorded',
    next: nextStep(programSteps, 'control-plane-needed/open-operations'),
  });
}

async function withShortLease<T>(parts: Parts, store: Store, write: (fence: Fence) => Promise<T>): Promise<T> {
  const { clock, signal } = parts;
  const identity = makeProcessIdentity();
  const giveUpMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const lease = await store.leases.acquire({
      lease: controlPlaneLease,
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
    if (clock.monotonicMs() >= giveUpMs) throw leaseHeld((await store.leases.current(controlPlaneLease))?.holder);
    await clock.sleep(100, signal);
  }
}

function leaseHeld(holder: string | undefined): PlimsollError {
  return new PlimsollError({
    code: 'lease-held',
    category: 'conflict',
    message: `another process writes here (${holder ?? 'unknown'}), and it does not answer as a control plane`,
    next: nextStep(programSteps, 'lease-held'),
    details: { lease: controlPlaneLease, holder },
  });
}
