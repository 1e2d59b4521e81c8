import { describe, expect, it } from 'vitest';
import { artifactDigest } from '../../../core/registry/artifact.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { testEnvironment as environment, testService as service } from '../../builders/rollout-builders.ts';
import type { OperationsRig } from './operations-rig.ts';

/** Versions, aliases, shares and transfers. */
export function describeArtifacts(rig: OperationsRig): void {
  describe('artifacts', () => {
    const version = async (text: string) => {
      const file = await rig.fixture.blobs.put(new TextEncoder().encode(text));
      const files = [{ path: 'model.onnx', digest: file.digest, bytes: file.bytes }];
      return {
        environment,
        name: 'digits',
        digest: artifactDigest(files),
        format: 'onnx' as const,
        files,
        signature: null,
        facts: { opset: 17 },
        lineage: { note: 'first' },
      };
    };

    it('numbers model versions, gives the same digest its number again, and records who', async () => {
      const first = await rig.operations.addModelVersion(await version('a'));
      const again = await rig.operations.addModelVersion(await version('a'));
      const second = await rig.operations.addModelVersion(await version('b'));
      expect([first.version.version, again.version.version, second.version.version]).toEqual([1, 1, 2]);
      expect([first.created, again.created]).toEqual([true, false]);
      expect(first.version).toMatchObject({ createdBy: rig.fixture.by, createdAtMs: rig.fixture.nowMs() });
      expect(await rig.kinds('model.')).toEqual(['model.added', 'model.added']);
    });

    it('takes no version whose bytes are not stored', async () => {
      const files = [{ path: 'm', digest: digestOf('nowhere'), bytes: 1 }];
      const absent = { ...(await version('a')), files, digest: artifactDigest(files) };
      expect(await rig.failure(rig.operations.addModelVersion(absent))).toMatchObject({ code: 'blob-missing' });
      expect(await rig.kinds()).not.toContain('model.added');
    });

    it('takes no version by another digest than that of its files', async () => {
      const forged = { ...(await version('a')), digest: digestOf('another model') };
      expect(await rig.failure(rig.operations.addModelVersion(forged))).toMatchObject({
        code: 'model-digest-mismatch',
        category: 'input',
      });
      expect(await rig.kinds()).toEqual([]);
    });

    it('moves an alias by compare and swap', async () => {
      await rig.operations.addModelVersion(await version('a'));
      const move = { environment, name: 'digits', alias: 'candidate', reason: 'try it' };
      await rig.operations.moveAlias({ ...move, from: null, to: 1 });
      expect(await rig.failure(rig.operations.moveAlias({ ...move, from: null, to: 1 }))).toMatchObject({
        code: 'alias-moved',
        category: 'conflict',
      });
      expect(await rig.kinds('alias.')).toEqual(['alias.moved']);
    });

    it('takes names as the command line and the contract do, and no others', async () => {
      const named = { ...(await version('a')), name: 'Llama-3.1-8B' };
      expect(await rig.operations.addModelVersion(named)).toMatchObject({
        version: { name: 'Llama-3.1-8B', version: 1 },
      });
      const alias = { environment, name: 'Llama-3.1-8B', alias: 'Champion', from: null, to: 1, reason: 'r' };
      await rig.operations.moveAlias(alias);
      expect(await rig.operations.addModelVersion({ ...named, name: 'x'.repeat(128) })).toMatchObject({
        created: true,
      });
    });

    it('records what became of a version or an alias that is shared with a registry elsewhere', async () => {
      const sync = { location: 'mlflow://127.0.0.1:5000', remoteName: 'Digits', remote: '3', local: 2 };
      const added = { ...sync, alias: null, outcome: 'added' as const, reason: 'a new version' };
      const pending = { ...sync, alias: 'champion', local: null, outcome: 'pending' as const, reason: 'it is down' };
      await rig.operations.recordRegistrySync({ environment, ...added });
      await rig.operations.recordRegistrySync({ environment, ...pending });
      expect(await rig.operations.events({ service, environment, kindPrefix: 'registry.' })).toMatchObject([
        { kind: 'registry.synced', by: rig.fixture.by, atMs: rig.fixture.nowMs(), data: added },
        {
          summary: 'mlflow://127.0.0.1:5000/Digits, alias champion: pending (it is down)',
          data: pending,
        },
      ]);
    });

    it('shares a model with another service, and takes that back', async () => {
      await rig.operations.addModelVersion(await version('a'));
      const share = { environment, kind: 'model', name: 'digits', with: 'chat' } as const;
      const owner = { environment, kind: 'model', name: 'digits', service, standing: 'owner' };
      const shared = await rig.operations.shareArtifact(share);
      expect(shared).toMatchObject([{ ...owner, service: 'chat', standing: 'shared', by: rig.fixture.by }, owner]);
      expect(await rig.operations.shareArtifact(share)).toEqual(shared);
      expect(await rig.operations.shareArtifact({ ...share, stop: true })).toMatchObject([owner]);
      expect(await rig.kinds('artifact.')).toEqual(['artifact.claimed', 'artifact.shared', 'artifact.shared']);
      expect(await rig.failure(rig.operations.shareArtifact({ ...share, kind: 'data' }))).toMatchObject({
        code: 'unknown-data',
        category: 'not-found',
      });
    });

    it('transfers a service to tokens that can release it, and to no others', async () => {
      const to = { service, environment: null };
      expect(await rig.operations.transferService({ service, environment, to })).toEqual({
        ...{ service, environment, scope: to, by: rig.fixture.by, atMs: rig.fixture.nowMs() },
      });
      const elsewhere = rig.operations.transferService({
        service,
        environment,
        to: { service: 'chat', environment: null },
      });
      expect(await rig.failure(elsewhere)).toMatchObject({ code: 'scope-elsewhere', category: 'input' });
      expect(await rig.kinds('service.')).toEqual(['service.transferred']);
    });

    it('numbers data versions', async () => {
      const file = await rig.fixture.blobs.put(new TextEncoder().encode('{"label":1}\n'));
      const data = {
        environment,
        name: 'digits-golden',
        digest: file.digest,
        files: [{ path: 'rows.jsonl', digest: file.digest, bytes: file.bytes }],
        rows: 3,
        columns: [{ name: 'image', type: 'number[4]' }],
      };
      expect(await rig.operations.addDataVersion(data)).toMatchObject({
        created: true,
        version: { version: 1, rows: 3 },
      });
      expect(await rig.kinds('data.')).toEqual(['data.added']);
      const lying = rig.operations.addDataVersion({ ...data, digest: digestOf('other rows') });
      await expect(lying).rejects.toMatchObject({
        code: 'data-digest-mismatch',
        details: { said: digestOf('other rows'), own: data.digest },
      });
    });
  });
}
