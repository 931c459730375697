import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { report } from '../src/report/index.js';
import type { Format } from '../src/report/types.js';
import { printable } from '../src/report/text.js';
import type { Finding } from '../src/rule.js';
import { checkSample, placeOf, ruleSaying } from './sample.js';

const TEXT = 'create table "é😀" (id int);\ncreate table b (\n  id int\n);\ncreate table b (\n  id int\n);\n';
const FILE = 'db/ä, 100%: x.sql';
const HOSTILE = '<a href="x">&amp; 100%0A ]]> ::error::, \ud800 \n second line';
const rule = ruleSaying([
  { message: `One: ${HOSTILE}`, location: placeOf(TEXT, 'create table "é', FILE), suggestion: 'Do: this, or 50% of it.' },
  { message: 'Two lines.', location: placeOf(TEXT, 'create table b (\n  id int\n)', FILE), related: [{ location: placeOf(TEXT, 'id int', FILE), message: 'there' }] },
  { message: 'Two lines.', location: { file: FILE, start: TEXT.lastIndexOf('create table b'), end: TEXT.length - 2 } },
]);
const result = checkSample({ file: FILE, text: TEXT, notices: [{ location: placeOf(TEXT, 'create table b', FILE), reason: HOSTILE }] }, [rule]);
const render = (format: Format) => report(format, result, { rules: [rule], version: '1.2.3', color: false, quiet: false, milliseconds: 1, text: () => TEXT, page: () => '# page' });
const words = ({ message, suggestion }: Finding) => [message, ...(suggestion === null ? [] : [suggestion])].map(printable).join('\n');

/** @see GitHub documentation, "Workflow commands for GitHub Actions", and the escapes of its toolkit (`@actions/core`, command.ts) */
function githubCommands(text: string): { level: string; message: string; properties: Record<string, string> }[] {
  const decode = (data: string) => data.replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');
  return text.split('\n').filter((line) => line.startsWith('::')).map((line) => {
    const [, level, list, message] = /^::(\w+) ([^:]*)::(.*)$/.exec(line)!;
    const properties = Object.fromEntries(list!.split(',').map((each) => [each.slice(0, each.indexOf('=')), decode(each.slice(each.indexOf('=') + 1))]));
    return { level: level!, message: decode(message!), properties };
  });
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

/** Reads XML without namespaces; throws where it is not well-formed. */
function readXml(text: string): Element {
  const decode = (data: string) => data.replace(/&(\w+);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? fail(`entity ${name}`));
  const open: { name: string; attributes: Record<string, string>; children: (Element | string)[] }[] = [{ name: '', attributes: {}, children: [] }];
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/, '').replace(/<!--(?:(?!--)[\s\S])*-->/g, '');
  for (const [whole, tag, content] of body.matchAll(/<(\/?[\w-]+(?:\s+[\w-]+="[^"<]*")*\s*\/?)>|([^<]+)|</g)) {
    if (tag === undefined) {
      if (content === undefined || />|&(?!lt;|gt;|quot;|amp;)/.test(content)) fail(`text ${whole}`);
      open.at(-1)!.children.push(decode(content!));
    } else if (tag.startsWith('/')) {
      const closed = open.pop()!;
      if (closed.name !== tag.slice(1)) fail(`</${tag}> closes <${closed.name}>`);
    } else {
      const attributes = Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decode(value!)]));
      const element = { name: /^[\w-]+/.exec(tag)![0], attributes, children: [] };
      open.at(-1)!.children.push(element);
      if (!tag.endsWith('/')) open.push(element);
    }
  }
  const [top] = open;
  return open.length === 1 ? top!.children.find((each): each is (typeof open)[number] => typeof each !== 'string')! : fail(`<${open.at(-1)!.name}> is open`);
}

function fail(what: string): never {
  throw new Error(`not XML: ${what}`);
}

const elements = ({ children }: Element) => children.filter((each): each is Element => typeof each !== 'string');

it('the sample has what formats may stumble over', () => {
  expect(result.findings).toHaveLength(3);
  expect(result.findings.some(({ line, endLine }) => endLine > line)).toBe(true);
});

describe('github', () => {
  it('says the findings, and nothing but commands that GitHub knows', () => {
    const commands = githubCommands(render('github'));
    expect(commands.slice(0, -1)).toEqual(result.findings.map((finding) => ({
      level: finding.severity, message: words(finding),
      properties: {
        file: finding.file, line: String(finding.line), endLine: String(finding.endLine), col: String(finding.column), endColumn: String(finding.endColumn), title: `tenantlint: ${finding.ruleId}`,
      },
    })));
    expect(commands.at(-1)).toMatchObject({ level: 'notice', properties: { file: FILE } });
  });
});

describe('gitlab', () => {
  it('is what the documentation of Code Quality asks for', () => {
    // GitLab documentation, "Code Quality report format"; its importer wants paths without "./" and each fingerprint once.
    const validate = new Ajv({ strict: false, allErrors: true }).compile({
      type: 'array',
      items: {
        type: 'object', required: ['description', 'check_name', 'fingerprint', 'location', 'severity'],
        properties: {
          description: { type: 'string', minLength: 1 }, check_name: { type: 'string', minLength: 1 }, fingerprint: { type: 'string', minLength: 1 },
          severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
          location: {
            type: 'object', required: ['path', 'lines'],
            properties: { path: { type: 'string', pattern: '^(?!\\.?/)' }, lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 }, end: { type: 'integer', minimum: 1 } } } },
          },
        },
      },
    });
    const issues = JSON.parse(render('gitlab')) as { fingerprint: string; check_name: string; location: { path: string; lines: { begin: number } } }[];
    validate(issues);
    expect(validate.errors ?? []).toEqual([]);
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
    expect(issues.slice(0, 3).map(({ check_name: name, location }) => [name, location.path, location.lines.begin])).toEqual(result.findings.map(({ ruleId, file, line }) => [ruleId, file, line]));
  });
});

describe('junit', () => {
  /** The elements and attributes of the schema that Jenkins publishes (xunit-plugin, junit-10.xsd), those that the report uses. */
  const KNOWN: Readonly<Record<string, { attributes: readonly string[]; required: readonly string[]; children: readonly string[] }>> = {
    testsuites: { attributes: ['name', 'time', 'tests', 'failures', 'errors', 'skipped'], required: [], children: ['testsuite'] },
    testsuite: { attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'], required: ['name', 'tests', 'failures', 'errors'], children: ['testcase'] },
    testcase: { attributes: ['name', 'classname', 'time', 'file', 'line'], required: ['name', 'classname'], children: ['failure', 'skipped', 'error'] },
    failure: { attributes: ['type', 'message'], required: [], children: [] },
    skipped: { attributes: ['type', 'message'], required: [], children: [] },
  };

  it('has the elements of the schema, and counts them', () => {
    const visit = (element: Element): void => {
      const { attributes, required, children } = KNOWN[element.name]!;
      expect(Object.keys(element.attributes).filter((name) => !attributes.includes(name)), element.name).toEqual([]);
      expect(required.filter((name) => !(name in element.attributes)), element.name).toEqual([]);
      for (const child of elements(element)) {
        expect(children).toContain(child.name);
        visit(child);
      }
    };
    const top = readXml(render('junit'));
    expect(top.name).toBe('testsuites');
    visit(top);
    const cases = elements(top).flatMap((suite) => {
      const own = elements(suite);
      const having = (name: string) => own.filter((each) => elements(each).some((child) => child.name === name)).length;
      expect(suite.attributes).toMatchObject({ tests: String(own.length), failures: String(having('failure')), skipped: String(having('skipped')) });
      return own;
    });
    expect(top.attributes).toMatchObject({ tests: '4', failures: '3', skipped: '1' });
    expect(new Set(cases.map(({ attributes }) => `${attributes['classname']} ${attributes['name']}`)).size).toBe(cases.length);
    expect(cases.slice(0, 3).map((each) => elements(each)[0]!.attributes['message'])).toEqual(result.findings.map(({ message }) => printable(message).replaceAll('\ud800', '\ufffd')));
  });
});
