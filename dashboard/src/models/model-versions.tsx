import type { ReactNode } from 'preact/compat';
import type { ModelVersion } from '../../../src/core/registry/model-version.ts';
import type { TensorSpec } from '../../../src/core/units/tensor.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { AliasEvidence } from './alias-moves.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { counted, formatBytes, formatStepShare, shortDigest } from '../parts/format.ts';
import type { KnownModels } from './known-models.ts';
import { Time } from '../parts/time.tsx';

interface VersionsProps {
  readonly models: KnownModels;
  readonly view: ServiceView;
  readonly opened: number | null;
  readonly onOpen: (version: number | null) => void;
}

export function ModelVersions({ models, view, opened, onOpen }: VersionsProps): ReactNode {
  return (
    <div
      className="scroll-y version-scroll"
      data-open={opened !== null || undefined}
      tabIndex={0}
      role="group"
      aria-label={`Versions of ${models.name}, scrollable`}
    >
      <ol reversed start={models.versions[0]?.version ?? 1}>
        {models.versions.map((version) => (
          <Version
            key={version.version}
            version={version}
            models={models}
            view={view}
            open={version.version === opened}
            onToggle={() => onOpen(version.version === opened ? null : version.version)}
          />
        ))}
      </ol>
    </div>
  );
}

interface VersionProps {
  readonly version: ModelVersion;
  readonly models: KnownModels;
  readonly view: ServiceView;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Version({ version, models, view, open, onToggle }: VersionProps): ReactNode {
  const aliases = Object.keys(models.aliases).filter((alias) => models.aliases[alias] === version.version);
  const bytes = version.files.reduce((sum, file) => sum + file.bytes, 0);
  const serving = servingOf(version, view);
  return (
    <li className="version">
      <button type="button" className="version-line" aria-expanded={open} onClick={onToggle}>
        <span className="version-number">
          <span className="unseen">version </span>
          {version.version}
        </span>
        <span className="version-where">
          {serving === null ? null : <span className={`state state-${serving.state}`}>{serving.words}</span>}
          {aliases.map((alias) => (
            <span className="flag flag-plain" key={alias}>
              {alias}
            </span>
          ))}
        </span>
        <code>{shortDigest(version.digest)}</code>
        <span className="version-form">
          {version.format}, {formatBytes(bytes)}
        </span>
        <span className="version-when">
          <Time atMs={version.createdAtMs} /> by {version.createdBy}
        </span>
      </button>
      {open ? <Opened version={version} models={models} view={view} /> : null}
    </li>
  );
}

interface Serving {
  readonly state: 'live' | 'incoming' | 'warm';
  readonly words: string;
}

/** Where the version serves now, the strongest first; the share where a step divides the traffic. */
export function servingOf(version: Pick<ModelVersion, 'name' | 'version'>, view: ServiceView): Serving | null {
  const own = view.releases.filter(({ model }) => model.name === version.name && model.version === version.version);
  const find = (state: Serving['state']): number | undefined => own.find((release) => release.state === state)?.number;
  const { rollout } = view;
  const [live, incoming, warm] = [find('live'), find('incoming'), find('warm')];
  if (live !== undefined) {
    const share = rollout === undefined || rollout.share === 0 ? '' : `, ${formatStepShare(1 - rollout.share)}`;
    return { state: 'live', words: `live as release ${live}${incoming === undefined ? share : ''}` };
  }
  if (incoming !== undefined) {
    const steps = rollout?.release === incoming;
    const share = !steps ? '' : rollout.share === 0 ? ', shadow' : `, ${formatStepShare(rollout.share)}`;
    return { state: 'incoming', words: `comes in as release ${incoming}${share}` };
  }
  return warm === undefined ? null : { state: 'warm', words: `kept warm as release ${warm}` };
}

function Opened({ version, models, view }: Omit<VersionProps, 'open' | 'onToggle'>): ReactNode {
  const { lineage, signature, files } = version;
  const releases = view.releases.filter(
    ({ model }) => model.name === version.name && model.version === version.version,
  );
  const moved = models.moves.filter(({ to }) => to === version.version);
  return (
    <div className="version-open">
      <dl>
        <Fact name="digest">
          <span className="command">
            <code>{version.digest}</code>
            <CopyButton text={version.digest} what={`the digest of version ${version.version}`} />
          </span>
        </Fact>
        <Fact name="trained on">
          {lineage.trainedOn === undefined ? (
            'not known'
          ) : (
            <>
              {lineage.trainedOn.data}{' '}
              <code title={lineage.trainedOn.digest}>{shortDigest(lineage.trainedOn.digest)}</code>
            </>
          )}
        </Fact>
        <Fact name="came from">
          {lineage.parent === undefined ? 'no version before it is named' : `version ${lineage.parent}`}
          {lineage.source === undefined ? null : <>, fetched from {lineage.source}</>}
        </Fact>
        <Fact name="preprocessing">
          {lineage.preprocessing === undefined ? (
            'not known'
          ) : (
            <>
              code <code title={lineage.preprocessing}>{shortDigest(lineage.preprocessing)}</code>
            </>
          )}
        </Fact>
        <Fact name="signature">{signature === null ? 'its format tells none' : signatureWords(signature)}</Fact>
        <Fact name="files">
          {counted(files.length, 'file')}:{' '}
          {files
            .slice(0, 3)
            .map(({ path }) => path)
            .join(', ')}
          {files.length > 3 ? ` and ${files.length - 3} more` : ''}
        </Fact>
        {lineage.allowedPickle === undefined ? null : (
          <Fact name="pickled">{lineage.allowedPickle.join(', ')}: loading them runs whatever program they hold</Fact>
        )}
        {lineage.note === undefined ? null : <Fact name="note">{lineage.note}</Fact>}
        <Fact name="released as">
          {releases.length === 0
            ? 'no release of this service'
            : releases.map(({ number, state }) => `${number} (${state})`).join(', ')}
        </Fact>
        <Fact name="evidence">
          {moved.length === 0
            ? 'no alias was moved to it'
            : moved.map((move) => (
                <div key={move.atMs + move.alias}>
                  {move.alias}, <Time atMs={move.atMs} />: <AliasEvidence move={move} />
                </div>
              ))}
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function signatureWords({ inputs, outputs }: NonNullable<ModelVersion['signature']>): string {
  const words = (specs: readonly TensorSpec[]): string =>
    specs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(', ')}]`).join(', ');
  return `${words(inputs)} → ${words(outputs)}`;
}
