import type { ReactNode } from 'preact/compat';

interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** Right of the title: a count, a legend, a control. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** One part of the page: a landmark named by its heading. */
export function Section({ id, title, aside, children }: SectionProps): ReactNode {
  return (
    <section className={`part part-${id}`} id={id} aria-labelledby={`${id}-title`}>
      <div className="part-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside === undefined ? null : <div className="part-aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** What a part shows while there is nothing to show: what that means, and what would change it. */
export function Empty({
  children,
  command,
}: {
  readonly children: ReactNode;
  readonly command?: ReactNode;
}): ReactNode {
  return (
    <div className="empty">
      <p>{children}</p>
      {command}
    </div>
  );
}
