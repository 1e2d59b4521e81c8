import { expect, it } from 'vitest';
import { UnitsUnderWay } from './units-under-way.ts';

const before = { unitsArrived: 0, unitsAnswered: 0, unitsWritten: 0 };
const nowOf = ({ arrived, answered, written }: UnitsUnderWay) => ({
  unitsArrived: arrived,
  unitsAnswered: answered,
  unitsWritten: written,
});

it('counts what arrives and what is answered, and a dropped request as neither', () => {
  const units = new UnitsUnderWay('rows');
  units.arrive(1, 10);
  units.arrive(1, 20);
  units.arrive(2, 40);
  units.answer(1);
  units.drop(2);
  expect(units.signals(before, nowOf(units), 2)).toEqual({ unit: 'rows', arrivedPerSecond: 35, completedPerSecond: 5 });
  units.answer(1);
  expect(units.answered).toBe(30);
});

it('tells tokens by answers alone, half of them read where nothing else is told', () => {
  const units = new UnitsUnderWay('tokens');
  units.arrive(1, 30);
  units.arrive(2, 100, 10);
  units.answer(1);
  expect(units.signals(before, nowOf(units), 1)).toEqual({
    unit: 'tokens',
    arrivedPerSecond: null,
    completedPerSecond: 30,
    completedTokens: { inPerSecond: 15, outPerSecond: 15 },
  });
  const then = nowOf(units);
  units.answer(2);
  expect(units.signals(then, nowOf(units), 1)).toMatchObject({
    completedTokens: { inPerSecond: 90, outPerSecond: 10 },
  });
});
