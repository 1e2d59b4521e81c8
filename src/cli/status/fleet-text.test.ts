import { expect, it } from 'vitest';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import { painter } from '../terminal/paint.ts';
import { fleetText } from './fleet-text.ts';

const fleet: FleetView = {
  plimsollVersion: '0.0.0',
  nowMs: 0,
  services: [
    {
      ...{ service: 'a', environment: 'prod', owner: null, health: null, live: null, objective: null, drift: null },
      ...{ evidence: { asked: 0, gaps: 0 }, replicas: { ready: 0, wanted: null }, underWay: null },
    },
  ],
};

it('shows each group of spares in one line, below the services', () => {
  const group = { environment: 'prod', fits: 'f', services: ['a', 'b'], wanted: 2, free: 1, starting: 1, taken: 3 };
  const text = fleetText({ ...fleet, spares: [{ ...group, takenLastDay: 4, pricePerHour: null }] }, painter(false));
  expect(text.split('\n').at(-1)).toBe(
    'spares of prod for a, b: 2 wanted: 1 warm, 1 loading; 4 taken in the last day; price unknown',
  );
  expect(fleetText(fleet, painter(false))).not.toContain('spares');
});
