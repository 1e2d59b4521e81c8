import type { Finding } from '../compatibility.ts';
import { factCommands, type FactName } from '../tables/fact-commands.ts';
import { citation, type Source } from '../tables/source.ts';

/** A finding before it is known whether it decides. */
export type Found = Omit<Finding, 'weight'> & { readonly weight?: 'warning' };

interface FoundParts {
  readonly rule: string;
  readonly compatibility: Finding['compatibility'];
  readonly message: string;
  readonly facts: Readonly<Record<string, string | null>>;
  readonly source: Source | string;
  readonly fix?: string | undefined;
  readonly warning?: boolean;
}

export const contractSource = 'the contract (plimsoll.yaml)';
export const unknownIsNoPass = 'Plimsoll: what is not known is never a pass';

export function found({ rule, compatibility, message, facts, source, fix, warning }: FoundParts): Found {
  return {
    rule,
    compatibility,
    message,
    facts: Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact ?? 'not known'])),
    source: typeof source === 'string' ? source : citation(source),
    ...(fix === undefined ? {} : { fix }),
    ...(warning === true ? { weight: 'warning' as const } : {}),
  };
}

/** A fact that the rule needs and nobody told: its name, what it is, and the command that would tell it. */
export function notKnown(rule: string, fact: FactName, because?: string): Found {
  const { says, command } = factCommands[fact];
  return found({
    rule,
    compatibility: 'unknown',
    message: `${says} is not known${because === undefined ? '' : `: ${because}`}`,
    facts: { [fact]: null },
    source: unknownIsNoPass,
    fix: command,
  });
}

export const fromLabelsOnly = 'only labels of a node that holds several kinds of device tell it';
