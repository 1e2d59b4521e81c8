import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelRegistry } from '../../ports/artifacts/model-registry.ts';

export interface RegistryUnderTest {
  readonly registry: ModelRegistry;
  /** Puts a version into the registry as its own tools would; answers with its name there. */
  seed(name: string, files: Readonly<Record<string, Uint8Array>>): Promise<string>;
  /** The name to seed under: a registry that is one repository has only one. */
  readonly name: string;
  /** False where files of no bytes cannot be stored. */
  readonly emptyFiles?: boolean;
  close(): Promise<void>;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** What every adapter of the port does. */
export function modelRegistryContract(title: string, open: () => Promise<RegistryUnderTest>): void {
  describe(`model registry contract: ${title}`, () => {
    const { signal } = new AbortController();
    let subject: RegistryUnderTest;
    let version = '';
    const large = Uint8Array.from({ length: 3_000_017 }, (_, at) => (at * 31) % 251);
    const content: Record<string, Uint8Array> = {
      MLmodel: text('flavors: {}\n'),
      'deep/er/a b+c.txt': text('odd name'),
      'model.onnx': large,
    };

    beforeAll(async () => {
      subject = await open();
      if (subject.emptyFiles !== false) content['empty.txt'] = new Uint8Array();
      version = await subject.seed(subject.name, content);
    }, 120_000);
    afterAll(() => subject.close());

    it('lists names and versions', async () => {
      expect(await subject.registry.names(signal)).toContain(subject.name);
      const versions = await subject.registry.versions(subject.name, signal);
      expect(versions.find((each) => each.version === version)).toMatchObject({ version, state: 'ready' });
    });

    it('lists files by path and gives their bytes', async () => {
      const { files, read } = await subject.registry.files(subject.name, version, signal);
      expect(files.map(({ path }) => path)).toEqual(Object.keys(content).sort());
      for (const file of files) {
        const parts: Uint8Array[] = [];
        for await (const part of read(file, signal)) parts.push(part.slice());
        expect(Buffer.concat(parts).equals(content[file.path] ?? text('missing'))).toBe(true);
        if (file.bytes !== null) expect(file.bytes).toBe(content[file.path]?.length);
      }
    });

    it('gives the same bytes to several readers at once', async () => {
      const { files, read } = await subject.registry.files(subject.name, version, signal);
      const file = files.find(({ path }) => path === 'model.onnx')!;
      const sizes = await Promise.all(
        [1, 2, 3, 4].map(async () => {
          let bytes = 0;
          for await (const part of read(file, signal)) bytes += part.length;
          return bytes;
        }),
      );
      expect(sizes).toEqual([large.length, large.length, large.length, large.length]);
    });

    it('says what it does not have', async () => {
      await expect(subject.registry.files(subject.name, '99', signal)).rejects.toMatchObject({
        code: 'remote-version-unknown',
        category: 'not-found',
      });
      for (const ask of ['versions', 'aliases'] as const) {
        await expect(subject.registry[ask]('no-such-model', signal)).rejects.toMatchObject({
          code: 'remote-model-unknown',
          category: 'not-found',
        });
      }
    });

    it('ends when its signal does, before and midway', async () => {
      const ended = AbortSignal.abort(new Error('stopped'));
      await expect(subject.registry.names(ended)).rejects.toThrow('stopped');
      await expect(subject.registry.files(subject.name, version, ended)).rejects.toThrow('stopped');
      const aborter = new AbortController();
      const { files, read } = await subject.registry.files(subject.name, version, signal);
      const file = files.find(({ path }) => path === 'model.onnx')!;
      const reading = (async () => {
        for await (const part of read(file, aborter.signal)) {
          if (part.length > 0) aborter.abort(new Error('stopped midway'));
        }
      })();
      await expect(reading).rejects.toThrow('stopped midway');
    });

    it('points an alias, moves it, takes it away, and does each twice without harm', async (context) => {
      const { registry, name } = subject;
      if (registry.setAlias === undefined) return context.skip('this registry has no aliases that can be written');
      const second = await subject.seed(name, { 'model.onnx': text('another') });
      for (const to of [version, second, second]) {
        await registry.setAlias(name, 'champion', to, signal);
        expect(await registry.aliases(name, signal)).toMatchObject({ champion: to });
      }
      await expect(registry.setAlias(name, 'champion', '99', signal)).rejects.toMatchObject({
        code: 'remote-version-unknown',
      });
      await registry.setAlias(name, 'champion', null, signal);
      await registry.setAlias(name, 'champion', null, signal);
      expect(await registry.aliases(name, signal)).not.toHaveProperty('champion');
    });
  });
}
