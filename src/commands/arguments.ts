import { parseArgs } from 'node:util';
import { didYouMean } from '../config/nearest.js';
import { UsageError } from '../errors.js';
import type { Arguments, Command, OptionSpecs } from './types.js';

/** Options that every command has. */
const COMMON: OptionSpecs = { help: { type: 'boolean', short: 'h', help: 'Show this help.' } };

/**
 * Parses a command's arguments.
 * @throws UsageError for an unknown option, a missing value, one that it may not have, or a value given to a switch
 */
export function parseArguments(argv: readonly string[], specs: OptionSpecs): Arguments {
  const options = Object.fromEntries(Object.entries({ ...specs, ...COMMON }).map(([name, { type, short, multiple }]) => (
    [name, { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) }]
  )));
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return checked({
      positionals,
      flag: (name) => values[name] === true,
      text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
      list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    }, specs);
  } catch (error) {
    throw explained(error, Object.keys(options));
  }
}

function checked(args: Arguments, specs: OptionSpecs): Arguments {
  for (const [name, { choices, least }] of Object.entries(specs)) {
    if (choices !== undefined) choiceOption(args, name, choices);
    const text = least === undefined ? undefined : args.text(name);
    if (text !== undefined && (!/^\d{1,9}$/.test(text) || Number(text) < least!)) throw new UsageError(`--${name} needs a whole number of at least ${least}, not "${text}"`);
  }
  return args;
}

function explained(error: unknown, names: readonly string[]): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const option = /'(-[^']*)'/.exec(message)?.[1] ?? '';
    return new UsageError(`Unknown option "${option}"${didYouMean(option, names.map((name) => `--${name}`))}`);
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    const option = /'(?:-\w, )?(--[\w-]+)/.exec(message)?.[1] ?? 'An option';
    return new UsageError(/does not take an argument/.test(message) ? `${option} takes no value` : `${option} needs a value`);
  }
  return error;
}

/** The whole number that was given to an option. */
export function numberOption(args: Arguments, name: string): number | undefined {
  const text = args.text(name);
  return text === undefined ? undefined : Number(text);
}

/** One of a few words, given to an option. */
export function choiceOption<T extends string>(args: Arguments, name: string, choices: readonly T[]): T | undefined {
  const text = args.text(name);
  if (text === undefined || choices.includes(text as T)) return text as T | undefined;
  throw new UsageError(`--${name} must be one of ${choices.join(', ')}, not "${text}"${didYouMean(text, choices)}`);
}

/** The text of `tenantlint COMMAND --help`. */
export function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, ...COMMON }).map(([name, { short, value, help }]) => (
    [`  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`, help] as const
  ));
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`Usage: tenantlint ${command.usage}`, '', command.summary, '', 'Options:', ...rows.map(([left, help]) => `${left.padEnd(width)}${help}`), ''].join('\n');
}
