import type { Contract } from '../../core/contract/contract.ts';
import { digestOfSet, type SubjectDigests } from '../../core/evidence/subjects.ts';
import { departures } from '../../core/pool/classes/class-departure.ts';
import { acceleratorClassOf, digestOfClass } from '../../core/pool/classes/device-class.ts';
import { classesOf } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ProvingPorts } from '../ports.ts';

/**
 * What something for a cluster was measured on, where that is not what its pool holds: replicas run elsewhere than the
 * command does.
 *
 * | the devices of the pool | the evidence is of |
 * |---|---|
 * | all of a class that is here | the pool's classes, as the lock pins them |
 * | some, or none | the classes that are here |
 * | not known | the classes that are here |
 *
 * @returns no subject outside of clusters, and where the lock's classes are right.
 */
export async function readPlace(
  context: Pick<ProvingPorts, 'nodeProbe' | 'signal'>,
  project: Pick<Project, 'machine' | 'pool'>,
  contract: Contract,
  environment: string,
): Promise<SubjectDigests> {
  const { platform, pool } = contract.environments[environment] ?? {};
  if (platform !== 'kubernetes') return {};
  const { deviceClass, labelledClass } = await project.machine();
  const snapshot = pool === undefined ? null : await project.pool(pool);
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  const there = snapshot === null ? null : classesOf(snapshot, accelerator);
  const isThere = (here: readonly (Digest | undefined)[]): boolean =>
    there !== null && there.size > 0 && [...there.keys()].every((digest) => here.includes(digest));
  const of = (...classes: readonly Digest[]): SubjectDigests => ({ 'device-classes': digestOfSet(classes) });
  if (accelerator === 'cpu') {
    return isThere([deviceClass.digest, labelledClass]) ? {} : of(deviceClass.digest);
  }
  const { devices } = (await (await context.nodeProbe()).probe(context.signal)).facts;
  const here = (devices ?? []).map(acceleratorClassOf);
  // What labels do not tell of a board agrees with anything.
  const isAlike = there !== null && there.size > 0 && departures(here, [...there.values()]).length === 0;
  if (here.length === 0) return of(deviceClass.digest);
  return isAlike ? {} : of(...new Set(here.map(digestOfClass)));
}
