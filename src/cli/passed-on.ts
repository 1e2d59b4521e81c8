import type { Command } from 'commander';

/** One option of a program that runs by itself, in the form of `parseArgs`, with what `--help` says of it. */
export interface PassedOnOption {
  readonly type: 'string' | 'boolean';
  /** Of the program; said in the help. */
  readonly default?: string | boolean;
  /** One letter that stands for the option. */
  readonly short?: string;
  /** What stands behind the option: `address` for `--listen <address>`. */
  readonly takes?: string;
  /** Left out for what every command has. */
  readonly meaning?: string;
}

export type PassedOnOptions = Readonly<Record<string, PassedOnOption>>;

/** Options that every command has, for a program that wants them too. */
export const projectOptions = {
  contract: { type: 'string' },
  state: { type: 'string' },
  environment: { type: 'string' },
} as const satisfies PassedOnOptions;

/** The options as the command line takes them. */
export function addPassedOn(command: Command, options: PassedOnOptions): void {
  for (const [name, { takes, meaning, short, default: byDefault }] of Object.entries(options)) {
    if (meaning === undefined) continue;
    const long = takes === undefined ? `--${name}` : `--${name} <${takes}>`;
    const flags = short === undefined ? long : `-${short}, ${long}`;
    command.option(flags, typeof byDefault === 'string' ? `${meaning} (default: ${byDefault})` : meaning);
  }
}

/** Those that were given, as arguments of the program. */
export function passedOnArgs(options: PassedOnOptions, given: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(options).flatMap((name) => {
    const value = given[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === 'string' ? [`--${name}`, value] : value === true ? [`--${name}`] : [];
  });
}
