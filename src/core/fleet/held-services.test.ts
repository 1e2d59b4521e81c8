import { describe, expect, it } from 'vitest';
import { heldAtStart, type HeldService } from './held-services.ts';

const held = (service: string, origin: HeldService['origin']): HeldService => ({
  ...{ service, environment: 'prod', origin, sinceMs: 1 },
});
const scope = (service: string) => ({ service, environment: 'prod' });
const recorded = [held('given', 'given'), held('released', 'released')];

describe('what a control plane holds when it starts', () => {
  it('is what was asked for, and what was released to it beside that', () => {
    expect(heldAtStart(recorded, [scope('new')], [])).toEqual([scope('new'), scope('released')]);
  });

  it('is each once, also what was asked for and released', () => {
    expect(heldAtStart(recorded, [scope('released')], [])).toEqual([scope('released')]);
  });

  it('is all of the store where nothing is asked for: also what was released before this was recorded', () => {
    expect(heldAtStart(recorded, null, [scope('older'), scope('given')])).toEqual([
      scope('given'),
      scope('released'),
      scope('older'),
    ]);
  });
});
