import { printable } from './text.js';

/** Text as HTML content and attribute values: nothing from the checked project is obeyed as markup, nor as a control character. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)!};`);
}
