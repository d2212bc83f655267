import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { readdirSync } from 'node:fs';

const apps = readdirSync(new URL('apps', import.meta.url));

/** Who may depend on whom. This is the only statement of it; documents link here. */
const depConstraints = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:contract'] },
  { sourceTag: 'type:contract', onlyDependOnLibsWithTags: ['type:contract'] },
  {
    sourceTag: 'type:infra',
    onlyDependOnLibsWithTags: ['type:contract', 'lib:egress', 'lib:genesys', 'lib:lake', 'lib:telemetry'],
  },
  {
    sourceTag: 'type:tool',
    onlyDependOnLibsWithTags: ['type:tool', 'type:lib', 'type:contract', 'type:infra'],
  },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:tool', 'type:lib', 'type:contract'] },
  { sourceTag: 'lib:leaf', onlyDependOnLibsWithTags: ['type:contract'] },
  { sourceTag: 'lib:secrets', onlyDependOnLibsWithTags: ['lib:aws-json'] },
  { sourceTag: 'lib:idempotency', onlyDependOnLibsWithTags: ['lib:aws-json'] },
  { sourceTag: 'lib:facts', onlyDependOnLibsWithTags: ['lib:aws-json', 'type:contract'] },
  { sourceTag: 'lib:oauth', onlyDependOnLibsWithTags: ['lib:secrets', 'type:contract'] },
  { sourceTag: 'lib:genesys', onlyDependOnLibsWithTags: ['lib:oauth', 'type:contract'] },
  { sourceTag: 'lib:queue', onlyDependOnLibsWithTags: ['lib:signing', 'lib:aws-json', 'type:contract'] },
  {
    sourceTag: 'lib:circuit-breaker',
    // Where a circuit is told of, and where that goes which it holds for too long.
    onlyDependOnLibsWithTags: [
      'lib:aws-json',
      'lib:environment',
      'lib:facts',
      'lib:queue',
      'lib:secrets',
      'lib:set-aside',
      'lib:signing',
      'type:contract',
    ],
  },
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  ...apps.map((app) => ({
    sourceTag: `scope:${app}`,
    onlyDependOnLibsWithTags: [`scope:${app}`, 'scope:shared'],
  })),
];

/** One program for a whole run; a project alone needs no more than its own. */
const types =
  process.cwd() === import.meta.dirname ? { project: './tools/tsconfig.json' } : { projectService: true };

const boundaries = (allow) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    { allow, depConstraints, checkDynamicDependenciesExceptions: ['.*'] },
  ],
});

const noMocks = {
  selector: "MemberExpression[object.name='jest'][property.name=/^(mock|doMock|unstable_mockModule|spyOn)$/]",
  message: 'Pass a fake in instead: no module is patched here.',
};
const noExportAll = { selector: 'ExportAllDeclaration', message: 'Name what a lib exports.' };
const noEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only main.ts reads the environment; everything else gets a Config.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/node_modules',
      '**/generated',
      '.nx',
      '.aftercall',
      '**/test-results*.json',
      'infra/cdktf.out',
    ],
  },
  ...nx.configs['flat/base'],
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { ...types, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...boundaries([]),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // There is no `this` in this repository: a dependency is a function, wherever it is taken from.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-param-reassign': 'error',
      'no-restricted-syntax': ['error', noMocks, noExportAll],
    },
  },
  {
    // What is deployed: the architecture of style and size.
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*-contract.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['apps/*/src/main.ts', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', noMocks, noExportAll, noEnv] },
  },
  {
    // The SDK is touched by adapters and entries only; an adapter's first word is the service it talks to, or the SDK.
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: [
      'apps/*/src/main.ts',
      '**/*.test.ts',
      '**/{dynamodb,eventbridge,http,s3,sdk,secretsmanager,sqs,ssm}-*.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@aws-sdk/*', '@smithy/*'], message: 'The SDK belongs in an adapter or in main.ts.' },
          ],
        },
      ],
    },
  },
  { files: ['infra/**/*.ts'], rules: boundaries(['^@aftercall/[a-z-]+/config$']) },
  // The other side of such a test; nothing of it gets into a bundle.
  { files: ['apps/**/*.int.test.ts'], rules: boundaries(['^@aftercall/genesys-simulator$']) },
  {
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
