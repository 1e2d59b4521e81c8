import { judgeEvidence } from '../../core/evidence/judge-evidence.ts';
import type { Waiver } from '../../core/evidence/lock/lock.ts';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readProof, type ReleaseProof } from '../../control-plane/judging/release-proof.ts';
import type { BundleShelf } from '../../control-plane/judging/bundle-shelf.ts';
import { bundledFile, type Bundle, type BundleRole } from '../../core/bundle/bundle.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../ports/serving/platform.ts';

export interface StartContractParts {
  readonly store: StoreReader;
  readonly shelf: BundleShelf;
  readonly blobs: Pick<Blobs, 'read'>;
  readonly clock: Clock;
  /** Where contract and lock of a release are laid out, a folder for each pair of bundles. Absolute. */
  readonly folder: string;
  readonly writeDurably: WriteDurably;
}

/**
 * The contract that a node is checked against when a replica starts there: that of its release, laid out beside the lock,
 * while it asks for hardware and nobody has waived that. A release whose bundle cannot be read any more holds up no
 * replica that is started again.
 *
 * @returns for a replica set, the absolute path of the contract; null for nothing to check.
 */
export function startContractOf({ store, shelf, blobs, clock, folder, writeDurably }: StartContractParts) {
  return async (
    { service, environment }: ReplicaOwner,
    { release: number }: Pick<ReplicaSetSpec, 'release'>,
  ): Promise<string | null> => {
    const release = await store.release(service, environment, number).catch(() => null);
    const proof = release === null ? null : await readProof(shelf, store, release).catch(() => null);
    if (proof === null || 'unknown' in proof || proof.loaded.contract.hardware === undefined) return null;
    const waivers = await store.waivers(service, environment);
    return isWaived(proof, waivers, clock.nowMs()) ? null : layOut(proof);
  };

  async function layOut({ contract, evidence }: ReleaseProof): Promise<string> {
    const place = path.join(folder, `${shortDigest(contract.digest)}-${shortDigest(evidence.digest)}`);
    await mkdir(place, { recursive: true });
    const write = async (bundle: Bundle, role: BundleRole, name: string): Promise<void> => {
      const file = bundledFile(bundle, role);
      if (file === null) return;
      await writeDurably(path.join(place, name), await blobs.read(file.digest), { doing: `laying out ${name}` });
    };
    await write(contract.bundle, 'contract', 'plimsoll.yaml');
    await write(evidence.bundle, 'lock', 'plimsoll.lock');
    return path.join(place, 'plimsoll.yaml');
  }
}

/** A waiver covers what was not proven; what was measured and fails is checked at the start unless the waiver says so. */
function isWaived({ loaded, locked }: ReleaseProof, waivers: readonly Waiver[], nowMs: number): boolean {
  const given = waivers.filter(({ kind, untilMs }) => kind === 'hardware' && untilMs > nowMs);
  if (given.some(({ failing }) => failing === true)) return true;
  const evidence = locked?.evidence.hardware;
  const fails = evidence !== undefined && judgeEvidence(evidence, loaded.contract).verdict === 'fail';
  return given.length > 0 && !fails;
}
