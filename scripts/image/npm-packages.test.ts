import { describe, expect, it } from 'vitest';
import { findNeededPackages, type LockedPackages } from './npm-packages.ts';

const version = '1.0.0';
const locked: LockedPackages = {
  '': { version },
  'node_modules/a': {
    version,
    dependencies: { b: '1', shared: '2' },
    optionalDependencies: { windows: '1', absent: '1' },
  },
  'node_modules/a/node_modules/shared': { version: '2.0.0', dependencies: { b: '1' } },
  'node_modules/b': { version, peerDependencies: { peer: '1', unmet: '1' }, dependencies: { a: '1' } },
  'node_modules/shared': { version },
  'node_modules/windows': { version, os: ['win32'] },
  'node_modules/musl': { version, libc: ['musl'] },
  'node_modules/peer': { version, optionalDependencies: { musl: '1' } },
  'node_modules/only-tests': { version },
  'node_modules/broken': { version, dependencies: { missing: '1' } },
  'node_modules/onnxruntime-node': { version, dependencies: { 'adm-zip': '1', shared: '1' } },
};
const places = (...names: readonly string[]): readonly string[] =>
  findNeededPackages(locked, names).map(({ place }) => place);

describe('the packages of the image', () => {
  it('are those that dependencies need, found as Node finds them, for this platform', () => {
    expect(places('a')).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/shared',
      'node_modules/b',
      'node_modules/peer',
    ]);
  });

  it('leave out what only an install script asks for', () => {
    expect(places('onnxruntime-node')).toEqual(['node_modules/onnxruntime-node', 'node_modules/shared']);
  });

  it('are refused where the lock lacks one, with who needs it', () => {
    expect(() => places('broken')).toThrow(/no missing, which node_modules\/broken needs: npm install/);
    expect(() => places('nowhere')).toThrow(/no nowhere, which package.json needs/);
  });
});
