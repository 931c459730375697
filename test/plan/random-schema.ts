import type { Random } from '../oracle/random.js';

/** A made-up project before it had tenants everywhere: its schema, and what `plan` is asked for. */
export interface Sample {
  readonly sql: string;
  readonly args: readonly string[];
  /** `--default-tenant` is among them. */
  readonly hasDefault: boolean;
}

interface Made {
  readonly name: string;
  readonly key: readonly string[];
}

/** Up to 40 tables: NOT NULL and nullable foreign keys, composite keys, self references, cycles, global tables, nullable tenant columns, unique keys. */
export function randomSample(random: Random): Sample {
  const count = random.integer(2, 40);
  const chance = (share: number) => random.chance(share);
  const hasDefault = chance(0.5);
  const parts = [
    'create table accounts (id uuid primary key default gen_random_uuid(), name text);',
    'create table users (id uuid primary key default gen_random_uuid(), account_id uuid not null references accounts (id) on delete cascade, email text);', 'create index on users (account_id);',
    'create table currencies (code text primary key);',
  ];
  const made: Made[] = [{ name: 'users', key: ['id'] }, { name: 'users', key: ['id'] }, { name: 'accounts', key: ['id'] }, { name: 'currencies', key: ['code'] }];
  for (let number = 0; number < count; number++) {
    const name = chance(0.1) ? `"T${number}"` : `t${number}`;
    const composite = chance(0.15);
    const key = composite ? ['id', 'part'] : ['id'];
    const columns = composite ? ['id uuid not null', 'part int not null', 'primary key (id, part)'] : [chance(0.5) ? 'id uuid primary key' : 'id int primary key'];
    const isOwned = chance(0.12);
    if (isOwned) columns.push('account_id uuid references accounts (id) on delete cascade');
    const parents = Array.from({ length: random.integer(0, 3) }, () => random.pick(made))
      // Rows that name their tenant have no parents that the default tenant would be wrong for.
      .filter((parent) => !(isOwned && hasDefault) || ['users', 'accounts', 'currencies'].includes(parent.name));
    for (const [index, parent] of [...parents, ...(chance(0.12) && !composite ? [{ name, key }] : [])].entries()) {
      const isSelf = parent.name === name;
      const own = parent.key.map((part) => `fk${index}_${part}`);
      const required = !isSelf && chance(0.55);
      columns.push(...own.map((column, at) => `${column} ${isSelf ? columns[0]!.split(' ')[1]! : typeOf(parts, parent, at)}${required ? ' not null' : ''}`));
      columns.push(`foreign key (${own.join(', ')}) references ${parent.name} (${parent.key.join(', ')})${random.pick(required ? ['', ' on delete cascade'] : ['', ' on delete cascade', ' on delete set null'])}`);
    }
    if (chance(0.3)) columns.push('slug text', 'unique (slug)');
    parts.push(`create table ${name} (${columns.join(', ')});`);
    made.push({ name, key });
  }
  for (let number = 0; number < count / 10; number++) {
    const [child, parent] = [random.pick(made.slice(4)), random.pick(made.slice(4))];
    if (parent.key.length > 1 || child.name === parent.name) continue;
    parts.push(`alter table ${child.name} add column back${number} ${typeOf(parts, parent, 0)} references ${parent.name} (id);`);
  }
  const options: [string, number][] = [['--agree', 0.5], ['--unique', 0.4], ['--single', 0.2], ['--online', 0.2], ['--batched', 0.2], ['--immutable', 0.2]];
  return {
    sql: `${parts.join('\n')}\n`, hasDefault,
    args: [...(hasDefault ? ['--default-tenant', '00000000-0000-4000-8000-000000000000'] : []), ...options.flatMap(([option, share]) => (chance(share) ? [option] : []))],
  };
}

/** The type of a key's column, as its table declares it. */
function typeOf(parts: readonly string[], { name, key }: Made, at: number): string {
  const table = parts.find((part) => part.startsWith(`create table ${name} `))!;
  return new RegExp(`\\b${key[at]!} (\\w+)`).exec(table)![1]!;
}
