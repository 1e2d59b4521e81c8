import { globSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What reads, describes or tells a contract acts on no key of it. */
const tells =
  /\.test\.ts$|^src\/(?:testing|schemas|core\/contract-keys|core\/readiness|cli\/(?:explain|verify|init))\/|-text\.ts$|^src\/core\/contract\/(?:contract|defaults|contradictions)\.ts$/;
/** Nothing of the product, or rows of tables, which know no contract and take long to read. */
const left = /\.test\.ts$|^src\/testing\/|\/tables\//;
const contractFile = 'src/core/contract/contract.ts';

/** A type that a part of the contract is handed over as: its members stand for those of the same name. */
export interface HandedOver {
  readonly file: string;
  readonly type: string;
}

/**
 * Returns each property that the type `Contract` reaches, as a path, with the first place of the product that reads it; null
 * where none does. `handedOver` names further types by path.
 */
export function findContractReads(
  handedOver: Readonly<Record<string, HandedOver>>,
): ReadonlyMap<string, string | null> {
  const files = globSync('src/**/*.ts').filter((file) => !left.test(file));
  const program = openSources(files);
  const checker = program.getTypeChecker();
  const declared = (file: string, name: string): ts.Type => {
    const source = program.getSourceFile(path.resolve(file));
    const module = source && checker.getSymbolAtLocation(source);
    const found = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
    if (found === undefined) throw new Error(`${file} exports no type ${name}`);
    return checker.getDeclaredTypeOfSymbol(found);
  };
  const pathsOf = new Map<ts.Declaration, string[]>();
  const walk = (given: ts.Type, at: string, seen = new Set<ts.Declaration>()): void => {
    const type = checker.getNonNullableType(given);
    if (type.isUnion()) for (const one of type.types) walk(one, at, seen);
    if (type.isUnion() || (type.flags & ts.TypeFlags.Object) === 0) return;
    if (checker.isArrayType(type)) {
      for (const item of checker.getTypeArguments(type as ts.TypeReference)) walk(item, `${at}[]`, seen);
      return;
    }
    for (const { type: member } of checker.getIndexInfosOfType(type)) walk(member, `${at}.<name>`, seen);
    for (const property of checker.getPropertiesOfType(type)) {
      const declaration = property.valueDeclaration;
      if (declaration === undefined || seen.has(declaration) || !isOurs(declaration.getSourceFile())) continue;
      const below = at === '' ? property.name : `${at}.${property.name}`;
      seen.add(declaration);
      pathsOf.set(declaration, [...(pathsOf.get(declaration) ?? []), below]);
      walk(checker.getTypeOfSymbol(property), below, seen);
    }
  };
  walk(declared(contractFile, 'Contract'), '');
  for (const [at, { file, type }] of Object.entries(handedOver)) walk(declared(file, type), at);

  const reads = new Map<string, string | null>([...pathsOf.values()].flat().map((at) => [at, null]));
  const awaited = new Map<string, Set<string>>();
  for (const at of reads.keys()) {
    const name = at.slice(at.lastIndexOf('.') + 1);
    awaited.set(name, (awaited.get(name) ?? new Set()).add(at));
  }
  const visit = (node: ts.Node, file: string): void => {
    if (ts.isIdentifier(node) && (awaited.get(node.text)?.size ?? 0) > 0) {
      for (const at of readBy(node, checker).flatMap((declaration) => pathsOf.get(declaration) ?? [])) {
        if (reads.get(at) === null) reads.set(at, file);
        awaited.get(node.text)?.delete(at);
      }
    }
    ts.forEachChild(node, (child) => {
      visit(child, file);
    });
  };
  for (const file of files) {
    const source = tells.test(file) ? undefined : program.getSourceFile(path.resolve(file));
    if (source !== undefined) visit(source, file);
  }
  return reads;
}

const isOurs = ({ fileName }: ts.SourceFile): boolean => !fileName.includes('node_modules');

/** Without packages: they declare nothing of a contract, and reading them takes most of the time. */
function openSources(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts'],
    module: ts.ModuleKind.ESNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) => ({
      resolvedModule:
        text.startsWith('.') && text.endsWith('.ts') && !text.includes('/tables/')
          ? { resolvedFileName: path.resolve(path.dirname(from), text), extension: ts.Extension.Ts }
          : undefined,
    }));
  return ts.createProgram({ rootNames: files.map((file) => path.resolve(file)), options, host });
}

/** The declarations of the property that an identifier reads. */
function readBy(node: ts.Identifier, checker: ts.TypeChecker): readonly ts.Declaration[] {
  const { parent } = node;
  const declarations = (symbol: ts.Symbol | undefined): readonly ts.Declaration[] =>
    symbol === undefined ? [] : checker.getRootSymbols(symbol).flatMap((root) => root.declarations ?? []);
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return declarations(checker.getSymbolAtLocation(node));
  }
  const isBound =
    ts.isBindingElement(parent) &&
    ts.isObjectBindingPattern(parent.parent) &&
    (parent.propertyName ?? parent.name) === node;
  if (!isBound) return [];
  const type = checker.getNonNullableType(checker.getTypeAtLocation(parent.parent));
  const kinds = type.isUnion() ? type.types : [type];
  return kinds.flatMap((kind) => declarations(checker.getPropertyOfType(kind, node.text)));
}
