import tseslint from 'typescript-eslint';

/** Ambient time and randomness are arguments in core (docs/decisions/0002): a rule, because a type cannot say it. */
const pureOnly = [
  { object: 'Date', property: 'now', message: 'core takes nowMs as an argument' },
  { object: 'Math', property: 'random', message: 'core takes a seeded generator as an argument' },
];

/** The object `z` keeps all of zod, 40 languages included, in what is published. */
const zodObject = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
  message: "import * as z from 'zod'",
};

/** An import of node:http evaluates each of its exports, `WebSocket` among them: the whole of Node's own fetch, 14 MB. */
const nodeHttp = [
  {
    selector: "ImportDeclaration[source.value='node:http'][importKind='value']",
    message: "import type, and process.getBuiltinModule('node:http') for values: an import takes 14 MB",
  },
  {
    selector: "CallExpression[callee.property.name='getBuiltinModule']:not([arguments.0.value='node:http'])",
    message: 'import it, so that the layer rules see it',
  },
];

export default tseslint.config(
  {
    ignores: [
      'src/ambient/**',
      'dist/**',
      'dashboard/dist/**',
      'node_modules/**',
      'test/planted/**',
      '.plimsoll/**',
      'examples/**/.plimsoll/**',
    ],
  },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './dashboard/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', zodObject],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/testing/**', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', zodObject, ...nodeHttp] },
  },
  {
    files: ['src/core/**/*.ts', 'src/protocols/**/*.ts', 'src/formats/**/*.ts', 'src/schemas/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...pureOnly],
      'no-restricted-syntax': [
        'error',
        zodObject,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'takes nowMs as an argument' },
      ],
    },
  },
  { files: ['bench/**', 'scripts/**', 'examples/**', 'test/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.test.ts', 'src/testing/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
