import { describe, expect, it } from 'vitest';
import type { Waiver } from '../../core/evidence/lock/lock.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { startContractOf } from './start-contract.ts';

const asking = `${minimalContract}hardware: { accelerator: cpu }\n`;
const clock = new FakeClock(2_000_000);
const waiver = { kind: 'hardware', reason: 'a new board', untilMs: 3_000_000, by: 'ann', atMs: 1 } as const;
const given = (facts: Parameters<typeof makeMemoryProject>[0]) =>
  startContractOf(makeMemoryProject(facts), 'default', clock)();

describe('the contract that a node is checked against', () => {
  it('is the one that asks for hardware', async () => {
    expect(await given({ contract: asking })).toBe('/memory/plimsoll.yaml');
    expect(await given({ contract: minimalContract })).toBeNull();
  });

  it('is none while somebody has waived that, and again when the waiver has ended', async () => {
    expect(await given({ contract: asking, waivers: [waiver] })).toBeNull();
    expect(await given({ contract: asking, waivers: [{ ...waiver, untilMs: 1_999_999 }] })).not.toBeNull();
    expect(await given({ contract: asking, waivers: [{ ...waiver, kind: 'golden' }] })).not.toBeNull();
    expect(await given({ contract: asking, waivers: [{ ...waiver, failing: true }] })).toBeNull();
  });

  it('is the one that was measured and fails, unless a waiver of failures was given', async () => {
    const project = makeMemoryProject({ contract: asking });
    const startContract = (given: Waiver): Promise<string | null> => {
      const state = { kind: 'hardware', freshness: 'fresh', verdict: 'fail', reasons: [], available: true } as const;
      const evidenceStates = async () => [{ ...state, waiver: given }];
      return startContractOf({ ...project, evidenceStates }, 'default', clock)();
    };
    expect(await startContract(waiver)).toBe('/memory/plimsoll.yaml');
    expect(await startContract({ ...waiver, failing: true })).toBeNull();
  });

  it('is none where it cannot be read', async () => {
    expect(await given({ contract: 'service: [' })).toBeNull();
  });
});
