import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { makeStateFolder } from '../../../adapters/files/state-folder.ts';
import { writeDurably } from '../../../adapters/files/write-durably.ts';

const schema = z.record(z.string().max(300), z.string().max(2_000));
const entriesAtMost = 200;

/** Which control planes elsewhere the services of a folder were last released to; in its state folder. */
export const releasedToFile = (stateFolder: string): string => path.join(stateFolder, 'released-to.json');

const keyOf = (service: string, environment: string): string => `${environment}/${service}`;

/** The address; null where nothing was released elsewhere, or the file cannot be read. */
export async function readReleasedTo(
  stateFolder: string,
  service: string,
  environment: string,
): Promise<string | null> {
  return (await readAll(stateFolder))[keyOf(service, environment)] ?? null;
}

/** Keeps the address without a user or a password. A folder that cannot be written loses a hint, and no release. */
export async function writeReleasedTo(
  stateFolder: string,
  service: string,
  environment: string,
  server: string,
): Promise<void> {
  const key = keyOf(service, environment);
  const { [key]: _before, ...others } = await readAll(stateFolder);
  const kept = Object.fromEntries(Object.entries(others).slice(1 - entriesAtMost));
  const text = `${JSON.stringify({ ...kept, [key]: withoutUser(server) }, null, 2)}\n`;
  await makeStateFolder(stateFolder)
    .then(() => writeDurably(releasedToFile(stateFolder), text, { doing: 'noting where it was released' }))
    .catch(() => undefined);
}

async function readAll(stateFolder: string): Promise<Readonly<Record<string, string>>> {
  try {
    return schema.parse(JSON.parse(await readFile(releasedToFile(stateFolder), 'utf8')));
  } catch {
    return {};
  }
}

const withoutUser = (server: string): string => server.replace(/^(https?:\/\/)[^/]*@/, '$1');
