import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../../testing/fakes/fake-clock.ts';
import { TurnSlots } from './turn-slots.ts';

const never = () => new Promise<never>(() => undefined);

describe('the slots of turns', () => {
  it('are taken by so many at once, and by whoever waits longest next', async () => {
    const slots = new TurnSlots(new FakeClock(), 2);
    const order: number[] = [];
    const ends: (() => void)[] = [];
    const turns = [0, 1, 2, 3].map((turn) =>
      slots.run(async () => {
        order.push(turn);
        await new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await settled();
    expect(order).toEqual([0, 1]);
    expect(slots.waiting).toBe(2);
    ends[1]?.();
    await settled();
    expect(order).toEqual([0, 1, 2]);
    for (let end = 0; end < 4; end += 1) {
      ends[end]?.();
      await settled();
    }
    await Promise.all(turns);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(slots.taken).toBe(0);
  });

  it('are given back by a turn that hangs, and once', async () => {
    const clock = new FakeClock();
    const slots = new TurnSlots(clock, 1);
    let end: () => void = () => undefined;
    const hanging = slots.run(() => new Promise<void>((resolve) => (end = resolve)));
    let others = 0;
    const waiting = slots.run(async () => {
      others += 1;
    });
    await settled();
    expect(others).toBe(0);
    await clock.advance(5_000);
    await waiting;
    expect(others).toBe(1);
    end();
    await hanging;
    await settled();
    expect(slots.taken).toBe(0);
    void slots.run(never);
    void slots.run(never);
    await settled();
    expect(slots).toMatchObject({ taken: 1, waiting: 1 });
  });

  it('pass on what a turn throws, also before it awaits anything', async () => {
    const slots = new TurnSlots(new FakeClock(), 1);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      slots.run(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    await settled();
    expect(slots.taken).toBe(0);
  });

  it('let timers run between turns that wait for nothing', async () => {
    const slots = new TurnSlots(new FakeClock());
    let done = 0;
    const turns = Array.from({ length: 100 }, () => slots.run(async () => void (done += 1)));
    const doneAtOnce = await new Promise<number>((resolve) => void setImmediate(() => resolve(done)));
    expect(doneAtOnce).toBeLessThan(50);
    await Promise.all(turns);
    expect(done).toBe(100);
  });
});
