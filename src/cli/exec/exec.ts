import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { checkStart, poolOfMachine, refusalOfStart } from '../../core/hardware/judging/startup-check.ts';
import { verdictSentence } from '../../core/hardware/verdict-words.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { verifyJson, type VerifyOutcome } from '../verdict/verify-outcome.ts';
import { placeOf, readService } from '../../prove/verify/verify-service.ts';
import { verifyText } from '../verdict/verify-text.ts';

export const command: CliCommand = {
  configure(command) {
    command
      .argument('[command...]', 'what to start, after --')
      .option('--check-only', 'check this node, and start nothing');
  },
  examples: [
    ['plimsoll exec -- python serve.py', 'starts it only where the pinned contract holds on this node'],
    ['plimsoll exec --check-only', 'says whether it holds here'],
  ],
  async run(context, { args, options }) {
    const checkOnly = options['checkOnly'] === true;
    if (args.length === 0 && !checkOnly) throw nothingToStart();
    const outcome = await checkHere(context);
    const { verdict } = outcome;
    const refusal = refusalOfStart(verdict);
    if (checkOnly) {
      const text = verifyText(outcome, context.terminal.colour, context.clock.nowMs());
      return { exit: exitStatusOfVerdict(verdict.verdict), json: verifyJson(outcome), text };
    }
    if (refusal !== null) return refused(context, outcome, args);
    context.terminal.note(verdictSentence(verdict));
    context.signal.throwIfAborted();
    return { exit: await runChild(args), json: verifyJson(outcome), text: '' };
  },
};

async function checkHere(context: CliContext): Promise<VerifyOutcome> {
  const { demands, loaded } = await readService(await context.project(), await context.environment());
  const { facts } = await (await context.nodeProbe()).probe(context.signal);
  const nowMs = context.clock.nowMs();
  return {
    place: await placeOf(loaded, context.cwd),
    pool: { snapshot: poolOfMachine(facts, nowMs), file: null, own: false },
    verdict: checkStart(demands, facts, nowMs),
    whatIf: null,
    recorded: { not: '' },
  };
}

/** As `verify` says it, on stderr: what a program prints on stdout is its own. */
function refused(context: CliContext, outcome: VerifyOutcome, args: readonly string[]): CommandResult {
  context.terminal.note(verifyText(outcome, context.terminal.colour, context.clock.nowMs()));
  context.terminal.note(`plimsoll exec: not started: ${args[0] ?? ''}`);
  return { exit: exitStatusOfVerdict(outcome.verdict.verdict), json: verifyJson(outcome), text: '' };
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const;
/** A terminal sends these to every process of the foreground itself. */
const sentByTerminal: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

/** Resolves with the status of the program; 128 and the number of the signal that ended it, as a shell says it. */
async function runChild(args: readonly string[]): Promise<number> {
  const [file = '', ...rest] = args;
  const child = spawn(file, rest, { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => {
    if (!(process.stdin.isTTY && sentByTerminal.has(signal))) child.kill(signal);
  };
  for (const signal of passedOn) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(cannotStart(file, error));
      });
      child.once('exit', (status, signal) => {
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    for (const signal of passedOn) process.off(signal, forward);
  }
}

function nothingToStart(): PlimsollError {
  return new PlimsollError({
    code: 'command-missing',
    category: 'input',
    message: 'no command to start',
    next: nextStep(cliSteps, 'command-missing/exec'),
  });
}

function cannotStart(file: string, error: NodeJS.ErrnoException): PlimsollError {
  return new PlimsollError({
    code: 'command-not-started',
    category: 'input',
    message: `cannot start ${file} (${error.code ?? error.message})`,
    next: `which ${file}`,
    cause: error,
  });
}
