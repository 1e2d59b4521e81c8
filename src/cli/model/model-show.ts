import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { ownerJson, ownerText } from '../terminal/ownership-text.ts';
import { moveRows, signatureRows, versionRows } from './model-text.ts';
import { timeText } from '../terminal/time-text.ts';
import { resolveModel } from '../../prove/artifacts/registry-reference.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

/** Moves of aliases that the text shows; `--json` has all. */
const movesShown = 20;

export async function runModelList(context: CliContext): Promise<CommandResult> {
  const environment = await context.environment();
  const store = await context.store();
  const models = await Promise.all(
    (await store.modelNames(environment)).map(async (name) => ({
      name,
      claims: await store.artifactClaims(environment, 'model', name),
      aliases: await store.aliases(environment, name),
      versions: await store.modelVersions(environment, name),
    })),
  );
  if (models.length === 0) {
    return {
      exit: 0,
      json: { environment, models },
      text: `no models in ${environment}\nnext: plimsoll model add FILE --name NAME`,
    };
  }
  const rows = models.flatMap(({ name, claims, aliases, versions }) =>
    versions.map(({ version, format, files, digest, createdAtMs }) => [
      name,
      String(version),
      format,
      formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
      shortDigest(digest),
      timeText(createdAtMs),
      ownerText(claims),
      aliasesOf(aliases, version).join(', '),
    ]),
  );
  const header = ['NAME', 'VERSION', 'FORMAT', 'SIZE', 'SHA256', 'ADDED', 'OWNER', 'ALIASES'];
  const json = models.map(({ claims, ...model }) => ({ ...model, ...ownerJson(claims) }));
  return { exit: 0, json: { environment, models: json }, text: textOfLines(alignedTable([header, ...rows])) };
}

export async function runModelShow(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [reference = ''] = args;
  const environment = await context.environment();
  const store = await context.store();
  const version = await resolveModel(store, environment, reference);
  const aliases = await store.aliases(environment, version.name);
  const history = await store.aliasHistory(environment, version.name);
  const versions = (await store.modelVersions(environment, version.name)).map((one) => one.version);
  const claims = await store.artifactClaims(environment, 'model', version.name);
  const text = textOfLines([
    `${version.name} version ${version.version} of ${versions.length} in ${environment}`,
    ...alignedTable(
      [
        ...signatureRows(version),
        ...versionRows(version, aliasesOf(aliases, version.version)),
        ['owner', ownerText(claims)],
      ],
      '  ',
    ),
    ...(history.length === 0 ? [] : ['aliases moved']),
    ...alignedTable(moveRows(history.slice(-movesShown)), '  '),
  ]);
  return { exit: 0, json: { version, versions, aliases, history, ...ownerJson(claims) }, text };
}

function aliasesOf(aliases: Readonly<Record<string, number>>, version: number): readonly string[] {
  return Object.entries(aliases).flatMap(([alias, at]) => (at === version ? [alias] : []));
}
