import type { PGlite } from '@electric-sql/pglite';
import { rules } from '../../rules/index.js';
import type { PolicyFact, Project } from '../../src/link/project.js';
import { projectOf } from './engine.js';
import { generatePolicies, policyDdl, preparePolicies, reachOf, tableDdl, type PolicySet, type Reach, type Session } from './policies.js';
import { Random } from './random.js';

/** Where the policy rules and PostgreSQL differ. */
export interface PolicyDisagreement {
  readonly kind: 'missed' | 'false alarm';
  readonly what: 'read' | 'write';
  readonly sql: string;
  readonly reach: string;
  readonly facts: string;
}

export interface PolicyRun {
  readonly sets: number;
  readonly lax: number;
  readonly missed: number;
  readonly falseAlarms: number;
  readonly unknown: number;
  readonly disagreements: readonly PolicyDisagreement[];
}

/** Generates policy sets and compares what their facts say with what PostgreSQL lets a session of another tenant do. */
export async function comparePolicies(db: PGlite, seed: number, count: number): Promise<PolicyRun> {
  await preparePolicies(db);
  const random = new Random(seed);
  const disagreements: PolicyDisagreement[] = [];
  let lax = 0;
  let unknown = 0;
  for (let index = 0; index < count; index += 1) {
    const set = generatePolicies(random);
    const reach = await reachOf(db, set);
    const facts = policyProject(set).policies.filter((fact) => fact.appliesToApplication);
    for (const what of ['read', 'write'] as const) {
      const leaks = leaksOf(what, reach);
      const answers = facts.map((fact) => (what === 'read' ? fact.reads : fact.writes)?.answer);
      if (leaks) lax += 1;
      if (answers.includes('lax') === leaks) continue;
      if (leaks && answers.includes('unknown')) {
        unknown += 1;
        continue;
      }
      disagreements.push({ kind: leaks ? 'missed' : 'false alarm', what, sql: `${tableDdl(set)}\n${policyDdl(set)}`, reach: wordsOf(reach), facts: facts.map(wordsOfFact).join('; ') });
    }
  }
  const number = (kind: PolicyDisagreement['kind']): number => disagreements.filter((each) => each.kind === kind).length;
  return { sets: count, lax, missed: number('missed'), falseAlarms: number('false alarm'), unknown, disagreements };
}

/** The project of a policy set, as the rules are asked about it. */
export function policyProject(set: PolicySet): Project {
  return projectOf(`CREATE ROLE app_user;\nCREATE ROLE other_user;\n${tableDdl(set)}\n${policyDdl(set)}`, (base) => ({
    tenant: [{ columns: ['tenant_id'], root: 'accounts' }], tables: { ...base.tables }, rls: { setting: 'app.tenant', roles: ['app_user'] },
  }));
}

const APPLICATION: readonly Session[] = ['unset', 'empty', 'tenant'];

function leaksOf(what: 'read' | 'write', reach: ReadonlyMap<Session, Reach>): boolean {
  return APPLICATION.map((session) => reach.get(session)!).some((each) => (what === 'read' ? each.read || each.update || each.delete : each.insert || each.move));
}

function wordsOf(reach: ReadonlyMap<Session, Reach>): string {
  return [...reach].map(([session, each]) => `${session}: ${Object.entries(each).filter(([, value]) => value).map(([key]) => key).join(' ') || 'nothing'}`).join('; ');
}

function wordsOfFact({ policy, reads, writes }: PolicyFact): string {
  return `${policy.name} reads ${reads?.answer ?? '-'} writes ${writes?.answer ?? '-'}`;
}

/** Ids of the policy rules that exist; the comparison is about what they report. */
export const policyRules = (): string[] => rules.map((rule) => rule.id).filter((id) => id.startsWith('rls-'));
