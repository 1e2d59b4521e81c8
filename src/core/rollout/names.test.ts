import { describe, expect, it } from 'vitest';
import { aCode, aModel } from '../../testing/builders/rollout-builders.ts';
import { digestOf } from '../units/digest.ts';
import { goldenFile, pairDigest, replicaSetName } from './names.ts';

describe('derived names', () => {
  it('binds a pair to what runs, arguments included', () => {
    const code = aCode();
    const other = { ...code, section: { ...code.section, args: ['--threads', '2'] } };
    expect(pairDigest(code, aModel())).not.toBe(pairDigest(other, aModel()));
    expect(pairDigest(code, aModel(1))).not.toBe(pairDigest(code, aModel(2)));
  });

  it('keeps the name of a set a DNS label with room for a suffix, and tells long prefixes apart', () => {
    const long = 'a'.repeat(63);
    const names = [replicaSetName(long, 'prod', digestOf(1)), replicaSetName(`${long.slice(1)}b`, 'prod', digestOf(1))];
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,50}[a-z0-9]$/);
    expect(names[0]).not.toBe(names[1]);
    expect(replicaSetName('digits', 'prod', digestOf(1))).toMatch(/^digits-prod-[0-9a-f]{12}$/);
  });

  it('names a golden set for its data and its model', () => {
    expect(goldenFile('digits-golden', digestOf(1))).toMatch(/^golden\/digits-golden-[0-9a-f]{12}\.json$/);
  });
});
