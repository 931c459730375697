import { basename } from 'node:path';
import { UNAVAILABLE_RULES } from '../config/unavailable.js';
import type { Notice } from '../facts/location.js';
import type { Project } from '../link/project.js';
import type { Settings } from './levels.js';

/**
 * Says which of the rules that were asked for this version does not have: those switched on by name, those of row-level security
 * when it is configured, and all of them in the preset `strict`.
 * @returns one notice at most
 */
export function unavailableRules({ config }: Project, settings: Settings, text: (file: string) => string | undefined): Notice[] {
  const preset = settings.preset ?? config.preset;
  const asked = [...UNAVAILABLE_RULES].filter(([id, category]) => {
    const level = settings.levels?.get(id) ?? config.rules[id]?.level;
    if (level !== undefined) return level !== 'off';
    return preset === 'strict' || (category === 'rls' && (preset === 'rls' || config.rls !== undefined));
  }).map(([id]) => id);
  if (asked.length === 0) return [];
  const file = config.file === undefined ? '.' : basename(config.file);
  const places = asked.map((id) => text(file)?.indexOf(id) ?? -1).filter((at) => at >= 0);
  const start = config.file === undefined || places.length === 0 ? 0 : Math.min(...places);
  return [{ location: { file, start, end: start }, reason: `not available in this version, so not checked: ${asked.join(', ')}` }];
}
