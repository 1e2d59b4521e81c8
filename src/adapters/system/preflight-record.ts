import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { PreflightRecord } from '../../ports/nodes/preflight-record.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import { readRecordedPreflight, writeRecordedPreflight } from '../../schemas/pool/preflight.ts';

export interface PreflightRecordParts {
  readonly file: string;
  /** `/proc`. */
  readonly proc: string;
  readonly writeDurably: WriteDurably;
}

/**
 * `PLIMSOLL_PREFLIGHT`, else a file of the machine for root and of the user for others. Containers are given the file of their node by
 * that variable.
 */
export function findPreflightFile(
  env: Readonly<Record<string, string | undefined>>,
  isRoot: boolean,
  home: string,
): string {
  const stated = env['PLIMSOLL_PREFLIGHT'];
  if (stated !== undefined && stated !== '') return stated;
  if (isRoot) return '/var/lib/plimsoll/preflight.json';
  return path.join(env['XDG_STATE_HOME'] ?? path.join(home, '.local', 'state'), 'plimsoll', 'preflight.json');
}

export function makePreflightRecord({ file, proc, writeDurably }: PreflightRecordParts): PreflightRecord {
  const readBootId = async (): Promise<string> =>
    (await readFile(path.join(proc, 'sys/kernel/random/boot_id'), 'utf8').catch(() => 'unknown')).trim();
  return {
    file,
    async keep(preflight, devices) {
      const record = { bootId: await readBootId(), devices: digestDevices(devices), preflight };
      await writeDurably(file, writeRecordedPreflight(record), { doing: 'keeping the preflight' });
    },
    async read(devices) {
      let bytes: Buffer;
      try {
        bytes = await readFile(file);
      } catch (thrown) {
        const { code } = thrown as NodeJS.ErrnoException;
        return code === 'ENOENT' || code === 'ENOTDIR' ? null : { reason: `${file} cannot be read (${code})` };
      }
      const record = readRecordedPreflight(bytes);
      if (record === null) return { reason: `${file} is no preflight that this version reads` };
      const { bootId, devices: then, preflight } = record;
      if (bootId !== (await readBootId())) return { reason: 'the last one was before the machine was started again' };
      if (then !== digestDevices(devices)) return { reason: 'the last one was of other devices, or of another driver' };
      return { preflight };
    },
  };
}

const digestDevices = (devices: readonly DeviceFacts[] | null): string =>
  digestOf((devices ?? []).map(({ uuid, product, driver }) => ({ uuid, product, driver })));
