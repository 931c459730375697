import type { Content } from './content.js';
import { listFiles, type Listing } from './list.js';
import { readSource, type ReadResult } from './read.js';

/** Where the files of a project are read from: the working copy, or a state that git has. */
export interface FileView {
  /** The files below a folder that count; see listFiles. */
  readonly list: (folder: string) => Listing;
  /** The text of one of them; see readSource. */
  readonly read: (root: string, path: string) => ReadResult;
  /** What git says that a file holds, without reading it; absent: only who reads it knows. */
  readonly content?: (root: string, path: string) => Content | undefined;
  /** Whether what git ignores can be read where it is named. */
  readonly hasIgnored: boolean;
}

/** The files as they are on disk. */
export const WORKING_COPY: FileView = { list: listFiles, read: readSource, hasIgnored: true };
