import * as z from 'zod';
import { experiments } from '../../core/diagnosis/cause.ts';

/** `0-3,8`: a list of cores as the kernel writes it. */
const cpuList = z
  .string()
  .regex(/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/)
  .max(4_000);
const processNumber = z.number().int().positive();

/**
 * Files of limits that an experiment may write. What stands in a journal is written by whoever undoes, often root: no other
 * file is accepted, wherever the entry came from.
 */
const limitFile = z
  .string()
  .max(4_000)
  .regex(/^\/(?:(?!\.\.?(?:\/|$))[^/\0\n]+\/)*(?:cpu\.max|cpu\.cfs_quota_us|memory\.high|memory\.limit_in_bytes)$/);

const restorationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('affinity'),
    pid: processNumber,
    /** Of the first thread; threads that began during the experiment get it too. */
    cpus: cpuList,
    threads: z.array(z.strictObject({ tid: processNumber, cpus: cpuList })).max(100_000),
  }),
  z.strictObject({
    kind: z.literal('limits'),
    /** From the root of the control groups down. */
    files: z
      .array(z.strictObject({ file: limitFile, content: z.string().regex(/^(max|-?\d{1,20})( \d{1,20})?$/) }))
      .min(1)
      .max(100),
  }),
]);

/** What brings back what an experiment changes. */
export type Restoration = z.infer<typeof restorationSchema>;

const undoEntrySchema = z.strictObject({
  format: z.literal(1),
  experiment: z.enum(experiments),
  /** The process that runs the experiment: while it lives, nobody else undoes. */
  owner: z.string().min(1).max(400),
  /** The process that the experiment is of. */
  target: z.strictObject({ pid: processNumber, identity: z.string().min(1).max(400) }),
  beganAtMs: z.number(),
  restoration: restorationSchema,
});

/** One experiment that is under way, or that was killed. */
export type UndoEntry = z.infer<typeof undoEntrySchema>;

export const undoEntryText = (entry: UndoEntry): string => `${JSON.stringify(entry)}\n`;

/** Returns the entry, or why the text is none. */
export function readUndoEntry(text: string): { readonly entry: UndoEntry } | { readonly reason: string } {
  try {
    const read = undoEntrySchema.safeParse(JSON.parse(text));
    if (read.success) return { entry: read.data };
    const [issue] = read.error.issues;
    return { reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'of another form'}` };
  } catch {
    return { reason: 'no JSON' };
  }
}
