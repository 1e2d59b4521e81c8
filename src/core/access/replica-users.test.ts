import { describe, expect, it } from 'vitest';
import { chooseReplicaUid, parseReplicaUsers, replicaUserKey } from './replica-users.ts';

const entries = [
  { name: 'root', uid: 0, gid: 0 },
  { name: 'ada', uid: 1000, gid: 1001 },
  { name: 'nobody', uid: 65_534, gid: 65_534 },
];
const parse = (text: string, ownUid = 0) => parseReplicaUsers(text, entries, ownUid);

describe('parseReplicaUsers', () => {
  it.each([
    ['ada', { uid: 1000, gid: 1001, name: 'ada' }],
    ['1000', { uid: 1000, gid: 1001, name: 'ada' }],
    ['4242', { uid: 4242, gid: 4242, name: null }],
    ['4294967294', { uid: 4_294_967_294, gid: 4_294_967_294, name: null }],
  ])('`%s` is one user', (text, user) => {
    expect(parse(text)).toEqual({ kind: 'one', user });
  });

  it('a range has both of its ends', () => {
    expect(parse('70000-70999')).toEqual({ kind: 'range', first: 70_000, last: 70_999 });
    expect(parse('70000-70000')).toEqual({ kind: 'range', first: 70_000, last: 70_000 });
  });

  it.each([
    ['', 'this machine has no user '],
    ['eve', 'this machine has no user eve'],
    ['-5', 'this machine has no user -5'],
    ['1e3', 'this machine has no user 1e3'],
    ['0', 'user 0 is root'],
    ['root', 'user 0 is root'],
    ['4294967295', '4294967295 is no number of a user: the largest is 4294967294'],
    ['0-10', 'user 0 is root'],
    ['70999-70000', 'the range 70999-70000 ends before it begins'],
    ['1-70000', 'the range 1-70000 has more than 65536 users'],
    ['900-1100', 'user 1000 of the range is ada of this machine'],
  ])('`%s` is refused: %s', (text, problem) => {
    expect(parse(text)).toEqual({ problem });
  });

  it('the user of the control plane is refused, also inside a range', () => {
    expect(parse('1000', 1000)).toEqual({ problem: 'user 1000 runs the control plane' });
    expect(parse('70000-70999', 70_500)).toEqual({ problem: 'user 70500 runs the control plane' });
  });
});

describe('replicaUserKey', () => {
  it('is of a service and its environment; measurements of a service share one', () => {
    const owner = { service: 'digits', environment: 'prod' };
    expect(replicaUserKey(owner, false)).toBe('digits/prod');
    expect(replicaUserKey({ service: 'digits', environment: 'golden-1f2e' }, true)).toBe('digits');
  });
});

describe('chooseReplicaUid', () => {
  const range = { first: 10, last: 12 };

  it('keeps the number that a key has, else takes the lowest free one', () => {
    expect(chooseReplicaUid(range, new Map(), 'a/prod')).toEqual({ uid: 10, isNew: true });
    const taken = new Map([
      [10, 'a/prod'],
      [12, 'b/prod'],
    ]);
    expect(chooseReplicaUid(range, taken, 'b/prod')).toEqual({ uid: 12, isNew: false });
    expect(chooseReplicaUid(range, taken, 'c/prod')).toEqual({ uid: 11, isNew: true });
  });

  it('gives nothing where all are taken, and counts the lowest of two', () => {
    const taken = new Map([
      [10, 'a/prod'],
      [11, 'b/prod'],
      [12, 'b/prod'],
    ]);
    expect(chooseReplicaUid(range, taken, 'c/prod')).toBeNull();
    expect(chooseReplicaUid(range, taken, 'b/prod')).toEqual({ uid: 11, isNew: false });
  });
});
