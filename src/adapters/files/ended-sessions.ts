import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { EndedSessions } from '../../core/access/page-session.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

const endedSchema = z.record(z.string(), z.number());

/** The sessions of the page that were ended, as an earlier start wrote them. @throws PlimsollError of the storage; an unreadable text ends the start. */
export async function readEndedSessions(file: string): Promise<EndedSessions> {
  try {
    return endedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return {};
    throw await storageError(thrown, 'reading the ended sessions of the page', file);
  }
}

export const writeEndedSessions = (file: string, ended: EndedSessions): Promise<void> =>
  writeDurably(file, JSON.stringify(ended), { doing: 'writing the ended sessions of the page', mode: ownerOnly });
