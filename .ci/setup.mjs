// Makes a fresh clone ready: installs the locked dependencies and builds, each only when needed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
function npm(...args) {
  try {
    execFileSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  } catch {
    console.error(`Setting up failed: npm ${args.join(' ')} (see above).`);
    process.exit(1);
  }
}
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newest(folder) {
  return Math.max(0, ...readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !(folder === 'rules' && entry.name === 'index.ts'))
    .map((entry) => modified(join(entry.parentPath ?? entry.path, entry.name))));
}

const installed = modified(join(root, 'node_modules/.package-lock.json'));
if (installed < modified(join(root, 'package-lock.json'))) npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
if (modified(join(root, 'dist/.built')) < Math.max(newest('src'), newest('rules'), newest('eslint-plugin/src'))) npm('run', '--silent', 'build');
