import { describe, expect, it } from 'vitest';
import { OpenExchanges, type Listed } from './open-exchanges.ts';

interface Named extends Listed {
  readonly name: string;
}

function makeNamed(...names: readonly string[]): readonly Named[] {
  return names.map((name) => ({ name, openAt: -1 }));
}

function fill(exchanges: readonly Named[]): OpenExchanges<Named> {
  const open = new OpenExchanges<Named>();
  for (const exchange of exchanges) open.add(exchange);
  return open;
}

function namesOf(open: OpenExchanges<Named>): readonly string[] {
  return open
    .filter(() => true)
    .map(({ name }) => name)
    .sort();
}

describe('open exchanges', () => {
  it('forgets exactly the one that is removed, wherever it stands', () => {
    for (const gone of ['a', 'b', 'c']) {
      const exchanges = makeNamed('a', 'b', 'c');
      const open = fill(exchanges);
      open.remove(exchanges.find(({ name }) => name === gone) as Named);
      expect(namesOf(open)).toEqual(['a', 'b', 'c'].filter((name) => name !== gone));
      expect(open.size).toBe(2);
    }
  });

  it('takes a second removal for none', () => {
    const [a, b] = makeNamed('a', 'b') as [Named, Named];
    const open = fill([a, b]);
    open.remove(a);
    open.remove(a);
    expect(namesOf(open)).toEqual(['b']);
  });

  it('removes one that was moved to a new place', () => {
    const [a, b, c] = makeNamed('a', 'b', 'c') as [Named, Named, Named];
    const open = fill([a, b, c]);
    open.remove(a);
    open.remove(c);
    expect(namesOf(open)).toEqual(['b']);
    open.remove(b);
    expect(open.size).toBe(0);
  });

  it('visits each of them though visits remove them', () => {
    const exchanges = makeNamed('a', 'b', 'c', 'd');
    const open = fill(exchanges);
    const visited = new Set<string>();
    open.each((exchange) => {
      visited.add(exchange.name);
      open.remove(exchange);
    });
    expect([...visited].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(open.size).toBe(0);
  });

  it('visits those that stay though a visit removes others', () => {
    const exchanges = makeNamed('a', 'b', 'c', 'd');
    const [a, b, , d] = exchanges as [Named, Named, Named, Named];
    const open = fill(exchanges);
    const visited = new Set<string>();
    open.each((exchange) => {
      visited.add(exchange.name);
      if (exchange !== d) return;
      open.remove(a);
      open.remove(b);
    });
    expect([...visited].sort()).toEqual(['c', 'd']);
  });
});
