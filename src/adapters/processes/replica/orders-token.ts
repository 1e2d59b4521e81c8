import { readFile } from 'node:fs/promises';
import { ownerOnly } from '../../../ports/process/write-durably.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { replicaFolder } from './replica-record.ts';

const tokenBytes = 32;

/**
 * Makes the token by which a replica knows the orders of its control plane, such as to unload its model, and keeps it beside the
 * replica's record for its owner alone: a control plane that starts later gives orders too. Another one for each start.
 */
export async function makeOrdersToken(
  { stateFolder, random, writeDurably }: Pick<ReplicaMachine, 'stateFolder' | 'random' | 'writeDurably'>,
  replicaId: string,
): Promise<string> {
  const token = random.hex(tokenBytes);
  await writeDurably(replicaFolder(stateFolder, replicaId).ordersToken, `${token}\n`, {
    doing: 'writing the token of a replica',
    mode: ownerOnly,
  });
  return token;
}

/** Returns the token of a replica; null for one that was started without, as by an older version. */
export async function readOrdersToken(stateFolder: string, replicaId: string): Promise<string | null> {
  try {
    return (await readFile(replicaFolder(stateFolder, replicaId).ordersToken, 'utf8')).trim();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}
