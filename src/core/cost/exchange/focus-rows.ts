import { hourMs, type LedgerRow } from '../ledger/row.ts';
import type { LedgerState } from '../ledger/state.ts';
import type { Charge, ChargedLedger } from '../prices/charge-rows.ts';
import type { UnusedCommitment } from '../prices/cover-commitments.ts';
import { PlimsollError } from '../../units/errors.ts';
import { focusColumns, type FocusColumn } from './focus-columns.ts';
import { moneyText } from './money-text.ts';

export type FocusRow = Readonly<Record<FocusColumn, string | null>>;

/** Who charges whom. The export is the bill of the fleet to its teams, not that of a cloud. */
export interface FocusParties {
  readonly billingAccountId: string;
  readonly billingAccountName: string;
  /** Who runs the fleet. */
  readonly issuer: string;
}

export interface FocusExport {
  readonly rows: readonly FocusRow[];
  /** Device-milliseconds without a price, which no row tells of. */
  readonly unpricedMs: number;
}

/** What corrects an hour that was recorded before. */
export interface CorrectedCharge {
  readonly charge: Charge;
  /** When it was found, wall milliseconds. */
  readonly correctedAtMs: number;
}

/** States that nobody uses: their money is named as unused capacity. */
const unusedStates: readonly LedgerState[] = ['reserved', 'stranded', 'unallocated'];

/**
 * Returns a ledger as rows of FOCUS 1.2, one for each charge, and one for each hour of an unused commitment. Costs have six
 * digits after the point and add up to the ledger exactly.
 *
 * | column | value |
 * |---|---|
 * | EffectiveCost, BilledCost | what the time cost, after discounts and commitments |
 * | ContractedCost, ListCost | after discounts; without them. Those of time that only a commitment prices: the effective cost |
 * | ResourceId, SkuId | the device; its class |
 * | SubAccountId | the team |
 * | Tags | service, environment, release, model |
 * | ChargeClass | `Correction` for a correction that was found after the billing period of its hour; empty for any other, as FOCUS asks |
 * | x_Correction | `true` for every correction |
 * | x_Unused | `true` for time that is reserved, stranded or unallocated, and for unused commitments |
 *
 * @param corrections rows beside those of the ledger, which has the hours as they were recorded first.
 * @throws PlimsollError `focus-needs-prices` (input) for a ledger without prices.
 */
export function makeFocusRows(
  ledger: ChargedLedger,
  parties: FocusParties,
  corrections: readonly CorrectedCharge[] = [],
): FocusExport {
  const { currency, split } = ledger;
  if (currency === null || split === null) throw withoutPrices();
  let unpricedMs = 0;
  const write = (charge: Charge): readonly FocusRow[] => {
    if (charge.effectiveMicros !== null)
      return [makeChargeRow(charge, charge.effectiveMicros, parties, currency, split)];
    unpricedMs += charge.row.computeMs;
    return [];
  };
  const charged = ledger.charges.flatMap(write);
  const corrected = corrections.flatMap(({ charge, correctedAtMs }) =>
    write(charge).map((row) => markCorrection(row, charge.row.hourMs, correctedAtMs)),
  );
  return {
    rows: [...charged, ...corrected, ...ledger.unused.map((each) => makeUnusedRow(each, parties, currency))],
    unpricedMs,
  };
}

function makeChargeRow(
  { row, listMicros, contractedMicros }: Charge,
  effectiveMicros: number,
  parties: FocusParties,
  currency: string,
  split: string,
): FocusRow {
  const { owner } = row;
  const quantity = quantityText(row.computeMs);
  const unit = row.unit === 'core' ? 'Core-Hours' : 'Accelerator-Hours';
  return {
    ...sharedFields(row.hourMs, parties, currency),
    BilledCost: moneyText(effectiveMicros),
    ContractedCost: moneyText(contractedMicros ?? effectiveMicros),
    EffectiveCost: moneyText(effectiveMicros),
    ListCost: moneyText(listMicros ?? effectiveMicros),
    ChargeDescription: describeRow(row),
    ConsumedQuantity: quantity,
    ConsumedUnit: unit,
    PricingQuantity: quantity,
    PricingUnit: unit,
    PricingCategory: 'Standard',
    ResourceId: row.device,
    ResourceName: row.device,
    ResourceType: row.deviceClass,
    SkuId: row.deviceClass,
    SkuPriceId: row.deviceClass,
    SubAccountId: owner?.team ?? null,
    SubAccountName: owner?.team ?? null,
    Tags: JSON.stringify(
      owner === null
        ? {}
        : { service: owner.service, environment: owner.environment, release: owner.release, model: owner.model },
    ),
    x_AllocatedMethodId: `plimsoll/${row.grade}/${split}`,
    x_AllocatedMethodDetails: `time ${row.grade}; compute and memory slices by ${split}; largest remainder`,
    x_AllocatedResourceId: owner === null ? null : `${owner.service}/${owner.environment}`,
    x_State: row.state,
    x_Unused: String(unusedStates.includes(row.state)),
    x_Cause: row.cause,
    x_Reason: row.reason,
    x_Purpose: row.purpose,
    x_Grade: row.grade,
    x_Claim: row.claim,
    x_Pool: row.pool,
    x_ComputeMs: String(row.computeMs),
    x_MemoryMs: String(row.memoryMs),
    x_FilledMs: String(row.filledMs),
  };
}

/** https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, specification/columns/chargeclass.md (2026-11) */
function markCorrection(row: FocusRow, hour: number, correctedAtMs: number): FocusRow {
  const isLater = correctedAtMs >= endOfMonth(hour);
  return {
    ...row,
    ChargeClass: isLater ? 'Correction' : null,
    ChargeDescription: `correction: ${row.ChargeDescription ?? ''}`,
    x_Correction: 'true',
  };
}

function endOfMonth(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

function makeUnusedRow(unused: UnusedCommitment, parties: FocusParties, currency: string): FocusRow {
  const cost = moneyText(unused.micros);
  const quantity = quantityText(unused.unusedMs);
  return {
    ...sharedFields(unused.hourMs, parties, currency),
    BilledCost: cost,
    ContractedCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    ChargeDescription: `unused commitment ${unused.commitment} of ${unused.deviceClass}`,
    CommitmentDiscountCategory: 'Usage',
    CommitmentDiscountId: unused.commitment,
    CommitmentDiscountName: unused.commitment,
    CommitmentDiscountStatus: 'Unused',
    CommitmentDiscountType: 'Reserved devices',
    PricingCategory: 'Committed',
    PricingQuantity: quantity,
    PricingUnit: 'Accelerator-Hours',
    ResourceId: unused.commitment,
    ResourceType: unused.deviceClass,
    SkuId: unused.deviceClass,
    SkuPriceId: unused.deviceClass,
    Tags: '{}',
    x_AllocatedMethodId: 'plimsoll/commitment',
    x_AllocatedMethodDetails: 'what the commitment pays for and no device uses; owned by nobody',
    x_Unused: 'true',
    x_ComputeMs: String(unused.unusedMs),
  };
}

function sharedFields(hour: number, parties: FocusParties, currency: string): FocusRow {
  const date = new Date(hour);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    ...emptyRow,
    BillingAccountId: parties.billingAccountId,
    BillingAccountName: parties.billingAccountName,
    BillingAccountType: 'Fleet',
    BillingCurrency: currency,
    BillingPeriodStart: timeText(Date.UTC(year, month)),
    BillingPeriodEnd: timeText(endOfMonth(hour)),
    ChargeCategory: 'Usage',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodStart: timeText(hour),
    ChargePeriodEnd: timeText(hour + hourMs),
    InvoiceIssuerName: parties.issuer,
    ProviderName: parties.issuer,
    PublisherName: parties.issuer,
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'Inference accelerators',
    ServiceSubcategory: 'Machine Learning',
  };
}

const emptyRow = Object.fromEntries(focusColumns.map((column) => [column, null])) as Record<FocusColumn, null>;

/** `idle (warm-pool) of ranker in prod`, `unattributable (node-gone)`. */
function describeRow({ state, cause, reason, owner }: LedgerRow): string {
  const why = cause ?? reason;
  const whom = owner === null ? '' : ` of ${owner.service} in ${owner.environment}`;
  return `${state}${why === null ? '' : ` (${why})`}${whom}`;
}

/** Hours with nine digits: a millisecond is 0.000000278 hours. The exact time stands in `x_ComputeMs`. */
const quantityText = (ms: number): string => (ms / hourMs).toFixed(9);
const timeText = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

function withoutPrices(): PlimsollError {
  return new PlimsollError({
    code: 'focus-needs-prices',
    category: 'input',
    message: 'FOCUS rows have costs, and the ledger has no prices',
    next: 'write a price book, and name it in the environment',
  });
}
