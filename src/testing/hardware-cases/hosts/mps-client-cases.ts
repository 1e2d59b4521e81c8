import type { CaseRow } from '../case-row.ts';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const fails: Answer = ['incompatible', 'mps-clients'];
const open: Answer = ['unknown', 'mps-clients'];

const places = 'NVIDIA MPS, "Client-Server Connection Limits" (2026-07-29)';
const shares = 'k8s-device-plugin issue 1118 (2025-01-13)';
const never = 'what is not known is never a pass';

const row = (
  name: string,
  device: string,
  replicas: number,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name: `MPS for ${replicas}: ${name}`,
  device: `${device} 550.90.07 12.4`,
  hardware: { memoryGib: 0.1, sharing: ['mps'] },
  model: { weightsBytes: 1_000_000, kvBytesPerToken: 0 },
  compatibility,
  rule,
  source,
  ...rest,
  deviceFacts: { sharing: 'mps', replicas, ...rest.deviceFacts },
});

const a16: Partial<CaseRow> = { deviceFacts: { product: 'NVIDIA A16' } };
const busy = 'CUDA says that devices are busy or unavailable';

/** Clients of MPS: as many as a server takes, and as many as a board has multiprocessors for. */
export const mpsClientCases: readonly CaseRow[] = [
  row('as many as every driver takes', 'H100', 48, native, places),
  row('one more', 'H100', 49, open, places, { says: 'which may take 48 clients alone' }),
  row('as many as the newest drivers take', 'H100', 60, open, places),
  row('more than any driver takes', 'H100', 61, fails, places, { says: 'which takes 60 clients' }),
  row('in turn, which needs no place', 'H100', 61, native, places, {
    hardware: { memoryGib: 0.1, sharing: ['time-slicing'] },
    deviceFacts: { sharing: 'time-slicing' },
  }),
  row('a T4, as it ran', 'T4', 21, native, shares),
  row('a T4, as it failed', 'T4', 22, fails, shares, {
    says: `each of 22 replicas gets 1.82 of the 40 multiprocessors of Tesla T4 by MPS: ${busy}`,
  }),
  row('an A30, as it ran', 'A30', 30, native, shares),
  row('an A30, as it failed', 'A30', 31, fails, shares),
  row('an A16, as it ran', 'A10', 5, native, shares, a16),
  row('an A16, as it failed', 'A10', 6, fails, shares, a16),
  row('an L4, as many as it has enough for', 'L4', 31, native, shares),
  row('an A40 between what ran and what failed', 'A10', 46, open, shares, {
    deviceFacts: { product: 'NVIDIA A40' },
    says: 'whether that is enough is not known',
  }),
  row('an A100 has enough for all that every driver takes', 'A100-80', 48, native, shares),
  row('a T4 in turn', 'T4', 22, native, shares, {
    hardware: { memoryGib: 0.1, sharing: ['time-slicing'] },
    deviceFacts: { sharing: 'time-slicing' },
  }),
  row('a board that nobody told, with enough for any', 'T4', 5, native, shares, { deviceFacts: { product: null } }),
  row('a board that nobody told', 'T4', 6, open, never, {
    deviceFacts: { product: null },
    says: 'how many multiprocessors each client of MPS gets depends on it',
  }),
  row('a board of no table', 'T4', 30, native, shares, { deviceFacts: { product: 'Quadro RTX 8000' } }),
  row('too many for a server and for a board', 'T4', 61, fails, places, { says: 'which takes 60 clients' }),
  row('perhaps too many for a server, and too many for a board', 'T4', 49, fails, shares, { says: busy }),
];
