import { beforeEach, describe, expect, it } from 'vitest';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import type { PlannedSpares } from './plan-spares.ts';
import { SpareBoard } from './spare-board.ts';

const environment = 'prod';
const group: PlannedSpares = {
  ...{ environment, fits: 'f', count: 3, services: ['a', 'b', 'c'], host: {} },
  needs: { command: [], devices: 0, sharing: [], deviceMemoryBytes: null, selector: {} },
};
const seen = (free: number): readonly ObservedSpare[] =>
  Array.from({ length: 3 }, (_, at) => ({
    ...{ spareId: `s${at}`, environment, fits: 'f', takenBy: null, pid: 1, node: 'n', deviceCount: 0 },
    state: at < free ? ('free' as const) : ('starting' as const),
  }));

let clock: FakeClock;
let board: SpareBoard;
const desk = (service: string) => board.deskOf({ service, environment });
beforeEach(() => {
  clock = new FakeClock();
  board = new SpareBoard(clock);
  board.observed([group], seen(3));
});

describe('the board of spares', () => {
  it('knows nothing of a service that no spare fits, and before it has looked', () => {
    expect(desk('d').ask(0)).toBeNull();
    expect(new SpareBoard(clock).deskOf({ service: 'a', environment }).ask(0)).toBeNull();
    desk('d').claim({ left: 3, ordered: 3 });
    expect(desk('a').ask(0)).toMatchObject({ free: 3 });
  });

  it('promises each spare to one service, until that leaves fewer or decides no more', async () => {
    desk('a').claim({ left: 2, ordered: 0 });
    expect([desk('a').ask(0)?.free, desk('b').ask(0)?.free]).toEqual([3, 1]);
    expect(board.leftIn(group)).toEqual({ a: 2 });
    desk('a').claim({ left: 1, ordered: 0 });
    expect(desk('b').ask(0)?.free).toBe(2);
    await clock.advance(30_000);
    expect(desk('b').ask(0)?.free).toBe(3);
    expect(board.leftIn(group)).toEqual({});
  });

  it('counts a start that is on its way, until a look has seen what it took', async () => {
    desk('b').claim({ left: 0, ordered: 2 });
    expect([desk('a').ask(0)?.free, desk('b').ask(0)?.free]).toEqual([1, 1]);
    desk('b').claim({ left: 0, ordered: 0 });
    expect(desk('a').ask(0)?.free).toBe(1);
    await clock.advance(3_000);
    board.observed([group], seen(1));
    expect(desk('a').ask(0)?.free).toBe(1);
  });

  it('finds nearly always what was there for ten minutes, spares of its own replicas with it', async () => {
    const watch = async (service: string, seconds: number, away = 0): Promise<void> => {
      for (let second = 0; second < seconds; second += 10) {
        await clock.advance(10_000);
        desk(service).ask(away);
      }
    };
    desk('a').ask(0);
    await watch('a', 590);
    expect(desk('a').ask(0)?.found).toBe(0);
    await watch('a', 60);
    expect(desk('a').ask(0)?.found).toBe(3);
    board.observed([group], seen(1));
    await watch('a', 600, 2);
    expect(desk('a').ask(2)?.found).toBe(3);
    await watch('a', 600, 0);
    expect(desk('a').ask(0)?.found).toBe(1);
  });

  it('shows a service its group, and names no other service', () => {
    const shown = { environment, fits: 'f', services: ['a', 'b'], wanted: 3, free: 3, starting: 0, taken: 0 };
    board.show([shown]);
    expect(board.viewOf({ service: 'b', environment })).toEqual({ ...shown, services: ['b'] });
    expect(board.viewOf({ service: 'c', environment })).toBeNull();
  });
});
