import { fullMessage, type Finding, type Report } from './report.ts';

/** SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code scanning reads it. */
export function sarifOf(report: Report): string {
  const found = report.findings.filter(({ level }) => level !== 'pass');
  const rules = [...new Set(found.map(({ rule }) => rule))].sort();
  const driver = {
    name: `plimsoll ${report.title}`,
    semanticVersion: report.toolVersion,
    rules: rules.map((id) => ({ id })),
  };
  const results = found.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    level: finding.level === 'advice' ? 'note' : finding.level,
    message: { text: fullMessage(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(finding.file), uriBaseId: '%SRCROOT%' },
          region: { startLine: finding.line, startColumn: finding.column },
        },
      },
    ],
    ...suppressions(finding),
    ...properties(finding),
  }));
  const run = { tool: { driver }, columnKind: 'unicodeCodePoints', results };
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  return JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, null, 2);
}

/** An error that a waiver lets through, in SARIF's own words (section 3.35): it stands outside the sources, and was accepted. */
function suppressions({ waived }: Finding): { readonly suppressions?: readonly object[] } {
  if (waived === undefined) return {};
  return { suppressions: [{ kind: 'external', status: 'accepted', justification: waived }] };
}

/** What the finding rests on goes into the property bag (section 3.8), because SARIF has no member for it. */
function properties({ source, facts }: Finding): { readonly properties?: object } {
  if (source === undefined && facts === undefined) return {};
  return { properties: { ...(source === undefined ? {} : { source }), ...(facts === undefined ? {} : { facts }) } };
}
