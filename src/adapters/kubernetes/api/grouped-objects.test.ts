import { expect, test } from 'vitest';
import { GroupedObjects } from './grouped-objects.ts';

interface Pod {
  readonly owner: string;
  readonly version: number;
}
const pod = (owner: string, version = 1): Pod => ({ owner, version });

function grouped(): GroupedObjects<Pod> {
  const objects = new GroupedObjects<Pod>(({ owner }) => owner);
  objects.set('1', pod('a'));
  objects.set('2', pod('b'));
  objects.set('3', pod('a'));
  return objects;
}

test('gives the objects of a key in the order in which they came', () => {
  const objects = grouped();
  expect(objects.list('a')).toEqual([pod('a'), pod('a')]);
  objects.set('1', pod('a', 2));
  expect(objects.list('a')).toEqual([pod('a', 2), pod('a', 1)]);
  expect(objects.list('none')).toEqual([]);
});

test('gives the same array until something of that key changes', () => {
  const objects = grouped();
  const [a, b] = [objects.list('a'), objects.list('b')];
  objects.set('4', pod('b'));
  expect(objects.list('a')).toBe(a);
  expect(objects.list('b')).not.toBe(b);
  objects.delete('1');
  expect(objects.list('a')).toEqual([pod('a')]);
});

test('an object whose key changed is in its new group alone', () => {
  const objects = grouped();
  objects.set('1', pod('b', 2));
  expect(objects.list('a')).toEqual([pod('a')]);
  expect(objects.list('b')).toEqual([pod('b'), pod('b', 2)]);
  expect(objects.byUid.size).toBe(3);
});

test('an empty group that was asked for shows what comes later', () => {
  const objects = grouped();
  expect(objects.list('c')).toEqual([]);
  objects.set('5', pod('c'));
  expect(objects.list('c')).toEqual([pod('c')]);
  objects.delete('nobody');
  objects.clear();
  expect([objects.list('a'), objects.list('c'), objects.byUid.size]).toEqual([[], [], 0]);
});
