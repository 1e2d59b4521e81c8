import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingLine, type InLine, type WaitingClient } from './waiting-line.ts';

interface Named extends InLine {
  readonly name: string;
}

const makeClient = (weight = 1): WaitingClient => ({ weight, waiting: 0, endTag: 0 });
const makeRequest = (name: string, client: WaitingClient, cost = 1): Named => {
  return { name, client, cost, waits: false, startTag: 0 };
};

function makeLine(...names: readonly string[]): { line: WaitingLine<Named>; requests: readonly Named[] } {
  const line = new WaitingLine<Named>();
  const client = makeClient();
  const requests = names.map((name) => makeRequest(name, client));
  for (const request of requests) line.join(request);
  return { line, requests };
}

function namesOf(line: WaitingLine<Named>): readonly string[] {
  const names: string[] = [];
  line.each(({ name }) => names.push(name) > 0);
  return names;
}

/** Who is served, first to last. */
function serveAll(line: WaitingLine<Named>, atMost = Infinity): readonly string[] {
  const served: string[] = [];
  line.each((request) => {
    if (served.length >= atMost) return false;
    line.serve(request);
    return served.push(request.name) > 0;
  });
  return served;
}

describe('the line of those who wait', () => {
  it('keeps the order of the others when one leaves, wherever it stood', () => {
    for (const gone of ['a', 'b', 'c']) {
      const { line, requests } = makeLine('a', 'b', 'c');
      line.leave(requests.find(({ name }) => name === gone) as Named);
      expect(namesOf(line)).toEqual(['a', 'b', 'c'].filter((name) => name !== gone));
    }
  });

  it('lets nobody else leave for one that does not wait', () => {
    const { line, requests } = makeLine('a', 'b');
    line.leave(requests[1] as Named);
    line.leave(requests[1] as Named);
    line.serve(requests[1] as Named);
    line.leave(makeRequest('stranger', makeClient()));
    expect(namesOf(line)).toEqual(['a']);
  });

  it('visits each once though some leave, or leave and join again', () => {
    const { line } = makeLine('a', 'b', 'c', 'd');
    const visited: string[] = [];
    line.each((request) => {
      visited.push(request.name);
      if (request.name !== 'c') line.leave(request);
      if (request.name === 'b' && visited.length < 4) line.join(request);
      return true;
    });
    expect(visited).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(namesOf(line)).toEqual(['c']);
  });

  it('stops where a visit says so', () => {
    const { line } = makeLine('a', 'b', 'c');
    const visited: string[] = [];
    line.each(({ name }) => {
      visited.push(name);
      return name !== 'b';
    });
    expect(visited).toEqual(['a', 'b']);
    expect(line.size).toBe(3);
  });
});

describe('the order among clients', () => {
  it('puts who comes late beside the first of a flood, and not behind it', () => {
    const line = new WaitingLine<Named>();
    const [flood, calm] = [makeClient(), makeClient()];
    for (let n = 0; n < 5; n += 1) line.join(makeRequest(`f${n}`, flood));
    expect(serveAll(line, 2)).toEqual(['f0', 'f1']);
    line.join(makeRequest('c0', calm));
    line.join(makeRequest('c1', calm));
    expect(serveAll(line)).toEqual(['c0', 'f2', 'c1', 'f3', 'f4']);
  });

  it('gives places by weight, and by what requests cost', () => {
    const line = new WaitingLine<Named>();
    const [heavy, light, large] = [makeClient(2), makeClient(1), makeClient(1)];
    for (let n = 0; n < 6; n += 1) {
      line.join(makeRequest('h', heavy));
      line.join(makeRequest('l', light));
      line.join(makeRequest('L', large, 2));
    }
    const served = serveAll(line, 7);
    expect(served.toSorted().join('')).toBe('Lhhhhll');
  });

  it('forgives when nobody waits any more', () => {
    const line = new WaitingLine<Named>();
    const [one, other] = [makeClient(), makeClient()];
    for (let n = 0; n < 50; n += 1) line.join(makeRequest('o', one));
    serveAll(line);
    line.join(makeRequest('one', one));
    line.join(makeRequest('other', other));
    expect(serveAll(line)).toEqual(['one', 'other']);
  });

  it('charges nothing for a request that left', () => {
    const line = new WaitingLine<Named>();
    const [one, other] = [makeClient(), makeClient()];
    const first = makeRequest('first', one);
    line.join(first);
    const gone = Array.from({ length: 9 }, () => makeRequest('gone', one));
    for (const request of gone) line.join(request);
    line.join(makeRequest('o1', other));
    line.join(makeRequest('o2', other));
    for (const request of gone) line.leave(request);
    line.join(makeRequest('second', one));
    expect(serveAll(line)).toEqual(['first', 'o1', 'o2', 'second']);
  });

  it('lets the newest request of the longest backlog give its place up', () => {
    const line = new WaitingLine<Named>();
    const [flood, calm] = [makeClient(), makeClient()];
    for (let n = 0; n < 3; n += 1) line.join(makeRequest(`f${n}`, flood));
    expect(line.findWhoGivesWay(flood)).toBeNull();
    expect(line.findWhoGivesWay(calm)?.name).toBe('f2');
  });

  it('keeps clients that always wait within one request of each of their parts', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(costs, costs, fc.integer({ min: 1, max: 8 }), (ofOne, ofOther, weight) => {
        const line = new WaitingLine<Named>();
        const [one, other] = [makeClient(weight), makeClient()];
        ofOne.forEach((cost) => line.join(makeRequest('one', one, cost)));
        ofOther.forEach((cost) => line.join(makeRequest('other', other, cost)));
        const work = { one: 0, other: 0 };
        let bothWait = true;
        line.each((request) => {
          line.serve(request);
          work[request.name as 'one' | 'other'] += request.cost;
          bothWait &&= one.waiting > 0 && other.waiting > 0;
          if (!bothWait) return false;
          // Goyal and others, theorem 1: the difference of normalized service is at most one largest request of each.
          expect(Math.abs(work.one / weight - work.other)).toBeLessThanOrEqual(40 / weight + 40);
          return true;
        });
      }),
    );
  });
});
