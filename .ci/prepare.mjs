// Builds where npm installs from git (`npm install github:...`, pre-commit's own `language: node`): there it runs this script and no other. In a clone, `npm test` and `npm start` build.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const npm = (...args) => execFileSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });

const isPacked = process.env.npm_package_resolved !== undefined;
if (isPacked && !existsSync(join(root, 'dist/.built'))) {
  // What it is built with is missing where the installation is a global one.
  if (!existsSync(join(root, 'node_modules/.bin/tsx'))) npm('ci', '--no-global', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  npm('run', '--silent', 'build');
}
