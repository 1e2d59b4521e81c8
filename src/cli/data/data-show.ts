import { shortDigest } from '../../core/units/digest.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { profileJson, profileRows } from './data-profile-text.ts';
import { columnRows } from './data-text.ts';
import { ownerJson, ownerText } from '../terminal/ownership-text.ts';
import { timeText } from '../terminal/time-text.ts';
import { resolveData } from '../../prove/artifacts/registry-reference.ts';
import { storedProfile } from '../../prove/artifacts/stored-profile.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const filesShown = 20;

export async function runDataList(context: CliContext): Promise<CommandResult> {
  const environment = await context.environment();
  const store = await context.store();
  const names = await store.dataNames(environment);
  const versions = (await Promise.all(names.map((name) => store.dataVersions(environment, name)))).flat();
  if (versions.length === 0) {
    return {
      exit: 0,
      json: { environment, versions },
      text: `no data in ${environment}\nnext: plimsoll data add FILE --name NAME`,
    };
  }
  const owned = new Map(
    await Promise.all(
      names.map(async (name) => [name, await store.artifactClaims(environment, 'data', name)] as const),
    ),
  );
  const rows = versions.map(({ name, version, rows: count, files, digest, createdAtMs }) => [
    name,
    String(version),
    count.toLocaleString('en-US'),
    formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
    shortDigest(digest),
    timeText(createdAtMs),
    ownerText(owned.get(name) ?? []),
  ]);
  const header = ['NAME', 'VERSION', 'ROWS', 'SIZE', 'SHA256', 'ADDED', 'OWNER'];
  const owners = [...owned].map(([name, claims]) => ({ name, ...ownerJson(claims) }));
  return { exit: 0, json: { environment, versions, owners }, text: textOfLines(alignedTable([header, ...rows])) };
}

export async function runDataShow(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [reference = ''] = args;
  const environment = await context.environment();
  const store = await context.store();
  const version = await resolveData(store, environment, reference);
  const versions = (await store.dataVersions(environment, version.name)).map((one) => one.version);
  const claims = await store.artifactClaims(environment, 'data', version.name);
  const profile = await storedProfile(context, version);
  const rows = [
    ['digest', version.digest],
    ['rows', version.rows.toLocaleString('en-US')],
    ...columnRows(version),
    ...version.files.slice(0, filesShown).map(({ path, bytes, digest }) => ['file', path, formatBytes(bytes), digest]),
    ...(version.files.length > filesShown ? [['', `and ${version.files.length - filesShown} more`]] : []),
    ...(version.source === undefined ? [] : [['source', version.source]]),
    ['owner', ownerText(claims)],
    ['added', `${timeText(version.createdAtMs)} by ${version.createdBy}`],
  ];
  const text = textOfLines([
    `${version.name} version ${version.version} of ${versions.length} in ${environment}`,
    ...alignedTable(rows, '  '),
    ...(profile === null ? [] : alignedTable(profileRows(profile), '  ')),
  ]);
  return {
    exit: 0,
    json: { version, versions, ...ownerJson(claims), profile: profile === null ? null : profileJson(profile) },
    text,
  };
}
