import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'rules/index.ts', 'fixtures/**', 'node_modules/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
      // One flat switch over the kinds of a node is one decision.
      complexity: ['warn', { max: 30, variant: 'modified' }],
    },
  },
);
