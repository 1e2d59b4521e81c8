import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { waivedKinds, waivedMarks } from '../../core/evidence/lock/waived-marks.ts';
import { chooseCurrentAsks } from '../../core/rollout/release-ask.ts';
import { codeName, releaseCause } from '../../core/rollout/release-words.ts';
import { eventFamilies, eventKinds } from '../../core/records/event-kinds.ts';
import { nearest } from '../../core/units/nearest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import type { ReleaseSummary } from '../../schemas/view/view.ts';
import type { CliCommand } from '../command.ts';
import { configureAnchor, configureVerify, runHistoryAnchor, runHistoryVerify } from './history-verify.ts';
import { askText } from '../follow/ask-text.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

const eventsShown = 30;

export const command: CliCommand = {
  configure(history) {
    const command = history.command('show', { isDefault: true }).description('every release, and the newest events');
    configureVerify(history.command('verify'));
    configureAnchor(history.command('anchor'));
    command.option('--last <count>', `how many events to show (default: ${eventsShown})`);
    command.option('--kind <prefix>', 'only events of this kind: release, replica, routing, bar, gateway, ...');
  },
  examples: [
    ['plimsoll history', 'every release, and the newest events: who, when and why'],
    ['plimsoll history --last 200 --kind replica', 'what happened to replicas'],
    ['plimsoll history --kind access', 'requests that were refused, of every service: who, from where, for what'],
    ['plimsoll history verify --anchor /var/log/plimsoll.anchors', 'was an event changed, removed or moved?'],
    ['plimsoll history anchor --anchor /var/log/plimsoll.anchors', 'keep the newest hash outside of the store'],
    ['plimsoll history anchor --anchor syslog:', 'the same in the log of this machine'],
    ['plimsoll history verify --anchor syslog:/var/log/syslog', 'held against the anchors among its lines'],
    ['plimsoll history verify --anchor oci://registry.example/audit/plimsoll', 'held against those in a registry'],
  ],
  async run(context, input) {
    const { options } = input;
    if (input.path[0] === 'verify') return runHistoryVerify(context, input);
    if (input.path[0] === 'anchor') return runHistoryAnchor(context, input);
    const kindPrefix = kindPrefixOf(options['kind']);
    const { contract } = await (await context.project()).contract();
    const scope = { service: contract.service, environment: await context.environment() };
    const operations = await context.operations();
    const [releases, view, events] = [
      await operations.releases(scope.service, scope.environment),
      await operations.view(scope.service, scope.environment),
      await operations.events({
        // Who tried what they may not do is often of no service.
        ...(kindPrefix?.startsWith('access') === true ? {} : scope),
        last: countOf(options['last']),
        ...(kindPrefix === null ? {} : { kindPrefix }),
      }),
    ];
    const states = new Map(view.releases.map((release) => [release.number, release]));
    const paint = painter(context.terminal.colour);
    const text = [
      ...chooseCurrentAsks(view.asks).map((ask) => paint('warn', askText(ask))),
      ...(releases.length === 0
        ? [`nothing was released in ${scope.environment} yet; next: plimsoll release`]
        : alignedTable([
            ['release', 'state', 'model', 'code', 'when (UTC)', 'by', 'why'].map((word) => paint('quiet', word)),
            ...[...releases].reverse().map((release) => [
              String(release.number),
              states.get(release.number)?.state ?? 'retired',
              `${release.model.name}:${release.model.version}`,
              codeName(release),
              utcText(release.createdAtMs),
              release.createdBy,
              whyText(
                releaseCause(release),
                states.get(release.number),
                waivedMarks(waivedKinds(release.waivers)).map(({ text, failing }) =>
                  failing ? paint('bad', text) : text,
                ),
              ),
            ]),
          ])),
      '',
      ...alignedTable(events.map(eventRow)),
    ].join('\n');
    return { exit: 0, json: { releases, asks: view.asks ?? [], events }, text: text.trimEnd() };
  },
};

function whyText(cause: string, summary: ReleaseSummary | undefined, waived: readonly string[]): string {
  return [cause, ...(summary?.unprovenPair === true && cause !== 'release' ? ['unproven pair'] : []), ...waived].join(
    '; ',
  );
}

function eventRow(event: StoredEvent): readonly string[] {
  const { atMs, kind, by, summary } = event;
  return [utcText(atMs), kind, by, `${summary}${nextText(event)}`];
}

/** A refusal names the command that comes next, which its summary does not. */
function nextText(event: StoredEvent): string {
  if (event.kind !== 'release.refused') return '';
  const refusals = event.data.refusals as readonly { readonly next?: unknown }[];
  const further = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : '';
  const next = refusals[0]?.next;
  return `${further}${typeof next === 'string' ? `; next: ${next}` : ''}`;
}

/** A prefix that no kind begins with would show nothing, as if nothing had happened. */
function kindPrefixOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (eventKinds.some((kind) => kind.startsWith(value))) return value;
  const meant = nearest(value, [...eventFamilies, ...eventKinds]);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--kind ${value}: no event is of such a kind${meant === null ? '' : `; did you mean ${meant}?`}`,
    next: `one of ${eventFamilies.join(', ')}`,
  });
}

function countOf(value: unknown): number {
  if (value === undefined) return eventsShown;
  if (typeof value === 'string' && /^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--last is a number from 1 to 9999, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/history-help'),
  });
}
