const MAXIMUM_LENGTH = 2 * 1024 * 1024;
const MAXIMUM_AVERAGE_LINE = 20_000;
/** Real code stays below 100. The parser is native: where its stack ends, the process ends, so this is decided before. */
const MAXIMUM_DEPTH = 250;
const MAXIMUM_ELSE_IFS = 1_000;
/** Chains that nest to the right. Each pattern starts at a sign or a rare word and can match a text in one way only, so that it fails fast. */
const CHAINS = [
  /(?:[!~+-]\s*){300}/,
  /(?:(?:=>|=|\*\*|<)\s*\w+\s*){1500}/,
  /\b(?:(?:typeof|await|new|void|delete|yield|keyof|do|if\s*\(\w*\)|for\s*\([^()]*\)|while\s*\(\w*\))\s*){300}/,
  /(?::\s*(?:\w+\s*)?){300}/,
  /(?:\?[^?:;]{0,80}:[^?:;]{0,80}){1500}/,
  /(?:<\w*>\s*){300}/,
  /(?:\bclass\b\s*(?:(?!extends\b)\w+\s*)?extends\s*){300}/,
];

/**
 * Why a file is not parsed: it is generated, or nested more deeply than the parser's stack allows.
 * @returns undefined when nothing speaks against it
 */
export function tooMuch(text: string, lines: number): string | undefined {
  if (text.length > MAXIMUM_LENGTH) return `has ${(text.length / 1024 / 1024).toFixed(1)} MB: program files over ${MAXIMUM_LENGTH / 1024 / 1024} MB are taken for generated and not read`;
  if (text.length / lines > MAXIMUM_AVERAGE_LINE) return `has lines of ${Math.round(text.length / lines)} characters on average: taken for generated and not read`;
  if (depthOf(text, false) > MAXIMUM_DEPTH && depthOf(text, true) > MAXIMUM_DEPTH) return `is nested more than ${MAXIMUM_DEPTH} levels deep: not read`;
  if (text.length > 10_000 && (text.split('else if').length > MAXIMUM_ELSE_IFS)) return `has more than ${MAXIMUM_ELSE_IFS} branches "else if": not read`;
  return text.length > 500 && CHAINS.some((chain) => chain.test(text)) ? 'has a chain of operators too long for the parser: not read' : undefined;
}

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\/.*|\/\*(?:[^]*?\*\/|[^]*$)/g;

/** The deepest nesting of brackets; strings and comments are left out when `careful`. */
function depthOf(text: string, careful: boolean): number {
  const code = careful ? text.replace(LITERAL, '') : text;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < code.length; at += 1) {
    const char = code.charCodeAt(at);
    if (char === 40 || char === 91 || char === 123) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((char === 41 || char === 93 || char === 125) && depth > 0) depth -= 1;
  }
  return deepest;
}
