import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type TypeScript from 'typescript';
import { UsageError, errorMessage } from '../errors.js';
import { modules } from '../import.js';
import { defineConfig } from './define.js';

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts']);

/**
 * Runs a config written in TypeScript or JavaScript and returns its default export.
 * @param file absolute path
 * @param name the file's name in messages
 * @throws UsageError when it cannot be run or exports nothing
 */
export async function loadCode(file: string, name: string): Promise<unknown> {
  if (TYPESCRIPT.has(extname(file))) return loadCodeNow(file, name);
  try {
    return required(await defaultExport(await runJavaScript(file)), name);
  } catch (error) {
    throw notLoaded(error, name);
  }
}

/**
 * The same without waiting, as ESLint needs it: JavaScript is transpiled in memory as well, and may not await at its top.
 * @param file absolute path
 * @param name the file's name in messages
 * @throws UsageError when it cannot be run or exports nothing
 */
export function loadCodeNow(file: string, name: string): unknown {
  try {
    return required(defaultExport(runTypeScript(file)), name);
  } catch (error) {
    throw notLoaded(error, name);
  }
}

function notLoaded(error: unknown, name: string): UsageError {
  return error instanceof UsageError ? error : new UsageError(`${name}: cannot be loaded: ${errorMessage(error)}`);
}

function required(exported: unknown, name: string): unknown {
  if (exported === undefined) throw new UsageError(`${name}: must export the config as its default export`);
  return exported;
}

function defaultExport(module: unknown): unknown {
  const outer = (module as { default?: unknown }).default;
  // A CommonJS module with __esModule, imported as a default export, has the config one level deeper.
  const isWrapped = typeof outer === 'object' && outer !== null && '__esModule' in outer && 'default' in outer;
  return isWrapped ? (outer as { default: unknown }).default : outer;
}

async function runJavaScript(file: string): Promise<unknown> {
  try {
    // The time of the last change in the address lets a long-lived process see an edited config.
    return await modules.import(`${pathToFileURL(file).href}?changed=${statSync(file).mtimeMs}`);
  } catch (error) {
    // Run through npx, the package is not installed beside the config that imports defineConfig from it.
    const isOwnPackage = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' && /'tenantlint'/.test(errorMessage(error));
    if (isOwnPackage) return runTypeScript(file);
    throw error;
  }
}

/** Transpiles in memory, with the modules it imports from its own project, so that no file is left behind. */
function runTypeScript(file: string): unknown {
  const ts = createRequire(import.meta.url)('typescript') as typeof TypeScript;
  const loaded = new Map<string, { exports: unknown }>();
  const run = (path: string): unknown => {
    const known = loaded.get(path);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    loaded.set(path, module);
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      // .mts and .mjs would be kept as ES modules.
      fileName: path.replace(/\.[cm]?[jt]s$/, '.ts'),
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true, verbatimModuleSyntax: false },
    });
    const requireInstalled = createRequire(path);
    const require = (specifier: string): unknown => {
      if (specifier === 'tenantlint') return { __esModule: true, defineConfig };
      const own = specifier.startsWith('.') ? typescriptFile(resolve(dirname(path), specifier)) : undefined;
      return own ? run(own) : requireInstalled(specifier);
    };
    compileFunction(outputText, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: path })(
      module.exports, require, module, path, dirname(path));
    return module.exports;
  };
  return run(file);
}

function typescriptFile(path: string): string | undefined {
  const bare = path.replace(/\.([cm]?)js$/, '.$1ts');
  const candidates = [path, bare, `${path}.ts`, `${path}.mts`, join(path, 'index.ts')];
  return candidates.find((candidate) => TYPESCRIPT.has(extname(candidate)) && existsSync(candidate));
}
