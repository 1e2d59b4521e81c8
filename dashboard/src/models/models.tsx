import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { AliasMoves } from './alias-moves.tsx';
import { feed } from '../live/browser.ts';
import { Command } from '../parts/copy.tsx';
import { counted } from '../parts/format.ts';
import type { KnownModels } from './known-models.ts';
import { Lineage } from './lineage.tsx';
import { ModelVersions } from './model-versions.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { useLive } from '../live/use-live.ts';

/** What the registry holds: versions, where they serve, how the aliases moved and why, and where all of it came from. */
export function Models({ view }: { readonly view: ServiceView }): ReactNode {
  const models = useLive((live) => live.models);
  const [opened, setOpened] = useState<{ readonly name: string; readonly version: number } | null>(null);
  if (models === null) {
    return (
      <Section id="models" title="Models">
        <Empty command={<Command text="plimsoll model add FILE --name NAME" />}>
          No model is registered here yet. Each version that is added stays, with where it came from.
        </Empty>
      </Section>
    );
  }
  const version = opened?.name === models.name ? opened.version : null;
  return (
    <Section id="models" title="Models" aside={<Which models={models} />}>
      <div className="model-lists">
        <ModelVersions
          models={models}
          view={view}
          opened={version}
          onOpen={(next) => setOpened(next === null ? null : { name: models.name, version: next })}
        />
        <AliasMoves moves={models.moves} />
      </div>
      <Lineage key={models.name} models={models} version={version} />
    </Section>
  );
}

function Which({ models }: { readonly models: KnownModels }): ReactNode {
  const { names, name, versions } = models;
  return (
    <>
      {names.length === 1 ? (
        <span>{name}</span>
      ) : (
        <label>
          <span className="unseen">Model to show</span>
          <select value={name} onChange={(event) => void feed.chooseModel(event.currentTarget.value)}>
            {names.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <span className="which-count">
        {counted(versions.length, 'version')}
        <span className="wide">, newest first</span>
      </span>
    </>
  );
}
