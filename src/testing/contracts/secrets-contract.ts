import { beforeEach, describe, expect, it } from 'vitest';
import type { Secrets } from '../../ports/access/secrets.ts';

/** What every place for secrets keeps. */
export function describeSecrets(name: string, make: () => Secrets): void {
  describe(name, () => {
    let secrets: Secrets;
    beforeEach(() => {
      secrets = make();
    });
    const prod = { service: 'digits', environment: 'prod' };
    const everywhere = { service: 'digits', environment: null };

    it('lists names, keys and grants, and no value', async () => {
      expect(await secrets.list()).toEqual([]);
      await secrets.set('s3', 'id', 'hush');
      await secrets.set('hf', 'token', 'hush');
      await secrets.set('hf', 'other', 'hush');
      await secrets.grant('hf', prod);
      await secrets.grant('from-variables', everywhere);
      const listed = await secrets.list();
      expect(listed).toEqual([
        { name: 'from-variables', keys: [], grants: [everywhere] },
        { name: 'hf', keys: ['other', 'token'], grants: [prod] },
        { name: 's3', keys: ['id'], grants: null },
      ]);
      expect(JSON.stringify(listed)).not.toContain('hush');
    });

    it('grants once, and takes back what was granted', async () => {
      expect(await secrets.grant('hf', prod)).toBe(true);
      expect(await secrets.grant('hf', prod)).toBe(false);
      expect(await secrets.grant('hf', everywhere)).toBe(true);
      expect(await secrets.removeGrant('hf', prod)).toBe(true);
      expect(await secrets.removeGrant('hf', prod)).toBe(false);
      expect(await secrets.removeGrant('other', prod)).toBe(false);
      expect((await secrets.list())[0]?.grants).toEqual([everywhere]);
      await secrets.removeGrant('hf', everywhere);
      expect((await secrets.list())[0]?.grants).toEqual([]);
    });

    it('remembers where values are read from', async () => {
      await secrets.set('hf', 'token', 'hush');
      await secrets.setFrom('hf', 'vault://kv/hf');
      await secrets.setFrom('db', 'vault://kv/db');
      expect(await secrets.list()).toEqual([
        { name: 'db', keys: [], grants: null, from: 'vault://kv/db' },
        { name: 'hf', keys: ['token'], grants: null, from: 'vault://kv/hf' },
      ]);
      await secrets.setFrom('hf', null);
      await secrets.setFrom('hf', null);
      expect((await secrets.list())[1]).toEqual({ name: 'hf', keys: ['token'], grants: null });
    });

    it('begins to ask for grants once', async () => {
      expect([await secrets.beginGrants(), await secrets.beginGrants()]).toEqual([false, true]);
      expect(await secrets.list()).toEqual([]);
    });
  });
}
