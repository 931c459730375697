/** What values of this library are known by. */
export const FRAMEWORKS = 'frameworks';
