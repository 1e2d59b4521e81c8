import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectionPlaces } from './connection-places.ts';

interface Connection {
  readonly name: string;
}

function fill(atMost: number, owners: string): { places: ConnectionPlaces<Connection>; held: readonly Connection[] } {
  const places = new ConnectionPlaces<Connection>(atMost);
  const held = [...owners].map((owner, index) => ({ name: `${owner}${index}` }));
  for (const connection of held) places.came(connection, connection.name.slice(0, 1));
  return { places, held };
}

const comer: Connection = { name: 'comer' };

test('while places are free, each is taken', () => {
  const { places } = fill(3, 'aa');
  expect(places.came(comer, 'a')).toEqual({ taken: true, closed: null });
  expect(places.open).toBe(3);
});

test('the one that was quiet for longest is closed, of whoever holds most', () => {
  const { places } = fill(5, 'babaa');
  expect(places.came(comer, 'b')).toEqual({ taken: true, closed: { name: 'a1' } });
  expect(places.open).toBe(5);
});

test('one that had a request lately stays before those that had none', () => {
  const { places, held } = fill(3, 'aaa');
  const [first] = held as [Connection];
  places.began(first);
  places.ended(first);
  expect(places.came(comer, 'a').closed?.name).toBe('a1');
  expect(places.came({ name: 'next' }, 'a').closed?.name).toBe('a2');
});

test('none that is at work is closed while another is quiet, whoever holds it', () => {
  const { places, held } = fill(4, 'aaab');
  for (const connection of held.slice(0, 3)) places.began(connection);
  expect(places.came(comer, 'c').closed?.name).toBe('b3');
});

test('where all are at work, a client with many gives one up for a client with few, and for none of its own', () => {
  const { places, held } = fill(3, 'aaa');
  for (const connection of held) places.began(connection);
  expect(places.came({ name: 'own' }, 'a')).toEqual({ taken: false, closed: null });
  expect(places.came(comer, 'b')).toEqual({ taken: true, closed: { name: 'a2' } });
});

test('what left gives its place back once', () => {
  const { places, held } = fill(2, 'aa');
  const [first] = held as [Connection];
  places.left(first);
  places.left(first);
  places.ended(first);
  expect([places.open, places.came(comer, 'b')]).toEqual([1, { taken: true, closed: null }]);
});

test('however connections come, work and leave, the number holds and a closed one was held', () => {
  const step = fc.record({ does: fc.constantFrom('come', 'begin', 'end', 'leave'), at: fc.nat(20), owner: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const places = new ConnectionPlaces<Connection>(6);
      const held = new Set<Connection>();
      const working = new Map<Connection, number>();
      for (const { does, at, owner } of steps) {
        const one = [...held][at % Math.max(1, held.size)];
        if (does === 'come') {
          const next = { name: `${owner}` };
          const quiet = [...held].filter((each) => (working.get(each) ?? 0) === 0);
          const { taken, closed } = places.came(next, next.name);
          if (closed !== null) {
            expect(held.has(closed)).toBe(true);
            if (quiet.length > 0) expect(quiet).toContain(closed);
            held.delete(closed);
          }
          if (taken) held.add(next);
        } else if (one !== undefined && does === 'leave') {
          places.left(one);
          held.delete(one);
        } else if (one !== undefined && does === 'begin') {
          places.began(one);
          working.set(one, (working.get(one) ?? 0) + 1);
        } else if (one !== undefined && (working.get(one) ?? 0) > 0) {
          places.ended(one);
          working.set(one, (working.get(one) ?? 0) - 1);
        }
        expect(places.open).toBe(held.size);
        expect(held.size).toBeLessThanOrEqual(6);
      }
    }),
  );
});
