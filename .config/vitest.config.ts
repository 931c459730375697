import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');

export default defineConfig({
  resolve: { alias: { 'tenantlint/editor': join(root, 'src/editor/index.ts'), 'eslint-plugin-tenantlint': join(root, 'eslint-plugin/src/index.ts') } },
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
