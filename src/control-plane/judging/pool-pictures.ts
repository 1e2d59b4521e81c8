import { bundledFile } from '../../core/bundle/bundle.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import { verifyPool } from '../../core/hardware/judging/judge-pool.ts';
import { poolOfMachine } from '../../core/hardware/judging/startup-check.ts';
import { poolMatrix, type PoolMatrix } from '../../core/hardware/pool-matrix.ts';
import { readDemands } from '../../core/hardware/service-demands.ts';
import { machinePool } from '../../core/hardware/verdict-words.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { readPoolSnapshot } from '../../schemas/pool/pool-snapshot.ts';
import type { Judging } from './judging.ts';
import type { ReleaseProof, UnknownProof } from './release-proof.ts';

const probeTimeoutMs = 20_000;

/** The release that is shown against the pool of its environment, for the page; none where it asks for no hardware. */
export async function picturePools(
  judging: Judging,
  proof: ReleaseProof | UnknownProof | null,
  nowMs: number,
): Promise<readonly PoolMatrix[]> {
  if (proof === null || 'unknown' in proof) return [];
  const { contract } = proof.loaded;
  const { environment } = proof.release;
  if (contract.hardware === undefined) return [];
  const snapshot = await readPoolOf(judging, proof, nowMs);
  const pool = contract.environments[environment]?.pool ?? machinePool;
  const verdict =
    'reason' in snapshot
      ? notJudged(contract, environment, pool, snapshot.reason)
      : judge(contract, environment, proof.locked ?? undefined, snapshot);
  const takenAtMs = 'reason' in snapshot || pool === machinePool ? null : snapshot.takenAtMs;
  return [poolMatrix([verdict], takenAtMs)];
}

/** Returns the nodes that a release lands on: the snapshot that its bundle names, else this machine; or why they are not known. */
export async function readPoolOf(
  { blobs, nodes }: Judging,
  { loaded, evidence, release }: ReleaseProof,
  nowMs: number,
): Promise<PoolSnapshot | { readonly reason: string }> {
  const { pool, platform } = loaded.contract.environments[release.environment] ?? {};
  try {
    if (pool === undefined) {
      if (platform === 'kubernetes') return { reason: `environments.${release.environment} names no pool` };
      return poolOfMachine(await nodes.probe(AbortSignal.timeout(probeTimeoutMs)), nowMs);
    }
    const file = bundledFile(evidence.bundle, 'pool');
    if (file === null) return { reason: `there is no pools/${pool}.json` };
    return readPoolSnapshot(await blobs.read(file.digest), file.path);
  } catch (thrown) {
    return { reason: asPlimsollError(thrown).message };
  }
}

function judge(
  contract: Contract,
  environment: string,
  locked: LockedEnvironment | undefined,
  snapshot: PoolSnapshot,
): PoolVerdict {
  const reading = readDemands(contract, environment, locked);
  if (reading.kind === 'known') return verifyPool(reading.demands, snapshot);
  const reason = reading.kind === 'not-pinned' ? reading.reason : 'the contract does not write hardware';
  return notJudged(contract, environment, snapshot.pool, reason);
}

const notJudged = ({ service }: Contract, environment: string, pool: string, reason: string): PoolVerdict => ({
  service,
  environment,
  pool,
  verdict: 'unknown',
  reasons: [reason],
  restsOnDeclared: false,
  nodes: [],
  nodesLeftOut: 0,
  classes: {},
});
