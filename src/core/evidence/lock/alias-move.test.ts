import { expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { buildLockedEnvironment, digest } from '../../../testing/builders/evidence-builders.ts';
import { aliasMove } from './alias-move.ts';

const { contract } = loadContract(minimalContract);
const pinned = buildLockedEnvironment().model!;
const named = (version: string) => ({ model: { ...contract.model, version } });

it('says what the alias of the contract stands for now, where that is not what is pinned', () => {
  expect(aliasMove(pinned, contract, { version: 2, digest: digest('model') })).toBeNull();
  const moved = { version: 3, digest: digest('third') };
  expect(aliasMove(pinned, contract, moved)).toEqual({
    alias: 'candidate',
    ...moved,
    message: `candidate is now version 3 (${digest('third').slice(7, 19)}); run plimsoll pin`,
  });
  expect(aliasMove(pinned, contract, { version: 2, digest: digest('third') })?.digest).toBe(digest('third'));
});

it('says that the alias is gone', () => {
  expect(aliasMove(pinned, contract, null)).toEqual({
    alias: 'candidate',
    version: null,
    digest: null,
    message: 'candidate is not an alias any more; run plimsoll pin',
  });
});

it('says nothing where contract and lock do not name the same alias', () => {
  const moved = { version: 3, digest: digest('third') };
  const { alias: _, ...byNumber } = pinned;
  expect(aliasMove(undefined, contract, moved)).toBeNull();
  expect(aliasMove(byNumber, named('2'), moved)).toBeNull();
  expect(aliasMove(pinned, named('stable'), moved)).toBeNull();
  expect(aliasMove({ ...pinned, name: 'letters' }, contract, null)).toBeNull();
});
