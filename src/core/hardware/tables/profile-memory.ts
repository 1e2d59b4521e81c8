import { gpuOf } from './gpus.ts';
import { migBoardOf, migBoards } from './mig-profiles.ts';

/**
 * Bytes of a MIG profile on a board: by its PCI device id, else by its product where every board of that name has the same
 * size for the profile; null where nothing tells, or the boards differ (`1g.10gb` of an A100 with 40 or 80 GB).
 */
export function profileMemory(product: string, pciDeviceId: string | null, profile: string): number | null {
  const own = migBoardOf(pciDeviceId);
  const name = gpuOf(product)?.name ?? null;
  const boards =
    own !== null ? [own] : migBoards.filter((board) => name !== null && new RegExp(`\\b${name}\\b`).test(board.name));
  const sizes = new Set(
    boards.flatMap(({ profiles }) => profiles.filter((one) => one.profile === profile).map((one) => one.memoryMib)),
  );
  const [mebibytes] = sizes;
  return sizes.size === 1 && mebibytes !== undefined ? mebibytes * 2 ** 20 : null;
}
