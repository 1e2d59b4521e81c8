/**
 * Columns of the export, in the order of the specification. FOCUS 1.2 makes 21 of them mandatory; the others of 1.0 stand so
 * that validators of 1.0 pass the same file. Names that begin with `x_` are Plimsoll's own, as the specification asks.
 *
 * https://focus.finops.org/focus-specification/v1-2/ (2026-11)
 */
export const focusMandatoryColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
] as const;

const conditional = [
  'AvailabilityZone',
  'BillingAccountType',
  'ChargeFrequency',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedUnitPrice',
  'InvoiceId',
  'ListUnitPrice',
  'PricingCategory',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceSubcategory',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
] as const;

/** How each amount was allocated, by the names that FOCUS 1.3 has for it. */
const own = [
  'x_AllocatedMethodId',
  'x_AllocatedMethodDetails',
  'x_AllocatedResourceId',
  'x_State',
  'x_Unused',
  'x_Cause',
  'x_Reason',
  'x_Purpose',
  'x_Grade',
  'x_Claim',
  'x_Pool',
  'x_ComputeMs',
  'x_MemoryMs',
  'x_FilledMs',
  'x_Correction',
] as const;

export type FocusColumn = (typeof focusMandatoryColumns)[number] | (typeof conditional)[number] | (typeof own)[number];

export const focusColumns: readonly FocusColumn[] = [
  ...[...focusMandatoryColumns, ...conditional].sort((a, b) => (a < b ? -1 : 1)),
  ...own,
];
