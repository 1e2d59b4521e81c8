import { describe, expect, it } from 'vitest';
import { artifactClaimed, decideUse, ownersOf, sharedWith, type ArtifactClaim } from './artifact-claim.ts';

const model = { environment: 'prod', kind: 'model', name: 'digits' } as const;
const claim = (service: string, standing: ArtifactClaim['standing']): ArtifactClaim => ({
  ...{ ...model, service, standing, by: 'ada', atMs: 1 },
});
const refused = (isShared: boolean, ...owners: readonly string[]) => ({ kind: 'refused', owners, isShared });
const [allowed, claims] = [{ kind: 'allowed' }, { kind: 'claims' }];

describe('the use of an artifact by chat', () => {
  it.each([
    ['nobody', [], claims, claims],
    ['nobody, and it is shared with it', [claim('chat', 'shared')], claims, claims],
    ['chat', [claim('chat', 'owner'), claim('digits', 'shared')], allowed, allowed],
    ['chat and digits', [claim('chat', 'owner'), claim('digits', 'owner')], allowed, allowed],
    ['digits', [claim('digits', 'owner')], refused(false, 'digits'), refused(false, 'digits')],
    ['digits, shared with it', [claim('chat', 'shared'), claim('digits', 'owner')], allowed, refused(true, 'digits')],
    [
      'digits, shared with another',
      [claim('digits', 'owner'), claim('search', 'shared')],
      refused(false, 'digits'),
      refused(false, 'digits'),
    ],
  ] as const)('of %s', (_whose, standing, release, write) => {
    expect(decideUse(standing, 'chat', 'release')).toEqual(release);
    expect(decideUse(standing, 'chat', 'write')).toEqual(write);
  });
});

it('owners and those that it is shared with are told apart', () => {
  const all = [claim('chat', 'shared'), claim('digits', 'owner'), claim('search', 'owner')];
  expect([ownersOf(all), sharedWith(all)]).toEqual([['digits', 'search'], ['chat']]);
});

it('a refusal names the owner, and the way on that works', () => {
  const toStranger = artifactClaimed(model, 'chat', { owners: ['digits'], isShared: false });
  expect(toStranger).toMatchObject({ code: 'model-claimed', category: 'conflict' });
  expect(toStranger.message).toBe('model digits of prod belongs to digits, and not to chat');
  expect(toStranger.next).toContain('plimsoll model share digits --with chat');
  const toShared = artifactClaimed({ ...model, kind: 'data' }, 'chat', {
    owners: ['digits'],
    isShared: true,
  });
  expect([toShared.code, toShared.next]).toEqual(['data-claimed', 'have digits do it, or use another name']);
});
