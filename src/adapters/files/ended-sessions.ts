import { readFile } from 'node:fs/promises';
import { parseEndedSessions, type EndedSessions } from '../../core/access/page-session.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

/**
 * The sessions of the page that were ended, as an earlier start wrote them.
 * @param keyFile what signs the sessions: without it none is open.
 * @throws PlimsollError `ended-sessions-unreadable` (corrupt): without them a page that was signed out would be let in again. And as the storage.
 */
export async function readEndedSessions(file: string, keyFile: string): Promise<EndedSessions> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return {};
    throw await storageError(thrown, 'reading the ended sessions of the page', file);
  }
  const ended = parseEndedSessions(text);
  if (ended !== null) return ended;
  throw new PlimsollError({
    code: 'ended-sessions-unreadable',
    category: 'corrupt',
    message: `${file} cannot be read: it lists the sessions of the page that were signed out`,
    next: `remove it and ${keyFile}, which ends every session of the page, and start again`,
    details: { path: file },
  });
}

export const writeEndedSessions = (file: string, ended: EndedSessions): Promise<void> =>
  writeDurably(file, JSON.stringify(ended), { doing: 'writing the ended sessions of the page', mode: ownerOnly });
