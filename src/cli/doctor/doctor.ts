import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { answerReadiness, countGaps, tooManyGaps, tooManyGapsSentence } from '../../core/readiness/answers.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import { findWarmPoolProblem } from '../../core/fleet/environment/warm-pool-place.ts';
import type { EnvironmentSection } from '../../core/contract/contract.ts';
import { withWatchedEvidence } from '../../core/evidence/watched-evidence.ts';
import { undoLeftovers } from '../../prove/diagnosis/undo-leftovers.ts';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import type { CliContext } from '../context.ts';
import type { CliCommand } from '../command.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { textOfLines } from '../terminal/table.ts';

export const command: CliCommand = {
  configure: () => undefined,
  examples: [
    ['plimsoll doctor', 'answers the six readiness questions of the service from its contract and evidence'],
    ['plimsoll doctor --environment prod --json', 'the same of one environment, for a program'],
  ],
  run: async (context) => {
    const [project, environment] = [await context.project(), await context.environment()];
    const { contract } = await project.contract();
    const here = await judgeCheckout(project, environment, context.clock.nowMs());
    const evidence = withWatchedEvidence(here, await watchedEvidence(context, contract.service, environment));
    const answers = answerReadiness(contract, evidence);
    const gaps = countGaps(answers);
    const conclusion = conclude(gaps, contract.service);
    const rights = (await context.fleet().catch(() => null))?.rights ?? null;
    const undone = await undoLeftovers(await context.undoPorts());
    const warnings = await findWarnings(context, environment, contract.environments[environment] ?? null);
    return {
      exit: gaps >= tooManyGaps ? 1 : 0,
      json: { service: contract.service, environment, answers, gaps, conclusion, warnings, undone, rights },
      text: [
        ...undone.map(({ text }) => `${text}\n`),
        textOf({
          answers,
          subject: `${contract.service} in ${environment}`,
          notes: [
            ...(rights === null ? [] : [rightsText(rights)]),
            ...warnings.map((warning) => `warning: ${warning}`),
          ],
          conclusion,
          colour: context.terminal.colour,
        }),
      ].join('\n'),
    };
  },
};

/** What a control plane that runs says of it; nothing where none does, or it does not know the service. */
async function watchedEvidence(context: CliContext, service: string, environment: string) {
  if ((await context.controlPlane().catch(() => null)) === null) return [];
  const asked = context.operations().then((operations) => operations.evidence(service, environment));
  return asked.catch(() => []);
}

/** What the record of the environment asks for and its platform does not do. A record that cannot be read is another command's business. */
async function findWarnings(
  context: CliContext,
  environment: string,
  contract: Pick<EnvironmentSection, 'platform'> | null,
): Promise<readonly string[]> {
  if ((await context.controlPlane().catch(() => null)) === null) return [];
  const records = await context
    .operations()
    .then((operations) => operations.environmentRecords())
    .catch(() => []);
  const { warmPool = 0, platform } = records.find((each) => each.environment === environment) ?? {};
  const problem = findWarmPoolProblem(environment, warmPool, { recorded: platform, contract });
  return problem === null ? [] : [problem];
}

function conclude(gaps: number, service: string): string {
  if (gaps === 0) return `${service} answers all six`;
  const counted = gaps === 1 ? '1 gap' : `${gaps} gaps`;
  return gaps >= tooManyGaps ? `${counted}: ${service} is ${tooManyGapsSentence}` : `${counted}`;
}

/** Not one of the six: it is of the machine, and not of the service. */
function rightsText({ runAs, areOwn }: NonNullable<FleetView['rights']>): string {
  const text = `Replicas run as ${runAs}.`;
  return areOwn
    ? `${text} Whoever may release can read all that it can. Root can give them others, by --replica-user.`
    : text;
}

const tones: Readonly<Record<ReadinessAnswer['answer'], Tone>> = { yes: 'good', no: 'bad', 'not-measured': 'warn' };
const words: Readonly<Record<ReadinessAnswer['answer'], string>> = {
  yes: 'yes',
  no: 'no',
  'not-measured': 'not measured',
};

function textOf({
  answers,
  subject,
  notes,
  conclusion,
  colour,
}: {
  readonly answers: readonly ReadinessAnswer[];
  readonly subject: string;
  /** What is to know besides, a line each. */
  readonly notes: readonly string[];
  readonly conclusion: string;
  readonly colour: boolean;
}): string {
  const paint = painter(colour);
  const lines = answers.flatMap(({ text, answer, reason, command: closes }, index) => [
    `${index + 1}  ${paint('strong', text)}`,
    `   ${paint(tones[answer], words[answer])}: ${reason}`,
    ...(closes === undefined ? [] : [`   ${paint('quiet', `next: ${closes}`)}`]),
  ]);
  return textOfLines([subject, '', ...lines, ...(notes.length === 0 ? [] : ['', ...notes]), '', conclusion]);
}
