/** A token of SQL text. `word` is an unquoted identifier or keyword; `identifier` a quoted one; `string` any string constant. */
export interface Token {
  readonly type: 'word' | 'identifier' | 'string' | 'dollarString' | 'number' | 'operator' | 'punctuation' | 'parameter';
  readonly start: number;
  readonly end: number;
}
