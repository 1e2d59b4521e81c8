import { describe, expect, it } from 'vitest';
import { deviceFaults, type DeviceFault } from './replayed/device-faults.ts';
import { replay } from './replayed/replay.ts';
import { scoreReplays } from './replayed/score-replays.ts';

const faultOf = (name: string): DeviceFault => {
  const fault = deviceFaults.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`no fault ${name}`);
  return fault;
};

describe('replayed faults of accelerators', () => {
  it('are answered right, and nothing is suspected without one', async () => {
    const { rows, clean, isMet } = await scoreReplays(4, 12);
    expect(rows.flatMap(({ name, runs, right }) => (right === runs ? [] : [`${name}: ${right} of ${runs}`]))).toEqual(
      [],
    );
    expect(clean).toMatchObject({ runs: 12, named: 0, suspected: 0 });
    expect(isMet).toBe(true);
  });

  it('say that they are replayed', async () => {
    expect((await scoreReplays(0, 0)).heading).toContain('replayed counters, played experiments');
  });

  it('are told with the reason that the driver gives, by the driver and by DCGM alone', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 6; seed += 1) {
      const { sources, suspected } = await replay([faultOf('heat')], seed);
      seen.add(sources);
      expect(suspected[0]?.reason).toContain('sw_thermal_slowdown');
    }
    expect([...seen].sort()).toEqual(['dcgm', 'driver']);
  });

  it('name a narrow link only where the experiment that takes it away helps', async () => {
    const { helps: _, ...useless } = faultOf('narrow-link');
    const { finding } = await replay([useless], 3);
    expect(finding).toMatchObject({ verdict: 'none', cause: null });
  });
});
