import type { Sharing } from '../../contract/contract.ts';
import { canonicalJson } from '../../units/digest.ts';

/** What a spare has to have before it knows its service. */
export interface SpareNeeds {
  /** Absent where the code is a command of the machine. */
  readonly image?: string | undefined;
  readonly command: readonly string[];
  readonly devices: number;
  readonly sharing: readonly Sharing[];
  readonly deviceMemoryBytes: number | null;
  readonly selector: Readonly<Record<string, string>>;
}

/** The program that can wait without a model: what comes after it is given with the model. */
const builtInServer = ['plimsoll', 'serve-model'] as const;

/**
 * Returns a text that is the same for two services whose replicas can be made of one spare: the same image (else the same program), the
 * same devices, and nodes of the same labels. Model, variables and secrets are given to a spare when it is taken, and so are the words
 * after `plimsoll serve-model`.
 */
export function makeSpareKey({ image, command, ...needs }: SpareNeeds): string {
  const runs = image ?? (isBuiltInServer(command) ? builtInServer : command);
  return canonicalJson({ ...needs, sharing: [...needs.sharing].sort(), runs });
}

/** Whether a command runs the built-in model server. */
export const isBuiltInServer = (command: readonly string[]): boolean =>
  builtInServer.every((word, index) => command[index] === word);
