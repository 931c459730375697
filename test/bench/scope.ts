// How the cost of deciding one query grows with its size: `npx tsx test/bench/scope.ts`. Read the ratios of one run, not the times.
import { scopeOfQuery } from '../../src/link/scope/index.js';
import { parseQuery } from '../link/resolve-catalog.js';
import { environment } from '../link/scope-support.js';
import { largeQueries } from './large-queries.js';

const sizes = [500, 1000, 2000, 4000];
const env = environment();

/** Of the processor: other work at the same time counts less. */
function milliseconds(sql: string): number {
  const query = parseQuery(sql);
  const runs = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    scopeOfQuery(query, env);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

console.log(['size'.padEnd(38), ...sizes.map((size) => String(size).padStart(8)), 'growth per doubling'].join(' '));
for (const [name, make] of Object.entries(largeQueries)) {
  const times = sizes.map((size) => milliseconds(make(size)));
  const growth = times.slice(1).map((time, index) => (time / times[index]!).toFixed(1));
  console.log([`${name} (ms)`.padEnd(38), ...times.map((time) => time.toFixed(0).padStart(8)), growth.join(' ')].join(' '));
}
