import { afterEach, describe, expect, it } from 'vitest';
import { bundleBytes } from '../../core/bundle/bundle.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import { readContract } from '../../schemas/contract/contract.ts';
import { lockText } from '../../schemas/lock/lock.ts';
import { wholeContract } from '../builders/contract-texts.ts';
import { buildBundle } from '../builders/files/bundle-files.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const lock = { lockVersion: 1, service: 'digits', environments: {} } as const;

/** What every parser of others' texts keeps. */
export function describeBoundedParser(name: string, make: () => BoundedParser): void {
  describe(`${name} as a bounded parser`, () => {
    let parser: BoundedParser | undefined;
    afterEach(() => parser?.close());
    const own = (): BoundedParser => (parser = make());

    it('answers for a good contract what it reads as in place', async () => {
      const reading = await own().contract(bytesOf(wholeContract), '/srv/plimsoll.yaml', 'plimsoll.yaml');
      expect(reading.ok).toBe(true);
      expect(reading).toEqual(readContract(bytesOf(wholeContract), '/srv/plimsoll.yaml', 'plimsoll.yaml'));
    });

    it('answers for a broken contract with the same problems', async () => {
      const text = bytesOf('service: Digits\nrolout: {}\n');
      const reading = await own().contract(text, '/srv/plimsoll.yaml', 'plimsoll.yaml');
      expect(reading).toEqual(readContract(text, '/srv/plimsoll.yaml', 'plimsoll.yaml'));
      expect(reading).toMatchObject({ ok: false });
    });

    it('reads a lock, and says where one is wrong', async () => {
      const parsing = own();
      expect(await parsing.lock(bytesOf(lockText(lock)), 'plimsoll.lock')).toEqual(lock);
      await expect(parsing.lock(bytesOf('{"a":\n<<<<<<< ours\n'), 'plimsoll.lock')).rejects.toMatchObject({
        code: 'lock-invalid',
        category: 'input',
        details: { line: 2 },
        next: expect.stringContaining('plimsoll pin') as string,
      });
    });

    it('reads the manifest of a bundle, and names every problem of a wrong one', async () => {
      const parsing = own();
      const { bundle } = buildBundle();
      expect(await parsing.bundle(bundleBytes(bundle))).toEqual(bundle);
      await expect(parsing.bundle(bundleBytes({ ...bundle, files: [] }))).rejects.toMatchObject({
        code: 'bundle-invalid',
        category: 'input',
        details: { problems: ['files: no contract', 'files: no lock'] },
      });
    });

    it('reads JSON, and says where it is nested too deep', async () => {
      const parsing = own();
      expect(await parsing.json(bytesOf('{"files":[1,"a"]}'), 'the manifest')).toEqual({ files: [1, 'a'] });
      const deep = bytesOf(`{"a":\n${'['.repeat(1_000_000)}`);
      await expect(parsing.json(deep, 'the manifest')).rejects.toMatchObject({
        code: 'json-invalid',
        message: 'the manifest:2:64: nested deeper than 64 levels',
      });
    });
  });
}
