/** Queries over `projects` (account_id) and its child `tasks` (project_id) that grow with `size` and are scoped whatever their size. */
export const largeQueries: Readonly<Record<string, (size: number) => string>> = {
  joins: (size) => {
    const joins = upTo(size / 10, (index) => `left join tasks t${index + 1} on t${index + 1}.project_id = ${index === 0 ? 'p.id' : `t${index}.project_id`}`);
    return `select * from projects p ${joins.join(' ')} where p.account_id = $1`;
  },
  'joins with bare names': (size) => {
    const joins = upTo(size / 10, (index) => `left join (select id as i${index}, project_id as p${index} from tasks) t${index} on p${index} = ${index === 0 ? 'id' : `p${index - 1}`}`);
    return `select * from projects p ${joins.join(' ')} where account_id = $1`;
  },
  'joins of USING': (size) => {
    const joins = upTo(size / 10, (index) => `${index % 2 === 0 ? '' : 'left '}join projects p${index} using (account_id)`);
    return `select * from projects p ${joins.join(' ')} where account_id = $1`;
  },
  'a list of tables': (size) => {
    const tables = upTo(size / 10, (index) => `tasks t${index}`);
    return `select count(*) from projects p, ${tables.join(', ')} where p.account_id = $1 and ${tables.map((_, index) => `t${index}.project_id = ${index === 0 ? 'p.id' : `t${index - 1}.project_id`}`).join(' and ')}`;
  },
  'branches of OR': (size) => `select * from projects where ${upTo(size, (index) => `(account_id = $1 and id = ${index})`).join(' or ')}`,
  'sub-selects': (size) => {
    const terms = upTo(size, (index) => `exists (select from tasks where project_id = projects.id and n = ${index})`);
    return `select * from projects where account_id = $1 and ${terms.join(' and ')}`;
  },
  'CTEs that read the one before twice': (size) => {
    const ctes = upTo(size / 70, (index) => `c${index + 1} as (select a.id, a.account_id from c${index} a join c${index} b on b.id = a.id)`);
    return `with c0 as (select * from projects where account_id = $1), ${ctes.join(', ')} select * from c${ctes.length}`;
  },
};

function upTo(count: number, make: (index: number) => string): string[] {
  return Array.from({ length: Math.ceil(count) }, (_, index) => make(index));
}
