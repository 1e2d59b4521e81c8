import { makeFilePools } from '../../adapters/files/project/pools.ts';
import type { HardwareSource, VerifiedHardware } from '../../control-plane/watches/hardware-watch.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import { acceleratorClassOf, cpuClassOf, type DeviceClass } from '../../core/pool/device-class.ts';
import { verifyPool } from '../../core/hardware/judging/judge-pool.ts';
import { readMeasuredClasses } from '../../core/pool/measured-classes.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { poolMatrix, type PoolMatrix } from '../../core/hardware/pool-matrix.ts';
import type { PoolSnapshot } from '../../core/pool/pool-snapshot.ts';
import { readDemands } from '../../core/hardware/service-demands.ts';
import { poolOfMachine } from '../../core/hardware/judging/startup-check.ts';
import { machinePool } from '../../core/hardware/verdict-words.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { Project } from '../../ports/project/project.ts';

/** What the watch compares: this machine, with the classes that the hardware evidence of the lock was measured for. */
export function openHardwareSource(project: Project, environment: string, probe: NodeProbe): HardwareSource {
  return {
    async verified(): Promise<VerifiedHardware | null> {
      const { contract } = await project.contract();
      const evidence = (await project.lock())?.environments[environment]?.evidence.hardware;
      if (contract.hardware === undefined || evidence === undefined) return null;
      const several = Object.keys(contract.environments).length > 1;
      const remedy = renewCommand('hardware', several ? environment : undefined);
      return { classes: readMeasuredClasses(evidence.measurements), measuredAtMs: evidence.measuredAtMs, remedy };
    },
    async present(signal) {
      const { contract } = await project.contract();
      const { facts } = await probe.probe(signal);
      return presentClasses(facts, contract.hardware?.accelerator ?? 'cpu');
    },
  };
}

function presentClasses(
  facts: NodeFacts,
  accelerator: 'nvidia' | 'cpu',
): readonly DeviceClass[] | { readonly unreadable: string } {
  if (accelerator === 'cpu') {
    const deviceClass = cpuClassOf(facts);
    return deviceClass === null ? { unreadable: facts.unknown['cpu'] ?? 'its CPU is not known' } : [deviceClass];
  }
  if (facts.devices === null) return { unreadable: facts.unknown['devices'] ?? 'its devices are not known' };
  return facts.devices.map(acceleratorClassOf);
}

/** Every environment of the service against its own pool, for the page; environments that share a pool share a picture. */
export async function poolsOf(project: Project, probe: NodeProbe, nowMs: number): Promise<readonly PoolMatrix[]> {
  const { contract } = await project.contract();
  if (contract.hardware === undefined) return [];
  const lock = await project.lock();
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const verdicts = new Map<string, { readonly takenAtMs: number | null; readonly verdicts: PoolVerdict[] }>();
  for (const environment of Object.keys(contract.environments)) {
    const snapshot = await snapshotOf(project, contract, environment, () => probe.probe(signal), nowMs);
    const pool = contract.environments[environment]?.pool ?? machinePool;
    const verdict =
      'reason' in snapshot
        ? notJudged(contract, environment, pool, snapshot.reason)
        : judge(contract, environment, lock?.environments[environment], snapshot);
    const takenAtMs = 'reason' in snapshot || pool === machinePool ? null : snapshot.takenAtMs;
    const before = verdicts.get(pool);
    if (before === undefined) verdicts.set(pool, { takenAtMs, verdicts: [verdict] });
    else before.verdicts.push(verdict);
  }
  return [...verdicts.values()].map((each) => poolMatrix(each.verdicts, each.takenAtMs));
}

const probeTimeoutMs = 20_000;

/** A pool that cannot be read is shown as one that nothing is known of: the other pools are still to be seen. */
async function snapshotOf(
  project: Project,
  contract: Contract,
  environment: string,
  probe: () => ReturnType<NodeProbe['probe']>,
  nowMs: number,
): Promise<PoolSnapshot | { readonly reason: string }> {
  const { pool, platform } = contract.environments[environment] ?? {};
  try {
    if (pool === undefined) {
      if (platform === 'kubernetes') return { reason: `environments.${environment} names no pool` };
      return poolOfMachine((await probe()).facts, nowMs);
    }
    return (await makeFilePools(project.folder).read(pool)) ?? { reason: `there is no pools/${pool}.json` };
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
