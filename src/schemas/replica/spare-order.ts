import * as z from 'zod';

/**
 * Set for a spare: its folder, which holds its token. It is a mark of its process for as long as that lives, whatever replica it
 * becomes, because a system shows the variables that a process was started with.
 */
export const spareVariable = 'PLIMSOLL_SPARE';

/** File of the folder of a spare that holds its token, with mode 0600. */
export const spareTokenFile = 'token';

/** What an order proves itself with. */
export const spareTokenHeader = 'plimsoll-spare-token';

/** Where a spare takes its order, by POST, on the port that it tells on stdout. */
export const spareOrderPath = '/plimsoll/spare/order';

/** A larger order is refused; variables of a process are at most 2 MiB by default (execve(2)). */
export const spareOrderAtMostBytes = 4 * 1024 * 1024;

/** What a spare becomes: what a replica of its own would have been started with. */
export const spareOrderSchema = z.object({
  orderVersion: z.literal(1),
  replicaId: z.string().min(1),
  /** Words after `plimsoll serve-model`. */
  args: z.array(z.string()),
  /** All variables of the replica. Those of the spare that are not among them are taken away. */
  env: z.record(z.string(), z.string()),
  /** Working folder, absolute. */
  folder: z.string().min(1),
});
export type SpareOrder = z.infer<typeof spareOrderSchema>;
