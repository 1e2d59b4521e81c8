import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentTerms, RecordedClass, RecordedPool } from '../../core/fleet/environment/environment-record.ts';
import { describeClass } from '../../core/pool/device-class.ts';
import { classesOf } from '../../core/pool/pool-snapshot.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import { readEnvironmentFile, type EnvironmentFile } from '../../schemas/environment/environment-file.ts';
import { readPoolSnapshot } from '../../schemas/pool/pool-snapshot.ts';
import { sourceBounds } from '../../schemas/source/yaml-bounds.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { recordText } from './environment-show.ts';

export async function runEnvironmentSet(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const environment = args[0] ?? '';
  const shown = String(options['file']);
  const location = path.resolve(context.cwd, shown);
  const bytes = await withSourceFile({ location, shown }, context.signal, ({ source, bytes: size }) =>
    source.read(0, Math.min(size, sourceBounds.bytes + 1)),
  );
  const terms = await readTerms(readEnvironmentFile(bytes, shown), path.dirname(location), shown);
  const version = versionOf(options['ifVersion']);
  const request = { environment, terms, ...(version === undefined ? {} : { version }) };
  const record = await (await context.operations()).setEnvironmentRecord(request);
  const next = 'It holds for every later release; evidence that was measured on other prices is stale from now on.';
  return { exit: 0, json: { environment, record }, text: `${recordText(record)}\n${next}` };
}

/** The classes of the snapshot take its place: the control plane does not see the file. */
async function readTerms({ pool, ...terms }: EnvironmentFile, folder: string, file: string): Promise<EnvironmentTerms> {
  if (pool === undefined) return terms;
  const { snapshot, ...named } = pool;
  return { ...terms, pool: snapshot === undefined ? named : await readPool(named.name, folder, snapshot, file) };
}

async function readPool(name: string, folder: string, snapshot: string, file: string): Promise<RecordedPool> {
  const bytes = await readFile(path.join(folder, snapshot)).catch((cause: unknown) => {
    throw new PlimsollError({
      code: 'pool-missing',
      category: 'input',
      message: `${snapshot}, which pool.snapshot of ${file} names, cannot be read`,
      next: 'plimsoll pool --help says how a snapshot is taken; or leave pool.snapshot out',
      cause,
    });
  });
  const read = readPoolSnapshot(bytes, snapshot);
  const classes = (['cpu', 'nvidia'] as const).flatMap((accelerator) =>
    [...classesOf(read, accelerator)].map(([digest, each]): RecordedClass => ({
      digest,
      accelerator,
      text: describeClass(each),
    })),
  );
  return { name, classes };
}

function versionOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,9}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--if-version ${String(text)} is no version`,
    next: 'give the version that `plimsoll environment show NAME` says, or 0 for none',
  });
}
