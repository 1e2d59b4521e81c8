import { describe, expect, it } from 'vitest';
import { readSecretPlace } from './secret-place.ts';

describe('readSecretPlace', () => {
  it('reads mount and path', () => {
    expect(readSecretPlace('vault://kv/hf')).toEqual({ store: 'vault', mount: 'kv', path: 'hf' });
    expect(readSecretPlace('vault://kv/team-a/hf.v2')).toEqual({ store: 'vault', mount: 'kv', path: 'team-a/hf.v2' });
  });

  it.each([
    '',
    'kv/hf',
    'vault:kv/hf',
    'vault://kv',
    'vault://kv/',
    'vault:///hf',
    'vault://kv//hf',
    'vault://kv/../sys/seal',
    'vault://kv/.hidden',
    'vault://kv/a?b',
    'vault://kv/a%2Fb',
    'vault://kv/a b',
    'vault://kv/a\n',
    `vault://kv/${'a/'.repeat(600)}a`,
  ])('%j names no place', (text) => {
    expect(readSecretPlace(text)).toBeNull();
  });
});
