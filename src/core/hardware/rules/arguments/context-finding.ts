import type { ServiceDemands } from '../../compatibility.ts';
import { contextArguments, type ContextArgument } from '../../tables/arguments/context-arguments.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { valueOf } from './arguments.ts';

/** Tokens that the contract asks the engine of a row for; null where it does not, in digits. */
function askedTokens({ argument }: ContextArgument, { args = [] }: ServiceDemands): number | null {
  const text = valueOf(args, [argument]) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function isJudged(row: ContextArgument, { image, args = [] }: ServiceDemands): boolean {
  const version = image === null ? null : versionOf(distribution(image, [row.engine]));
  if (image === null || version === null || rowOf([{ from: row.from, to: null }], version) === null) return false;
  return image.env[row.unless.name] !== row.unless.value && valueOf(args, row.others) === undefined;
}

/**
 * Whether the contract asks an engine for a longer context than the model has.
 *
 * | tokens that are asked for | answer |
 * |---|---|
 * | at most those of the configuration of the model | null |
 * | more | incompatible |
 * | more, and the configuration stretches its positions, or nobody read whether it does | null: how far depends on the engine |
 * | more, and a variable allows it, or an argument changes the configuration | null |
 */
export function contextFinding(demands: ServiceDemands): Found | null {
  const row = contextArguments.find((one) => isJudged(one, demands));
  return row === undefined ? null : judgeContext(row, demands);
}

function judgeContext(row: ContextArgument, demands: ServiceDemands): Found | null {
  const { model, image } = demands;
  const asked = askedTokens(row, demands) ?? 0;
  const has = model?.contextScaled === false ? model.contextTokens : undefined;
  if (has === undefined || asked <= has) return null;
  const text = image === null ? null : distribution(image, [row.engine]);
  return found({
    rule: 'context-argument',
    compatibility: 'incompatible',
    message: `${row.engine} ${text} refuses ${row.argument} ${asked}: the model has ${has} positions`,
    facts: { [row.argument]: String(asked), contextTokens: String(has) },
    source: row.source,
    fix: `${row.argument} ${has} or less in code.args, or ${row.unless.name}=${row.unless.value} in the image`,
  });
}
