import { describe, expect, it } from 'vitest';
import { isGrantedTo, isSecretName, readSecretReference } from '../core/contract/secrets/secret-grant.ts';
import { addGrantLine, readSecretGrants, removeGrantLines } from './secret-grants.ts';

const read = (text: string) => readSecretGrants(text, '.granted-to');

describe('a file of grants', () => {
  it('is a line for each, with comments', () => {
    expect(read('# by ann\ndigits # all of it\n\n  audio/prod\r\n')).toEqual([
      { service: 'digits', environment: null },
      { service: 'audio', environment: 'prod' },
    ]);
    expect(read('')).toEqual([]);
  });

  it.each(['*', 'digits/*', 'digits/', '/prod', 'digits prod', 'Digits', 'digits/prod/x', '-digits'])(
    'with the line `%s` is refused with its place, and grants nothing',
    (line) => {
      expect(() => read(`audio\n${line}\n`)).toThrow(
        expect.objectContaining({
          code: 'secret-grants-invalid',
          message: `.granted-to:2: \`${line}\` is no grant; a line is SERVICE or SERVICE/ENVIRONMENT`,
        }),
      );
    },
  );

  it('keeps comments and other grants when one comes and goes', () => {
    const grant = { service: 'audio', environment: 'prod' };
    const before = '# ours\ndigits';
    const added = addGrantLine(before, grant);
    expect(added).toBe('# ours\ndigits\naudio/prod\n');
    expect(removeGrantLines(`${added}audio/prod # twice\n`, grant)).toBe('# ours\ndigits\n');
    expect(removeGrantLines(added, { service: 'audio', environment: null })).toBe(added);
  });
});

describe('a grant', () => {
  it('of a service is for every environment, and one with an environment for that alone', () => {
    const grants = read('digits\naudio/prod\n');
    expect(isGrantedTo(grants, { service: 'digits', environment: 'golden-0a1b2c3d' })).toBe(true);
    expect(isGrantedTo(grants, { service: 'audio', environment: 'prod' })).toBe(true);
    expect(isGrantedTo(grants, { service: 'audio', environment: 'staging' })).toBe(false);
    expect(isGrantedTo(grants, { service: 'other', environment: 'prod' })).toBe(false);
    expect(isGrantedTo([], { service: 'digits', environment: 'prod' })).toBe(false);
  });
});

describe('a reference to a secret', () => {
  it('names a secret and a key, and no path', () => {
    expect(readSecretReference('secret/hf#token')).toEqual({ name: 'hf', key: 'token' });
    for (const text of ['vault/hf#token', 'secret/hf', 'secret/../x#y', 'secret/a/b#c', 'secret/hf#.granted-to'])
      expect(readSecretReference(text)).toBeNull();
    for (const text of ['..', '.granted-to', 'a/b', '', 'a'.repeat(129)]) expect(isSecretName(text)).toBe(false);
  });
});
