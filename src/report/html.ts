import type { CheckResult } from '../check/types.js';
import type { ClassifiedTable, TableClass } from '../link/project.js';
import type { Finding } from '../rule.js';
import { codeFrame } from './frame.js';
import { tableGraph, tableId } from './graph.js';
import { escapeHtml } from './html-text.js';
import { describeTable, type TableRow } from './inventory.js';
import { coverageLine } from './stats.js';
import { count } from './text.js';
import type { Reporter, ReportOptions } from './types.js';

const CLASSES: readonly (readonly [TableClass, string])[] = [
  ['root', 'the tenants themselves'], ['tenant', 'has the tenant column'], ['child', 'belongs to a tenant through a foreign key only'], ['global', 'shared by all tenants'],
  ['unclassified', 'nobody has decided'], ['ignored', 'left out'],
];

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --error: #d1242f; --warning: #9a6700; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1.5rem; max-width: 90rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 3px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { position: sticky; top: -8px; background: Canvas; } td.number { text-align: right; }
code, pre { font: 12px/1.45 ui-monospace, monospace; } pre { overflow: auto; margin: .3rem 0 .3rem 1rem; }
.badge { border-radius: 4px; padding: 0 6px; color: #fff; }
rect { stroke: #0003; } .node text { font: 11px ui-monospace, monospace; fill: #fff; } .edge { fill: none; stroke: #8889; }
.root { fill: #6639ba; background: #6639ba; } .tenant { fill: #1a7f37; background: #1a7f37; } .child { fill: #b35900; background: #b35900; }
.global { fill: #0969da; background: #0969da; } .unclassified { fill: #b3261e; background: #b3261e; } .ignored { fill: #6e7781; background: #6e7781; }
.error { color: var(--error); } .warning { color: var(--warning); } .no { color: var(--error); font-weight: 600; }
meter { width: 5rem; } details { margin: .3rem 0; } .dim { opacity: .75; } li { margin-bottom: .5rem; }
`;

/** One page that needs nothing else: the graph of the tables, the inventory with the queries of each, the findings. */
export const html: Reporter = (result, options) => {
  const project = result.project();
  const tables = project.tables.filter((each) => each.class !== 'view');
  const rows = new Map(tables.map((table) => [table, describeTable(table, project.queries)]));
  return [
    '<!doctype html>', '<html lang="en">', '<head>', '<meta charset="utf-8">', '<meta name="viewport" content="width=device-width">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">', '<title>tenantlint report</title>', `<style>${STYLE}</style>`, '</head>', '<body>',
    '<h1>tenantlint</h1>', ...summary(result, tables), ...graph(tables), ...inventory(rows, result.findings), ...findings(result, options), ...skipped(result), '</body>', '</html>', '',
  ].join('\n');
};

function summary({ tenancy, findings: all, ...result }: CheckResult, tables: readonly ClassifiedTable[]): string[] {
  const errors = all.filter(({ severity }) => severity === 'error').length;
  const counts = CLASSES.flatMap(([kind, words]) => {
    const number = tables.filter((table) => table.class === kind).length;
    return number === 0 ? [] : [`<li><span class="badge ${kind}">${number} ${kind}</span> ${escapeHtml(words)}</li>`];
  });
  return [
    `<p>${escapeHtml(tenancy.explanation)}</p>`, `<p><strong class="${errors > 0 ? 'error' : ''}">${count(errors, 'error')}</strong>, ${count(all.length - errors, 'warning')}.</p>`,
    `<ul>${counts.join('')}</ul>`, `<p class="dim">${escapeHtml(coverageLine({ ...result, tenancy, findings: all }))}</p>`,
  ];
}

function graph(tables: readonly ClassifiedTable[]): string[] {
  if (tables.length === 0) return [];
  return ['<h2>Foreign keys</h2>', '<p class="dim">Parents stand left of their children. The keys of tenant columns to the root table are not drawn: the colour says them.</p>', `<div class="scroll">${tableGraph(tables)}</div>`];
}

function inventory(rows: ReadonlyMap<ClassifiedTable, TableRow>, all: readonly Finding[]): string[] {
  if (rows.size === 0) return [];
  const head = ['table', 'class', 'tenant column', 'not null', 'foreign key', 'index', 'unique keys', 'row security', 'queries scoped', 'findings', 'path to the root'];
  return [
    '<h2>Tables</h2>', '<div class="scroll"><table>', `<thead><tr>${head.map((title) => `<th scope="col">${title}</th>`).join('')}</tr></thead>`, '<tbody>',
    ...[...rows].map(([table, row]) => tableRow(row, table, all.filter(({ tables }) => tables.includes(row.name)).length)), '</tbody></table></div>',
  ];
}

function tableRow(row: TableRow, table: ClassifiedTable, found: number): string {
  const answer = (value: boolean | null) => (value === null ? '' : value ? 'yes' : '<span class="no">no</span>');
  const queries = row.queries === 0 ? '' : `<meter min="0" max="${row.queries}" value="${row.queriesScoped}"></meter> ${row.queriesScoped}/${row.queries}`;
  const columns = [...table.table.columns.values()].map((column) => `${column.name} ${column.type.name}${'[]'.repeat(column.type.dimensions)}${column.notNull ? ' not null' : ''}`);
  const cells = [
    `<details><summary>${escapeHtml(row.name)}</summary><pre>${columns.map(escapeHtml).join('\n')}</pre></details>`, `<span class="badge ${row.class}">${row.class}</span>`, `<code>${escapeHtml(row.tenantColumn ?? '')}</code>`,
    answer(row.nullable === null ? null : !row.nullable), answer(row.foreignKey), answer(row.index), row.uniqueKeys.map((key) => `<code>(${escapeHtml(key.join(', '))})</code>`).join(' '), row.rls, queries, found === 0 ? '' : String(found),
    row.path.map(escapeHtml).join('<br>'),
  ];
  return `<tr id="${tableId(row.name)}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function findings(result: CheckResult, options: ReportOptions): string[] {
  const files = new Map<string, Finding[]>();
  for (const finding of result.findings) files.set(finding.file, [...(files.get(finding.file) ?? []), finding]);
  return ['<h2>Findings</h2>', ...(files.size === 0 ? ['<p>None.</p>'] : []), ...[...files].flatMap(([file, own]) => [
    `<details open><summary><code>${escapeHtml(file)}</code> (${own.length})</summary>`, '<ul>', ...own.map((finding) => `<li>${oneFinding(finding, options)}</li>`), '</ul></details>',
  ])];
}

function oneFinding(finding: Finding, { text: textOf }: ReportOptions): string {
  const { line, column, severity, message, ruleId, related, suggestion, file } = finding;
  const text = textOf(file);
  const plain = (each: string) => each;
  return [
    `<span class="${severity}">${severity}</span> ${line}:${column} ${escapeHtml(message)} <code class="dim">${escapeHtml(ruleId)}</code>`,
    ...(text === undefined ? [] : [`<pre>${codeFrame(text, finding, { gutter: plain, caret: plain }).map(escapeHtml).join('\n')}</pre>`]),
    ...related.map((each) => `<div class="dim">↳ ${escapeHtml(`${each.file}:${each.line}:${each.column} ${each.message}`)}</div>`),
    ...(suggestion === null ? [] : [`<div>→ ${escapeHtml(suggestion)}</div>`]),
  ].join('\n');
}

function skipped({ skipped: all }: CheckResult): string[] {
  if (all.length === 0) return [];
  return ['<h2>Not checked</h2>', '<ul>', ...all.map(({ file, line, reason }) => `<li><code>${escapeHtml(`${file}:${line}`)}</code> ${escapeHtml(reason)}</li>`), '</ul>'];
}
