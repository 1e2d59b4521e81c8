import { setImmediate } from 'node:timers/promises';
import { deriveLedgerInSteps, type DerivedLedger } from '../../../core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import type { LedgerWindow } from '../../../core/cost/ledger/row.ts';

/** Returns as `deriveLedgerRows`. Between two steps everything else of the process has its turn. */
export async function deriveApart(facts: readonly LedgerFact[], window: LedgerWindow): Promise<DerivedLedger> {
  const steps = deriveLedgerInSteps(facts, window);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
