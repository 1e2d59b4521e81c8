import type { CliCommand } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Started by other commands: left out of the overview. */
  readonly hidden?: true;
  /** Loaded only when the command is named, so that `--help` stays fast. */
  readonly load: () => Promise<{ readonly command: CliCommand }>;
}

/** In the order in which a service meets them. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'gateway',
    summary: 'run the data plane of one service',
    hidden: true,
    load: () => import('./gateway.ts'),
  },
];
