/** Words and shapes by which `scan` knows where it is. Expressions with the flag `y` are used at an offset. */

/** The keywords at the start of a line after which something is rewritten. */
export const STATEMENT = /(?:async[ \t]+)?(with|for|def|class|match|case|type|except)\b/y;
export const TYPE_PARAMETERS = /(?:async[ \t]+)?(?:def|class|type)[ \t]+[^\s()[\]:=,.]+[ \t]*\[/y;
/** What may follow `match` where it begins a match statement. */
export const SUBJECT = /[ \t]*(?:[([{"'*~+\-\p{L}_0-9]|\.[.0-9])/uy;
export const NO_SUBJECT = /[ \t]+(?:in|is|and|or|if|else|not[ \t]+in)\b|[ \t]*(?:[+\-*]=|\*\*)/y;
export const NUMBER = /0[xob][0-9a-f_]+|(?:\.[0-9][0-9_]*|([0-9][0-9_]*\.)(?![0-9])|[0-9][0-9_]*(?:\.[0-9_]+)?)(?:e[+-]?[0-9][0-9_]*)?j?/iy;
/** A decorator that is a unary operand, whatever comes after it. */
export const PLAIN_DECORATOR = /@[ \t]*[\w.]+[ \t]*(?:\(|\n|#|$)/y;
export const FIRST_CASE = /:[ \t]*(?:#[^\n]*)?(?:\n[ \t]*(?:#[^\n]*)?)*\n([ \t]+)case\b/y;
/** A line that begins so stands in no bracket, and continues no line. */
export const STATEMENT_ALONE = /^[ \t]*(?:(?:def|class|import|return|raise|try|while|with|assert|del|global|nonlocal|pass|break|continue|async[ \t]+(?:def|with))\b)/;
/** The clauses that belong to the statement before. */
export const CONTINUATION = /^(?:else|elif|except|finally)$/;
/** After these a bracket begins a list, not an index. */
export const OPERATORS = new Set(['in', 'is', 'and', 'or', 'not', 'if', 'elif', 'else', 'for', 'while', 'return', 'yield', 'await', 'lambda', 'del', 'assert', 'raise', 'from', 'import', 'with', 'as', 'case', 'match', 'except']);
