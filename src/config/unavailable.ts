/**
 * Rules that a configuration, an option or a suppression comment may name although this version does not have them yet,
 * so that one configuration serves several versions. Each leaves this list when it is there.
 */
export const UNAVAILABLE_RULES: ReadonlyMap<string, 'rls' | 'query'> = new Map([
  ...['owned-reference', 'no-unscoped-client', 'trusted-tenant-source', 'require-tenant-context'].map((id) => [id, 'query'] as const),
]);
