import { Random } from '../oracle/random.js';
import type { Seed } from './corpus.js';
import { generateFile } from './generate.js';
import { fuzzLanguage, type FuzzLanguage } from './hostile.js';
import { mutateBytes, mutateJson, mutateText } from './mutate.js';

/** One thing to try: a project, and the files of it that are not as they were. */
export interface Input {
  readonly index: number;
  readonly seed: Seed;
  readonly changed: ReadonlyMap<string, string | Buffer>;
  readonly kind: string;
}

/** How often one of the large projects is taken. */
const LARGE = 0.008;
const BASELINE = 'tenantlint-baseline.json';
const BASE_OF_BASELINE = { version: 1, findings: [{ ruleId: 'require-tenant-scope', file: 'src/case.ts', message: 'm', fingerprint: 'a:b:1' }] };

/** Seeds, and the texts of all of them by language: what mutations take pieces from. */
export class Inputs {
  private readonly donors = new Map<FuzzLanguage, string[]>();
  private readonly large: readonly Seed[];
  private readonly small: readonly Seed[];

  constructor(private readonly run: number, seeds: readonly Seed[]) {
    this.large = seeds.filter(({ isLarge }) => isLarge);
    this.small = seeds.filter(({ isLarge }) => !isLarge);
    for (const { files } of seeds) {
      for (const [path, text] of files) {
        const language = fuzzLanguage(path);
        this.donors.set(language, [...this.donors.get(language) ?? [], text]);
      }
    }
  }

  /** The input of a number: the same for the same seed of the run, whatever was tried before it. */
  at(index: number): Input {
    const random = new Random(Math.imul(this.run + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    random.next();
    const seed = random.pick(random.chance(LARGE) ? this.large : this.small);
    const make = random.weighted<() => [string, Map<string, string | Buffer>]>([
      [12, () => ['tokens', this.mutated(seed, random, 'tokens')]], [4, () => ['bytes', this.mutated(seed, random, 'bytes')]],
      [4, () => ['generated', new Map(generateFile(random).map(({ path, text }) => [path, text]))]], [2, () => ['generated, mutated', this.generatedMutated(random)]],
      [1, () => ['config', new Map([['tenantlint.config.json', this.json(seed.files.get('tenantlint.config.json') ?? '{ "tenant": { "column": "account_id", "root": "accounts" } }', random)]])]],
      [1, () => ['baseline', new Map([[BASELINE, this.json(JSON.stringify(BASE_OF_BASELINE), random)]])]],
    ]);
    const [kind, changed] = make();
    return { index, seed, changed, kind };
  }

  private mutated({ files }: Seed, random: Random, how: 'tokens' | 'bytes'): Map<string, string | Buffer> {
    const path = random.pick([...files.keys()]);
    return new Map([[path, this.change(path, files.get(path)!, random, how)]]);
  }

  private change(path: string, text: string, random: Random, how: 'tokens' | 'bytes'): string | Buffer {
    const language = fuzzLanguage(path);
    if (language === 'json' && how === 'tokens') return this.json(text, random);
    const given = { random, language, donor: random.pick(this.donors.get(language) ?? ['']) };
    return how === 'bytes' ? mutateBytes(text, given) : mutateText(text, given);
  }

  private generatedMutated(random: Random): Map<string, string | Buffer> {
    const made = generateFile(random);
    const target = random.pick(made);
    return new Map(made.map((each) => [each.path, each === target ? this.change(each.path, each.text, random, 'tokens') : each.text]));
  }

  /** JSON with another value somewhere, or no JSON any more. */
  private json(text: string, random: Random): string {
    const given = { random, language: 'json', donor: '[]' } as const;
    if (random.chance(0.3)) return mutateText(text, given);
    try {
      let value: unknown = JSON.parse(text);
      for (let left = random.integer(1, 3); left > 0; left -= 1) value = mutateJson(value, random);
      return JSON.stringify(value, null, random.pick([0, 2]));
    } catch {
      return mutateText(text, given);
    }
  }
}
